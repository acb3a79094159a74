"""Positions that lie: what waits, what three that agree open, and two ships on one number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alerts.core.alert import Alert
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.intervals import Interference
from tests.fleet import ANGARA, SHOAL, SHOAL_NM, Ship, Watch, east_of, events, narrows, ship, time

angara = ship(273210440)
HERE = east_of(SHOAL, 300)
"""Far from every zone."""


def at_minute(minute: float, fix: Fix) -> Ship:
    return angara._with(at=time("08:00") + round(minute * 60_000)).near(fix)


def heard(*fixes: tuple[float, Fix]) -> list[Alert]:
    return Watch().follows(*(at_minute(minute, fix) for minute, fix in fixes))


def about(alerts: Sequence[Alert], *rules: str) -> list[tuple[str, str]]:
    return events(alert for alert in alerts if alert.rule in rules)


@pytest.mark.parametrize(("kn", "opened"), [(49.9, 1), (50.1, 0)])
def test_what_is_faster_than_fifty_knots_opens_nothing(kn: float, opened: int) -> None:
    """A quarter of an hour, and half a mile for the clocks."""
    inside = east_of(SHOAL, SHOAL_NM - 1)
    outside = east_of(SHOAL, SHOAL_NM - 1 + kn / 4 + 0.5)
    assert about(heard((0, outside), (15, inside)), "area") == [("area", "opened")] * opened


@pytest.mark.parametrize(("nm", "opened"), [(0.49, 1), (0.51, 0)])
def test_so_near_that_clocks_may_differ_a_fix_always_agrees(nm: float, opened: int) -> None:
    border = east_of(SHOAL, SHOAL_NM)
    alerts = heard((0, east_of(border, nm / 2)), (0.0001, east_of(border, -nm / 2)))
    assert about(alerts, "area") == [("area", "opened")] * opened


@pytest.mark.parametrize(("count", "told"), [(1, []), (2, []), (3, [("position_jump", "opened"), ("area", "opened")])])
def test_three_that_agree_with_each_other_open_a_visit_and_are_a_jump(count: int, told: list[tuple[str, str]]) -> None:
    inside = [(10 + n, east_of(SHOAL, n / 10)) for n in range(count)]
    alerts = heard((0, HERE), *inside)
    assert events(alerts) == told
    if told:
        jump, visit = alerts
        assert (jump.happened_at, visit.happened_at) == (time("08:10"), time("08:10"))
        assert jump.evidence["distance_nm"] == pytest.approx(300, abs=0.1)
        assert jump.evidence["implied_speed_kn"] == pytest.approx(1800, abs=1)
        assert visit.evidence["confirmed"] is True
        assert visit.evidence["seen_entering"] is False


@pytest.mark.parametrize(("apart_nm", "jumps"), [(1.3, 1), (1.4, 0)])
def test_three_that_disagree_with_each_other_open_nothing(apart_nm: float, jumps: int) -> None:
    """A minute at 50 kn is 0.83 nm, and half a mile for the clocks."""
    fixes = [(10 + n, east_of(SHOAL, n * apart_nm)) for n in range(3)]
    assert about(heard((0, HERE), *fixes), "position_jump") == [("position_jump", "opened")] * jumps


def test_one_fix_elsewhere_neither_ends_a_visit_nor_begins_one() -> None:
    alerts = heard((0, HERE), (1, HERE), (2, SHOAL), (3, HERE), (4, (0.5, 120.5)), (5, HERE))
    assert alerts == []
    inside = heard((0, SHOAL), (1, SHOAL), (2, HERE), (3, SHOAL))
    assert about(inside, "area") == [("area", "opened"), ("area", "amended")]


def test_no_strait_is_entered_or_crossed_by_a_jump() -> None:
    west, east = east_of((0.5, 120.0), -12), east_of((0.5, 121.0), 12)
    alerts = Watch((narrows,)).hears(at_minute(0, west), *(at_minute(30 + n, east) for n in range(3)))
    assert events(alerts) == [("position_jump", "opened")]


# many ships jump


def jumped(watch: Watch) -> list[Alert]:
    return watch.hears(at_minute(0, HERE), *(at_minute(10 + n, SHOAL) for n in range(3)))


def interference(watch: Watch, clock: str, place: Fix = SHOAL, until: str | None = None) -> list[Alert]:
    """The clock found that many ships jumped to a place at 08:10."""
    found = Interference("gnss", time("08:10"), until and time(until), place)
    return watch.takes(replace(watch.closing(clock), interference=(found,)))


def causes(alerts: Sequence[Alert]) -> list[tuple[str, str | None]]:
    return [(str(alert.event), alert.cause) for alert in alerts if alert.rule == "position_jump"]


@pytest.mark.parametrize(("clock", "found"), [("08:13", True), ("08:26", True), ("08:28", False)])
def test_a_jump_is_explained_that_was_told_a_quarter_of_an_hour_ago(clock: str, found: bool) -> None:
    """Her third fix is of 08:12; she is heard every minute on."""
    watch = Watch()
    assert causes(jumped(watch)) == [("opened", None)]
    for minute in range(13, int(clock[3:])):
        assert causes([*watch.until(f"08:{minute}"), *watch.hears(at_minute(minute + 0.5, SHOAL))]) == []
    assert causes(interference(watch, clock)) == [("amended", "gnss")] * found
    assert causes(watch.until("12:00")) == []


def test_a_jump_is_not_explained_by_another_place() -> None:
    watch = Watch()
    jumped(watch)
    assert causes(interference(watch, "08:14", east_of(SHOAL, 3.1))) == []


def test_what_is_known_explains_her_jump_there_and_back_at_once() -> None:
    watch = Watch()
    interference(watch, "08:11")
    assert causes(jumped(watch)) == [("opened", "gnss")]
    interference(watch, "08:45", until="08:40")
    back = watch.hears(*(at_minute(60 + n, HERE) for n in range(3)))
    assert causes(back) == [("opened", "gnss")]


def test_jumps_that_wait_do_not_fill_a_memory() -> None:
    """There and back every half minute, for an hour."""
    watch = Watch()
    for minute in range(60):
        places = [HERE] * 3 + [SHOAL] * 3
        watch.hears(*(at_minute(minute + n / 6, place) for n, place in enumerate(places)))
        watch.until(f"08:{minute:02}")
    memory = watch.engine.memory(ANGARA.id)
    assert sum(episode.rule == "position_jump" for episode in memory.episodes) <= 8


# two ships


def two_ships(minutes: int) -> list[tuple[float, Fix]]:
    return [(n, SHOAL if n % 2 else HERE) for n in range(minutes)]


@pytest.mark.parametrize(("minutes", "told"), [(5, []), (6, [("identity_conflict", "opened")])])
def test_two_tracks_that_both_go_on_are_two_ships(minutes: int, told: list[tuple[str, str]]) -> None:
    """The other ship is heard in minutes 1, 3 and 5."""
    alerts = heard(*two_ships(minutes))
    assert events(alerts) == told
    if told:
        assert alerts[0].happened_at == time("08:01")
        assert alerts[0].summary == "Two ships use the numbers of ANGARA"


def test_they_are_told_once_however_long_it_lasts_and_no_zone_is_entered() -> None:
    assert events(heard(*two_ships(600))) == [("identity_conflict", "opened")]


@pytest.mark.parametrize(("later_min", "told"), [(1440, []), (1440.1, [("identity_conflict", "closed")])])
def test_a_day_without_the_other_ship_ends_it(later_min: float, told: list[tuple[str, str]]) -> None:
    watch = Watch()
    watch.hears(*(at_minute(*row) for row in two_ships(6)))
    hourly = [at_minute(5 + later_min * n / 100, HERE) for n in range(1, 101)]
    assert about(watch.hears(*hourly), "identity_conflict") == told


@pytest.mark.parametrize(("later_min", "jumps"), [(1440, 0), (1440.1, 1)])
def test_the_other_track_becomes_hers_when_hers_has_ended_for_a_day(later_min: float, jumps: int) -> None:
    """Hers was last heard in minute 4."""
    watch = Watch()
    watch.hears(*(at_minute(*row) for row in two_ships(6)))
    alerts = watch.hears(*(at_minute(4 + later_min * n / 50, SHOAL) for n in range(1, 51)))
    assert about(alerts, "position_jump") == [("position_jump", "opened")] * jumps
    assert about(alerts, "identity_conflict") == [("identity_conflict", "closed")] * jumps
    assert about(alerts, "area") == [("area", "opened")] * jumps
