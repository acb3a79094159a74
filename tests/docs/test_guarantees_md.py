"""docs/guarantees.md claims nothing that no test shows: each line names tests, and they are there."""

import re

import pytest

from tests.crash.lanes import CASES
from tests.deploy.stages import ROOT

TEXT = (ROOT / "docs" / "guarantees.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.endswith("| shown by |")]


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_test_that_is_named_is_there(path: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)


def test_a_case_of_make_crash_that_is_named_is_there() -> None:
    named = set(re.findall(r"crash: ([\w-]+)", TEXT))
    assert len(named) > 5
    assert named <= CASES.keys()


@pytest.mark.parametrize("row", ROWS)
def test_each_promise_names_what_shows_it(row: str) -> None:
    shown_by = row.rstrip("| ").split("|")[-1]
    assert re.search(r"::test_|crash: ", shown_by)


def test_places_exist() -> None:
    paths = re.findall(r"`((?:streams|alerts|docs|deploy)/[\w/.]+)`", TEXT)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_most_of_it_is_named() -> None:
    assert (len(NAMED) > 40, len(ROWS) > 25) == (True, True)
