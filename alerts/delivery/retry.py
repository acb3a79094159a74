"""When to try again: exponential back-off with jitter, for as long as the message is young enough."""

from dataclasses import dataclass

from alerts.core.instants import MINUTE, SECOND
from alerts.delivery.channel import Failure, Retry


@dataclass(frozen=True, slots=True)
class BackOff:
    """The first wait, doubled with every try up to the longest."""

    first_ms: int = SECOND
    longest_ms: int = 5 * MINUTE


def wait_ms(retry: Retry, tries_before: int, jitter: float, back_off: BackOff) -> int:
    """`jitter` in [0, 1) takes up to half of the wait away; a pause that the receiver asked for is kept in full."""
    grown_ms = min(back_off.longest_ms, back_off.first_ms * (1 << min(tries_before, 30)))
    asked_ms = round((retry.after_s or 0) * SECOND)
    return max(round(grown_ms * (1 - jitter / 2)), asked_ms)


def holds_all(retry: Retry) -> bool:
    """A receiver that asks for a pause means every message, not this one."""
    return retry.reason is Failure.RATE_LIMITED
