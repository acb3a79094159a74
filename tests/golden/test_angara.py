"""The re-enactment of the Angara case, told by replay: the golden file byte for byte, and the story for many seeds.

A behaviour change shows as a diff of `angara.jsonl`:

    hullwatch scenario angara | hullwatch replay - > tests/golden/angara.jsonl

HULLWATCH_SEEDS sets how many seeds are told (2; 3 in CI).
"""

import json
import os
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest

from streams import scenario
from streams.chain import Chain
from streams.codec import encode_alert
from streams.nmea import FeedRules
from streams.recordings import Recording
from streams.settings import DEFAULT_FOLDER, load_config

GOLDEN = Path(__file__).with_name("angara.jsonl")
SEEDS = range(int(os.environ.get("HULLWATCH_SEEDS", "2")))

STORY = [
    ("went_dark", "opened", None),
    ("went_dark", "closed", None),
    ("lit_up", "opened", "korea-strait: lit up inside"),
    ("unseen_call", "opened", None),
    ("strait", "opened", "korea-strait: first seen inside"),
    ("overdue_arrival", "opened", None),
    ("strait", "amended", "korea-strait: first seen inside"),
    ("went_dark", "opened", None),
    ("overdue", "opened", "korea-strait: overdue"),
    ("strait", "closed", "korea-strait: left"),
    ("overdue_arrival", "amended", None),
    ("went_dark", "closed", None),
    ("overdue", "closed", "korea-strait: beyond the far gate"),
    ("lit_up", "opened", None),
    ("unseen_call", "opened", None),
    ("overdue_arrival", "closed", "zhoushan: reached"),
    ("port_call", "opened", "zhoushan: entered"),
    ("outage", "opened", None),
    ("outage", "closed", None),
    ("port_call", "amended", "zhoushan: arrived"),
    ("dark_in_port", "opened", "zhoushan"),
    ("dark_in_port", "closed", "zhoushan"),
    ("unseen_call", "opened", None),
    ("signs_of_life", "opened", "zhoushan: sign of life"),
]


@cache
def told(seed: int, lost: float) -> bytes:
    """The published alerts of one world."""
    with NamedTemporaryFile(suffix=".nmea") as file:
        file.writelines(scenario.lines("angara", seed, lost))
        file.flush()
        arrivals = Recording(FeedRules("replay"), [file.name]).arrivals()
        return b"".join(encode_alert(alert) + b"\n" for alert in Chain(load_config(DEFAULT_FOLDER)).run(arrivals))


def test_the_first_seed_is_told_as_the_golden_file_says() -> None:
    assert told(0, 0.0) == GOLDEN.read_bytes()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("lost", [0.0, 1 / 3], ids=["all heard", "a third lost"])
def test_the_story_holds(seed: int, lost: float) -> None:
    alerts = [json.loads(line) for line in told(seed, lost).splitlines()]
    assert [(a["rule"], a["event"], place(a)) for a in alerts] == STORY
    assert zhoushan_awaits_her(alerts)
    lit = [a for a in alerts if a["rule"] == "lit_up"]
    assert [a["known_at"] for a in lit] == [a["happened_at"] for a in lit], "in the same step as the first report"
    assert {a["hull"]["imo"] for a in alerts if a["hull"]} == {9179842}, "nothing about the other ANGARA"
    assert {a["evidence"]["station"] for a in alerts if a["rule"] == "outage"} == {"shengsi"}, "which hears none of her"


def test_six_minutes_say_that_she_is_southbound() -> None:
    alerts = [json.loads(line) for line in GOLDEN.read_bytes().splitlines()]
    opened, amended, _ = (alert for alert in alerts if alert["rule"] == "strait")
    assert "bound" not in opened["evidence"]
    assert amended["evidence"]["bound"] == "south"
    assert amended["known_at"] < "2024-02-03T13:42:00Z", "the second fix of the six minutes"


def test_she_is_overdue_at_the_south_end_while_nobody_hears_her() -> None:
    """13 nm before it at 10.8 kn: three times as long as she needs, less than her share of the strait's 24 hours."""
    alerts = [json.loads(line) for line in GOLDEN.read_bytes().splitlines()]
    opened, closed = (alert for alert in alerts if alert["rule"] == "overdue")
    assert (opened["severity"], opened["evidence"]["bound"], opened["evidence"]["transit_given"]) == (
        "caution",
        "south",
        False,
    )
    assert "2024-02-03T17:00:00Z" < opened["evidence"]["due_at"] <= opened["known_at"] < "2024-02-03T18:00:00Z"
    assert closed["evidence"]["late_min"] > 5 * 24 * 60


def test_six_minutes_arm_windows_at_ports_and_zhoushan_has_the_true_arrival_in_its_own() -> None:
    """Published: 9 February."""
    alerts = [json.loads(line) for line in GOLDEN.read_bytes().splitlines()]
    armed = next(alert for alert in alerts if alert["rule"] == "overdue_arrival")
    assert (armed["known_at"], armed["severity"], len(armed["evidence"]["ports"])) == (
        "2024-02-03T13:41:22Z",
        "info",
        12,
    )
    assert zhoushan_awaits_her(alerts)
    over = next(a for a in alerts if (a["rule"], a["event"]) == ("overdue_arrival", "closed"))
    assert (over["id"], over["evidence"]["expected"], over["place"]["zone"]) == (armed["id"], "in time", "zhoushan")
    assert over["known_at"].startswith("2024-02-09")


def zhoushan_awaits_her(alerts: list[dict[str, Any]]) -> bool:
    """The windows of her first light hold the moment at which she came to Zhoushan."""
    ports = next(alert for alert in alerts if alert["rule"] == "lit_up")["evidence"]["ports"]
    window = next(port for port in ports if port["zone"] == "zhoushan")
    entered = next(alert for alert in alerts if alert["rule"] == "port_call")["happened_at"]
    return bool(window["earliest"] <= entered <= window["latest"])


def place(alert: dict[str, Any]) -> str | None:
    where = alert["place"]
    if where is None:
        return None
    return where["zone"] if where["what"] in ("", "silent inside") else f"{where['zone']}: {where['what']}"
