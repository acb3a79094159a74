"""The shipped folder and the Angara re-enactment tell one story."""

import re
import tomllib
from pathlib import Path

import pyais
import pytest

from alerts.core.geo import Fix
from alerts.core.thresholds import Thresholds
from alerts.core.zones import ZoneIndex, gate_crossed
from streams import scenario
from streams.config import load_config
from streams.feed_settings import FeedKind, parse
from streams.scenario.angara import ANGARA_MMSI, HOMONYM_MMSI, watches
from streams.settings import DEFAULT_FOLDER

CONFIG = load_config(DEFAULT_FOLDER)
ZONES = ZoneIndex.of(CONFIG.zones)


def ids(fix: Fix) -> list[str]:
    return [zone.id for zone in ZONES.at(*fix)]


@pytest.fixture(scope="module")
def hers() -> list[tuple[int, Fix]]:
    """When and where the Angara is heard."""
    heard = []
    for line in scenario.lines("angara"):
        _, tags, sentence = line.rstrip().split(b"\\")
        if sentence.startswith(b"!AIVDM,1,1"):
            message = pyais.decode(sentence)
            if message.mmsi == ANGARA_MMSI and message.msg_type in (1, 3):
                seconds = int(dict(field.split(b":") for field in tags.split(b"*")[0].split(b","))[b"c"])
                heard.append((seconds * 1000, (message.lat, message.lon)))
    return heard


def between(hers: list[tuple[int, Fix]], stretch: int) -> list[Fix]:
    watch = watches(0)[stretch]
    return [fix for at, fix in hers if watch.begin - 1000 <= at <= watch.end]


def test_she_falls_silent_off_rajin_outside_the_port(hers: list[tuple[int, Fix]]) -> None:
    january = between(hers, 0)
    assert {place for fix in january for place in ids(fix)} == set()
    assert ZONES.outside("rajin", *january[-1])


def test_her_first_fix_of_february_lies_inside_the_korea_strait_alone(hers: list[tuple[int, Fix]]) -> None:
    light = between(hers, 1)
    assert {tuple(ids(fix)) for fix in light} == {("korea-strait",)}


def test_she_is_seen_entering_zhoushan_and_stays(hers: list[tuple[int, Fix]]) -> None:
    arrival = between(hers, 2)
    inside = [ids(fix) == ["zhoushan"] for fix in arrival]
    assert not inside[0]
    assert inside[-1]
    assert inside == sorted(inside)
    assert {tuple(ids(fix)) for fix in between(hers, 3)} == {("zhoushan",)}


def test_she_alone_of_the_scenario_is_watched() -> None:
    assert {hull.mmsi for hull in CONFIG.watchlist} == {ANGARA_MMSI, None}
    assert HOMONYM_MMSI not in {hull.mmsi for hull in CONFIG.watchlist}


@pytest.mark.parametrize(
    ("outside", "inside", "gate"),
    [
        ((35.05, 129.45), (34.75, 129.17), "northern end, Busan to Tsushima"),
        ((35.10, 130.20), (34.40, 130.00), "northern end, Tsushima to Honshu"),
        ((34.65, 131.20), (34.50, 130.80), "northern end, Tsushima to Honshu"),
        ((33.90, 128.50), (34.20, 129.00), "southern end, Geoje to Goto"),
        ((33.15, 129.25), (33.50, 129.30), "southern end, Goto to Hirado"),
    ],
)
def test_the_strait_is_entered_by_its_gates(outside: Fix, inside: Fix, gate: str) -> None:
    strait = ZONES.zones["korea-strait"]
    assert (ids(outside), ids(inside)) == ([], ["korea-strait"])
    crossed = gate_crossed(strait, outside, inside)
    assert crossed is not None
    assert crossed.name == gate


@pytest.mark.parametrize("place", [(34.42, 129.30), (34.20, 129.29), (33.75, 129.70), (34.60, 130.50)])
def test_tsushima_and_iki_lie_inside(place: Fix) -> None:
    assert ids(place) == ["korea-strait"]


@pytest.mark.parametrize(
    ("place", "port"),
    [
        ((42.2333, 130.3), "rajin"),
        ((42.75, 133.0833), "vostochny"),
        ((43.109, 131.888), "vladivostok"),
        ((42.88, 132.35), "dunay"),
        ((30.0, 122.1), "zhoushan"),
        ((29.61, 122.59), "zhoushan"),
        ((30.39, 121.71), "zhoushan"),
    ],
)
def test_the_ports_of_the_trade_are_flagged(place: Fix, port: str) -> None:
    assert ids(place) == [port]


def test_every_zone_says_where_its_border_comes_from_and_how_well_it_is_known() -> None:
    assert all(zone.source and zone.uncertainty_nm > 0 for zone in CONFIG.zones)


def test_what_the_feeds_file_shows_in_comments_is_right() -> None:
    shown = re.sub(r"(?m)^# (\[|\w+ = )", r"\1", (DEFAULT_FOLDER / "feeds.toml").read_text())
    feeds = parse(tomllib.loads(shown), Path())
    assert {feed.kind for feed in feeds} == set(FeedKind.__args__)  # type: ignore[attr-defined]


def test_the_rules_file_shows_every_number_and_its_default() -> None:
    shown = tomllib.loads((DEFAULT_FOLDER / "rules.toml").read_text())
    assert {name: list(table) for name, table in shown.items()} == {
        "silence": ["floor_min", "budget", "ceiling_min", "port_min", "stopped_min"],
        "places": ["stopped_below_kn", "departed_above_kn", "arrival_wait_h", "call_h"],
        "rendezvous": ["lasts_min", "port_nm"],
        "loitering": ["below_kn", "hours"],
        "anomaly": ["speed_kn", "course_deg", "minutes"],
        "statics": ["draught_change_m", "stands_min"],
    }
    assert Thresholds() == CONFIG.thresholds
