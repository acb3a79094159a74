"""`python -m tests.integration.dying_dispatch POINT N`: the dispatch stage, which kills itself, as `kill -9` does.

Its N-th coming to a point is its last: `before CALL` or `after CALL`, a call to the ledger in Redis, to the channel or
to Kafka.  Servers, prefix and configuration come from the environment, as for the stage.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from aiokafka import AIOKafkaConsumer

from alerts.delivery.ledger import Ledger
from alerts.delivery.webhook import Webhook
from streams import dispatch
from streams.settings import Settings

LEASE_MS = 1_500
CALLS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (AIOKafkaConsumer, ("start", "topics", "beginning_offsets", "end_offsets", "getmany", "stop")),
    (Ledger, ("server", "acquire", "renew", "offset", "known", "accept", "recover", "next_due", "claim", "done")),
    (Webhook, ("send",)),
)


class Death:
    def __init__(self, point: str, n: int) -> None:
        self._point, self._left = point, n

    def reach(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def can_come(self, owner: Any, call: str) -> None:
        """Before and after this method, of every object of the class."""
        setattr(owner, call, self._around(getattr(owner, call), f"{owner.__name__}.{call}"))

    def _around(
        self, method: Callable[..., Coroutine[Any, Any, Any]], name: str
    ) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def mortal(*args: Any, **kwargs: Any) -> Any:
            self.reach(f"before {name}")
            answer = await method(*args, **kwargs)
            if answer or name != "AIOKafkaConsumer.getmany":  # a fetch that brings nothing is no step
                self.reach(f"after {name}")
            return answer

        return mortal


if __name__ == "__main__":
    death = Death(sys.argv[1], int(sys.argv[2]))
    for owner, calls in CALLS:
        for call in calls:
            death.can_come(owner, call)
    asyncio.run(dispatch.run(Settings.from_env(os.environ), lease_ms=LEASE_MS))
