"""Deliveries of a year of trade whose answer is known, and of single stretches."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product

import pytest

from alerts.core.geo import Fix, distance_nm
from alerts.core.instants import DAY, HOUR, MINUTE
from alerts.core.zones import Circle, Zone
from alerts.voyages.deliveries import Deliveries, Pattern, count
from alerts.voyages.timeline import Call, Gap, Timeline, timeline
from streams.memories import pack
from tests.fleet import ANGARA, HAVEN, Ship, Watch, haven, ship, time

MARKET: Fix = (0.0, 102.0)
market = Zone("market", "Market", "port", Circle(*MARKET, 3.0), 0.6, (), "caution", "made up", 0.0)
DOZEN = [
    Zone(f"roads-{n}", f"Roads {n}", "port", Circle(1.0, 99.0 + n / 3, 3.0), 0.6, (), "info", "", 0.0)
    for n in range(12)
]
"""Ports of no interest, sixty miles and more from her way: within reach whenever she lights up."""
PORTS = {"haven": HAVEN, "market": MARKET}
SEA: tuple[Fix, ...] = (HAVEN, (0.0, 101.0), MARKET)
"""Ships are heard all along her way."""
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


def traded(cycles: int, dice: random.Random) -> tuple[Watch, Counter[str], int]:
    """What an engine makes of it; how many deliveries showed both ends, one, or none; and the largest memory.

    Of each stay her transponder is on or off, and with it two hours of the legs before and after.  She says what she
    carries and where she is bound.
    """
    on = {(n, phase): dice.random() < 0.6 for n in range(cycles + 1) for phase in ("load", "discharge")}
    on |= dict.fromkeys([*product((0, 1), ("load", "discharge")), (cycles, "load")], True)
    truth = Counter(("none", "one", "both")[on[n, "load"] + on[n, "discharge"]] for n in range(cycles))
    watch, begin, largest = Watch(zones=(haven, market, *DOZEN), waters=SEA), time("00:00"), 0
    for at in range(begin, begin + (cycles * CYCLE_H + PORT_H) * HOUR, STEP_MS):
        if on.get(stay((at - begin) / HOUR), True):
            watch.hears(*said((at - begin) / HOUR, at))
            largest = max(largest, kept(watch))
        if at % (6 * HOUR) == 0:
            day, hour = divmod((at - begin) // HOUR, 24)
            watch.until(f"{hour:02}:00", day=day)
            largest = max(largest, kept(watch))
    return watch, truth, largest


def said(at_h: float, at: int) -> Iterator[Ship]:
    """A position, and every hour what a crew types."""
    fix, speed_kn = where(at_h)
    her = ship(ANGARA.mmsi or 0)._with(at=at)
    yield her.near(fix).moving(speed_kn)
    if at % HOUR == 0:
        laden = PORT_H <= at_h % CYCLE_H < PORT_H + SEA_H
        yield her.says(7.0 if laden else 4.0, "ANGARA", call_sign="UBYT2", destination="MARKET" if laden else "HAVEN")


def kept(watch: Watch) -> int:
    return len(pack(watch.engine.memory(ANGARA.id)))


def stay(at_h: float) -> tuple[int, str]:
    """The stay that decides whether she is heard after so many hours; in the middle of a leg none does."""
    n, t = divmod(at_h, CYCLE_H)
    if t < PORT_H + 2:
        return int(n), "load"
    if PORT_H + SEA_H - 2 <= t < 2 * PORT_H + SEA_H + 2:
        return int(n), "discharge"
    return (int(n) + 1, "load") if t >= CYCLE_H - 2 else (int(n), "at sea")


@cache
def traded_for(cycles: int, seed: int) -> tuple[Watch, Counter[str], int]:
    return traded(cycles, random.Random(seed))


YEAR = 365 * 24 // CYCLE_H


@pytest.mark.parametrize(("cycles", "seed"), [(YEAR, 0), (25, 1), (25, 2)])
def test_trade_is_counted_as_it_was(cycles: int, seed: int) -> None:
    watch, truth, _ = traded_for(cycles, seed)
    found = count(PATTERN, timeline(watch.told, ANGARA.id), PORTS)
    assert (found.both, found.one, found.inferred) == (truth["both"], truth["one"], truth["none"])
    assert found.least == truth["both"] + truth["one"]
    assert found.most == cycles, "an unseen stay is 34 h: three calls at 14 kn take 57"


def test_a_year_of_trade_stays_within_a_memory() -> None:
    watch, _, largest = traded_for(YEAR, 0)
    assert {len(alert.evidence["ports"]) for alert in watch.told if alert.rule == "lit_up"} >= {12}
    assert kept(watch) <= largest < 16_000


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


@pytest.mark.parametrize("port", PORTS)
def test_of_cargo_that_is_too_old_no_delivery_is_possible(port: str) -> None:
    """Thirty hours are enough for one call at the other port, eight days after a stay and ten before the next."""
    unheard = gap(9, 9 + 30 / 24, PORTS[port], PORTS[port])
    assert counted(call(port, 0, 1), call(port, 20, 21), gaps=(unheard,)) == Deliveries()


def test_who_is_still_dark_has_delivered_perhaps() -> None:
    found = counted(call("haven", 0, 1), gaps=(gap(1, None),), told_until=4)
    assert found == Deliveries(most=2)


def test_a_silence_within_one_stay_may_hide_round_trips() -> None:
    """Three days: out, back, out again and back take 70 h 20 min at 14 kn, with twelve hours in each port."""
    assert counted(call("haven", 0, 9), gaps=(gap(2, 5),)) == Deliveries(most=2)


CALL_H = 12 + LEG_NM / 14
"""With the way to it."""


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    ("left", "reached", "unseen"),
    [("haven", "haven", -1), ("market", "market", -1), ("market", "haven", 0), ("haven", "market", -2)],
    ids=str,
)
def test_no_more_is_possible_than_fits_at_her_highest_speed(left: str, reached: str, unseen: int, n: int) -> None:
    """So many deliveries take twice as many calls, less those that were seen, and from the last of them the way."""
    for more_h, fit in ((0.01, n), (-0.01, n - 1)):
        silent_days = ((2 * n + unseen) * CALL_H + LEG_NM / 14 + more_h) / 24
        unheard = gap(1, 1 + silent_days, PORTS[left], PORTS[reached])
        found = counted(call(left, 0, 1), call(reached, 1 + silent_days, 20), gaps=(unheard,))
        assert found.most == max(fit, left != reached == "market")


def test_in_words() -> None:
    told = str(Deliveries(both=4, one=5, inferred=2, most=14))
    assert told == "11: 4 observed at both ends, 5 at one, 2 inferred; possible 9 to 14"
    assert str(Deliveries(both=1, most=1)) == "1: 1 observed at both ends, 0 at one, 0 inferred"
