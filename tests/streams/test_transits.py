"""`hullwatch zones learn`, as an operator runs it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.core.instants import HOUR, MINUTE, Instant
from alerts.voyages.transits import LEAST
from streams.cli import main
from streams.config import load_zones
from streams.settings import DEFAULT_FOLDER
from tests.streams.lines import at, tagged
from tests.streams.test_replay import position

BEGIN = at("00:00:00")
WEST, EAST, MARGIN_NM = 100.0, 101.0, 2.0
STEP = 5 * MINUTE


def strait(name: str, south: float, **more: Any) -> dict[str, Any]:
    """A degree long from west to east, half a degree wide, on the equator or beside it."""
    ends = {"west": WEST, "east": EAST}
    gates = [
        {"name": f"{end}ern end", "end": end, "type": "LineString", "coordinates": [[lon, south], [lon, south + 0.5]]}
        for end, lon in ends.items()
    ]
    ring = [[WEST, south], [EAST, south], [EAST, south + 0.5], [WEST, south + 0.5], [WEST, south]]
    common = {"kind": "strait", "flag": "info", "margin_nm": MARGIN_NM, "source": "made up", "uncertainty_nm": 1}
    return {
        "type": "Feature",
        "properties": {"id": name, "name": name.title(), **common, "gates": gates, **more},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def through(speed_kn: float, begins: Instant, waits_h: int = 0) -> Iterator[tuple[Instant, float]]:
    """From 12 nm before the western end to 18 nm behind the eastern one, at anchor half-way for so long."""
    lon, when = WEST - 0.2, begins
    while lon < EAST + 0.3:
        yield when, lon
        if waits_h and lon >= 100.5:
            for _ in range(waits_h * HOUR // STEP):
                when += STEP
                yield when, lon
            waits_h = 0
        when, lon = when + STEP, lon + speed_kn / 60 * STEP / HOUR


def inside_min(way: list[tuple[Instant, float]]) -> int:
    """From the first fix inside to the first that is beyond the margin, by hand."""
    first = min(when for when, lon in way if lon >= WEST)
    return (min(when for when, lon in way if (lon - EAST) * 60 > MARGIN_NM) - first) // MINUTE


WAYS = [
    list(through(10.13 + ship * 0.47, BEGIN + ship * MINUTE, waits_h=10 if ship == 4 else 0))
    for ship in range(LEAST + 4)
]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> str:
    lines = [
        (when, tagged(position(440_000_001 + ship, 0.2 + ship / 200, lon), when, "hill"))
        for ship, way in enumerate(WAYS)
        for when, lon in way
    ]
    path = tmp_path_factory.mktemp("sea") / "day.nmea"
    path.write_bytes(b"".join(line + b"\n" for _, line in sorted(lines)))
    return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "config"
    shutil.copytree(DEFAULT_FOLDER, copied)
    about = {"name": "Häfen", "kind": "port", "flag": "info", "radius_nm": 3, "source": "made up", "uncertainty_nm": 1}
    port = {"type": "Feature", "properties": about, "geometry": {"type": "Point", "coordinates": [103.0, 1.0]}}
    (copied / "deliveries.toml").unlink()
    zones = [strait("narrows", 0.0, transit_h=30, note="kept"), port, strait("kyle", 3.0)]
    (copied / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "name": "mine", "features": zones}))
    return copied


def test_each_strait_is_told_with_what_was_seen_and_what_comes_of_it(recording, folder, capsys):
    assert main(["zones", "learn", recording, "--config", str(folder)]) == 0
    head, narrows, nobody = capsys.readouterr().out.splitlines()
    assert head.split() == ["strait", "transits", "half", "took", "95%", "took", "longest", "transit_h"]
    slowest = sorted(inside_min(way) for way in WAYS)
    assert slowest[-1] > 10 * 60, "the one that anchored"
    assert narrows.split()[:2] == ["narrows", str(len(WAYS))]
    assert f"{slowest[-1] // 60} h {slowest[-1] % 60:02d} min" in narrows
    assert narrows.endswith("6.5 learned, 30 before")
    assert 6 * 60 < slowest[-2] <= 6.5 * 60
    assert nobody == "1 of 2 straits: nobody was seen to pass from end to end."


def test_what_was_learned_is_written_and_nothing_else_is_changed(recording, folder):
    before = json.loads((folder / "zones.geojson").read_text())
    assert main(["zones", "learn", recording, "--config", str(folder), "--out", str(folder / "zones.geojson")]) == 0
    after = json.loads((folder / "zones.geojson").read_text())
    assert after["features"][0]["properties"].pop("transit_h") == 6.5
    assert before["features"][0]["properties"].pop("transit_h") == 30
    assert after == before
    assert [zone.transit_h for zone in load_zones(folder)] == [6.5, None, None]


def test_without_straits_there_is_nothing_to_learn(recording, folder, capsys):
    (folder / "zones.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    assert main(["zones", "learn", recording, "--config", str(folder)]) == 2
    assert "expected straits among the folder's zones" in capsys.readouterr().err


def test_a_file_that_is_not_there_or_cannot_be_written_is_said(recording, folder, tmp_path, capsys):
    assert main(["zones", "learn", "nowhere.nmea", "--config", str(folder)]) == 2
    assert "nowhere.nmea: expected a file that exists" in capsys.readouterr().err
    out = str(tmp_path / "no folder" / "zones.geojson")
    assert main(["zones", "learn", recording, "--config", str(folder), "--out", out]) == 2
    assert f"--out {out}: expected a file to write" in capsys.readouterr().err
