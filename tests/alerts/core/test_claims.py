"""What she says of her way against what her positions make: which legs contradict, for how long, and what ends it."""

import math
from collections.abc import Iterable, Iterator

import pytest

from alerts.core.claims import Claimed, Claims, Doubt, claimed, claimed_by
from alerts.core.geo import Fix, destination
from alerts.core.heard import Heard
from alerts.core.instants import MINUTE, SECOND
from alerts.core.thresholds import Thresholds
from tests.fleet import ship

USUAL = Thresholds()
START = ship(273210440).at("08:00").heard._replace(lat=20.0, lon=150.0)


def sails(
    minutes: float,
    makes: tuple[float, float],
    says: tuple[float | None, float | None],
    after: Heard | None = None,
    every_s: int = 30,
) -> list[Heard]:
    """For so long, at this speed and course by her positions, and by what she says."""
    start = after or START
    times = range(0 if after is None else every_s * SECOND, round(minutes * MINUTE) + 1, every_s * SECOND)
    return [_heard(start, at, destination(start.where, makes[1], makes[0] * at / 3_600_000), says) for at in times]


def _heard(start: Heard, at: int, where: Fix, says: tuple[float | None, float | None]) -> Heard:
    return start._replace(at=start.at + at, lat=where[0], lon=where[1], speed_kn=says[0], course_deg=says[1])


def after(fixes: Iterable[Heard], thresholds: Thresholds = USUAL) -> Claimed:
    """What has become of it; `over` is the last anomaly that was."""
    claims, over = claimed_by(None, None, fixes, thresholds)
    assert claims is not None
    return Claimed(claims, over)


def doubt(fixes: Iterable[Heard]) -> Doubt | None:
    return after(fixes).claims.doubt


def is_told(fixes: Iterable[Heard]) -> bool:
    known = doubt(fixes)
    return known is not None and known.told is not None


@pytest.mark.parametrize(
    ("makes_kn", "says_kn", "told"),
    [(0, 9.9, False), (0, 10.1, True), (14, 4.1, False), (14, 3.9, True), (12, 12, False), (35, 35, False)],
)
def test_speeds_ten_knots_apart_contradict(makes_kn: float, says_kn: float, told: bool) -> None:
    assert is_told(sails(31, (makes_kn, 90), (says_kn, 90))) is told


@pytest.mark.parametrize(("says_deg", "told"), [(90, False), (149, False), (151, True), (270, True), (31, False)])
def test_courses_sixty_degrees_apart_contradict(says_deg: float, told: bool) -> None:
    assert is_told(sails(31, (12, 90), (12, says_deg))) is told


@pytest.mark.parametrize(("says_deg", "told"), [(59, False), (61, True)])
def test_due_north_is_no_border(says_deg: float, told: bool) -> None:
    assert is_told(sails(31, (12, 359.9), (12, says_deg - 0.1))) is told


@pytest.mark.parametrize(("kn", "told"), [(4.9, False), (5.1, True)])
def test_who_makes_no_way_steers_no_course(kn: float, told: bool) -> None:
    assert is_told(sails(31, (kn, 90), (kn, 200))) is told


@pytest.mark.parametrize(("minutes", "told"), [(29, False), (30, True)])
def test_half_an_hour_of_it_is_told(minutes: float, told: bool) -> None:
    assert is_told(sails(minutes, (0, 0), (14, 90))) is told


def test_one_leg_that_agrees_begins_it_anew() -> None:
    lies = sails(25, (0, 0), (14, 90))
    agrees = sails(5, (14, 90), (14, 90), lies[-1])
    assert not is_told([*lies, *agrees, *sails(25, (0, 0), (14, 90), agrees[-1])])


def circles(minutes: int) -> Iterator[Heard]:
    """Once round in ten minutes at ten knots: she says what she does."""
    radius_nm = 10 / 6 / (2 * math.pi)
    for n in range(6 * minutes):
        bearing = 360 * n / 60 % 360
        yield _heard(START, n * 10 * SECOND, destination(START.where, bearing, radius_nm), (10.0, (bearing + 90) % 360))


def test_who_runs_circles_contradicts_nothing() -> None:
    assert doubt(circles(40)) is None
    assert is_told(fix._replace(course_deg=90.0) for fix in circles(40))


@pytest.mark.parametrize(
    ("says", "every_s", "judged"),
    [
        ((14.0, 90.0), 170, True),
        ((14.0, 90.0), 180, False),
        ((None, 90.0), 30, False),
        ((14.0, None), 30, False),
        ((0.0, None), 30, False),
    ],
    ids=["often", "too rarely", "no speed", "no course", "still"],
)
def test_what_is_not_known_contradicts_nothing(
    says: tuple[float | None, float | None], every_s: int, judged: bool
) -> None:
    assert is_told(sails(60, (0, 0), says, every_s=every_s)) is judged


def test_who_says_she_lies_still_needs_no_course() -> None:
    assert is_told(sails(31, (14, 90), (0.0, None)))


def test_where_positions_jump_a_leg_begins_anew() -> None:
    """Thirty miles in thirty seconds is another rule's."""
    there = START._replace(at=START.at + 7 * MINUTE, lat=20.5)
    claims = after(sails(6.5, (12, 90), (12, 90))).claims
    assert claimed(claims, None, there, Thresholds()).claims == Claims(there)


@pytest.mark.parametrize(("minutes", "over"), [(14, False), (15, True)])
def test_legs_that_agree_for_a_quarter_of_an_hour_end_it(minutes: float, over: bool) -> None:
    lies = sails(40, (0, 0), (14, 90))
    done = after([*lies, *sails(minutes, (14, 90), (14, 90), lies[-1])])
    assert (done.over is not None) is over
    if done.over:
        assert (done.over.first, done.over.last) == (lies[0], lies[-1])
        assert done.over.way.ms == 40 * MINUTE
        assert done.claims.doubt is None


def test_what_agrees_for_less_is_no_end_of_it() -> None:
    lies = sails(40, (0, 0), (14, 90))
    agrees = sails(10, (14, 90), (14, 90), lies[-1])
    known = doubt([*lies, *agrees, *sails(5, (0, 0), (14, 90), agrees[-1])])
    assert known is not None
    assert (known.way.ms, known.agreed_ms) == (45 * MINUTE, 0)
    assert known.told is not None
    assert known.told.ms == 30 * MINUTE
    assert known.told.said_kn == pytest.approx(14, abs=0.01)
    assert known.told.made_kn == 0


def test_an_operator_sets_the_limits() -> None:
    lies = sails(31, (0, 0), (9, 90))
    for limits, told in ((Thresholds(), False), (Thresholds(anomaly_speed_kn=8), True)):
        known = after(lies, limits).claims.doubt
        assert (known is not None and known.told is not None) is told
    assert after(sails(31, (12, 90), (12, 130)), Thresholds(anomaly_course_deg=30)).claims.doubt is not None
    longer = after(sails(31, (0, 0), (14, 90)), Thresholds(anomaly_min=60)).claims.doubt
    assert longer is not None
    assert longer.told is None
