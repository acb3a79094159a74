"""uvicorn inside a program that has its own signals, its own log and its own way to stop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

STOP_S = 2
MAX_CONNECTIONS = 400


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to whoever runs the stage."""
        yield


@asynccontextmanager
async def served(app: ASGIApp, host: str, port: int, before_stop: Callable[[], None]) -> AsyncIterator[str]:
    """Answers while the block runs; gives `http://host:port` (port 0: one that the system chose).

    `before_stop` must end the streams that are open.  Raises OSError where the address is not to be had.
    """
    listening = _listen(host, port)
    bound: tuple[str, int] = listening.getsockname()[:2]
    server = _Server(_config(app))
    answering = asyncio.create_task(server.serve([listening]))
    try:
        yield f"http://[{bound[0]}]:{bound[1]}" if ":" in bound[0] else f"http://{bound[0]}:{bound[1]}"
    finally:
        before_stop()
        server.should_exit = True
        await answering


def _listen(host: str, port: int) -> socket.socket:
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address[:2], family=family)


def _config(app: ASGIApp) -> uvicorn.Config:
    # No access log: it would show the token.
    return uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=STOP_S,
    )
