"""GNSS interference: how many ships, how near, how soon, and what is only a return."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.alert import Alert
from alerts.core.geo import Fix, destination
from alerts.core.instants import DAY, HOUR, MINUTE, Instant
from alerts.core.interference import Sky, closed, explaining, with_jumps
from alerts.core.intervals import Interference, Jump
from tests.fleet import time

ROADS, AIRPORT = (44.26, 37.55), (44.58, 38.01)
BEGIN = time("08:00")


def jump(mmsi: int, minute: float = 1, there: Fix = AIRPORT, before: Fix = ROADS, hull: str = "") -> Jump:
    """Known at the end of the minute in which she is there."""
    moment = BEGIN + round(minute * MINUTE)
    return Jump(BEGIN + (int(minute) + 1) * MINUTE, mmsi, moment, there, before, hull)


def heard(*jumps: Jump, until_min: int = 60) -> list[Alert]:
    """The clock closes minute after minute."""
    sky, told = with_jumps(Sky(), jumps), list[Alert]()
    for minute in range(until_min):
        sky, _, alerts = closed(sky, BEGIN + minute * MINUTE, BEGIN + (minute + 1) * MINUTE)
        told += alerts
    return told


def words(alerts: list[Alert]) -> list[tuple[str, int]]:
    """What happened, and how many ships were there."""
    return [(str(alert.event), alert.evidence["ships"]) for alert in alerts]


FIVE = [jump(mmsi) for mmsi in range(1, 6)]


@pytest.mark.parametrize(("ships", "told"), [(4, []), (5, [("opened", 5)])])
def test_five_ships_are_enough(ships: int, told: list[tuple[str, int]]) -> None:
    alerts = heard(*FIVE[:ships])
    assert words(alerts) == told
    for alert in alerts:
        assert alert.id == "gnss_interference.4435N03801E.20240203T080100Z"
        assert (alert.happened_at, alert.known_at) == (time("08:01"), time("08:02"))
        assert alert.summary == "5 ships jumped to one place, 44.58, 38.01, from up to 28 nm away: GNSS interference"
        assert (alert.hull, alert.position and alert.position.lat) == (None, 44.58)


def test_one_ship_however_often_is_one() -> None:
    assert heard(*(jump(1, minute) for minute in range(1, 9))) == []


@pytest.mark.parametrize(("nm", "told"), [(2.9, [("opened", 5)]), (3.1, [])])
def test_they_jump_within_three_miles_of_one_of_them(nm: float, told: list[tuple[str, int]]) -> None:
    beside = [jump(mmsi, there=destination(AIRPORT, 90 * mmsi, nm)) for mmsi in range(2, 6)]
    assert words(heard(jump(1), *beside)) == told


@pytest.mark.parametrize(("nm", "told"), [(2.9, []), (3.1, [("opened", 5)])])
def test_who_was_there_already_did_not_jump_there(nm: float, told: list[tuple[str, int]]) -> None:
    near = jump(5, before=destination(AIRPORT, 0, nm))
    assert words(heard(*FIVE[:4], near)) == told


@pytest.mark.parametrize(("minute", "told"), [(10, [("opened", 5)]), (11, [])])
def test_they_jump_within_ten_minutes(minute: int, told: list[tuple[str, int]]) -> None:
    assert words(heard(*FIVE[:4], jump(5, minute))) == told


def test_who_jumped_back_waits_for_nobody() -> None:
    back = [jump(mmsi, 2, ROADS, AIRPORT) for mmsi in range(1, 5)]
    assert heard(*FIVE[:4], *back, jump(5, 3), jump(6, 3)) == []


def test_a_watched_hull_is_named_and_otherwise_it_is_amended_when_twice_as_many_are_there() -> None:
    more = [jump(mmsi, mmsi, hull="imo-9179842" if mmsi == 7 else "") for mmsi in range(6, 12)]
    alerts = heard(*FIVE, *more)
    assert words(alerts) == [("opened", 5), ("amended", 7)]
    assert [alert.evidence["hulls"] for alert in alerts] == [[], ["imo-9179842"]]
    assert words(heard(*FIVE, *(jump(mmsi, mmsi) for mmsi in range(6, 16)))) == [("opened", 5), ("amended", 10)]


@pytest.mark.parametrize(("gone", "told"), [(2, []), (3, [("closed", 5)])])
def test_it_is_over_when_fewer_than_three_are_there(gone: int, told: list[tuple[str, int]]) -> None:
    back = [jump(mmsi, 40 + mmsi, ROADS, AIRPORT) for mmsi in range(1, gone + 1)]
    alerts = heard(*FIVE, *back)[1:]
    assert words(alerts) == told
    for alert in alerts:
        assert alert.evidence["until"] == "2024-02-03T08:43:00Z"
        assert alert.known_at == time("08:44")


def test_it_is_over_after_a_day_of_which_nobody_came_or_went() -> None:
    alerts = heard(*FIVE, jump(6, 30), until_min=24 * 60 + 32)
    assert words(alerts) == [("opened", 5), ("closed", 6)]
    assert alerts[1].known_at == time("08:30", day=1)


def test_a_fleet_that_returns_to_one_roads_is_no_second_one() -> None:
    """Nor are ships of which the jump there was not seen."""
    back = [jump(mmsi, 20, ROADS, AIRPORT) for mmsi in range(1, 20)]
    assert words(heard(*FIVE, *back)) == [("opened", 5), ("closed", 5)]


def test_two_airports_at_once_are_two() -> None:
    other = [jump(mmsi, there=(45.05, 33.98)) for mmsi in range(11, 17)]
    assert sorted(words(heard(*FIVE, *other))) == [("opened", 5), ("opened", 6)]


def test_over_the_antimeridian_and_south_they_are_as_near() -> None:
    jumps = [jump(mmsi, there=(-17.0, 180.0 - 0.01 * (mmsi % 2) if mmsi % 3 else -179.99)) for mmsi in range(1, 6)]
    (alert,) = heard(*jumps)
    assert alert.id.startswith("gnss_interference.1700S17")


def random_jumps(dice: Random) -> list[Jump]:
    """Ships that jump between three places and back."""
    places, jumps = [ROADS, AIRPORT, (45.05, 33.98)], list[Jump]()
    for mmsi in range(1, 12):
        place, minute = ROADS, 0.0
        while (minute := minute + dice.expovariate(0.1)) < 58:
            to = dice.choice(places)
            jumps.append(jump(mmsi, minute, to, place, dice.choice(["", f"mmsi-{mmsi}"])))
            place = to
    return jumps


@given(st.integers(0, 10**9).map(Random))
def test_neither_the_order_nor_the_cuts_nor_a_restart_change_what_is_told(dice: Random) -> None:
    jumps = random_jumps(dice)
    expected = heard(*jumps)
    dice.shuffle(jumps)
    ends = [*sorted(dice.sample(range(1, 60), 7)), 60]
    sky, told, clock = Sky(), list[Alert](), 0
    for end in ends:
        sky = msgspec.msgpack.Decoder(Sky).decode(msgspec.msgpack.encode(sky))
        for one in jumps:  # a partition may be ahead of the clock
            if clock < (one.known - BEGIN) / MINUTE <= end + 5 and one not in sky.unjudged:
                sky = with_jumps(sky, (one,))
        sky, _, alerts = closed(sky, BEGIN + clock * MINUTE, BEGIN + end * MINUTE)
        told, clock = [*told, *alerts], end
    assert told == expected


def test_what_does_not_jump_costs_nothing_and_says_nothing() -> None:
    sky = Sky()
    assert closed(sky, BEGIN, BEGIN + DAY) == (sky, (), ())


# what it explains

OVER = Interference("gnss", BEGIN, BEGIN + HOUR, AIRPORT)


@pytest.mark.parametrize(
    ("at", "before", "there", "explained"),
    [
        (BEGIN - 11 * MINUTE, ROADS, AIRPORT, False),
        (BEGIN - 9 * MINUTE, ROADS, AIRPORT, True),
        (BEGIN + 69 * MINUTE, ROADS, destination(AIRPORT, 0, 2.9), True),
        (BEGIN + 69 * MINUTE, ROADS, destination(AIRPORT, 0, 3.1), False),
        (BEGIN + 71 * MINUTE, ROADS, AIRPORT, False),
        (BEGIN + 71 * MINUTE, AIRPORT, ROADS, True),
    ],
)
def test_a_jump_is_explained_by_where_and_when(at: Instant, before: Fix, there: Fix, explained: bool) -> None:
    assert explaining((OVER,), before, there, at) == ("gnss" if explained else None)


def test_the_engines_are_told_when_it_begins_and_when_it_is_over() -> None:
    back = [jump(mmsi, 20, ROADS, AIRPORT) for mmsi in range(1, 4)]
    sky = with_jumps(Sky(), (*FIVE, *back))
    sky, begun, alerts = closed(sky, BEGIN, BEGIN + 5 * MINUTE)
    sky, over, _ = closed(sky, BEGIN + 5 * MINUTE, BEGIN + 30 * MINUTE)
    assert begun == (Interference(alerts[0].id, time("08:01"), None, AIRPORT),)
    assert over == (Interference(alerts[0].id, time("08:01"), time("08:20"), AIRPORT),)
    assert sky.spots == ()
