"""cover.json: what is written is read back, and what is wrong is named."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.cells import cell_of
from alerts.core.learned import Apart, CellHeard, Learned, Silences, Source, learned
from alerts.routing.table import RouteError
from alerts.watchlist.cover import parse, written
from alerts.watchlist.flaws import WrongFileError

minutes = st.floats(0, 1e5).map(lambda value: round(value, 1))
sources = st.builds(
    Source,
    since=st.integers(0, 10**9),
    until=st.integers(10**9, 10**12),
    feeds=st.lists(st.sampled_from(["roof", "space", "coast"]), min_size=1, max_size=3).map(tuple),
    ships=st.integers(0, 10**6),
    hull_days=st.just(0.0) | st.floats(0.01, 1e6),
)
counts = st.integers(0, 10_000)
silences = st.builds(
    Silences,
    moving=st.lists(counts, min_size=15, max_size=15),
    stopped=st.lists(counts, min_size=15, max_size=15),
    apart=st.builds(Apart, counts, counts, counts, counts),
)
places = st.builds(cell_of, st.floats(-90, 90), st.floats(-180, 180))
cells = st.lists(st.builds(CellHeard, places, minutes, minutes), max_size=5, unique_by=lambda cell: cell.cell)
learnt = st.builds(learned, sources, silences, cells.map(sorted))


@given(learnt)
def test_what_is_written_is_what_is_read(found: Learned) -> None:
    assert parse(json.loads(json.dumps(written(found)))) == found


SILENCES = Silences()
SILENCES.moving[3] = 7
GOOD = written(
    learned(Source(0, 1, ("roof",), 2, 3.0), SILENCES, [CellHeard(cell_of(10, 140), 3.0, 4.0)]),
)


def flaws(*path: str | int, value: Any = None) -> list[str]:
    """What is said where this stands in the place (None: where it is missing)."""
    data = inner = copy.deepcopy(GOOD)
    for key in path[:-1]:
        inner = inner[key]  # type: ignore[index]
    if value is None:
        del inner[path[-1]]  # type: ignore[arg-type]
    else:
        inner[path[-1]] = value  # type: ignore[index]
    with pytest.raises((RouteError, WrongFileError)) as error:
        parse(data)
    found = error.value.flaws if isinstance(error.value, WrongFileError) else [error.value]
    return [str(flaw) for flaw in found]


@pytest.mark.parametrize(
    ("path", "value", "flaw"),
    [
        (("version",), 2, "version: expected 1, got 2"),
        (("version",), None, "version: expected 1, got None"),
        (("more",), 1, "more: expected no such key here, only version, learned_from, moving, stopped, cells"),
        (("moving",), None, "moving: expected a table, got None"),
        (("learned_from", "since"), "now", "learned_from.since: expected a time as 2024-02-03T08:00:00Z"),
        (("learned_from", "until"), "1969-01-01T00:00:00Z", "learned_from.until: expected no time before since"),
        (("learned_from", "ships"), 1.5, "learned_from.ships: expected a whole number, got 1.5"),
        (("learned_from", "hull_days"), None, "learned_from.hull_days: expected a number from 0 to 1e+12"),
        (
            ("moving", "silences_a_hull_day"),
            0,
            "moving.silences_a_hull_day: expected a number from 1e-12 to 1e+12, got 0",
        ),
        (("moving", "survival"), [], "moving.survival: expected at least 2 points, got 0"),
        (("moving", "survival", 0, "share"), 0.9, "moving.survival[0]: expected minutes 0 and share 1, got 0 and 0.9"),
        (("moving", "survival", 4, "share"), 1, "moving.survival[4].share: expected less than "),
        (("moving", "survival", 4, "share"), 0, "moving.survival[4].share: expected a number from 1e-12 to 1, got 0"),
        (("moving", "survival", 4, "minutes"), 0.5, "moving.survival[4].minutes: expected more than 0.75, got 0.5"),
        (("moving", "survival", 4, "silences"), "7", "moving.survival[4].silences: expected a number from 0 to "),
        (("moving", "survival", 4, "silence"), 7, "moving.survival[4].silence: expected no such key here, only "),
        (("moving", "apart", "left"), None, "moving.apart.left: expected a number from 0 to 1e+12"),
        (("stopped", "survival"), 5, "stopped.survival: expected [[survival]] tables, got 5"),
        (("cells", 0, "lat"), 91, "cells[0].lat: expected a number from -90 to 90, got 91"),
        (("cells", 0, "missed"), True, "cells[0].missed: expected a number from 0 to 1e+12, got True"),
        (("cells",), [*GOOD["cells"], *GOOD["cells"]], "cells[1]: expected each cell once"),
    ],
)
def test_what_is_wrong_is_named(path: tuple[str | int, ...], value: Any, flaw: str) -> None:
    assert any(found.startswith(flaw) for found in flaws(*path, value=value)), flaws(*path, value=value)


def test_all_of_it_at_once() -> None:
    data = copy.deepcopy(GOOD)
    data["learned_from"]["ships"] = -1
    data["moving"]["survival"][3]["share"] = 7
    data["cells"][0]["lon"] = "east"
    with pytest.raises(WrongFileError) as error:
        parse(data)
    assert [flaw.where for flaw in error.value.flaws] == [
        "learned_from.ships", "moving.survival[3].share", "cells[0].lon"
    ]  # fmt: skip


@pytest.mark.parametrize("data", [[], None, 5, "cover"])
def test_what_is_no_table_at_all(data: Any) -> None:
    with pytest.raises(RouteError, match="expected a table"):
        parse(data)


def test_a_point_behind_a_flawed_one_is_named_by_its_own_row() -> None:
    data = copy.deepcopy(GOOD)
    rows = data["moving"]["survival"]
    rows[0]["share"], rows[4]["minutes"] = 2.5, rows[3]["minutes"]
    with pytest.raises(WrongFileError) as error:
        parse(data)
    assert [flaw.where for flaw in error.value.flaws] == ["moving.survival[0].share", "moving.survival[4].minutes"]
