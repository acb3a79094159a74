"""A way out, and what may come of one try."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from alerts.delivery.messages import Message


class Failure(StrEnum):
    """Why a try failed, and will be made again."""

    UNREACHABLE = "unreachable"
    """No connection, or it broke."""
    TIMED_OUT = "timed_out"
    RATE_LIMITED = "rate_limited"
    """The receiver asked for a pause (HTTP 429)."""
    SERVER_ERROR = "server_error"
    """HTTP 5xx, 408, 425; SMTP 4yz."""
    NOT_ADMITTED = "not_admitted"
    """Our settings: a redirect, a wrong address or secret, a refused sender; people can mend it meanwhile."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver took it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now.  `after_s`: not sooner than that; `may_have_arrived`: no answer came, so nobody knows."""

    reason: Failure
    after_s: float | None = None
    may_have_arrived: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver will never take this very message."""

    detail: str


Answer = Delivered | Retry | Refused


class Channel(Protocol):
    """One destination."""

    async def send(self, message: Message, idempotency_key: str) -> Answer:
        """One try; it ends within the channel's time-out and raises nothing for what the outside does."""


class Remembering:
    """A channel that does not send again what it sent last: where only the commit failed, nobody hears it twice.

    One message at a time is in hand at a destination, so the last one is enough; a death forgets it.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel, self._last = channel, ""

    async def send(self, message: Message, idempotency_key: str) -> Answer:
        """One try, unless it was the last one and arrived."""
        if idempotency_key == self._last:
            return Delivered()
        answer = await self._channel.send(message, idempotency_key)
        if isinstance(answer, Delivered):
            self._last = idempotency_key
        return answer


def idempotency_key(destination: str, episode: str, revision: int) -> str:
    """32 hexadecimal digits: the same for every try of one revision at one destination."""
    return sha256(f"{destination}\n{episode}\n{revision}".encode()).hexdigest()[:32]
