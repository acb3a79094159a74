"""How a ship goes: her way, her pace, how often she is heard, and where she should be."""

import pytest

from alerts.core.cells import cell_of
from alerts.core.geo import destination
from alerts.core.going import Going, predicted, sailed
from alerts.core.instants import HOUR, MINUTE, SECOND

START = (42.0, 130.0)


def heard(*reports: tuple[float, float | None, float | None], every_s: float = 10.0, speed: float = 12.0) -> Going:
    """Reports of a ship that sails east at `speed`, each (at in s, speed said, course said)."""
    going = None
    for at_s, speed_kn, course_deg in reports:
        fix = destination(START, 90, speed * at_s / 3600)
        going = sailed(going, round(at_s * SECOND), *fix, speed_kn, course_deg)
    assert going is not None
    return going


def steadily(seconds: int, every_s: int = 10, said: bool = True) -> Going:
    return heard(*((float(t), 12.0 if said else None, 90.0 if said else None) for t in range(0, seconds + 1, every_s)))


@pytest.mark.parametrize("said", [True, False])
def test_her_way_is_what_she_says_or_what_she_makes_good(said: bool) -> None:
    going = steadily(1200, said=said)
    assert going.speed_kn == pytest.approx(12, abs=0.1)
    assert (going.north_kn, going.east_kn) == (pytest.approx(0, abs=0.1), pytest.approx(12, abs=0.3))


@pytest.mark.parametrize(("every_s", "late_s"), [(10, 60), (30, 60), (60, 120), (180, 360), (400, 600)])
def test_she_is_late_after_twice_her_own_gap_from_one_minute_to_ten(every_s: int, late_s: int) -> None:
    going = steadily(7200, every_s)
    assert going.mean_gap_s == pytest.approx(every_s)
    assert going.late_ms == late_s * SECOND


def test_the_last_ten_minutes_count_most() -> None:
    going = heard(*((float(t), 12.0, 90.0) for t in [*range(0, 3600, 10), *range(3600, 5400, 60)]))
    assert 35 < going.mean_gap_s < 60


def test_a_copy_within_two_seconds_changes_nothing() -> None:
    once = steadily(600)
    assert sailed(once, once.at + 1_999, 42.0, 130.5, 12.0, 90.0) is once
    assert sailed(once, once.at + 2_000, 42.0, 130.5, 12.0, 90.0).reports == once.reports + 1


def test_after_a_quarter_of_an_hour_of_silence_what_was_before_is_forgotten() -> None:
    before = steadily(600)
    for gap_ms, way in ((15 * MINUTE, "kept"), (15 * MINUTE + 1, "new")):
        after = sailed(before, before.at + gap_ms, 42.0, 130.5, 5.0, 0.0)
        assert (after.gap_n == 1.0) == (way == "new")
        assert (abs(after.east_kn) < 1e-9) == (way == "new")


def test_slowing_down_leaves_her_former_pace_in_mind() -> None:
    going = heard(*((float(t), 12.0 if t < 1200 else 4.0, 90.0) for t in range(0, 1300, 10)))
    assert going.speed_kn == 4.0
    assert going.before_kn > 10


@pytest.mark.parametrize("minutes", [1, 30, 90, 120])
def test_she_is_reckoned_on_along_her_way_for_two_hours(minutes: int) -> None:
    going = steadily(1200)
    there = destination((going.lat, going.lon), 90, 12 * (minutes - 0.5) / 60)
    assert predicted(going, going.at + minutes * MINUTE) == cell_of(*there)


def test_after_two_hours_she_stays_where_she_was_reckoned_to_be() -> None:
    going = steadily(1200)
    assert predicted(going, going.at + 2 * HOUR + MINUTE) == predicted(going, going.at + 9 * HOUR)
