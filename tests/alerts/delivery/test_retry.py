from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery.channel import Failure, Retry, idempotency_key
from alerts.delivery.http import retry_after_s
from alerts.delivery.retry import BackOff, holds_all, wait_ms

BACK_OFF = BackOff(first_ms=1_000, longest_ms=300_000)
DOWN = Retry(Failure.UNREACHABLE)


def test_the_wait_doubles_up_to_the_longest() -> None:
    waits = [wait_ms(DOWN, tries, 0.0, BACK_OFF) for tries in (0, 1, 2, 8, 9, 1_000_000)]
    assert waits == [1_000, 2_000, 4_000, 256_000, 300_000, 300_000]


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 50))
def test_jitter_takes_at_most_half_away(jitter: float, tries: int) -> None:
    whole = wait_ms(DOWN, tries, 0.0, BACK_OFF)
    assert whole / 2 <= wait_ms(DOWN, tries, jitter, BACK_OFF) <= whole


@given(st.floats(0, 1, exclude_max=True))
def test_a_pause_that_was_asked_for_is_kept_in_full(jitter: float) -> None:
    assert wait_ms(Retry(Failure.RATE_LIMITED, after_s=30), 0, jitter, BACK_OFF) == 30_000


def test_only_a_receiver_that_asks_for_a_pause_holds_everything() -> None:
    assert [failure for failure in Failure if holds_all(Retry(failure))] == [Failure.RATE_LIMITED]


def test_retry_after_is_seconds_or_a_date_and_at_most_an_hour() -> None:
    now = 1_704_457_862_000
    headers = ("7", "Fri, 05 Jan 2024 12:31:12 GMT", "Fri, 05 Jan 2024 12:00:00 GMT", "86400", "9" * 400)
    assert [retry_after_s(header, now) for header in headers] == [7.0, 10.0, 0.0, 3600.0, 3600.0]
    assert [retry_after_s(header, now) for header in ("", "soon", "-5", "nan", "1e9")] == [None] * 5


def test_the_key_is_the_same_for_every_try_and_different_for_all_else() -> None:
    key = idempotency_key("ops", "imo-1.area.20240101T000000Z", 3)
    assert key == idempotency_key("ops", "imo-1.area.20240101T000000Z", 3)
    others = [("crew", "imo-1.area.20240101T000000Z", 3), ("ops", "imo-2.area.20240101T000000Z", 3)]
    assert key not in {idempotency_key(*other) for other in [*others, ("ops", "imo-1.area.20240101T000000Z", 4)]}
