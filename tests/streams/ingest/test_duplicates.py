import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.ingest.duplicates import WINDOW, OpenWindow, Window
from tests.streams.lines import at


def copies(*said: tuple[bytes, int], window: Window | None = None) -> list[bool]:
    opened = OpenWindow(window or Window())
    return [opened.is_copy(payload, when) for payload, when in said]


@pytest.mark.parametrize("start", [at("08:00:00"), at("08:00:29"), at("08:00:30"), at("08:00:14") + 500])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_copy_is_heard_within_thirty_seconds_of_the_first_either_way(start, sign):
    assert copies((b"a", start), (b"a", start)) == [False, True]
    assert copies((b"a", start), (b"a", start + sign * WINDOW)) == [False, True]
    assert copies((b"a", start), (b"a", start + sign * (WINDOW + 1))) == [False, False]


def test_another_message_is_none():
    assert copies((b"a", at("08:00:00")), (b"b", at("08:00:00"))) == [False, False]


def test_a_copy_does_not_move_the_window():
    assert copies((b"a", 0), (b"a", WINDOW - 1), (b"a", WINDOW + 1)) == [False, True, False]


def test_a_static_message_that_is_said_again_keeps_both_times():
    early, late = at("08:00:00"), at("09:00:00")
    assert copies((b"a", late), (b"a", early), (b"a", late + 5), (b"a", early + 5)) == [False, False, True, True]


def test_what_time_has_passed_is_forgotten_and_what_can_still_be_copied_is_not():
    opened = OpenWindow(Window())
    opened.is_copy(b"old", at("08:00:00"))
    opened.is_copy(b"young", at("08:01:00"))
    opened.forget_before(at("08:01:30"))
    assert sum(map(len, opened.closed().buckets.values())) == 1
    assert opened.is_copy(b"young", at("08:01:30"))


@given(st.integers(-100_000, 100_000), st.integers(-100_000, 100_000))
def test_forgetting_never_forgets_what_a_message_of_now_could_be_a_copy_of(reached, ago):
    opened = OpenWindow(Window())
    opened.is_copy(b"a", reached - abs(ago) % (WINDOW + 1))
    opened.forget_before(reached)
    assert opened.is_copy(b"a", reached) == (abs(ago) % (WINDOW + 1) <= WINDOW)


def test_the_oldest_go_first_when_there_are_too_many():
    opened = OpenWindow(Window(), most_kept=10)
    for n in range(8):
        opened.is_copy(b"old %d" % n, at("08:00:00"))
    for n in range(8):
        opened.is_copy(b"new %d" % n, at("08:05:00") + n)
    opened.keep_bounded()
    assert sum(map(len, opened.closed().buckets.values())) == 8
    assert opened.is_copy(b"new 0", at("08:05:00"))


def test_even_one_crowded_moment_is_bounded():
    opened = OpenWindow(Window(), most_kept=10)
    for n in reversed(range(25)):
        opened.is_copy(b"%d" % n, at("08:00:00") + n)
    opened.keep_bounded()
    kept = [payload for bucket in opened.closed().buckets.values() for payload in bucket]
    assert kept == [b"%d" % n for n in range(19, 25)]
    assert opened.is_copy(b"24", at("08:00:01"))


def test_a_window_is_a_value():
    opened = OpenWindow(Window())
    opened.is_copy(b"a", 0)
    before = opened.closed()
    snapshot = {number: dict(bucket) for number, bucket in before.buckets.items()}
    later = OpenWindow(before)
    later.is_copy(b"b", 0)
    later.is_copy(b"c", 5 * WINDOW)
    later.forget_before(5 * WINDOW)
    assert before.buckets == snapshot
