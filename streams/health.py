"""What a stage tells of itself over HTTP: /metrics for Prometheus, /healthz (it lives), /readyz (it is at work).

Ready: `READY` is set, nothing is missing (needs.py), no partition falls behind (progress.py).  A stage sets `READY`
once its partitions are loaded, or it stands by; the dashboard has these paths beside its page.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import REGISTRY, generate_latest

from streams.metrics import READY
from streams.needs import all_missing
from streams.progress import PROGRESS
from streams.settings import ConfigError

HOST = "127.0.0.1"


@asynccontextmanager
async def served(port: int | None) -> AsyncIterator[None]:
    """Serves while the block runs, on HULLWATCH_METRICS_HOST or this host alone; None: nothing is served.

    Raises ConfigError where the port is taken.
    """
    if port is None:
        yield
        return
    app = web.Application()
    app.add_routes([web.get("/metrics", _metrics), web.get("/healthz", _healthz), web.get("/readyz", _readyz)])
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await _listen(runner, os.environ.get("HULLWATCH_METRICS_HOST") or HOST, port)
        yield
    finally:
        READY.set(0)
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        place = "HULLWATCH_METRICS_PORT"
        raise ConfigError("environment", place, f"a free port, got {port} ({error.strerror})") from error


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": "text/plain; version=0.0.4"})


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _readyz(_: web.Request) -> web.Response:
    reasons = unready()
    return web.Response(status=503 if reasons else 200, text="".join(f"{reason}\n" for reason in reasons) or "ready\n")


def unready() -> list[str]:
    """Why it is not ready, each in a line; none when it is."""
    reasons = [f"waits for {need.value}: {what}" for need, what in all_missing().items()]
    behind = PROGRESS.falls_behind(time.monotonic())
    reasons += [f"falls behind on {topic}[{partition}]" for topic, partition in behind]
    if REGISTRY.get_sample_value("hullwatch_ready") != 1 and not reasons:
        reasons.append("not yet")
    return reasons
