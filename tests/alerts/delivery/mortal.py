"""A dispatcher of which every call out can be the last: to Redis, to a receiver, to the log of alerts."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from redis.asyncio import Redis

from alerts.core.alert import Alert
from alerts.delivery.channels import open_channel
from alerts.delivery.dispatcher import Dispatcher, Published
from alerts.delivery.http import http_session
from alerts.delivery.ledger import Ledger, open_ledger
from alerts.delivery.retry import BackOff
from alerts.routing.routes import Routes
from streams.heeding import heed_cancellation

LEASE_MS = 60_000
BEGIN = 1_700_000_000_000


class Killed(BaseException):
    """The process is gone: nothing after this line is run."""


@dataclass
class Life:
    """Of one process: it ends at its `dies_at`-th point, where there is one."""

    dies_at: int | None = None
    points: list[str] = field(default_factory=list)
    is_over: bool = False

    def reach(self, point: str) -> None:
        if not self.is_over:
            self.points.append(point)
            self.is_over = len(self.points) - 1 == self.dies_at
        if self.is_over:
            raise Killed


class Mortal:
    """Stands for `inner`: the life can end before and after each of its calls."""

    def __init__(self, name: str, inner: Any, life: Life) -> None:
        self._name, self._inner, self._life = name, inner, life

    def __getattr__(self, called: str) -> Any:
        async def call(*args: Any) -> Any:
            point = f"{self._name}.{called}"
            self._life.reach(f"before {point}")
            answer = await getattr(self._inner, called)(*args)
            self._life.reach(f"after {point}")
            return answer

        return call


@dataclass
class Log:
    """The topic of alerts."""

    records: list[Published] = field(default_factory=list)

    def publish(self, alerts: Sequence[Alert], at: int) -> None:
        for alert in alerts:
            body = msgspec.json.encode(alert.published())
            self.records.append(Published(0, len(self.records), at, body, alert))

    async def fetch(self, offset: int) -> Sequence[Published]:
        return self.records[offset : offset + 2]


@dataclass
class Ground:
    """What outlives a process: Redis, the log, the receivers; and the wall clock, which is moved by hand."""

    redis_url: str
    routes: Routes
    log: Log = field(default_factory=Log)
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    now: int = BEGIN

    def publish(self, *alerts: Alert) -> None:
        self.log.publish(alerts, self.now)

    async def live(self, life: Life) -> None:
        """One process, from its start until all is sent; raises Killed where it dies."""
        async with (
            open_ledger(self.redis_url, self.name, secrets.token_hex(4), LEASE_MS) as ledger,
            http_session() as session,
        ):
            channels = {
                d.name: Mortal(f"channel {d.label}", open_channel(d, {}, session, self._now, _NOWHERE), life)
                for d in self.routes.destinations
            }
            back_off = BackOff(first_ms=1, longest_ms=1)
            mortal: Any = Mortal("ledger", ledger, life)
            dispatcher = Dispatcher(mortal, self.routes, channels, self._now, _half, _silent, back_off)
            await self._work(dispatcher, mortal, Mortal("log", self.log, life))

    async def stands(self, destination: str) -> dict[str, int]:
        """The newest revision of each episode that the ledger says was sent there."""
        async with self.redis() as redis:
            prefix = "{" + self.name + "}:pair:" + destination + ":"
            keys = [key.decode() for key in await redis.keys(prefix + "*")]
            return {key.removeprefix(prefix): int(await redis.hget(key, "done") or -1) for key in keys}

    async def forget_lease(self) -> None:
        """As if the time of the dead one's lease had passed."""
        async with self.redis() as redis:
            await redis.delete("{" + self.name + "}:lease")

    @asynccontextmanager
    async def redis(self) -> AsyncIterator[Redis]:
        async with Redis.from_url(self.redis_url) as redis:
            yield redis

    def _now(self) -> int:
        return self.now

    async def _work(self, dispatcher: Dispatcher, ledger: Ledger, log: Any) -> None:
        assert await ledger.acquire(LEASE_MS)
        working = [asyncio.ensure_future(dispatcher.work(d.name)) for d in self.routes.destinations]
        working.append(asyncio.ensure_future(self._read(dispatcher, log)))
        working.append(asyncio.ensure_future(self._stop_when_idle(dispatcher, working[-1])))
        try:
            await asyncio.gather(*working)
            await ledger.release()
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _read(self, dispatcher: Dispatcher, log: Any) -> None:
        offset = await dispatcher.begin(0) or 0
        while records := await log.fetch(offset):
            for record in records:
                await dispatcher.take_in(record)
                offset = record.offset + 1

    async def _stop_when_idle(self, dispatcher: Dispatcher, reading: "asyncio.Future[None]") -> None:
        async with self.redis() as redis:
            while not reading.done() or await self._is_busy(redis):
                heed_cancellation()
                self.now += 1
                await asyncio.sleep(0.001)
        dispatcher.stop()

    async def _is_busy(self, redis: Redis) -> bool:
        """In one transaction: an episode goes to and fro between the two."""
        pipe = redis.pipeline(transaction=True)
        for destination in self.routes.destinations:
            pipe.zcard("{" + self.name + "}:queue:" + destination.name)
            pipe.scard("{" + self.name + "}:claimed:" + destination.name)
        return any(await pipe.execute())


class _Nowhere:
    def write(self, said: str) -> int:
        return len(said)

    def flush(self) -> None:
        pass


_NOWHERE: Any = _Nowhere()


def _half() -> float:
    return 0.5


def _silent(happened: Any) -> None:
    pass
