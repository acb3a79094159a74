"""What is learned of a water while it runs, block by block: longer limits where it hears badly, shorter where well."""

from __future__ import annotations

from random import Random

import pytest

from alerts.core.curve import SHIPPED
from alerts.core.frozen import replace
from alerts.core.instants import DAY, HOUR, MINUTE
from alerts.core.survival import MINUTES, as_long, bucket_of
from alerts.core.water import (
    BLOCK_MS,
    HALF_MS,
    LEAST_HULL_DAYS,
    LONG_MIN,
    MOST_LONG,
    Water,
    block_of,
    blocks,
    turned,
    with_silence,
)

BUDGET = 10.0
A_DAY = DAY // BLOCK_MS
_NOBODY = (0,) * len(MINUTES)


def sailed(water: Water, days: int, mean_min: float, hulls: int = 50, a_hull_day: float = 7.6, first: int = 0) -> Water:
    """So many hulls are heard for so many days, with silences of such a mean length."""
    dice = Random(f"{mean_min} {first}")
    for block in range(first * A_DAY, (first + days) * A_DAY):
        water = turned(water, block, SHIPPED, BUDGET)
        water = replace(water, fresh_min=water.fresh_min + hulls * BLOCK_MS // MINUTE)
        for _ in range(round(hulls * a_hull_day / A_DAY)):
            water = with_silence(water, dice.randrange(10 * hulls), min(9.9, dice.expovariate(1 / mean_min)))
    return turned(water, (first + days) * A_DAY, SHIPPED, BUDGET)


def limit_min(water: Water) -> float:
    return (water.curve or SHIPPED).threshold_min(BUDGET)


def test_where_ships_are_heard_badly_the_limit_grows_and_where_well_it_shrinks() -> None:
    assert limit_min(sailed(Water(), 20, 1.0)) > SHIPPED.threshold_min(BUDGET) + 1
    assert limit_min(sailed(Water(), 20, 0.2)) < SHIPPED.threshold_min(BUDGET) - 1


def test_of_ten_silences_nothing_changes_nor_before_ten_hull_days() -> None:
    ten = sailed(Water(), 1, 3.0, hulls=2, a_hull_day=6)
    assert 8 <= ten.silences <= 12
    assert ten.curve is None
    some = sailed(Water(), 1, 3.0, hulls=int(LEAST_HULL_DAYS) - 1)
    more = sailed(Water(), 1, 3.0, hulls=int(LEAST_HULL_DAYS) + 1)
    assert (some.curve, more.curve is None) == (None, False)


def test_where_no_silence_is_told_nothing_changes() -> None:
    """An ingest from before they were."""
    assert sailed(Water(), 30, 0.2, a_hull_day=0).curve is None
    assert sailed(Water(), 30, 0.2, a_hull_day=0.1).curve is not None


@pytest.mark.parametrize("budget", [BUDGET, 1_000.0])
def test_where_hardly_anybody_is_ever_silent_two_witnessed_minutes_are_needed_or_what_the_curve_behind_says(
    budget: float,
) -> None:
    """Else the limit falls below nothing, and ships are dark without a witness."""
    heard_well = Water(fresh=(20, *_NOBODY[1:]), fresh_min=200_000 * DAY // MINUTE, silences=20)
    curve = turned(heard_well, 1, SHIPPED, budget).curve
    assert curve is not None or budget == 1_000.0
    least_min = min(LONG_MIN, SHIPPED.threshold_min(budget))
    assert (curve or SHIPPED).threshold_min(budget) == pytest.approx(least_min, abs=0.3 if curve is None else 0.01)


def test_what_was_learned_four_weeks_ago_counts_half() -> None:
    water = sailed(Water(), 10, 0.5)
    later = turned(water, water.block + HALF_MS // BLOCK_MS, SHIPPED, BUDGET)
    assert later.hull_days == pytest.approx(water.hull_days / 2)
    assert later.moving == pytest.approx([count / 2 for count in water.moving])
    years = turned(water, water.block + 100 * HALF_MS // BLOCK_MS, SHIPPED, BUDGET)
    assert limit_min(years) == pytest.approx(SHIPPED.threshold_min(BUDGET), abs=0.6)


def test_the_limit_changes_only_by_more_than_noise() -> None:
    """On water that stays the same it settles, and hardly ever moves again."""
    water, limits = sailed(Water(), 30, 0.5), list[float]()
    for n in range(30, 60):
        water = sailed(water, 1, 0.5, first=n)
        limits.append(limit_min(water))
    assert len(set(limits)) <= 5
    assert max(limits) - min(limits) < 1


@pytest.mark.parametrize(("minutes", "counted"), [(LONG_MIN - 0.01, 5), (LONG_MIN, 1)])
def test_a_ship_counts_once_in_four_weeks_with_a_long_silence(minutes: float, counted: int) -> None:
    water = Water()
    for _ in range(5):
        water = with_silence(water, 273210440, minutes)
    assert (water.silences, sum(water.fresh)) == (counted, counted)
    same, later = (turned(replace(water, fresh_min=1), days * A_DAY, SHIPPED, BUDGET) for days in (27, 28))
    assert with_silence(same, 273210440, LONG_MIN).silences == counted + (minutes < LONG_MIN)
    assert with_silence(later, 273210440, LONG_MIN).silences == counted + 1


def test_the_longest_is_the_one_that_counts() -> None:
    """Also when another counted before, in this block or in one that is over."""
    water = turned(replace(with_silence(Water(), 7, 2.2), fresh_min=1), 1, SHIPPED, BUDGET)
    for minutes in (3.2, 2.7, 6.5, 5.0):
        water = with_silence(water, 7, minutes)
    later = turned(with_silence(water, 8, 2.2), 2, SHIPPED, BUDGET)
    assert water.silences == 1
    grown = [round(sum(later.moving[n:]), 1) for n in range(len(MINUTES))]
    assert grown == [2.0] * 7 + [1.0] * 6 + [0.0] * 2


def test_one_ship_that_is_switched_off_again_and_again_does_not_make_the_limit_for_all() -> None:
    honest = evaded = Water()
    for day in range(28):
        honest, evaded = (sailed(water, 1, 0.5, first=day) for water in (honest, evaded))
        for _ in range(20):
            evaded = with_silence(evaded, 1_000, 9.5)
    assert limit_min(evaded) < limit_min(honest) + 0.5
    each = evaded
    for mmsi in range(560):
        each = with_silence(each, 2_000 + mmsi, 9.5)
    assert limit_min(turned(each, each.block + 1, SHIPPED, BUDGET)) > limit_min(honest) + 3


@pytest.mark.parametrize("hulls", [4, 10, 50])
@pytest.mark.parametrize("each_days", [1, 7, 13])
def test_however_small_the_water_one_ship_that_is_switched_off_moves_no_limit(hulls: int, each_days: int) -> None:
    """Nor does it with the first silence: one in a hundred hull-days is as often as a budget of ten bears."""
    honest = evaded = Water()
    for day in range(60):
        honest, evaded = (sailed(water, 1, 0.4, hulls, first=day) for water in (honest, evaded))
        if day % each_days == 0:
            evaded = with_silence(evaded, 1_000, 9.5)
        assert limit_min(evaded) < limit_min(honest) + 0.5


def test_nor_does_she_where_more_ships_than_are_remembered_have_long_silences() -> None:
    """She comes again before so many others have: of a hundred silences of hers a few count."""
    water = with_silence(Water(), 1_000, 9.5)
    for n in range(20 * MOST_LONG):
        water = with_silence(water, 10_000 + n, LONG_MIN)
        if n % (MOST_LONG // 5) == 0:
            water = with_silence(water, 1_000, 9.5)
    assert len(water.long_by) == MOST_LONG
    assert as_long(water.fresh)[bucket_of(9.0)] == 1
    assert sum(water.fresh) == water.silences == 20 * MOST_LONG + 1


def test_minutes_are_shared_out_among_blocks() -> None:
    assert list(blocks(6 * HOUR, 6 * HOUR)) == [(0, 1)]
    assert list(blocks(6 * HOUR + MINUTE, 6 * HOUR + MINUTE)) == [(1, 1)]
    assert list(blocks(MINUTE, DAY)) == [(n, 360) for n in range(4)]
    assert sum(minutes for _, minutes in blocks(7 * MINUTE, 3 * DAY)) == 3 * DAY // MINUTE - 6
    assert block_of(6 * HOUR) == 1
