"""Ports in reach: in the dark that is over, and after she lit up; windows, what arms them, and what ends them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from alerts.core.alert import Alert, Severity
from alerts.core.engine import terms_of
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.instants import HOUR, MINUTE
from alerts.core.intervals import IntervalClosed, LateTick, Outage, Versions
from alerts.core.memory import wakes_at
from alerts.core.reach import NEAREST
from alerts.core.reports import Origin
from alerts.core.seaway import SQUARES, UNIT_NM, SeaTable
from alerts.core.zones import Circle, Polygon, Zone, ZoneIndex
from alerts.rules import RULES
from streams.memories import pack
from tests.fleet import HAVEN, HAVEN_NM, OPEN_SEA, TIMER, Ship, Watch, east_of, haven, ship, shoal, time

angara = ship(273210440)
FAR_OFF = east_of(HAVEN, HAVEN_NM + 150)
"""At 12 kn and a quarter more ten hours from the border; at a quarter of 12 kn fifty, and a day of waiting: 74."""
WIDE = SeaTable(0, 0, SQUARES, bytes([50]) * SQUARES * SQUARES)
"""Land in the way, wherever she is: 300 nm at least."""


def flashed(*more: Ship, zones: Iterable[Zone] = (haven, shoal), speed_kn: float = 12.0) -> Watch:
    """Heard at 08:00 off Haven, dark, and lit up at 10:00."""
    watch = Watch(tuple(zones), waters=(FAR_OFF, HAVEN))
    watch.hears(angara.at("08:00").near(FAR_OFF))
    watch.until("09:55")
    watch.hears(angara.at("10:00").near(FAR_OFF).moving(speed_kn), *more)
    return watch


def watches(alerts: Iterable[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.rule == "overdue_arrival"]


def what(alerts: Iterable[Alert]) -> list[tuple[str, str]]:
    return [(str(alert.event), str(alert.severity)) for alert in watches(alerts)]


def window(alert: Alert, zone: str = "haven") -> tuple[str, str]:
    row = next(row for row in alert.evidence["ports"] if row["zone"] == zone)
    return row["earliest"], row["latest"]


# after she lit up


def test_who_lights_up_is_awaited_at_the_ports_that_she_can_reach() -> None:
    watch = flashed()
    (armed,) = watches(watch.told)
    assert (armed.event, armed.severity, armed.happened_at) == ("opened", Severity.INFO, time("10:00"))
    assert window(armed) == ("2024-02-03T20:00:00Z", "2024-02-06T12:00:00Z")
    assert armed.evidence["ports"][0]["distance_nm"] == 150
    assert armed.summary == "ANGARA can reach Haven (from 2024-02-03T20:00:00Z to 2024-02-06T12:00:00Z)"
    (lit,) = (alert for alert in watch.told if alert.rule == "lit_up")
    assert lit.evidence["ports"] == armed.evidence["ports"]


@pytest.mark.parametrize(("back", "count"), [("08:29", 0), ("08:31", 1)])
def test_who_was_not_dark_is_not(back: str, count: int) -> None:
    watch = Watch((haven,), waters=(FAR_OFF,))
    watch.hears(angara.at("08:00").near(FAR_OFF))
    watch.until("08:31")
    assert len(watches(watch.hears(angara.at(back).near(FAR_OFF)))) == count


@pytest.mark.parametrize(("speed_kn", "earliest"), [(11.9, "20:00"), (24.0, "15:00")])
def test_a_faster_ship_may_be_there_sooner(speed_kn: float, earliest: str) -> None:
    assert window(watches(flashed(speed_kn=speed_kn).told)[0])[0] == f"2024-02-03T{earliest}:00Z"


def test_land_in_the_way_makes_it_later() -> None:
    watch = Watch((haven,), waters=(FAR_OFF, HAVEN), seas={"haven": WIDE})
    watch.hears(angara.at("08:00").near(FAR_OFF))
    watch.until("09:55")
    (armed,) = watches(watch.hears(angara.at("10:00").near(FAR_OFF)))
    assert armed.evidence["ports"][0]["distance_nm"] == 50 * UNIT_NM
    assert window(armed) == ("2024-02-04T06:00:00Z", "2024-02-08T14:00:00Z")


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [(0, "19:59", "early"), (0, "20:01", "in time"), (3, "12:00", "in time"), (3, "12:01", "late")],
)
def test_coming_to_a_port_disarms_them_and_says_whether_she_was_expected(day: int, clock: str, expected: str) -> None:
    there = angara.at(clock, day=day).near(east_of(HAVEN, HAVEN_NM - 0.1))
    watch = flashed()
    watch.until(clock, day=day)
    over = watches(watch.hears(there))[-1]
    assert (over.event, over.severity, over.place and over.place.what) == ("closed", Severity.INFO, "reached")
    assert over.evidence["expected"] == expected
    assert watches(watch.until("23:00", day=9)) == []


def test_another_flagged_port_disarms_them_too() -> None:
    """So far away that it had no window."""
    far = replace(haven, id="far", name="Far", shape=Circle(0.0, -40.0, 3.0))
    watch = flashed(zones=(haven, far))
    over = watches(watch.hears(angara.at("10:00", day=15).near((0.0, -40.0))))[-1]
    assert (over.evidence["expected"], over.place and over.place.zone) == ("elsewhere", "far")
    assert over.summary.endswith("reached Far, where she was not expected")


@pytest.mark.parametrize(("clock", "told"), [("11:59", []), ("12:00", [("amended", "caution")])])
def test_when_the_last_window_is_over_and_she_is_not_heard_she_is_overdue_and_it_is_said_once(
    clock: str, told: list[tuple[str, str]]
) -> None:
    watch = flashed()
    assert what(watch.until(clock, day=3)) == told
    if told:
        overdue = watches(watch.told)[-1]
        assert overdue.evidence["overdue_at"] == "2024-02-06T12:00:00Z"
        assert overdue.summary.startswith("ANGARA is overdue: not heard since 2024-02-03T10:00:00Z")
        assert watches(watch.until("12:00", day=9)) == []
        terms = terms_of(Versions("zones", "rules", ""), watch.contents)
        assert wakes_at(watch.engine.memory("imo-9179842"), watch.engine.world, terms, RULES) is None


def test_of_several_windows_the_last_one_counts() -> None:
    near = replace(haven, id="near", name="Near", shape=Circle(*east_of(HAVEN, 60), 3.0))
    watch = flashed(zones=(haven, near))
    assert what(watch.until("11:59", day=3)) == []
    assert what(watch.until("12:00", day=3)) == [("amended", "caution")]


def test_what_nobody_listened_to_does_not_count() -> None:
    watch = flashed()
    watch.until("09:00", Outage("coast", time("12:00"), time("14:00")), day=1)
    assert what(watch.until("13:59", day=3)) == [], "the window is over, but she may be there"
    assert what(watch.until("14:00", day=3)) == [("amended", "caution")]


def test_while_an_outage_lasts_nobody_is_overdue() -> None:
    watch = flashed()
    watch.until("09:00", Outage("coast", time("12:00"), None), day=1)
    assert what(watch.until("23:00", day=5)) == []


@pytest.mark.parametrize(("hours", "told"), [(5.9, []), (6.0, [("closed", "info")])])
def test_who_stays_in_sight_is_awaited_no_longer(hours: float, told: list[tuple[str, str]]) -> None:
    watch = flashed()
    for n in range(1, round(hours * 10)):
        watch.follows(angara._with(at=time("10:00") + n * 6 * MINUTE).near(FAR_OFF))
    last = angara._with(at=time("10:00") + round(hours * HOUR)).near(FAR_OFF)
    assert what(watch.follows(last)) == told
    if told:
        assert watches(watch.told)[-1].summary.endswith("is in sight again, before she came to a flagged port")
    assert len(watches(watch.until("12:00", day=3))) == (0 if told else 1)


@pytest.mark.parametrize(("minute", "told"), [(60, []), (61, [("closed", "info")])])
def test_who_is_heard_after_the_last_window_is_not_overdue(minute: int, told: list[tuple[str, str]]) -> None:
    """Three miles off the port, and no waiting: an hour at 3 kn."""
    off = east_of(HAVEN, HAVEN_NM + 3)
    watch = Watch((haven,), replace(TIMER, arrival_wait_h=0), waters=(off,))
    watch.hears(angara.at("08:00").near(off))
    watch.until("09:55")
    lit = angara.at("10:00").near(off)
    watch.hears(*(lit.at(f"10:{at}") for at in ("00", "20", "40")))
    assert what(watch.hears(lit._with(at=lit.heard.at + minute * MINUTE))) == told
    assert what(watch.until("11:15")) == ([] if told else [("amended", "caution")])


def test_lit_up_again_elsewhere_she_is_awaited_anew_by_the_same_alert() -> None:
    watch = flashed()
    nearer = east_of(HAVEN, HAVEN_NM + 30)
    watch.until("10:00", day=1)
    (amended,) = watches(watch.hears(angara.at("10:00", day=1).near(nearer)))
    assert (amended.event, amended.id) == ("amended", watches(watch.told)[0].id)
    assert window(amended) == ("2024-02-04T12:00:00Z", "2024-02-05T20:00:00Z")
    assert what(watch.until("19:59", day=2)) == []
    assert what(watch.until("20:00", day=2)) == [("amended", "caution")]


def test_a_first_report_without_a_position_waits_for_one() -> None:
    watch = Watch((haven,), waters=(FAR_OFF,))
    watch.hears(angara.at("08:00").near(FAR_OFF))
    watch.until("09:55")
    told = watch.hears(angara.at("10:00").without_position())
    assert ("lit_up", "opened") in [(alert.rule, str(alert.event)) for alert in told]
    assert watches(told) == []
    (armed,) = watches(watch.hears(angara.at("10:01").near(FAR_OFF)))
    assert (armed.happened_at, window(armed)[0]) == (time("10:00"), "2024-02-03T20:01:00Z")


def test_inside_a_port_nobody_is_awaited_nor_one_too_far_from_all() -> None:
    watch = Watch((haven,), waters=(HAVEN,))
    watch.hears(angara.at("08:00").near(HAVEN).moored(0.0))
    watch.until("10:00")
    told = watch.hears(angara.at("10:00").near(east_of(HAVEN, 1.1)).moored(0.0))
    assert [alert.evidence["ports"] for alert in told if alert.rule == "lit_up"] == [[]]
    assert watches(watch.told) == []
    antipodes = replace(haven, shape=Circle(0.0, -105.0, 3.0))
    assert watches(flashed(zones=(antipodes,)).told) == []


def test_only_the_nearest_ports_are_watched() -> None:
    many = [replace(haven, id=f"p{n:02}", shape=Circle(*east_of(HAVEN, -10 * n), 1.0)) for n in range(NEAREST + 3)]
    (armed,) = watches(flashed(zones=many).told)
    assert [row["zone"] for row in armed.evidence["ports"]] == [f"p{n:02}" for n in range(NEAREST)]
    assert armed.summary.endswith(" and 9 more")


def test_the_nearest_are_so_by_the_way_that_is_sailed() -> None:
    many = [replace(haven, id=f"p{n:02}", shape=Circle(*east_of(HAVEN, -10 * n), 1.0)) for n in range(NEAREST + 3)]
    watch = Watch(many, waters=(FAR_OFF,), seas={"p00": WIDE})
    watch.hears(angara.at("08:00").near(FAR_OFF))
    watch.until("09:55")
    (armed,) = watches(watch.hears(angara.at("10:00").near(FAR_OFF)))
    assert [row["zone"] for row in armed.evidence["ports"]] == [f"p{n:02}" for n in range(1, NEAREST + 1)]


def test_a_port_drawn_as_a_polygon_is_no_further_than_its_border() -> None:
    lat, lon = HAVEN
    square = Polygon(tuple((lat + a / 10, lon + b / 10) for a, b in ((1, 1), (1, -1), (-1, -1), (-1, 1), (1, 1))))
    (armed,) = watches(flashed(zones=[replace(haven, shape=square)]).told)
    assert 153 - 6 * 2**0.5 - 0.1 <= armed.evidence["ports"][0]["distance_nm"] <= 147


def test_a_port_that_is_no_longer_flagged_is_watched_no_more() -> None:
    watch = flashed()
    watch.contents["fewer"] = ZoneIndex.of([shoal])
    fewer = Versions("fewer", "rules", "")
    record = IntervalClosed(Origin("clock-log", watch.offset + 100, 0), time("11:00"), versions=fewer)
    assert [alert.event for alert in watches(watch.takes(record))] == ["retracted"]


def test_a_late_report_that_shows_that_she_was_not_dark_takes_it_back() -> None:
    watch = Watch((haven,), waters=(FAR_OFF,), late=(LateTick("sky", time("08:00"), 4 * HOUR),))
    watch.hears(angara.at("08:00").near(FAR_OFF))
    watch.until("09:55")
    watch.hears(angara.at("10:00").near(FAR_OFF))
    assert what(watch.told) == [("opened", "info")]
    between = [angara.at(at).near(FAR_OFF).by("sky").received("10:30") for at in ("08:25", "08:50", "09:15", "09:40")]
    assert [event for event, _ in what(watch.hears(*between))] == ["retracted"]


def test_a_memory_with_armed_watches_stays_small() -> None:
    many = [replace(haven, id=f"p{n:02}", shape=Circle(*east_of(HAVEN, -10 * n), 1.0)) for n in range(NEAREST + 3)]
    watch = flashed(zones=many)
    watch.until("12:00", day=2)
    assert len(pack(watch.engine.memory("imo-9179842"))) < 5_000


# in the dark


def dark(
    hours: float, nm: float = 0.0, zones: Iterable[Zone] = (haven, shoal), start: Fix | None = None
) -> list[Alert]:
    """Silent so long, beginning 15 nm off Haven's border, and so much further off at its end."""
    begin = start or east_of(HAVEN, HAVEN_NM + 15)
    watch = Watch(tuple(zones), waters=(begin,))
    watch.hears(angara.at("08:00").near(begin))
    watch.until("08:00", day=3)
    back = angara._with(at=time("08:00") + round(hours * HOUR)).near(east_of(begin, nm))
    return [alert for alert in watch.hears(back) if alert.rule == "unseen_call"]


@pytest.mark.parametrize(("hours", "count"), [(4.95, 0), (5.01, 1)])
def test_there_and_back_and_three_hours_there(hours: float, count: int) -> None:
    """An hour each way at 15 kn."""
    told = dark(hours)
    assert [(alert.event, alert.severity) for alert in told] == [("opened", Severity.CAUTION)] * count
    if told:
        assert window(told[0])[0] == "2024-02-03T09:00:00Z"
        assert told[0].happened_at == time("08:00")
        assert told[0].summary.startswith("ANGARA can have called unseen at Haven (from 2024-02-03T09:00:00Z to ")


@pytest.mark.parametrize(("hours", "count"), [(10.9, 0), (11.1, 1)])
def test_the_way_from_there_counts(hours: float, count: int) -> None:
    """An hour to it and seven from it."""
    assert len(dark(hours, 90)) == count


@pytest.mark.parametrize(
    ("flag", "severity"), [("info", "info"), ("caution", "caution"), ("warning", "caution"), ("critical", "caution")]
)
def test_what_nobody_saw_is_no_graver_than_caution(flag: str, severity: str) -> None:
    (told,) = dark(8, zones=(replace(haven, flag=flag),))
    assert told.severity == severity


def test_a_port_in_which_she_was_seen_is_no_unseen_call_nor_one_in_which_she_is_seen_now() -> None:
    assert dark(12, 20, start=HAVEN) == []
    assert dark(12, -18) == []


def test_of_a_ship_that_lay_still_it_is_information() -> None:
    watch = Watch((haven,), waters=(OPEN_SEA, east_of(HAVEN, 18)))
    watch.hears(*(angara.at(f"07:{n:02}").near(east_of(HAVEN, 18)).moving(0.1) for n in range(40, 60, 3)))
    watch.until("20:00")
    told = watch.hears(angara.at("20:00").near(east_of(HAVEN, 18)).moving(0.1))
    assert [alert.severity for alert in told if alert.rule == "unseen_call"] == [Severity.INFO]


def test_who_was_only_out_of_cover_may_have_called_anywhere_and_nothing_is_said() -> None:
    watch = Watch((haven,), waters=())
    watch.hears(angara.at("08:00").near(east_of(HAVEN, 18)))
    watch.until("20:00")
    told = watch.hears(angara.at("20:00").near(east_of(HAVEN, 18)))
    assert ("lost_coverage", "closed") in [(alert.rule, str(alert.event)) for alert in told]
    assert "unseen_call" not in {alert.rule for alert in told}
