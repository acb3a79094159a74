"""What the dispatcher tells of its work, for logs and metrics: every end of every message, each with its reason."""

from collections.abc import Callable
from dataclasses import dataclass

from alerts.core.instants import Instant
from alerts.delivery.channel import Failure
from alerts.routing.plan import NotSent


@dataclass(frozen=True, slots=True)
class WasSent:
    """The provider took it, `took_ms` after the alert was published in Kafka."""

    destination: str
    episode: str
    revision: int
    at: Instant
    took_ms: int


@dataclass(frozen=True, slots=True)
class WasDelayed:
    """A try failed; the next one is due in `wait_ms`."""

    destination: str
    episode: str
    revision: int
    reason: Failure
    wait_ms: int
    detail: str


@dataclass(frozen=True, slots=True)
class WasNotSent:
    """It will not be sent; `destination` is "" where there was none."""

    destination: str
    episode: str
    revision: int
    reason: NotSent
    detail: str = ""


Happened = WasSent | WasDelayed | WasNotSent
Tell = Callable[[Happened], None]
