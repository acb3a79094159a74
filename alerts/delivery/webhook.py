"""Somebody's own HTTP endpoint: the published alert as JSON, with an `Idempotency-Key` header."""

from collections.abc import Callable

import aiohttp

from alerts.core.instants import Instant
from alerts.delivery.channel import Answer
from alerts.delivery.http import post
from alerts.delivery.messages import Message


class Webhook:
    """The receiver that honours the key sees every revision once."""

    def __init__(self, session: aiohttp.ClientSession, url: str, timeout_s: float, now: Callable[[], Instant]) -> None:
        self._session, self._url, self._timeout_s, self._now = session, url, timeout_s, now

    async def send(self, message: Message, idempotency_key: str) -> Answer:
        """One POST of the record as it stands in Kafka."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        return await post(self._session, self._url, message.body, headers, self._timeout_s, self._now())
