"""The real application on a port of this machine, and the value behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from alerts.dashboard.api import create_app
from alerts.dashboard.auth import Token
from alerts.dashboard.live import Live, Mark
from alerts.dashboard.server import served
from alerts.dashboard.sse import Broadcast

TOKEN = Token("a-token-for-the-tests-0123456789")


@dataclass(frozen=True, slots=True)
class Screen:
    address: str
    live: Live

    @property
    def door(self) -> str:
        return f"{self.address}/?token={TOKEN.secret}"


@asynccontextmanager
async def screen(broadcast: Broadcast | None = None, caught_up: bool = True) -> AsyncIterator[Screen]:
    live = Live(broadcast or Broadcast("test"), sources=1)
    if caught_up:
        live.take(Mark.CAUGHT_UP)
    app = create_app(live, TOKEN, lambda: b"hullwatch_up 1\n", list)
    telling = asyncio.create_task(live.flush_forever())
    try:
        async with served(app, "127.0.0.1", 0, live.broadcast.close) as address:
            yield Screen(address, live)
    finally:
        telling.cancel()
