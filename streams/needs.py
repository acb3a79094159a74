"""What a stage waits for: said once in its log when it is missing, once when it is there, and on /readyz meanwhile."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum

from streams.heeding import heed_cancellation
from streams.metrics import WAITS_FOR

AGAIN_S = 0.5
_log = logging.getLogger("needs")


class Need(StrEnum):
    """What can be missing."""

    KAFKA = "kafka"
    """No broker answers."""
    REDIS = "redis"
    """It does not answer, or takes no writes."""
    TOPICS = "topics"
    """Another stage makes them."""
    WATCHLIST = "watchlist"
    """`hullwatch apply` publishes one."""


_missing: dict[Need, str] = {}


def missing(need: Need, what: str) -> None:
    """It is not there."""
    if _missing.get(need) is None:
        _missing[need] = what
        WAITS_FOR.labels(need=need.value).set(1)
        _log.warning("waits for %s: %s", need.value, what)


def there(need: Need) -> None:
    """It is there."""
    if _missing.pop(need, None) is not None:
        _log.warning("%s is there", need.value)
    WAITS_FOR.labels(need=need.value).set(0)


def all_missing() -> dict[Need, str]:
    """What is waited for now, and where."""
    return dict(_missing)


async def until_there(need: Need, what: str, is_there: Callable[[], Awaitable[bool]]) -> None:
    """Returns once it is."""
    while not await is_there():
        missing(need, what)
        heed_cancellation()
        await asyncio.sleep(AGAIN_S)
    there(need)
