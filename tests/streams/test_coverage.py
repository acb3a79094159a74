"""`hullwatch coverage learn` and `show`, as an operator runs them."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image

from alerts.core.curve import SHIPPED
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from streams.chain import Chain
from streams.charts import HEARD, LAND
from streams.cli import main
from streams.config import load_config
from streams.nmea import FeedRules
from streams.recordings import Recording
from streams.settings import DEFAULT_FOLDER
from tests.streams.lines import at, tagged
from tests.streams.test_replay import position

BEGIN = at("06:00:00", "2024-02-03")
SHIPS = 12


def sailing(first: Instant, last: Instant, seed: int = 5) -> list[tuple[Instant, bytes]]:
    """Ships in company off Busan, heard every minute, each silent now and then for a few minutes."""
    dice, lines = Random(seed), list[tuple[Instant, bytes]]()
    for ship in range(SHIPS):
        silent_until = BEGIN
        for when in range(BEGIN, BEGIN + 6 * HOUR, MINUTE):
            if dice.random() < 0.02:
                silent_until = when + dice.choice([4, 5, 6, 8, 11]) * MINUTE
            if when >= silent_until and first <= when < last:
                lat, lon = 34.6 + ship / 200, 129.0 + (when - BEGIN) / HOUR / 6
                heard = when + ship * SECOND
                lines.append((heard, tagged(position(440_000_001 + ship, lat, lon), heard, "busan")))
    return sorted(lines)


def written(path: Path, lines: Sequence[tuple[Instant, bytes]]) -> str:
    path.write_bytes(b"".join(line + b"\n" for _, line in lines))
    return str(path)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written(tmp_path_factory.mktemp("sea") / "day.nmea", sailing(BEGIN, BEGIN + 6 * HOUR))


@pytest.fixture(scope="module")
def cover(recording: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("learned") / "cover.json"
    assert main(["coverage", "learn", recording, "--out", str(out)]) == 0
    return out


def folder_with(cover: Path | None, folder: Path) -> Path:
    shutil.copytree(DEFAULT_FOLDER, folder)
    if cover:
        shutil.copy(cover, folder / "cover.json")
    return folder


def test_what_was_learned_is_a_file_for_people(cover: Path) -> None:
    told: dict[str, Any] = json.loads(cover.read_text())
    assert told["version"] == 1
    assert told["learned_from"] == {
        "since": "2024-02-03T06:00:00Z",
        "until": "2024-02-03T11:59:00Z",
        "feeds": ["replay"],
        "ships": SHIPS,
        "hull_days": pytest.approx(SHIPS * 0.25, rel=0.1),
    }
    moving = told["moving"]["survival"]
    assert moving[0]["share"] == 1
    assert 30 < moving[0]["silences"] < 100
    assert moving[0]["silences"] > moving[4]["silences"] > 0
    assert len(told["cells"]) > 5
    assert sum(cell["received"] for cell in told["cells"]) > sum(cell["missed"] for cell in told["cells"]) > 50
    rows = cover.read_text().splitlines()
    assert sum(row.strip().startswith('{"minutes"') for row in rows) == len(moving) + len(told["stopped"]["survival"])


def test_learning_is_the_same_each_time_and_files_may_come_in_any_order(
    recording: str, cover: Path, tmp_path: Path
) -> None:
    noon = BEGIN + 3 * HOUR
    halves = [
        written(tmp_path / "a", sailing(BEGIN, noon)),
        written(tmp_path / "b", sailing(noon, BEGIN + 6 * HOUR)),
    ]
    for n, files in enumerate(([recording], halves, halves[::-1])):
        out = tmp_path / f"{n}.json"
        assert main(["coverage", "learn", *files, "--out", str(out)]) == 0
        assert out.read_bytes() == cover.read_bytes()


def test_two_feeds_are_named(recording: str, tmp_path: Path) -> None:
    out = tmp_path / "cover.json"
    assert main(["coverage", "learn", "--feed", f"b={recording}", "--feed", f"a={recording}", "--out", str(out)]) == 0
    assert json.loads(out.read_text())["learned_from"]["feeds"] == ["a", "b"]


def test_it_is_said_what_was_learned(cover: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "show", str(cover)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Learned from replay, 2024-02-03T06:00:00Z to 2024-02-03T11:59:00Z: 12 ships, ")
    assert "silences over three minutes of ships that sailed on (not counted: 0 that stopped in it" in told
    assert "300 of the shipped curve count beside them" in told
    assert f"(shipped: {SHIPPED.threshold_min(10):g}), as rules.toml has it" in told
    assert "rules.toml calls a stopped ship dark after 7 d 0 h: none of them was as long." in told
    assert "cells; in " in told


def test_the_folder_that_it_lies_in_has_the_budget(
    cover: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_with(cover, tmp_path / "config")
    (folder / "rules.toml").write_text("[silence]\nbudget = 33\n")
    for arguments in (["--config", str(folder)], [str(folder / "cover.json")]):
        assert main(["coverage", "show", *arguments]) == 0
        assert "A budget of 33 false alarms in 1,000 hull-days: dark after" in capsys.readouterr().out


def test_the_map_shows_where_ships_are_heard_on_the_land(cover: Path, tmp_path: Path) -> None:
    out, data = tmp_path / "cover.png", tmp_path / "cover.geojson"
    assert main(["coverage", "show", str(cover), "--map", str(out), "--geojson", str(data)]) == 0
    image = Image.open(out).convert("RGB")
    pixels = {colour: count for count, colour in image.getcolors(1 << 20) or ()}
    well = tuple(bytes.fromhex(HEARD[-1][1][1:]))
    assert pixels[well] > 10_000
    assert tuple(bytes.fromhex(LAND[1:])) in pixels
    features = json.loads(data.read_text())["features"]
    assert len(features) == len(json.loads(cover.read_text())["cells"])
    ring = features[0]["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert {feature["properties"]["heard"] for feature in features} <= {n / 1000 for n in range(1001)}
    assert all(lon - 129 < 2 and 34 < lat < 35 for lon, lat in ring)


REFUSED = [
    (["learn", "--out", "x"], "hullwatch coverage learn: FILE: expected at least one file"),
    (["learn", "nowhere.nmea", "--out", "x"], "nowhere.nmea: expected a file that exists"),
    (["show"], "cover.json: expected a file that `hullwatch coverage learn` has written"),
    (["show", "nowhere.json"], "nowhere.json: expected a file that can be read"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_what_cannot_be_done_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_nothing_is_learned_of_nothing_or_written_nowhere(
    recording: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.nmea").write_bytes(b"")
    assert main(["coverage", "learn", str(tmp_path / "empty.nmea"), "--out", str(tmp_path / "x")]) == 2
    assert "expected ships that are heard for minutes" in capsys.readouterr().err
    assert main(["coverage", "learn", recording, "--out", str(tmp_path / "no" / "x")]) == 2
    assert "expected a file to write" in capsys.readouterr().err


def test_a_file_that_breaks_off_teaches_nothing(recording: str, tmp_path: Path) -> None:
    broken, out = tmp_path / "broken.gz", tmp_path / "cover.json"
    broken.write_bytes(gzip.compress(Path(recording).read_bytes())[:-200])
    assert main(["coverage", "learn", str(broken), "--out", str(out)]) == 1
    assert not out.exists()


def test_check_says_what_is_learned_and_what_is_wrong_with_it(
    cover: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_with(cover, tmp_path / "config")
    assert main(["check", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "\ncover: learned from " in told
    assert " cover/" in told.splitlines()[-1]
    data = json.loads(cover.read_text())
    data["moving"]["survival"][2]["share"] = 3
    (folder / "cover.json").write_text(json.dumps(data))
    assert main(["check", str(folder)]) == 2
    assert capsys.readouterr().err == (
        f"hullwatch: {folder}/cover.json: moving.survival[2].share: expected a number from 1e-12 to 1, got 3\n"
    )


def test_replay_takes_the_folders_curve(cover: Path, recording: str, tmp_path: Path) -> None:
    """One ship of the company is silent for an hour."""
    lines = sailing(BEGIN, BEGIN + 6 * HOUR)
    middle = range(BEGIN + 3 * HOUR, BEGIN + 4 * HOUR)
    left = [(when, line) for when, line in lines if not (b"busan" in line and when in middle and when % MINUTE == 0)]
    assert len(lines) - len(left) > 30
    file = written(tmp_path / "cut.nmea", left)
    limits = set()
    for cover_or_none in (None, cover):
        folder = folder_with(cover_or_none, tmp_path / str(cover_or_none is None))
        (folder / "watchlist.csv").write_text("mmsi\n440000001\n")
        chain = Chain(load_config(folder))
        alerts = list(chain.run(Recording(FeedRules("r"), [file]).arrivals()))
        limits |= {alert.evidence["witnessed_limit_min"] for alert in alerts if alert.rule == "went_dark"}
    learned = load_config(folder).cover
    assert learned is not None
    assert limits == {SHIPPED.threshold_min(10), learned.curve.threshold_min(10)}
    assert len(limits) == 2
