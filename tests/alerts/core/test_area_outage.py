"""Area outages: how many ships, how near, how soon, of how many; what explains them; what they explain."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.alert import Alert
from alerts.core.area_outage import Air, Closing, Out, closed, with_fallen, with_outs
from alerts.core.cells import cell_of
from alerts.core.cover import CellSum
from alerts.core.fallen import AreaOutage, Fallen, explaining
from alerts.core.frozen import replace
from alerts.core.geo import Fix, destination
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant, interval_end
from alerts.core.intervals import CoverRun
from tests.fleet import time

BEGIN, AT = time("08:00"), time("09:00")
HERE = (41.05, 135.0)
ROW, COLUMN = 0.1, 360 / round(3_600 * 0.7541)
"""Degrees from one cell to the next."""


def fell(mmsi: int, second: float = 0, there: Fix = HERE, hull: str = "") -> Fallen:
    """So long after nine; known when ten minutes have passed."""
    at = AT + round(second * SECOND)
    return Fallen(interval_end(at + 10 * MINUTE + 1), mmsi, at, there, False, hull)


def back(mmsi: int, minute: float) -> Fallen:
    at = AT + round(minute * MINUTE)
    return Fallen(interval_end(at), mmsi, at, HERE, True)


def on_the_air(heard: int, quiet: Sequence[tuple[Instant, Instant]] = (), left: int = 0) -> tuple[CoverRun, ...]:
    """So many ships under way are heard here for hours; in these spans only few reports are left of all."""
    usual, few = (CellSum(heard, heard, heard, reports, some=(7, 9)) for reports in (6, left))
    runs, ends = [], range(BEGIN + MINUTE, BEGIN + 4 * HOUR, MINUTE)
    for end in ends:
        is_quiet = any(begin < end <= until for begin, until in quiet)
        runs.append(CoverRun(end, end, 10.0, {cell_of(*HERE): few if is_quiet else usual}))
    return tuple(runs)


NINE = on_the_air(9)


def told(
    *ships: Fallen,
    covers: tuple[CoverRun, ...] = NINE,
    feeds_out: tuple[Instant, ...] = (),
    outs: tuple[Out, ...] = (),
    until_min: int = 200,
) -> list[Alert]:
    """The clock closes minute after minute; a station is known to be out when it is found."""
    air, alerts = with_fallen(Air(), ships), list[Alert]()
    for minute in range(until_min):
        clock, end = BEGIN + minute * MINUTE, BEGIN + (minute + 1) * MINUTE
        air = with_outs(air, (out for out in outs if out.known == end), clock)
        now = tuple(run for run in covers if run.first == end)
        air, _, said = closed(air, clock, end, Closing(now, sorted(since for since in feeds_out if since < end)))
        alerts += said
    return alerts


def words(alerts: list[Alert]) -> list[tuple[str, int]]:
    return [(str(alert.event), alert.evidence["ships"]) for alert in alerts]


FIVE = [fell(mmsi) for mmsi in range(1, 6)]
OPENED, GONE = ("opened", 5), ("closed", 5)


def test_five_ships_are_enough_and_it_is_over_when_nothing_is_known_of_them() -> None:
    opened, over = told(*FIVE)
    assert words([opened, over]) == [OPENED, GONE]
    assert opened.id == "area_outage.4103N13500E.20240203T090000Z"
    assert (opened.happened_at, opened.known_at) == (AT, time("09:11"))
    assert opened.summary == (
        "5 of 14 ships under way near 41.05, 135.00 fell silent together at 2024-02-03T09:00:00Z: one cause, not 5"
    )
    assert (opened.evidence["under_way"], opened.evidence["ships_heard"]) == (14, [7, 9])
    assert over.summary.endswith("fell silent together; after 1 h 01 min 0 are heard again, and of 5 nothing is known")


def test_four_are_not() -> None:
    assert told(*FIVE[:4]) == []


@pytest.mark.parametrize(("heard", "says"), [(10, [OPENED, GONE]), (11, [])])
def test_they_are_a_third_of_those_under_way(heard: int, says: list[tuple[str, int]]) -> None:
    assert words(told(*FIVE, covers=on_the_air(heard))) == says


@pytest.mark.parametrize(("second", "says"), [(120, [OPENED, GONE]), (121, [])])
def test_they_fell_silent_within_two_minutes_of_one_of_them(second: int, says: list[tuple[str, int]]) -> None:
    assert words(told(*FIVE[:4], fell(5, second))) == says


@pytest.mark.parametrize(("cells", "says"), [(2, [OPENED, GONE]), (3, [])])
def test_they_were_within_two_cells_of_one_of_them(cells: int, says: list[tuple[str, int]]) -> None:
    beside = [(HERE[0] + cells * ROW, HERE[1]), (HERE[0], HERE[1] + cells * COLUMN)]
    for there in beside:
        assert words(told(*FIVE[:4], fell(5, there=there))) == says


def test_over_the_antimeridian_they_are_as_near() -> None:
    east, west = (41.05, 179.99), (41.05, -179.99)
    ships = [fell(mmsi, there=east if mmsi % 2 else west) for mmsi in range(1, 6)]
    assert words(told(*ships)) == [OPENED, GONE]


def test_one_cause_is_one_alert_however_wide_it_is() -> None:
    """Each two cells from the next: others join those who are enough."""
    chain = [fell(mmsi, 100, there=(HERE[0] + (mmsi - 6) * 2 * ROW, HERE[1])) for mmsi in range(7, 10)]
    assert words(told(*FIVE, *chain)) == [OPENED, ("closed", 8)]
    apart = [fell(mmsi, there=(HERE[0] + 17 * ROW, HERE[1])) for mmsi in range(11, 16)]
    opened, _ = told(*FIVE, *apart)
    assert opened.summary.startswith("10 of 19 ships under way near 41.05, 135.00 and elsewhere fell silent")
    assert words(told(*FIVE, *apart[1:])) == [OPENED, GONE]
    later = [fell(ship.mmsi, 121, ship.there) for ship in apart]
    assert words(told(*FIVE, *later)) == [OPENED, OPENED, GONE, GONE]


@pytest.mark.parametrize(("nm", "second", "ships"), [(99, 60, 6), (101, 60, 5), (99, 61, 5)])
def test_who_fell_silent_in_that_very_minute_some_way_off_is_one_of_them(nm: int, second: int, ships: int) -> None:
    alone = fell(6, second, destination(HERE, 0, nm))
    assert words(told(*FIVE, alone))[-1] == ("closed", ships)


def test_a_watched_hull_is_named_and_otherwise_it_is_amended_when_twice_as_many_are_silent() -> None:
    hers = fell(7, 100, hull="imo-9179842")
    opened, amended, _ = told(*FIVE, hers)
    assert words([opened, amended]) == [OPENED, ("amended", 6)]
    assert amended.evidence["hulls"] == ["imo-9179842"]
    assert amended.summary.endswith("one cause, not 6; watched among them: imo-9179842")
    more = [fell(mmsi, 100) for mmsi in range(7, 13)]
    assert words(told(*FIVE, *more[:4])) == [OPENED, ("closed", 9)]
    assert words(told(*FIVE, *more[:5])) == [OPENED, ("amended", 10), ("closed", 10)]


@pytest.mark.parametrize(("returned", "minute"), [(2, 61), (3, 40)])
def test_it_is_over_when_more_than_half_are_heard_again(returned: int, minute: int) -> None:
    _, over = told(*FIVE, *(back(mmsi, 39.5) for mmsi in range(1, returned + 1)))
    assert over.known_at == AT + minute * MINUTE
    assert over.evidence["heard_again"] == returned


def test_who_came_back_before_the_others_were_missed_is_none_of_them() -> None:
    ships = [fell(mmsi, 20 * mmsi) for mmsi in range(1, 6)]
    assert words(told(*ships)) == [OPENED, GONE]
    assert told(*ships, back(1, 11.5)) == []


# what explains it


@pytest.mark.parametrize(
    ("since_s", "says"), [(-301, [OPENED, GONE]), (-300, []), (0, []), (659, []), (660, [OPENED, GONE])]
)
def test_a_feed_that_is_out_since_then_explains_it(since_s: int, says: list[tuple[str, int]]) -> None:
    assert words(told(*FIVE, feeds_out=(AT + since_s * SECOND,))) == says


@pytest.mark.parametrize(
    ("since_min", "ships", "says"),
    [(-6, 5, [OPENED, GONE]), (-5, 5, []), (5, 5, []), (6, 5, [OPENED, GONE]), (0, 4, [OPENED, GONE])],
)
def test_so_does_a_station_that_heard_as_many(since_min: int, ships: int, says: list[tuple[str, int]]) -> None:
    since = AT + since_min * MINUTE
    assert words(told(*FIVE, outs=(Out(AT + 7 * MINUTE, "coast", "hill", since, ships),))) == says


def test_whom_a_station_explains_are_not_counted_with_those_elsewhere() -> None:
    apart = [fell(mmsi, there=(HERE[0] + 17 * ROW, HERE[1])) for mmsi in range(11, 16)]
    out = Out(AT + 7 * MINUTE, "coast", "hill", AT, 6)
    assert words(told(*FIVE, fell(6), fell(7), *apart, outs=(out,))) == [("opened", 7), ("closed", 7)]


def test_it_is_withdrawn_when_that_becomes_known_only_later() -> None:
    late = Out(AT + 40 * MINUTE, "coast", "hill", AT, 5)
    opened, withdrawn = told(*FIVE, outs=(late,))
    assert words([opened, withdrawn]) == [OPENED, ("retracted", 5)]
    assert withdrawn.known_at == AT + 40 * MINUTE
    assert words(told(*FIVE, outs=(late._replace(ships=4),))) == [OPENED, GONE]


@pytest.mark.parametrize(
    ("minutes", "left", "says"), [(4, 0, [OPENED, GONE]), (5, 0, []), (5, 1, []), (5, 2, [OPENED, GONE])]
)
def test_nobody_fell_silent_while_the_feed_faltered(minutes: int, left: int, says: list[tuple[str, int]]) -> None:
    """With a third of the reports of six it goes on."""
    for begin in (AT, AT + 4 * MINUTE):
        quiet = on_the_air(9, [(begin, begin + minutes * MINUTE)], left)
        assert words(told(*FIVE, covers=quiet)) == says


# what it explains

OVER = AreaOutage("area", AT, time("09:40"), ((cell_of(*HERE), time("09:11")),))


@pytest.mark.parametrize(
    ("second", "cells", "explained"),
    [(-121, 0, False), (-120, 0, True), (120, 2, True), (121, 0, False), (0, 3, False)],
)
def test_a_silence_is_explained_by_where_and_when_it_began(second: int, cells: int, explained: bool) -> None:
    found = explaining((OVER,), AT + second * SECOND, (HERE[0] + cells * ROW, HERE[1]))
    assert found == ((OVER, time("09:11")) if explained else None)
    assert explaining((replace(OVER, until=AT),), AT + second * SECOND, HERE) is None


def test_the_engines_are_told_where_from_when_and_what_was_withdrawn() -> None:
    there = (HERE[0] + 2 * ROW, HERE[1])
    outs = (Out(AT + 14 * MINUTE, "coast", "hill", AT, 9),)
    air = with_outs(with_fallen(Air(), (*FIVE, fell(7, 100, there))), outs, AT)
    air, areas, alerts = closed(air, BEGIN, AT + 20 * MINUTE, Closing(NINE, ()))
    hers = tuple(sorted([(cell_of(*HERE), time("09:11")), (cell_of(*there), time("09:12"))]))
    assert areas == (
        AreaOutage(alerts[0].id, AT, None, hers[:1]),
        AreaOutage(alerts[0].id, AT, None, hers),
        AreaOutage(alerts[0].id, AT, AT, hers),
    )
    assert air.blackouts == ()


def random_ships(dice: Random) -> list[Fallen]:
    """Ships that fall silent in two minutes of an hour, in one of three places, and some of them come back."""
    places = [HERE, (41.05, 135.3), (42.0, 135.0)]
    ships = []
    for mmsi in range(1, 30):
        second = dice.choice([0, 1_200]) + dice.randrange(0, 240)
        ships.append(fell(mmsi, second, dice.choice(places), dice.choice(["", f"mmsi-{mmsi}"])))
        if dice.random() < 0.6:
            ships.append(back(mmsi, second / 60 + dice.uniform(12, 60)))
    return ships


@given(st.integers(0, 10**9).map(Random))
def test_neither_the_order_nor_the_cuts_nor_a_restart_change_what_is_told(dice: Random) -> None:
    ships = random_ships(dice)
    outs = tuple(Out(AT + 60 * n * SECOND, "coast", "hill", AT, n) for n in (dice.randrange(5, 40),))
    expected = told(*ships, outs=outs)
    dice.shuffle(ships)
    ends = [*sorted(dice.sample(range(1, 200), 7)), 200]
    air, alerts, clock = Air(), list[Alert](), 0
    for end in ends:
        air = msgspec.msgpack.Decoder(Air).decode(msgspec.msgpack.encode(air))
        for one in ships:  # a partition may be ahead of the clock
            if clock < (one.known - BEGIN) / MINUTE <= end + 5 and one not in air.unjudged:
                air = with_fallen(air, (one,))
        air = with_outs(
            air, (out for out in outs if clock < (out.known - BEGIN) / MINUTE <= end), BEGIN + clock * MINUTE
        )
        covers = tuple(run for run in NINE if clock < (run.first - BEGIN) / MINUTE <= end)
        air, _, said = closed(air, BEGIN + clock * MINUTE, BEGIN + end * MINUTE, Closing(covers, ()))
        alerts, clock = [*alerts, *said], end
    assert alerts == expected


def test_where_nobody_falls_silent_nothing_is_said() -> None:
    assert told(covers=on_the_air(9)) == []
    air, areas, alerts = closed(Air(), BEGIN, BEGIN + HOUR, Closing((), ()))
    assert (air, areas, alerts) == (Air(seen_to=BEGIN + HOUR), (), ())
