"""`hullwatch zones`: the list, and the picture by the colours of its pixels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.zones import Circle, Zone
from streams.charts import COLOURS, LAND, SEA, Frame, chart
from streams.cli import main

STRAIT = {
    "type": "Feature",
    "properties": {
        "id": "date-line",
        "name": "Date Line",
        "kind": "strait",
        "flag": "info",
        "margin_nm": 2,
        "source": "made up",
        "uncertainty_nm": 1,
        "gates": [{"name": "north", "type": "LineString", "coordinates": [[179, 52], [-179, 52]]}],
    },
    "geometry": {"type": "Polygon", "coordinates": [[[179, 52], [-179, 52], [-179, 51], [179, 51], [179, 52]]]},
}


def test_check_lists_every_zone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zones", "check"]) == 0
    listed = capsys.readouterr().out.splitlines()
    korea = next(line for line in listed if "korea-strait" in line)
    expected = "strait korea-strait warning 102 nm wide, margin 3 nm, known to 3 nm, 4 gates: north, south"
    assert korea.split() == expected.split()
    assert any(line.startswith("port    rajin ") for line in listed)


def test_check_says_what_is_wrong_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {**STRAIT, "properties": {**STRAIT["properties"], "flag": "red"}}
    (tmp_path / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [wrong]}))
    assert main(["zones", "check", "--config", str(tmp_path)]) == 2
    assert "features[0] (date-line).properties.flag: expected one of info" in capsys.readouterr().err


def test_an_unknown_zone_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zones", "show", "atlantis"]) == 2
    assert "atlantis: expected the id of a zone" in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for out in (tmp_path / "picture", tmp_path / "no folder" / "picture.png"):
        assert main(["zones", "show", "rajin", "--out", str(out)]) == 2
        assert "expected a folder and a name that ends in .png" in capsys.readouterr().err


def shown(out: Path, *arguments: str) -> Image.Image:
    assert main(["zones", "show", *arguments, "--out", str(out)]) == 0
    return Image.open(out).convert("RGB")


def colours(picture: Image.Image, frame: Frame, fix: Fix) -> set[str]:
    """Of the pixels within two of the fix: lines are two wide."""
    x, y = (round(part) for part in frame.place((fix[1], fix[0])))
    near = [picture.getpixel((x + right, y + down)) for right in range(-2, 3) for down in range(-2, 3)]
    return {"#{:02x}{:02x}{:02x}".format(*rgb) for rgb in near}


def test_land_sea_border_and_gate_are_where_they_are(tmp_path: Path) -> None:
    picture = shown(tmp_path / "korea.png", "korea-strait")
    frame = Frame.around([(129.1, 35.1), (131.15, 34.77), (129.1, 33.27), (128.65, 34.8)])
    assert picture.size == frame.size
    assert colours(picture, frame, (34.42, 129.35)) == {LAND}, "Tsushima"
    assert colours(picture, frame, (34.2, 128.95)) == {SEA}
    assert COLOURS["gate"] in colours(picture, frame, (34.9, 129.28))
    assert COLOURS["strait"] in colours(picture, frame, (33.56, 130.36))


def test_a_zone_across_the_antimeridian_is_drawn_in_one_piece(tmp_path: Path) -> None:
    (tmp_path / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [STRAIT]}))
    picture = shown(tmp_path / "line.png", "--config", str(tmp_path))
    frame = Frame.around([(179, 52), (-179, 52), (-179, 51), (179, 51)])
    assert frame.east - frame.west < 4
    assert COLOURS["gate"] in colours(picture, frame, (52, 180.5))
    assert COLOURS["strait"] in colours(picture, frame, (51, 180.5))


def test_no_name_is_written_over_another() -> None:
    one = Zone("one", "Harbour", "port", Circle(36.0, 140.0, 5.0), 1.0, (), "info", "made up", 0.0)
    beside, apart = replace(one, id="two"), replace(one, id="two", shape=Circle(36.0, 141.0, 5.0))
    named, renamed = chart([one, beside]), chart([one, replace(beside, name="Roads")])
    assert named.tobytes() == renamed.tobytes()
    assert chart([one, apart]).tobytes() != chart([one, replace(apart, name="Roads")]).tobytes()
