"""Stages under test: processes on the test's own topics that can be stopped and started again one by one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from streams.demo.stages import Stage, at_work, started
from streams.settings import Settings


def environ_of(settings: Settings) -> dict[str, str]:
    """What a stage must know to work on these servers and topics."""
    return {
        "HULLWATCH_KAFKA": settings.kafka,
        "HULLWATCH_REDIS": settings.redis,
        "HULLWATCH_PREFIX": settings.topics.prefix,
        "HULLWATCH_CONFIG": str(settings.config_dir),
        "HULLWATCH_SOURCE_PARTITIONS": str(settings.topics.source_partitions),
        "HULLWATCH_REPORT_PARTITIONS": str(settings.topics.report_partitions),
    }


class Stages:
    """Running stages by name; those with a module of their own are in `modules`."""

    def __init__(self, environ: Mapping[str, str], folder: Path, modules: Mapping[str, str]) -> None:
        self._environ, self._folder, self._modules = environ, folder, modules
        self._arguments: dict[str, tuple[str, ...]] = {}
        self._running: dict[str, tuple[AsyncExitStack, Stage]] = {}

    async def start(self, name: str, *arguments: str) -> None:
        """Returns when it is at work."""
        stack, module = AsyncExitStack(), self._modules.get(name, "streams")
        stage = await stack.enter_async_context(started(name, arguments, self._environ, self._folder, module))
        self._arguments[name], self._running[name] = arguments, (stack, stage)
        await at_work(stage)

    async def stop(self, name: str) -> int | None:
        """By SIGTERM; the exit status."""
        stack, stage = self._running.pop(name)
        await stack.aclose()
        return stage.process.returncode

    async def start_again(self, name: str) -> None:
        """As it was started before."""
        await self.start(name, *self._arguments[name])

    async def stop_all(self) -> dict[str, int | None]:
        """The last one first."""
        return {name: await self.stop(name) for name in reversed(list(self._running))}


@asynccontextmanager
async def stages(settings: Settings, folder: Path, **modules: str) -> AsyncIterator[Stages]:
    """None is left behind the block."""
    running = Stages(environ_of(settings), folder, modules)
    try:
        yield running
    finally:
        await running.stop_all()
