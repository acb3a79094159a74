"""What a stage tells of itself over HTTP."""

import socket

import aiohttp
import pytest

from streams.embedded import free_port
from streams.health import served
from streams.metrics import READY
from streams.progress import Progress
from streams.settings import ConfigError


async def got(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as response:
        return response.status, await response.text()


async def test_is_ready_only_once_the_stage_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.health.all_missing", dict)  # stages that ran in this process leave theirs behind
    monkeypatch.setattr("streams.health.PROGRESS", Progress())
    READY.set(0)
    port = free_port()
    async with served(port):
        assert (await got(port, "/healthz"))[0] == 200
        assert (await got(port, "/readyz"))[0] == 503
        READY.set(1)
        assert (await got(port, "/readyz"))[0] == 200
        status, text = await got(port, "/metrics")
    assert status == 200
    assert "hullwatch_ready 1.0" in text


async def test_serves_nothing_unless_asked() -> None:
    async with served(None):
        pass


async def test_a_taken_port_is_a_setting_to_correct() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="expected a free port"):
            async with served(taken.getsockname()[1]):
                pass
