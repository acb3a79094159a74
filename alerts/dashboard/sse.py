"""One stream of messages to many browsers: a bounded log to resume from, a bounded queue for each listener.

A message's id is `boot-number`; `boot` names this run, so that an id of an earlier one is never mistaken for ours.

    listener with an id --> still in the log? --> what was missed, then live
                                 \\--> else `reset`: fetch the state anew, then live
    queue full --> dropped: its stream ends, the browser comes back with its last id
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

LOG_LENGTH = 2_000
QUEUE_LENGTH = 500
MAX_LISTENERS = 100


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event; `data` is one line of JSON."""

    id: str
    event: str
    data: str


class Broadcast:
    """Belongs to one event loop.  `dropped` counts listeners that were too slow."""

    def __init__(self, boot: str, log_length: int = LOG_LENGTH, queue_length: int = QUEUE_LENGTH) -> None:
        """`boot`: any word without a dash that no other run uses."""
        self.dropped = 0
        self._boot = boot
        self._number = 0
        self._queue_length = queue_length
        self._log: deque[Message] = deque(maxlen=log_length)
        self._listeners: set[asyncio.Queue[Message | None]] = set()

    @property
    def cursor(self) -> str:
        """The id of the last message."""
        return f"{self._boot}-{self._number}"

    @property
    def listeners(self) -> int:
        """How many are connected."""
        return len(self._listeners)

    def publish(self, event: str, data: str) -> None:
        """To everybody who listens, without waiting for anybody."""
        self._number += 1
        message = Message(self.cursor, event, data)
        self._log.append(message)
        for queue in list(self._listeners):
            if queue.full():
                self.dropped += 1
                self._end(queue)
            else:
                queue.put_nowait(message)

    def close(self) -> None:
        """Ends every stream."""
        for queue in list(self._listeners):
            self._end(queue)

    async def follow(self, after: str | None) -> AsyncIterator[Message]:
        """What came after the id `after` (None: from now on), until dropped or closed."""
        queue: asyncio.Queue[Message | None] = asyncio.Queue(self._queue_length)
        missed = self._missed(after)
        self._listeners.add(queue)
        try:
            for message in missed:
                yield message
            while (live := await queue.get()) is not None:
                yield live
        finally:
            self._listeners.discard(queue)

    def _missed(self, after: str | None) -> list[Message]:
        boot, _, number = (after or self.cursor).rpartition("-")
        behind = self._number - int(number) if boot == self._boot and _is_number(number) else -1
        if 0 <= behind <= len(self._log):
            return list(self._log)[len(self._log) - behind :]
        return [Message(self.cursor, "reset", "{}")]

    def _end(self, queue: asyncio.Queue[Message | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
