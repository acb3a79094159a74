"""Deliveries of a year of trade whose answer is known, and of single stretches."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from alerts.core.geo import Fix, distance_nm
from alerts.core.instants import DAY, HOUR, MINUTE
from alerts.core.intervals import IntervalClosed, Versions
from alerts.core.reports import Origin
from alerts.core.zones import Circle, Zone
from alerts.voyages.deliveries import Deliveries, Pattern, count
from alerts.voyages.timeline import Call, Gap, Timeline, timeline
from streams.memories import pack
from tests.fleet import ANGARA, HAVEN, Watch, haven, ship, time

MARKET: Fix = (0.0, 102.0)
market = Zone("market", "Market", "port", Circle(*MARKET, 3.0), 0.6, (), "caution", "made up", 0.0)
PORTS = {"haven": HAVEN, "market": MARKET}
PATTERN = Pattern("trade", ("haven",), ("market",), within_days=2, speed_kn=14)
LEG_NM = distance_nm(HAVEN, MARKET)
PORT_H, SEA_H = 30, 10
CYCLE_H = 2 * (PORT_H + SEA_H)
STEP_MS = 20 * MINUTE


# a year


def where(at_h: float) -> tuple[Fix, float]:
    """Position and speed after so many hours: load, out, discharge, back, and again."""
    t = at_h % CYCLE_H
    if t < PORT_H:
        return HAVEN, 0.0
    if t < PORT_H + SEA_H:
        return (0.0, 100 + 2 * (t - PORT_H) / SEA_H), 12.0
    if t < 2 * PORT_H + SEA_H:
        return MARKET, 0.0
    return (0.0, 102 - 2 * (t - 2 * PORT_H - SEA_H) / SEA_H), 12.0


def traded(cycles: int, dice: random.Random) -> tuple[Watch, Counter[str]]:
    """What an engine makes of it, and how many deliveries showed both ends, one, or none.

    Of each stay her transponder is on or off, and with it two hours of the legs before and after.
    """
    on = {(n, phase): dice.random() < 0.6 for n in range(cycles + 1) for phase in ("load", "discharge")}
    on |= dict.fromkeys([*product((0, 1), ("load", "discharge")), (cycles, "load")], True)
    truth = Counter(("none", "one", "both")[on[n, "load"] + on[n, "discharge"]] for n in range(cycles))
    watch, begin = Watch(zones=(haven, market)), time("00:00")
    for at in range(begin, begin + (cycles * CYCLE_H + PORT_H) * HOUR, STEP_MS):
        if on.get(stay((at - begin) / HOUR), True):
            fix, speed_kn = where((at - begin) / HOUR)
            said = ship(ANGARA.mmsi or 0).near(fix).moving(speed_kn)
            watch.hears(replace(said, heard=said.heard._replace(at=at)))
        if at % (6 * HOUR) == 0:
            versions = Versions("zones", "rules", "")
            watch.takes(IntervalClosed(Origin("clock-log", watch.offset + 1, 0), at, versions=versions))
    return watch, truth


def stay(at_h: float) -> tuple[int, str]:
    """The stay that decides whether she is heard after so many hours; in the middle of a leg none does."""
    n, t = divmod(at_h, CYCLE_H)
    if t < PORT_H + 2:
        return int(n), "load"
    if PORT_H + SEA_H - 2 <= t < 2 * PORT_H + SEA_H + 2:
        return int(n), "discharge"
    return (int(n) + 1, "load") if t >= CYCLE_H - 2 else (int(n), "at sea")


@cache
def traded_for(cycles: int, seed: int) -> tuple[Watch, Counter[str]]:
    return traded(cycles, random.Random(seed))


YEAR = 365 * 24 // CYCLE_H


@pytest.mark.parametrize(("cycles", "seed"), [(YEAR, 0), (25, 1), (25, 2)])
def test_trade_is_counted_as_it_was(cycles: int, seed: int) -> None:
    watch, truth = traded_for(cycles, seed)
    found = count(PATTERN, timeline(watch.told, ANGARA.id), PORTS)
    assert (found.both, found.one, found.inferred) == (truth["both"], truth["one"], truth["none"])
    assert found.least == truth["both"] + truth["one"]
    assert found.most >= cycles


def test_a_year_of_trade_stays_within_a_memory() -> None:
    watch, _ = traded_for(YEAR, 0)
    assert len(pack(watch.engine.memory(ANGARA.id))) < 16_000


# single stretches


def at(day: float) -> int:
    return time("00:00") + round(day * DAY)


def call(zone: str, since: float, until: float) -> Call:
    return Call(zone, zone.title(), at(since), at(until), left=True, shown_by=("port_call",))


def gap(since: float, until: float | None, before: Fix = HAVEN, after: Fix = HAVEN) -> Gap:
    return Gap(at(since), None if until is None else at(until), before, after)


def counted(*calls: Call, gaps: tuple[Gap, ...] = (), told_until: float = 30) -> Deliveries:
    return count(PATTERN, Timeline((), (), calls, gaps, at(told_until)), PORTS)


OUT_AND_BACK_DAYS = (2 * LEG_NM / 14 + 12) / 24
"""The shortest in which she can have been at Market and come back."""


def test_both_ends_observed() -> None:
    assert counted(call("haven", 0, 1), call("market", 2, 3)) == Deliveries(both=1, most=1)


@pytest.mark.parametrize(("after", "both"), [(2.0, 1), (2.01, 0)])
def test_a_delivery_takes_no_longer_than_it_may(after: float, both: int) -> None:
    assert counted(call("haven", 0, 1), call("market", 1 + after, 9)).both == both


def test_a_call_at_a_port_of_no_interest_changes_nothing() -> None:
    assert counted(call("haven", 0, 1), call("elsewhere", 1.2, 1.3), call("market", 2, 3)).both == 1


@pytest.mark.parametrize(("days", "one"), [(OUT_AND_BACK_DAYS + 0.01, 1), (OUT_AND_BACK_DAYS - 0.01, 0)])
def test_the_other_end_must_have_been_within_reach(days: float, one: int) -> None:
    found = counted(call("haven", 0, 1), call("haven", 4, 5), gaps=(gap(1.2, 1.2 + days),))
    assert (found.one, found.most) == (one, one)


def test_without_a_gap_nothing_is_unseen() -> None:
    assert counted(call("market", 0, 1), call("market", 9, 10)) == Deliveries()


def test_a_gap_that_begins_too_late_for_the_cargo_is_only_possible() -> None:
    found = counted(call("haven", 0, 1), call("haven", 20, 21), gaps=(gap(9, 15),))
    assert (found.one, found.least) == (0, 0)
    assert found.most > 0


def test_who_is_still_dark_has_delivered_perhaps() -> None:
    found = counted(call("haven", 0, 1), gaps=(gap(1, None),), told_until=4)
    assert found == Deliveries(most=2)


def test_a_silence_within_one_stay_may_hide_a_round_trip() -> None:
    assert counted(call("haven", 0, 9), gaps=(gap(2, 5),)) == Deliveries(most=1)


def test_in_words() -> None:
    told = str(Deliveries(both=4, one=5, inferred=2, most=14))
    assert told == "11: 4 observed at both ends, 5 at one, 2 inferred; possible 9 to 14"
    assert str(Deliveries(both=1, most=1)) == "1: 1 observed at both ends, 0 at one, 0 inferred"
