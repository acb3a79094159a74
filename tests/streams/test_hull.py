"""`hullwatch hull show` and `hullwatch sighting add`, on the alerts of the Angara case."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from alerts.core.instants import parse_rfc3339
from alerts.core.zones import Circle
from alerts.voyages.timeline import timeline
from streams import alert_log
from streams.charts import COLOURS
from streams.cli import main
from streams.codec import decode_alert, encode_alert
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER
from tests.fleet import Watch, ship

GOLDEN = Path(__file__).parents[1] / "golden" / "angara.jsonl"
AT_RAJIN = ("--at", "2024-01-20T02:00:00Z", "--lat", "42.2333", "--lon", "130.3", "--source", "A satellite")


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["hull", "show", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments]) == 2
    return capsys.readouterr().err


def sighted(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main(["sighting", "add", "9179842", *AT_RAJIN, *more, "--print"]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["9179842", "imo-9179842", "IMO 9179842"])
def test_the_angara_by_any_of_her_names(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(capsys, name, "--alerts", str(GOLDEN))
    assert told.startswith("ANGARA  (imo-9179842, IMO 9179842, MMSI 273210440, UBYT2)\nUS list since 8 May 2022")
    assert "already inside Korea Strait" in told
    assert [line.split()[0] for line in told.splitlines() if "port_call, dark_in_port" in line] == ["Zhoushan"]
    assert "deliveries, munitions from Rajin: 0: 0 observed at both ends" in told


def test_a_hull_of_whom_nothing_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing was ever said of her." in shown(capsys, "8517839", "--alerts", str(GOLDEN))


def test_a_sighting_stands_in_her_timeline_and_makes_a_call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    both = tmp_path / "both.jsonl"
    both.write_text(GOLDEN.read_text() + sighted(capsys))
    told = shown(capsys, "9179842", "--alerts", str(both))
    assert "ANGARA was sighted at Rajin by A satellite, confidence medium" in told
    assert any(line.startswith("Rajin") and line.rstrip().endswith("sighting") for line in told.splitlines())


def test_a_sighting_ends_no_silence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    both, data = tmp_path / "both.jsonl", tmp_path / "angara.geojson"
    both.write_text(GOLDEN.read_text() + sighted(capsys))
    told = shown(capsys, "9179842", "--alerts", str(both), "--geojson", str(data))
    assert "ANGARA was silent for 28 d 7 h, until 2024-02-03T13:41:22Z" in told
    known = timeline(alert_log.of_file(both), "imo-9179842").known
    assert [one.heard for one in known if one.at == parse_rfc3339(AT_RAJIN[1])] == [False]
    dark = [one["properties"]["since"][:10] for one in json.loads(data.read_text())["features"] if is_dark(one)]
    assert dark[:3] == ["2024-01-06", "2024-01-20", "2024-02-03"], "seen there, and dark all the way from there"


def is_dark(feature: dict[str, Any]) -> bool:
    return bool(feature["properties"].get("dark"))


@pytest.mark.parametrize(
    ("to", "day", "seen", "counted"),
    [
        ("dunay", 2, (), "1: 1 observed at both ends"),
        ("vostochny", 9, (), "1: 1 observed at both ends"),
        ("vladivostok", 10, (), "1: 1 observed at both ends"),
        ("vladivostok", 11, (), "0: 0 observed at both ends"),
        ("nakhodka", 2, (), "0: 0 observed at both ends"),
        ("dunay", 2, ("--lat", "41.5"), "0: 0 observed at both ends"),
    ],
)
def test_from_rajin_where_she_was_sighted_to_where_she_was_heard_is_a_delivery(
    to: str, day: int, seen: tuple[str, ...], counted: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """By the pattern that is shipped: within ten days, and not to any other port."""
    zones, told = load_config(DEFAULT_FOLDER).zones, tmp_path / "alerts.jsonl"
    (port,) = [zone.shape for zone in zones if zone.id == to]
    assert isinstance(port, Circle)
    watch, her = Watch(zones), ship(273210440).near((port.lat, port.lon))
    watch.hears(her.at("01:50", day).moored(0.0), her.at("02:00", day).moored(0.0))
    alone = sighted(capsys, "--at", "2024-02-03T02:00:00Z", *seen)
    told.write_text(alone + "".join(f"{encode_alert(alert).decode()}\n" for alert in watch.told))
    assert f"deliveries, munitions from Rajin: {counted}, 0 at one, 0 inferred\n" in shown(
        capsys, "9179842", "--alerts", str(told)
    )


def test_the_map_shows_her_and_what_nobody_heard(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out, data = tmp_path / "angara.png", tmp_path / "angara.geojson"
    shown(capsys, "9179842", "--alerts", str(GOLDEN), "--map", str(out), "--geojson", str(data))
    colours = {colour for _, colour in Image.open(out).convert("RGB").getcolors(1 << 20) or ()}
    for name in ("track", "dark", "strait"):
        assert tuple(bytes.fromhex(COLOURS[name][1:])) in colours, name
    features = json.loads(data.read_text())["features"]
    dark = [one for one in features if one["properties"].get("dark")]
    assert {one["geometry"]["type"] for one in features} == {"Point", "LineString"}
    assert [one["properties"]["since"][:10] for one in dark[:2]] == ["2024-01-06", "2024-02-03"]


def test_what_is_wrong_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.jsonl"
    spoilt.write_text(GOLDEN.read_text() + "{}\n")
    count = len(GOLDEN.read_text().splitlines()) + 1
    assert f"line {count}: expected an alert" in refused(capsys, "hull", "show", "9179842", "--alerts", str(spoilt))
    assert "expected a file that can be read" in refused(capsys, "hull", "show", "9179842", "--alerts", "nowhere")
    assert "the id or the IMO number" in refused(capsys, "hull", "show", "ANGARA", "--alerts", str(GOLDEN))
    nowhere = str(tmp_path / "no folder" / "a.png")
    assert "ends in .png" in refused(capsys, "hull", "show", "9179842", "--alerts", str(GOLDEN), "--map", nowhere)


def test_a_sighting_is_the_same_record_every_time_but_for_when_it_was_told(capsys: pytest.CaptureFixture[str]) -> None:
    first, again = (json.loads(sighted(capsys)) for _ in range(2))
    assert first | {"known_at": ""} == again | {"known_at": ""}
    assert first["id"] == "imo-9179842.sighting.a-satellite.20240120T020000Z"
    assert (first["place"]["zone"], first["severity"]) == ("rajin", "warning")


def test_a_sighting_in_the_open_sea(capsys: pytest.CaptureFixture[str]) -> None:
    alert = decode_alert(sighted(capsys, "--lat", "20", "--confidence", "low").encode())
    assert (alert.place, str(alert.severity)) == (None, "info")
    assert alert.summary == "ANGARA was sighted at 20.000, 130.300 by A satellite, confidence low"


@pytest.mark.parametrize("wrong", [("--lat", "91"), ("--lat", "nan"), ("--lon", "x"), ("--at", "2024-01-20T02:00:00")])
def test_a_sighting_without_a_place_or_a_time_is_refused(wrong: tuple[str, str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sighting", "add", "9179842", *AT_RAJIN, *wrong, "--print"])
    assert ended.value.code == 2


def test_a_sighting_of_tomorrow_or_of_a_stranger_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    tomorrow = ("sighting", "add", "9179842", *AT_RAJIN, "--at", "2999-01-01T00:00:00Z", "--print")
    assert "expected a time that has been" in refused(capsys, *tomorrow)
    assert "7654321: expected the id" in refused(capsys, "sighting", "add", "7654321", *AT_RAJIN, "--print")
