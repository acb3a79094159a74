"""Instants: interval borders, RFC 3339, and durations as a watch officer says them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.instants import (
    DAY,
    HOUR,
    INTERVAL,
    MINUTE,
    interval_end,
    interval_start,
    parse_rfc3339,
    rfc3339,
    spoken,
)


@pytest.mark.parametrize(("at", "end", "start"), [(0, 0, 0), (1, INTERVAL, 0), (INTERVAL, INTERVAL, INTERVAL)])
def test_an_end_is_at_or_after_a_start_at_or_before(at: int, end: int, start: int) -> None:
    assert (interval_end(at), interval_start(at)) == (end, start)


@given(st.integers(-(10**12), 4 * 10**12))
def test_less_than_one_interval_lies_to_either_border(at: int) -> None:
    assert 0 <= interval_end(at) - at < INTERVAL
    assert 0 <= at - interval_start(at) < INTERVAL


@given(st.integers(-(10**12), 4 * 10**12))
def test_a_published_time_reads_back(at: int) -> None:
    assert parse_rfc3339(rfc3339(at)) == at


def test_milliseconds_are_published_only_where_there_are_any() -> None:
    at = parse_rfc3339("2024-02-03T04:05:06Z")
    assert (rfc3339(at), rfc3339(at + 7)) == ("2024-02-03T04:05:06Z", "2024-02-03T04:05:06.007Z")


def test_another_offset_is_the_same_moment_and_none_is_refused() -> None:
    assert parse_rfc3339("2024-02-03T09:05:06+05:00") == parse_rfc3339("2024-02-03T04:05:06Z")
    with pytest.raises(ValueError, match="no UTC offset"):
        parse_rfc3339("2024-02-03T04:05:06")


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (59_999, "0 min"),
        (31 * MINUTE, "31 min"),
        (HOUR - 1, "59 min"),
        (HOUR, "1 h 00 min"),
        (5 * HOUR + 6 * MINUTE, "5 h 06 min"),
        (2 * DAY - 1, "47 h 59 min"),
        (2 * DAY, "2 d 0 h"),
        (12 * DAY + 3 * HOUR, "12 d 3 h"),
    ],
)
def test_durations_are_spoken(duration: int, said: str) -> None:
    assert spoken(duration) == said
