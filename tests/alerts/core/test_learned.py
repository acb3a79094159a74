"""What is made of the silences of a water: a curve that is careful while they are few, and what cells say."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.cells import COLUMNS, STRIDE, around, cell_of
from alerts.core.cover import CellSum
from alerts.core.curve import LEAST_MIN, SHIPPED, Curve
from alerts.core.frozen import replace
from alerts.core.heard import Heard
from alerts.core.instants import DAY, MINUTE
from alerts.core.intervals import CoverRun
from alerts.core.learned import (
    Apart,
    CellHeard,
    Learned,
    Reception,
    Silences,
    Source,
    heard_share,
    learned,
)
from alerts.core.learning import Fate, Natural
from alerts.core.silence import Kind
from alerts.core.survival import BEYOND_MIN, MINUTES, PRIOR_SILENCES, shares_of
from alerts.core.thresholds import Thresholds
from alerts.core.track import Vigil
from alerts.core.water import LONG_MIN
from alerts.watchlist.cover import middle_of

HERE = cell_of(10.0, 140.0)
TIMES = st.integers(0, 400)


def natural(witnessed_min: float, fate: Fate = Fate.SAILED_ON, kind: Kind = Kind.MOVING, fell: int = 0) -> Natural:
    vigil = Vigil(0, 0, witnessed_min=witnessed_min, covered_ms=round(witnessed_min * MINUTE), fell=fell)
    return Natural(Heard(0, "f", "", 1, 1), kind, fate, vigil)


def of(*naturals: Natural, hull_days: float = 100.0) -> Learned:
    silences = Silences()
    for one in naturals:
        silences.add(one)
    return learned(Source(0, 1, ("f",), 1, hull_days), silences, ())


def exponential(count: int, mean_min: float, hull_days: float) -> Learned:
    dice = Random(count)
    return of(*(natural(dice.expovariate(1 / mean_min)) for _ in range(count)), hull_days=hull_days)


def test_of_no_silences_the_shipped_curve_is_learned() -> None:
    curve = of(hull_days=0.0).curve
    assert curve.silences_a_hull_day == SHIPPED.silences_a_hull_day
    for budget in (1, 10, 100, 1000):
        assert curve.threshold_min(budget) == pytest.approx(SHIPPED.threshold_min(budget), abs=0.2)
    for minutes in MINUTES[1:]:
        assert curve.share_as_long(minutes) == pytest.approx(SHIPPED.share_as_long(minutes), rel=0.35)


def test_no_budget_makes_a_silence_without_witnesses_dark() -> None:
    assert SHIPPED.threshold_min(10_000) == LEAST_MIN > 0


def test_where_hardly_anybody_is_ever_silent_two_witnessed_minutes_are_needed() -> None:
    found = exponential(480, 0.1, hull_days=120_000.0).curve
    assert found.threshold_min(Thresholds().silence_budget) == pytest.approx(LONG_MIN, abs=0.01)


@given(st.integers(0, 20_000), st.integers(0, 40))
def test_with_any_learned_curve_behind_it_a_curve_falls(unwitnessed: int, short: int) -> None:
    """Where nearly nobody bears witness, fewer of the silences behind grow to a quarter of a minute than speak."""
    prior = of(*[natural(0.0)] * unwitnessed, *[natural(0.3)] * short, hull_days=600.0).curve
    shares = shares_of([20.0] + [0.0] * (len(MINUTES) - 1), prior)
    assert all(before > after > 0 for before, after in pairwise(shares))


@given(st.lists(st.floats(0, 12), max_size=300), st.floats(0.1, 500))
def test_a_curve_falls_and_is_never_below_what_was_seen(lengths: list[float], hull_days: float) -> None:
    found = of(*map(natural, lengths), hull_days=hull_days)
    shares = [point.share for point in found.moving]
    assert all(before > after > 0 for before, after in pairwise(shares))
    assert found.apart.beyond == sum(length >= BEYOND_MIN for length in lengths)
    for point in found.moving:
        assert point.silences == sum(point.minutes <= length < BEYOND_MIN for length in lengths)
        assert point.share * (found.moving[0].silences + PRIOR_SILENCES) * 1.02 >= point.silences


@given(st.permutations([0.1, 0.3, 0.7, 1.2, 2.6, 2.7, 4.0, 11.0]))
def test_the_order_of_silences_changes_nothing(lengths: list[float]) -> None:
    assert of(*map(natural, lengths)) == of(*map(natural, sorted(lengths)))


@pytest.mark.parametrize(("mean_min", "low", "high"), [(0.2, 0.8, 3.0), (0.5, 3.0, 4.5), (1.5, 8.5, 13.0)])
def test_thousands_of_silences_are_believed(mean_min: float, low: float, high: float) -> None:
    """Of 8 a hull-day 1 in 800 may last as long: 6.7 means of an exponential."""
    assert low <= exponential(8000, mean_min, 1000).curve.threshold_min(10) <= high


def test_few_silences_are_not() -> None:
    """Of ten short ones no more than the shipped curve is known."""
    few = exponential(10, 0.2, 1.3).curve.threshold_min(10)
    assert few == pytest.approx(SHIPPED.threshold_min(10), abs=0.4)
    many, some = (exponential(count, 0.2, count / 8).curve.threshold_min(10) for count in (8000, 300))
    assert many < some < few


def test_the_tail_goes_on_as_it_fell() -> None:
    """Where the water falls more slowly than the shipped curve, also beyond the last silence."""
    slow = exponential(300, 1.5, 38)
    assert slow.moving[-1].silences == 0 or slow.moving[-1].minutes == BEYOND_MIN
    last = [point for point in slow.moving if point.silences >= 10][-1]
    for point in slow.moving:
        if point.minutes > last.minutes:
            fallen = last.share * 2.718 ** (-(point.minutes - last.minutes) / 0.9)
            assert point.share >= fallen


def test_more_often_silent_takes_longer() -> None:
    rare, often = (exponential(3000, 0.5, days).curve.threshold_min(10) for days in (1000, 50))
    assert often > rare + 1


@pytest.mark.parametrize(
    ("one", "apart"),
    [
        (natural(1, fell=4), Apart(together=1)),
        (natural(1, Fate.STOPPED), Apart(stopped=1)),
        (natural(1, Fate.LEFT), Apart(left=1)),
        (natural(BEYOND_MIN), Apart(beyond=1)),
        (natural(BEYOND_MIN - 0.01), Apart()),
        (natural(1, fell=3), Apart()),
        (natural(1, Fate.UNHEARD), Apart()),
    ],
)
def test_what_is_no_failure_of_reception_stands_apart(one: Natural, apart: Apart) -> None:
    found = of(one)
    counted = apart == Apart() and one.fate is not Fate.UNHEARD
    assert (found.apart, found.moving[0].silences) == (apart, int(counted))


def test_stopped_ships_have_a_curve_of_their_own_by_covered_time() -> None:
    some = [natural(n, Fate.STOPPED, Kind.STOPPED) for n in (1, 5, 5, 100)]
    some += [natural(500, Fate.LEFT, Kind.STOPPED), natural(500, Fate.UNHEARD, Kind.STOPPED)]
    found = of(*some, hull_days=2)
    assert [(point.minutes, point.silences) for point in found.stopped] == [
        (0, 4), (3, 3), (6, 1), (15, 1), (30, 1), (60, 1)
    ]  # fmt: skip
    assert (found.stopped[1].share, found.stopped_a_hull_day, found.moving[0].silences) == (0.75, 2.0, 0)


# cells


def run(first: int, last: int, expected: int, heard: int, cell: int = HERE) -> CoverRun:
    return CoverRun(first, last, 10.0, {cell: CellSum(expected, heard, heard, heard)})


def cells(*runs: CoverRun) -> list[CellHeard]:
    reception = Reception()
    for one in runs:
        reception.add(one)
    return list(reception.cells())


def test_minutes_of_ships_are_counted_and_those_of_a_week_ago_count_half() -> None:
    assert cells(run(MINUTE, 60 * MINUTE, 3, 2)) == [CellHeard(HERE, 120.0, 60.0)]
    after = run(7 * DAY + MINUTE, 7 * DAY + 2 * MINUTE, 1, 1)
    assert cells(run(MINUTE, 60 * MINUTE, 3, 2), after) == [CellHeard(HERE, 62.0, 30.0)]


@given(st.lists(st.integers(1, 5 * 1440), max_size=6, unique=True))
def test_where_runs_are_cut_changes_nothing(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), 5 * 1440]
    parts = [run((a + 1) * MINUTE, b * MINUTE, 3, 2) for a, b in pairwise(ends) if a < b]
    assert cells(*parts) == cells(run(MINUTE, 5 * DAY, 3, 2))


def test_a_thin_cell_is_judged_by_those_around_it() -> None:
    well = {cell: CellHeard(cell, 900.0, 10.0) for cell in around(HERE)}
    thin = {**well, HERE: CellHeard(HERE, 0.0, 2.0)}
    known = {**well, HERE: CellHeard(HERE, 0.0, 3000.0)}
    assert heard_share(thin, HERE) > 0.85
    assert heard_share(known, HERE) < 0.05
    assert heard_share({HERE: CellHeard(HERE, 0.0, 3000.0)}, HERE) < 0.01


def test_the_middle_of_a_cell_lies_in_it() -> None:
    for row in (0, 1, 450, 899, 900, 1337, 1798, 1799):
        for column in {0, 1, COLUMNS[row] // 2, COLUMNS[row] - 1} & set(range(COLUMNS[row])):
            cell = row * STRIDE + column
            assert cell_of(*middle_of(cell)) == cell


def test_a_curve_is_what_it_says() -> None:
    curve = Curve(((0.0, 1.0), (1.0, 0.1), (2.0, 0.001)), 10.0)
    assert (curve.threshold_min(1000), curve.threshold_min(10), curve.threshold_min(0.1)) == (1.0, 2.0, 3.0)
    assert curve.share_as_long(1.5) == pytest.approx(0.01)
    assert curve.share_as_long(3.0) == pytest.approx(1e-5)
    careful = replace(curve, careful=2.0)
    assert careful.threshold_min(10) == 4.0
    assert careful.share_as_long(3.0) == pytest.approx(0.01)
