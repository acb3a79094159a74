"""How long feeds wait: before they call again, and until a moment of a recording is due."""

from streams.feeds.pace import Pace, at_speed
from streams.feeds.tcp import LONGEST_WAIT_S, wait_s


def test_waits_twice_as_long_after_each_failure_but_never_too_long() -> None:
    assert [wait_s(failures, 1.0) for failures in range(8)] == [0.5, 1, 2, 4, 8, 16, LONGEST_WAIT_S, LONGEST_WAIT_S]
    assert wait_s(1_000, 0.0) == LONGEST_WAIT_S / 2


def test_a_moment_is_due_as_many_times_faster_as_asked() -> None:
    pace = Pace(at_speed(10))
    assert pace.wait_s(None, 100.0) == 0
    assert pace.wait_s(1_000_000, 100.0) == 0
    assert pace.wait_s(1_060_000, 102.0) == 4.0
    assert pace.wait_s(1_030_000, 106.0) == -3.0
