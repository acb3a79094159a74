"""Overdue at the far gate: when, who not, and what ends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from alerts.core.alert import Alert
from alerts.core.intervals import Outage
from alerts.core.zones import Circle, Zone
from tests.fleet import Ship, Watch, east_of, narrows, ship, time

angara = ship(273210440)
SLOW_NARROWS = replace(narrows, transit_h=4.0)
OUTSIDE, INSIDE = east_of((0.5, 120.0), -2), east_of((0.5, 120.0), 1)
IN_PORT = east_of((0.5, 120.0), 4)
quay = Zone("quay", "Quay", "port", Circle(*IN_PORT, 0.5), 0.1, (), "info", "made up", 0.0)


def watched(*ships: Ship, zones: Iterable[Zone] = (SLOW_NARROWS, quay)) -> Watch:
    """In by the west gate at 08:15 and silent, unless more is heard."""
    watch = Watch(zones)
    watch.hears(angara.at("08:00").near(OUTSIDE), angara.at("08:15").near(INSIDE), *ships)
    return watch


def strait(alerts: Iterable[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.rule == "strait"]


@pytest.mark.parametrize(("clock", "count"), [("12:14", 0), ("12:15", 1), ("20:00", 1)])
def test_overdue_when_a_transit_should_be_over_and_told_once(clock: str, count: int) -> None:
    watch = watched()
    told = strait(watch.until(clock))
    assert len(told) == count
    for alert in told:
        assert alert.place is not None
        assert (alert.event, alert.place.what, alert.happened_at) == ("amended", "overdue", time("08:15"))
        assert alert.evidence["due_at"] == "2024-02-03T12:15:00Z"
        assert alert.summary == "ANGARA is overdue in The Narrows, eastbound, expected out by 2024-02-03T12:15:00Z"
    assert strait(watch.until("23:00")) == [] or count == 0


def test_heard_inside_all_the_while_she_is_overdue_all_the_same() -> None:
    there = east_of(INSIDE, 0.5)
    watch = watched(*(angara.at(f"{hour:02}:{minute}").near(there) for hour in range(9, 12) for minute in (20, 50)))
    assert [alert.place.what for alert in strait(watch.until("12:15")) if alert.place] == ["overdue"]


def test_who_is_out_in_time_is_not_overdue_and_who_comes_late_is_out() -> None:
    out = angara.at("12:20").near(OUTSIDE).near(east_of((0.5, 120.0), -4))
    assert [alert.event for alert in strait(watched(out).until("12:15"))] == []
    late = watched()
    late.until("12:15")
    assert [(alert.event, alert.place and alert.place.what) for alert in strait(late.hears(out))] == [
        ("closed", "left")
    ]


@pytest.mark.parametrize(("speed_kn", "told"), [(0.4, []), (0.6, ["overdue"])])
def test_a_call_at_a_port_on_the_way_is_no_transit(speed_kn: float, told: list[str]) -> None:
    watch = watched(
        angara.at("08:30").near(IN_PORT).moving(speed_kn), angara.at("09:00").near(east_of(IN_PORT, 2)).moving(9)
    )
    assert [alert.place.what for alert in strait(watch.until("20:00")) if alert.place] == told


def test_who_is_bound_nowhere_or_where_nobody_said_how_long_it_takes_is_not_overdue() -> None:
    one_fix = Watch((SLOW_NARROWS,))
    one_fix.hears(angara.at("08:15").near(INSIDE))
    assert strait(one_fix.until("20:00")) == []
    assert strait(watched(zones=(narrows,)).until("20:00")) == []


def test_what_nobody_listened_to_does_not_count() -> None:
    watch = watched()
    assert strait(watch.until("12:30", Outage("coast", time("09:00"), time("10:00")))) == []
    assert strait(watch.until("13:14")) == []
    assert len(strait(watch.until("13:15"))) == 1


def test_a_direction_that_is_learned_late_makes_her_overdue_at_once() -> None:
    """First seen inside at 08:15 and silent; the second fix, five hours later, shows which way."""
    watch = Watch((SLOW_NARROWS,))
    watch.hears(angara.at("08:15").near(INSIDE))
    watch.until("13:10")
    told = strait(watch.hears(angara.at("13:15").near(east_of(INSIDE, 5))))
    assert [alert.place.what for alert in told if alert.place] == ["overdue"]
