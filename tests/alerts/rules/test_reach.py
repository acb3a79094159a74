"""Ports in reach: in the dark that is over, and after a flash; windows, who arms them, and what ends them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from alerts.core.alert import Alert, Severity
from alerts.core.instants import HOUR
from alerts.core.intervals import IntervalClosed, Versions
from alerts.core.reach import NEAREST
from alerts.core.reports import Origin
from alerts.core.zones import Circle, Polygon, Zone, ZoneIndex
from tests.fleet import HAVEN, HAVEN_NM, OPEN_SEA, Ship, Watch, east_of, haven, ship, shoal, time

angara = ship(273210440)
FAR_OFF = east_of(HAVEN, HAVEN_NM + 150)
"""At 12 kn and a quarter more ten hours from the border, at a quarter of 12 kn fifty."""


def flashed(after: str = "08:00", *more: Ship, zones: Iterable[Zone] = (haven, shoal)) -> Watch:
    """Heard at 08:00, and a day later (or as said) off Haven."""
    watch = Watch(zones)
    watch.hears(angara.at("08:00").near(east_of(FAR_OFF, 90)), angara.at(after, day=1).near(FAR_OFF), *more)
    return watch


def watches(alerts: Iterable[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.rule == "overdue_arrival"]


def window(alert: Alert, zone: str = "haven") -> tuple[str, str]:
    row = next(row for row in alert.evidence["ports"] if row["zone"] == zone)
    return row["earliest"], row["latest"]


# after a flash


@pytest.mark.parametrize(("after", "count"), [("07:59", 0), ("08:00", 1)])
def test_a_day_without_a_position_makes_the_next_one_arm_watches(after: str, count: int) -> None:
    armed = watches(flashed(after).told)
    assert [(alert.event, alert.severity) for alert in armed] == [("opened", Severity.INFO)] * count
    if armed:
        assert window(armed[0]) == ("2024-02-04T18:00:00Z", "2024-02-06T10:00:00Z")
        assert armed[0].evidence["ports"][0]["distance_nm"] == 150
        assert armed[0].summary == "ANGARA can reach Haven (from 2024-02-04T18:00:00Z to 2024-02-06T10:00:00Z)"


@pytest.mark.parametrize(("speed_kn", "earliest"), [(11.9, "18:00"), (24.0, "13:00")])
def test_a_faster_ship_may_be_there_sooner(speed_kn: float, earliest: str) -> None:
    watch = Watch((haven,))
    watch.hears(angara.at("08:00").near(FAR_OFF), angara.at("08:00", day=1).near(FAR_OFF).moving(speed_kn))
    assert window(watches(watch.told)[0])[0] == f"2024-02-04T{earliest}:00Z"


@pytest.mark.parametrize(
    ("day", "clock", "place", "in_window"), [(1, "17:00", "reached", False), (1, "18:00", "reached", True),
                                             (3, "10:00", "reached", True), (3, "10:00:01", None, None)]
)  # fmt: skip
def test_coming_to_a_port_disarms_them_and_says_whether_she_was_expected(
    day: int, clock: str, place: str | None, in_window: bool | None
) -> None:
    there = angara.at(clock, day=day).near(east_of(HAVEN, HAVEN_NM - 0.1))
    over = watches(flashed("08:00", there).told)[-1]
    assert (over.event, over.place and over.place.what) == ("closed", place)
    assert over.evidence.get("in_window") is in_window
    assert over.severity == (Severity.INFO if place else Severity.WARNING)


@pytest.mark.parametrize(("clock", "told"), [("09:59", []), ("10:00", ["closed"])])
def test_when_the_last_window_has_passed_she_is_overdue_and_told_once(clock: str, told: list[str]) -> None:
    watch = flashed()
    assert [str(alert.event) for alert in watches(watch.until(clock, day=3))] == told
    if told:
        over = watches(watch.told)[-1]
        assert over.summary.startswith("ANGARA is overdue: she was not seen to arrive at Haven (from ")
        assert watches(watch.until("12:00", day=9)) == []
        assert watches(watch.hears(angara.at("12:01", day=9).near(HAVEN))) == []


def test_what_is_heard_meanwhile_elsewhere_changes_nothing_and_arms_nothing_new() -> None:
    elsewhere = angara.at("09:00", day=2).near(east_of(FAR_OFF, 30))
    assert len(watches(flashed("08:00", elsewhere).told)) == 1
    later = [elsewhere.at(clock, day=3) for clock in ("10:00:01", "10:30")]
    assert [str(alert.event) for alert in watches(flashed("08:00", *later).told)] == ["opened", "closed", "opened"]


def test_a_flash_inside_a_port_arms_nothing_nor_one_too_far_from_all() -> None:
    watch = Watch((haven,))
    watch.hears(angara.at("08:00").near(HAVEN), angara.at("09:00", day=1).near(HAVEN))
    assert watches(watch.told) == []
    far = Watch([replace(haven, shape=Circle(-40.0, -40.0, 3.0))])
    far.hears(angara.at("08:00").near(OPEN_SEA), angara.at("09:00", day=1).near(OPEN_SEA))
    assert watches(far.told) == []


def test_only_the_nearest_ports_are_watched() -> None:
    many = [replace(haven, id=f"p{n:02}", shape=Circle(*east_of(HAVEN, -10 * n), 1.0)) for n in range(NEAREST + 3)]
    (armed,) = watches(flashed(zones=many).told)
    assert [row["zone"] for row in armed.evidence["ports"]] == [f"p{n:02}" for n in range(NEAREST)]
    assert armed.summary.endswith(" and 9 more")


def test_a_port_drawn_as_a_polygon_is_no_further_than_its_border() -> None:
    lat, lon = HAVEN
    square = Polygon(tuple((lat + a / 10, lon + b / 10) for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1), (1, 1))))
    (armed,) = watches(flashed(zones=[replace(haven, shape=square)]).told)
    assert 153 - 6 * 2**0.5 - 0.1 <= armed.evidence["ports"][0]["distance_nm"] <= 147


def test_a_port_that_is_no_longer_flagged_is_watched_no_more() -> None:
    watch = flashed()
    watch.contents["fewer"] = ZoneIndex.of([shoal])
    fewer = Versions("fewer", "rules", "")
    record = IntervalClosed(Origin("clock-log", watch.offset + 1, 0), time("09:00", day=1), versions=fewer)
    assert [alert.event for alert in watches(watch.takes(record))] == ["retracted"]


# in the dark


def dark(hours: float, nm: float = 0.0, zones: Iterable[Zone] = (haven, shoal)) -> list[Alert]:
    """Silent so long, beginning a little off Haven's border, and so far away at its end."""
    watch, start = Watch(zones), east_of(HAVEN, HAVEN_NM + 15)
    watch.hears(angara.at("08:00").near(start))
    watch.until("08:00", day=3)
    back = angara._with(at=time("08:00") + round(hours * HOUR)).near(east_of(start, nm))
    return [alert for alert in watch.hears(back) if alert.rule == "unseen_call"]


@pytest.mark.parametrize(("hours", "count"), [(4.99, 0), (5.01, 1)])
def test_there_and_back_and_three_hours_there(hours: float, count: int) -> None:
    """An hour each way at 15 kn."""
    told = dark(hours)
    assert [(alert.event, alert.severity) for alert in told] == [("opened", Severity.INFO)] * count
    if told:
        assert window(told[0])[0] == "2024-02-03T09:00:00Z"
        assert told[0].happened_at == time("08:00")
        assert told[0].summary.startswith("ANGARA can have called unseen at Haven (from 2024-02-03T09:00:00Z to 2024-")


@pytest.mark.parametrize(("hours", "count"), [(10.9, 0), (11.1, 1)])
def test_the_way_from_there_counts(hours: float, count: int) -> None:
    """An hour to it and seven from it."""
    assert len(dark(hours, 90)) == count


def test_a_port_in_which_she_was_seen_is_no_unseen_call() -> None:
    watch = Watch()
    watch.hears(angara.at("08:00").near(HAVEN))
    watch.until("20:00")
    assert "unseen_call" not in {alert.rule for alert in watch.hears(angara.at("20:00").near(east_of(HAVEN, 20)))}
