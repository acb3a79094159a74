"""Slow for hours, far from land: what counts, what ends it, and when it is told, each with a near miss."""

from collections.abc import Iterable

import pytest

from alerts.core.drift import Drift, Drifted, Ending, drifted, drifted_by
from alerts.core.geo import Fix, destination
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE
from alerts.core.thresholds import Thresholds
from alerts.core.zones import ZoneIndex
from tests.fleet import east_of, haven, ship

START = ship(273210440).at("08:00").heard
ZONES = ZoneIndex.of((haven,))
USUAL = Thresholds()
OCEAN: Fix = (20.0, 150.0)
OFF_FIRE_ISLAND: Fix = (40.20, -72.95)


def heard(minutes: float, nm: float = 0.0, speed_kn: float | None = 0.5, start: Fix = OCEAN) -> Heard:
    """So many minutes after 08:00, so many miles east."""
    lat, lon = east_of(start, nm)
    return START._replace(at=START.at + round(minutes * MINUTE), lat=lat, lon=lon, speed_kn=speed_kn)


def sails(speed_kn: float, minutes: int, every: float = 5, says: float | None = None, begin: int = 0) -> list[Heard]:
    """At this speed, or saying another; a fix every so many minutes."""
    said = speed_kn if says is None else says
    times = [begin + n * every for n in range(int((minutes - begin) / every) + 1)]
    return [heard(at, speed_kn * (at - begin) / 60, said) for at in times]


def after(fixes: Iterable[Heard], in_port: bool = False, thresholds: Thresholds = USUAL) -> Drifted:
    """What has become of it; `over` is the last that was."""
    return drifted_by(None, fixes, in_port, ZONES, thresholds)


def is_told(done: Drifted) -> bool:
    return done.drift is not None and done.drift.told is not None


@pytest.mark.parametrize(("minutes", "told"), [(115, False), (120, True)])
def test_two_hours_are_loitering(minutes: int, told: bool) -> None:
    done = after(sails(1.0, minutes))
    assert is_told(done) is told
    assert done.over is None


@pytest.mark.parametrize(("speed_kn", "told"), [(1.9, True), (2.0, False), (2.5, False)])
def test_who_goes_at_two_knots_does_not_loiter(speed_kn: float, told: bool) -> None:
    assert is_told(after(sails(speed_kn, 300))) is told


@pytest.mark.parametrize(("speed_kn", "told"), [(1.9, True), (2.1, False)])
@pytest.mark.parametrize("says", [1.0, None], ids=["says less", "says nothing"])
def test_what_counts_is_also_what_she_makes_good(speed_kn: float, says: float | None, told: bool) -> None:
    said = [fix._replace(speed_kn=says) for fix in sails(speed_kn, 180)]
    assert is_told(after(said)) is told


@pytest.mark.parametrize(("says", "told"), [(1.9, True), (3.0, False)])
def test_what_counts_is_also_what_she_says(says: float, told: bool) -> None:
    """One that goes to and fro on the spot makes nothing good."""
    assert is_told(after([heard(0), *sails(0.0, 180, says=says, begin=5)])) is told


def test_fixes_that_scatter_are_no_way() -> None:
    """Every ten seconds, ten metres to and fro: four knots, added up."""
    fixes = [heard(n / 6, nm=0.0054 * (n % 2)) for n in range(6 * 121)]
    assert is_told(after(fixes))


@pytest.mark.parametrize(("minutes", "goes_on"), [(10, True), (14, False)])
def test_she_may_shift_within_an_hour(minutes: int, goes_on: bool) -> None:
    """At eight knots: less than two miles, or more."""
    shifting = sails(8.0, 130 + minutes, every=1, begin=130)
    done = after([*sails(0.0, 129, says=0.5), *shifting])
    assert (done.over is None) is goes_on
    if done.over is not None:
        assert done.over[1] is Ending.UNDER_WAY
        assert done.over[0].slow.last.at == START.at + 125 * MINUTE


def test_she_is_over_with_the_last_slow_fix_and_may_begin_again() -> None:
    there = [heard(240 + n, nm=21.0) for n in range(0, 125, 5)]
    done = after([*sails(0.0, 130, says=0.0), *sails(12.0, 235, begin=135), *there])
    assert done.over is not None
    assert done.over[0].slow.last.at == START.at + 130 * MINUTE
    assert done.drift is not None
    assert done.drift.first == there[0]
    assert is_told(done)


@pytest.mark.parametrize(("every_h", "told_h"), [(0.5, 2), (1, 2), (2, 4), (4, 8)])
def test_a_fix_speaks_for_half_an_hour_on_either_side(every_h: float, told_h: float) -> None:
    """Of a longer gap one hour counts: a satellite's fixes two hours apart take four."""
    fixes = [heard(60 * every_h * n) for n in range(int(12 / every_h))]
    told = next(n for n in range(len(fixes)) if is_told(after(fixes[: n + 1])))
    assert fixes[told].at == START.at + told_h * HOUR


@pytest.mark.parametrize(("gap_h", "ended"), [(11.9, None), (12, Ending.UNHEARD)])
def test_unheard_for_twelve_hours_nobody_knows_that_she_stayed(gap_h: float, ended: Ending | None) -> None:
    again = heard(120 + 60 * gap_h)
    done = after([*sails(0.5, 120), again])
    assert (done.over and done.over[1]) == ended
    assert done.drift is not None
    assert (done.drift.first == again) is (ended is not None)


@pytest.mark.parametrize(("south_nm", "told"), [(0, True), (-6, False)])
def test_nobody_loiters_nineteen_miles_off(south_nm: float, told: bool) -> None:
    start = destination(OFF_FIRE_ISLAND, 180, south_nm)
    assert is_told(after(heard(n, start=start) for n in range(0, 125, 5))) is told


def test_who_drifts_near_land_loiters_no_more() -> None:
    fixes = [heard(n, start=destination(OFF_FIRE_ISLAND, 0, n / 60)) for n in range(0, 600, 5)]
    done = after(fixes)
    assert done.drift is None
    assert done.over is not None
    assert done.over[1] is Ending.NEAR_LAND


def test_nobody_loiters_in_a_port() -> None:
    fixes = sails(0.1, 200)
    assert after(fixes, in_port=True) == Drifted()
    drift = after(fixes).drift
    over = drifted(drift, heard(205), True, ZONES, Thresholds())
    assert over == Drifted(None, (drift, Ending.IN_PORT))


def test_who_never_stayed_long_enough_was_never_there() -> None:
    assert after([*sails(0.0, 110), *sails(12.0, 140, begin=115)]) == Drifted()


def test_it_is_told_again_when_it_has_doubled() -> None:
    fixes, told = sails(0.5, 20 * 60), list[float]()
    drift: Drift | None = None
    for fix in fixes:
        drift = drifted(drift, fix, False, ZONES, Thresholds()).drift
        assert drift is not None
        if drift.told and drift.told.seen.last == fix:
            told.append((fix.at - START.at) / HOUR)
    assert told == [2, 4, 8, 16]


def test_the_nearest_flagged_port_is_named_with_the_way_to_it() -> None:
    drift = after(sails(0.0, 120)).drift
    assert drift is not None
    assert drift.told is not None
    assert drift.told.nearest == (pytest.approx(ZONES.straight_nm("haven", OCEAN)), "haven")


def test_an_operator_sets_how_slow_and_how_long() -> None:
    slower, longer = Thresholds(loitering_below_kn=0.5), Thresholds(loitering_h=6)
    assert not is_told(after(sails(1.0, 180), thresholds=slower))
    assert is_told(after(sails(0.4, 180), thresholds=slower))
    assert not is_told(after(sails(1.0, 355), thresholds=longer))
    assert is_told(after(sails(1.0, 360), thresholds=longer))
