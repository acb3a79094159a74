"""A dispatcher on a real Redis and a real receiver, which can be killed at any step and begun again."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from redis.asyncio import Redis

from alerts.core.alert import Alert
from alerts.core.instants import HOUR
from alerts.delivery.channel import Channel
from alerts.delivery.dispatcher import Dispatcher, Published
from alerts.delivery.happenings import Happened, WasNotSent
from alerts.delivery.http import http_session
from alerts.delivery.ledger import Ledger
from alerts.delivery.retry import BackOff
from alerts.delivery.webhook import Webhook
from alerts.routing.destinations import Destination, Screen, Way
from alerts.routing.plan import NotSent
from alerts.routing.routes import Delivery, Route, Routes
from tests.receivers import HttpReceiver

LEASE_MS = 60_000
BEGIN = 1_700_000_000_000


class Killed(BaseException):
    """The process is gone: nothing after this line is run."""


@dataclass
class Fuse:
    """Kills at the n-th step from now; None: never."""

    steps_left: int | None = None
    blown: int = 0

    def step(self) -> None:
        if self.steps_left is None:
            return
        self.steps_left -= 1
        if self.steps_left < 0:
            self.steps_left = None
            self.blown += 1
            raise Killed


class FusedLedger(Ledger):
    """A kill can come before and after everything that is written."""

    fuse: Fuse

    async def accept(self, *args: Any) -> Any:
        return await self._fused(super().accept(*args))

    async def claim(self, *args: Any) -> Any:
        return await self._fused(super().claim(*args))

    async def done(self, *args: Any) -> Any:
        return await self._fused(super().done(*args))

    async def dead(self, *args: Any) -> Any:
        return await self._fused(super().dead(*args))

    async def postpone(self, *args: Any) -> Any:
        return await self._fused(super().postpone(*args))

    async def _fused(self, writing: Any) -> Any:
        try:
            self.fuse.step()
        except Killed:
            writing.close()
            raise
        written = await writing
        self.fuse.step()
        return written


@dataclass
class Floor:
    """The topic is a list; `now` stands still unless moved."""

    redis: Redis
    routes: Routes
    channels: dict[str, Channel]
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    topic: list[Published] = field(default_factory=list)
    fuse: Fuse = field(default_factory=Fuse)
    now: int = BEGIN
    happened: list[Happened] = field(default_factory=list)

    def publish(self, *alerts: Alert | None) -> None:
        for alert in alerts:
            body = msgspec.json.encode(alert.published()) if alert else b"?"
            self.topic.append(Published(0, len(self.topic), self.now, body, alert))

    def ledger(self) -> Ledger:
        ledger = FusedLedger(self.redis, self.name, secrets.token_hex(4))
        ledger.fuse = self.fuse
        return ledger

    def dispatcher(self, ledger: Ledger) -> Dispatcher:
        back_off = BackOff(first_ms=1, longest_ms=1)
        return Dispatcher(
            ledger, self.routes, self.channels, lambda: self.now, lambda: 0.0, self.happened.append, back_off
        )

    async def session(self) -> None:
        """Takes over at once, takes in all that is published, and sends until nothing is due."""
        await self.redis.delete("{" + self.name + "}:lease")
        ledger = self.ledger()
        assert await ledger.acquire(LEASE_MS)
        dispatcher = self.dispatcher(ledger)
        offset = await dispatcher.begin(0)
        for record in self.topic[offset or 0 :]:
            await dispatcher.take_in(record)
        await self._drained(dispatcher)

    async def until_quiet(self) -> None:
        """Sessions, each after a kill, until one comes to its end."""
        while True:
            with suppress(Killed):
                return await self.session()

    def reasons(self, destination: str = "ops") -> list[tuple[int, NotSent]]:
        return [
            (h.revision, h.reason) for h in self.happened if isinstance(h, WasNotSent) and h.destination == destination
        ]

    async def _drained(self, dispatcher: Dispatcher) -> None:
        working = [asyncio.ensure_future(dispatcher.work(name)) for name in self.channels]
        try:
            while not all(task.done() for task in working):
                if not await self._is_busy():
                    dispatcher.stop()
                self.now += 1
                await asyncio.sleep(0.001)
        finally:
            for task in working:
                task.cancel()
        for ended in await asyncio.gather(*working, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    async def _is_busy(self) -> bool:
        """In one transaction: an episode goes to and fro between the two."""
        pipe = self.redis.pipeline(transaction=True)
        for name in self.channels:
            pipe.zcard("{" + self.name + "}:queue:" + name)
            pipe.scard("{" + self.name + "}:claimed:" + name)
        return any(await pipe.execute())


@asynccontextmanager
async def floor(valkey: str, receiver: HttpReceiver, **conditions: Any) -> AsyncIterator[Floor]:
    """One destination, `ops`: a webhook; `conditions` are those of its one route."""
    routes = Routes(
        (Destination("ops", Way.SCREEN, Screen()),),
        (Route("all", ("ops",), **conditions),),
        delivery=Delivery(max_age_ms=24 * HOUR),
    )
    redis = Redis.from_url(valkey)
    async with http_session() as session:
        channels: dict[str, Channel] = {"ops": Webhook(session, receiver.url, 0.2, lambda: BEGIN)}
        try:
            yield Floor(redis, routes, channels)
        finally:
            await redis.aclose()
