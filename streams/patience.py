"""A broker that is away is asked again once a second.

aiokafka asks at once: while connections are refused, each client of a stage that reads takes what it gets of a core,
and fills the log with thousands of lines a second (seen with 0.14.0).
"""

import asyncio
from typing import Any

from aiokafka.client import AIOKafkaClient

AGAIN_S = 1.0

_update = AIOKafkaClient._metadata_update


def wait_between_failures() -> None:
    """From now on, for all clients of this process."""
    AIOKafkaClient._metadata_update = _patiently


async def _patiently(client: Any, cluster: Any, topics: Any) -> bool:
    updated = bool(await _update(client, cluster, topics))
    if not updated:
        await asyncio.sleep(AGAIN_S)
    return updated
