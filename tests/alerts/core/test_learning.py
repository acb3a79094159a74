"""Silences that end, as the learner finds them in the records of an engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

import pytest

from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.instants import HOUR, INTERVAL, MINUTE, Instant
from alerts.core.intervals import Cover, IntervalClosed, LateTick, Outage
from alerts.core.learning import Fate, Learner, Natural
from alerts.core.reports import Origin, Report
from alerts.core.silence import Kind
from tests.fleet import WATERS, Ship, east_of, sea, ship
from tests.witnesses import OPEN_SEA, time

BEGIN, END = time("06:00"), time("14:00")
KN = 12.0


def under_way(first: str, last: str, mmsi: int = 273210440) -> list[Ship]:
    """Heard every minute, eastward past OPEN_SEA at 08:00."""
    ends = range(time(first), time(last), MINUTE)
    return [at(end + 1000, east_of(OPEN_SEA, KN * (end - time("08:00")) / HOUR), mmsi) for end in ends]


def at(when: Instant, fix: Fix, mmsi: int = 273210440, speed_kn: float = KN) -> Ship:
    return ship(mmsi).of(f"mmsi-{mmsi}").near(fix).moving(speed_kn)._with(at=when, course_deg=90.0)


def records(
    ships: Iterable[Ship],
    every_min: int = 1,
    end: Instant = END,
    waters: tuple[Fix, ...] = WATERS,
    outages: Sequence[Outage] = (),
    late: tuple[LateTick, ...] = (),
) -> list[Report | Cover | IntervalClosed]:
    """The reports in the order of their arrival, and between them intervals that close, so many minutes in one."""
    arriving = sorted(ships, key=lambda one: one.received_at or one.heard.at)
    out: list[Report | Cover | IntervalClosed] = []
    for n, clock in enumerate(range(BEGIN, end + 1, every_min * MINUTE)):
        while arriving and (arriving[0].received_at or arriving[0].heard.at) < clock:
            out.append(arriving.pop(0).report(Origin("s", len(out), 0)))
        covers = tuple(sea(clock - every_min * MINUTE + INTERVAL, clock, waters))
        out.append(IntervalClosed(Origin("c", n, 0), clock, tuple(outages), late, covers=covers))
    return out


def learned(some: Iterable[Report | Cover | IntervalClosed]) -> list[Natural]:
    learner = Learner()
    return [natural for record in some for natural in learner.takes(record)] + list(learner.unheard())


def silent(minutes: int) -> list[Ship]:
    back = time("08:00") + minutes * MINUTE
    return [*under_way("07:00", "08:00"), *(one for one in under_way("08:00", "13:00") if one.heard.at >= back)]


def test_a_silence_that_ended_is_found_and_how_far_it_grew() -> None:
    (found,) = [one for one in learned(records(silent(20))) if one.fate is not Fate.UNHEARD]
    assert (found.since.at, found.kind, found.fate) == (time("07:59") + 1000, Kind.MOVING, Fate.SAILED_ON)
    assert found.vigil.covered_ms == pytest.approx(20 * MINUTE, abs=MINUTE)
    assert 3 < found.vigil.witnessed_min < 19


def test_one_of_three_minutes_is_none() -> None:
    assert [one.fate for one in learned(records(silent(2)))] == [Fate.UNHEARD]
    assert [one.fate for one in learned(records(silent(4)))] == [Fate.SAILED_ON, Fate.UNHEARD]


def test_longer_silences_grow_further() -> None:
    grown = [learned(records(silent(minutes)))[0].vigil.witnessed_min for minutes in (5, 10, 20, 60, 110)]
    assert grown == sorted(set(grown))


def test_who_lay_still_in_it_stopped() -> None:
    ships = [*under_way("07:00", "08:00"), at(time("08:40"), OPEN_SEA), at(time("08:41"), OPEN_SEA)]
    assert learned(records(ships))[0].fate is Fate.STOPPED


def test_a_quarter_of_her_speed_is_sailing_on() -> None:
    for made_kn, fate in ((0.24 * KN, Fate.STOPPED), (0.26 * KN, Fate.SAILED_ON)):
        last = under_way("07:00", "08:00")
        fix = last[-1].heard
        back = at(fix.at + HOUR, east_of((fix.lat or 0, fix.lon or 0), made_kn))
        assert learned(records([*last, back]))[0].fate is fate


def test_of_a_ship_that_lay_still_it_is_the_time_under_cover() -> None:
    still = [at(time("07:00") + n * MINUTE, OPEN_SEA, speed_kn=0.0) for n in range(60)]
    ships = [*still, at(time("12:30"), OPEN_SEA, speed_kn=0.0)]
    found = learned(records(ships))[0]
    assert (found.kind, found.fate, found.vigil.witnessed_min) == (Kind.STOPPED, Fate.STOPPED, 0.0)
    assert found.vigil.covered_ms == pytest.approx(4.5 * HOUR, abs=2 * MINUTE)


def test_who_is_out_of_cover_has_left_it_whether_or_not_she_comes_back() -> None:
    nobody: tuple[Fix, ...] = ((40.0, 0.0),)
    for ships in (under_way("07:00", "08:00"), silent(200)):
        assert learned(records(ships, waters=nobody))[0].fate is Fate.LEFT


def test_what_nobody_could_hear_is_no_time() -> None:
    deaf = Outage("coast", time("08:05"), time("08:15"))
    hearing, half = (learned(records(silent(20), outages=some))[0].vigil for some in ((), (deaf,)))
    assert hearing.listened_ms - half.listened_ms == pytest.approx(10 * MINUTE, abs=MINUTE)
    assert half.witnessed_min < hearing.witnessed_min


def test_a_message_without_a_position_ends_it_and_the_next_position_says_what_she_did() -> None:
    ships = [*silent(30), at(time("08:10"), OPEN_SEA).without_position()]
    found = [one for one in learned(records(ships)) if one.fate is not Fate.UNHEARD]
    assert [one.since.at for one in found] == [time("07:59") + 1000, time("08:10")]
    assert [one.fate for one in found] == [Fate.SAILED_ON, Fate.SAILED_ON]


@pytest.mark.parametrize("minutes", [5, 30, 110, 250])
def test_how_many_intervals_close_at_once_changes_nothing(minutes: int) -> None:
    """Here an hour of them: covers are kept for hours."""
    ships = [*silent(minutes), *under_way("06:00", "13:00", mmsi=273210441)]
    each = learned(records(ships))
    for every_min in (8, 60):
        assert learned(records(ships, every_min)) == each


@pytest.mark.parametrize("seed", range(5))
def test_late_and_disordered_reports_teach_what_they_teach_in_order(seed: int) -> None:
    dice, late = Random(seed), (LateTick("space", END - 30 * MINUTE, 30 * MINUTE),)
    ships = [one.by("space") for one in silent(25)]
    delayed = [replace(one, received_at=one.heard.at + dice.randrange(30 * MINUTE)) for one in ships]
    assert learned(records(delayed, late=late)) == learned(records(ships, late=late))


def test_parts_of_covers_count_with_the_interval_that_follows() -> None:
    whole = records(silent(20))
    parted: list[Report | Cover | IntervalClosed] = []
    for record in whole:
        if isinstance(record, IntervalClosed):
            parted.append(Cover(record.origin, record.covers))
            record = replace(record, covers=())
        parted.append(record)
    assert learned(parted) == learned(whole)


def test_hull_days_are_from_the_first_report_to_the_last() -> None:
    learner = Learner()
    for record in records([*under_way("07:00", "08:00"), *under_way("07:00", "13:00", mmsi=273210441)]):
        list(learner.takes(record))
    assert learner.ships == 2
    assert learner.hull_days == pytest.approx((59 + 359) / 1440)
