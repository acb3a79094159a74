"""The README's commands, variables and paths are those that there are."""

import json
import re
import shlex

import pytest

from streams.settings import Settings
from tests.deploy.stages import ROOT, read_command

README = (ROOT / "README.md").read_text()
RUNBOOK = (ROOT / "deploy" / "runbook.md").read_text()
BLOCKS = re.findall(r"```\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.strip() for block in BLOCKS for line in block.splitlines() if line.strip().startswith("hullwatch ")]
INLINE = re.findall(r"`hullwatch ([a-z][^`]*)`", README + RUNBOOK)
DEFAULTS = {
    "HULLWATCH_KAFKA": Settings().kafka,
    "HULLWATCH_REDIS": Settings().redis,
    "HULLWATCH_PREFIX": Settings().topics.prefix,
    "HULLWATCH_SOURCE_PARTITIONS": str(Settings().topics.source_partitions),
    "HULLWATCH_REPORT_PARTITIONS": str(Settings().topics.report_partitions),
}


@pytest.mark.parametrize("line", [*(command.removeprefix("hullwatch ") for command in COMMANDS), *INLINE])
def test_a_command_is_understood(line: str) -> None:
    read_command(shlex.split(line, comments=True))


def test_variables_are_read_somewhere() -> None:
    source = "\n".join(file.read_text() for file in (ROOT / "streams").rglob("*.py"))
    variables = re.findall(r"^\| `HULLWATCH_(\w+)` \|", README, re.MULTILINE)
    assert len(variables) == 9
    assert [name for name in variables if f'"{name}"' not in source and f'"HULLWATCH_{name}"' not in source] == []


@pytest.mark.parametrize("variable", DEFAULTS)
def test_defaults_are_those_of_the_settings(variable: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{variable}` |"))
    assert row.split("|")[2].strip().strip("`") == DEFAULTS[variable]


def test_places_exist() -> None:
    section = README.partition("## Where things are")[2]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    paths = [path for cell in cells for path in re.findall(r"`([^`]+)`", cell)]
    assert len(paths) > 10
    missing = [path for path in paths if not (ROOT / path).exists() and not (ROOT / "alerts" / path).exists()]
    assert missing == []


def test_the_story_is_the_one_that_is_told() -> None:
    golden = (ROOT / "tests" / "golden" / "angara.jsonl").read_text().splitlines()
    names = ("happened_at", "severity", "rule", "event", "summary")
    told = [tuple(json.loads(line)[name] for name in names) for line in golden]
    cells = [re.split(r" {2,}", line) for line in README.splitlines() if re.match(r"\d{4}-.*Z  ", line)]
    shown = [(*row[:4], row[5]) for row in cells]
    assert len(shown) == 9
    assert [row for row in told if row in shown] == shown
