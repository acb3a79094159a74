"""The dispatcher's own standard output: one line an alert."""

from typing import TextIO

from alerts.delivery.channel import Answer, Delivered
from alerts.delivery.messages import Message, line


class Screen:
    """For a first look, a container's log, and tests."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    async def send(self, message: Message, idempotency_key: str) -> Answer:  # noqa: ARG002  a screen has no use for it
        """Writes and flushes."""
        self._out.write(line(message) + "\n")
        self._out.flush()
        return Delivered()
