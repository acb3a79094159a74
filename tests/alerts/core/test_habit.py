"""A factor per hull: what her own silences teach, what teaches nothing, and how far it goes at most."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.curve import SHIPPED, Curve
from alerts.core.habit import FROM_MIN, MOST_FACTOR, MOST_MIN, Habit, factor_of, habit_after
from alerts.core.instants import DAY, HOUR, MINUTE

SILENCE_MS = 10 * MINUTE
USUAL_MIN = SHIPPED.mean_beyond_min(FROM_MIN, MOST_MIN)


def after(silences: int, witnessed_min: float, every_ms: int = HOUR) -> Habit | None:
    """So many silences of this length, one after the other."""
    habit = None
    for n in range(silences):
        habit = habit_after(habit, n * every_ms, n * every_ms + SILENCE_MS, witnessed_min)
    return habit


def factor(habit: Habit | None, curve: Curve, later_ms: int = 0) -> float:
    """In a silence that begins so long after her last one that counted."""
    return factor_of(habit, curve, (habit.at if habit else 0) + later_ms)


def test_of_a_hull_without_a_past_nothing_is_known() -> None:
    assert factor(None, SHIPPED) == 1.0


@pytest.mark.parametrize("silences", [1, 24, 1_000])
def test_a_hull_like_all_others_gets_the_limit_of_all_others(silences: int) -> None:
    assert factor(after(silences, FROM_MIN + USUAL_MIN), SHIPPED) == 1.0


def test_short_silences_say_nothing_however_many() -> None:
    """Who is heard every four minutes has thousands: they are no reason to believe in long ones, nor against."""
    habit = after(10_000, FROM_MIN)
    assert habit is not None
    assert (habit.silences, habit.counted, habit.mean_beyond_min) == (10_000, 0.0, None)
    assert factor(habit, SHIPPED) == 1.0


def test_long_silences_stretch_her_limit_the_more_of_them_there_are() -> None:
    factors = [factor(after(n, 2.0), SHIPPED) for n in (1, 5, 10, 20, 40, 100)]
    assert factors == [1.0, 1.12, 1.33, 1.61, 1.92, 2.26]


def test_a_longer_silence_teaches_no_more_than_two_minutes() -> None:
    assert factor(after(40, MOST_MIN), SHIPPED) == factor(after(40, 4.8), SHIPPED) == 2.14


@given(st.lists(st.tuples(st.integers(0, 3 * DAY), st.floats(0, 60)), max_size=300))
def test_no_past_whatever_gives_more_than_three(past: list[tuple[int, float]]) -> None:
    habit, at = None, 0
    for pause_ms, witnessed_min in past:
        habit = habit_after(habit, at, at + SILENCE_MS, witnessed_min)
        at += SILENCE_MS + pause_ms
    assert 1.0 <= factor(habit, SHIPPED) <= MOST_FACTOR


def test_who_hides_now_and_then_does_not_mute_herself() -> None:
    """Each time for as long as it can teach: weekly that changes nothing, daily her limit by less than a half."""
    assert factor(after(520, 4.8, 7 * DAY), SHIPPED) == 1.0
    assert factor(after(3650, 4.8, DAY), SHIPPED) == 1.47
    assert factor(after(24 * 365, 4.8, HOUR), SHIPPED) == 2.94


def test_an_antenna_that_is_mended_is_forgiven_by_half_in_a_week() -> None:
    bad = after(40, 2.0)
    assert bad is not None
    mended = habit_after(bad, bad.at + 7 * DAY - SILENCE_MS, bad.at + 7 * DAY, 0.0)
    assert mended.counted == pytest.approx(bad.counted / 2, abs=1e-3)
    assert mended.mean_beyond_min == bad.mean_beyond_min
    assert factor(mended, SHIPPED) < factor(bad, SHIPPED)
    assert factor(bad, SHIPPED, 7 * DAY) == factor(mended, SHIPPED), "also where she was heard all the time"
    assert factor(bad, SHIPPED, 90 * DAY) == 1.0


def test_hers_are_compared_with_those_of_the_curve_in_force() -> None:
    """On water on which everybody is silent for long she is like all others."""
    wide = Curve(SHIPPED.survival, SHIPPED.silences_a_hull_day, careful=6.0)
    habit = after(20, 1.5)
    assert factor(habit, SHIPPED) > 1.0 == factor(habit, wide)


def test_the_mean_of_a_curve_is_that_of_what_it_says() -> None:
    """Of one that falls by e in each minute a silence lasts a minute longer, however long it is."""
    falling = Curve(tuple((float(n), math.exp(-n)) for n in range(30)), 1.0)
    assert falling.mean_beyond_min(0.25, 25.0) == pytest.approx(1.0, abs=0.04)
    assert falling.mean_beyond_min(0.25, 2.25) == pytest.approx(1 - math.exp(-2), abs=1e-3)
