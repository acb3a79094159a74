"""The stages as processes of their own, as in production; none is left when the demo ends."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import aiohttp

from streams.embedded import free_port
from streams.leashed import leashed

_READY_WITHIN_S = 60.0
_STOPPED_WITHIN_S = 15.0
_APPLIED = re.compile(r'^hullwatch_applied_offset{partition="(\d+)",topic="([^"]+)"} (\S+)$', re.MULTILINE)
_ALERTS = re.compile(r"^hullwatch_(?:detect|clock)_alerts_total{[^}]*} (\S+)$", re.MULTILINE)
_SHOWN = 2_000
"""Characters of the log of a stage that ended by itself."""


class StageEndedError(Exception):
    """A stage ended, or did not begin its work: its name and the end of its log."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running stage, with the port of its metrics and the file of its log."""

    name: str
    process: asyncio.subprocess.Process
    metrics_port: int
    log: Path


@asynccontextmanager
async def running(
    names: Mapping[str, tuple[str, ...]], environ: Mapping[str, str], logs: Path
) -> AsyncIterator[list[Stage]]:
    """Starts stages (name -> its arguments) and waits until all are at work; stops them in reverse.

    Raises StageEndedError where one does not start; when one ends later, the block is cancelled and it is raised then.
    """
    async with AsyncExitStack() as stack:
        stages = [await stack.enter_async_context(started(n, a, environ, logs)) for n, a in names.items()]
        await asyncio.gather(*(at_work(stage) for stage in stages))
        async with _watched(stages):
            yield stages


@asynccontextmanager
async def started(
    name: str, arguments: Sequence[str], environ: Mapping[str, str], logs: Path, module: str = "streams"
) -> AsyncIterator[Stage]:
    """One stage until the block ends; it is told to stop by SIGTERM.

    In a session of its own: Ctrl-C in the terminal is for the demo, which then stops its stages in order.
    """
    log, port = logs / f"{name}.log", free_port()
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *leashed([sys.executable, "-m", module, name, *arguments]),
            env={**os.environ, **environ, "HULLWATCH_METRICS_PORT": str(port)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield Stage(name, process, port, log)
    finally:
        await _stopped(process)


async def _stopped(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _STOPPED_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def at_work(stage: Stage) -> None:
    """Waits until a stage is; raises StageEndedError where it ends, or does not begin within a minute."""
    address = f"http://127.0.0.1:{stage.metrics_port}/readyz"
    async with aiohttp.ClientSession() as session:
        for _ in range(round(_READY_WITHIN_S / 0.1)):
            if stage.process.returncode is not None:
                raise StageEndedError(_ended(stage))
            try:
                async with session.get(address) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass  # it does not listen yet
            await asyncio.sleep(0.1)
    raise StageEndedError(f"{stage.name} was not at work within {_READY_WITHIN_S:.0f} s\n{_tail(stage)}")


class Done(NamedTuple):
    """Per topic and partition, the offset before which everything is applied by all stages that read it; and how many
    alerts were published.
    """

    applied: dict[tuple[str, int], int]
    alerts: int


async def done_by(stages: Iterable[Stage]) -> Done:
    """By their metrics."""
    found, alerts = dict[tuple[str, int], int](), 0.0
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        for stage in stages:
            async with session.get(f"http://127.0.0.1:{stage.metrics_port}/metrics") as answer:
                metrics = await answer.text()
            for n, topic, at in _APPLIED.findall(metrics):
                place, offset = (topic, int(n)), int(float(at))
                found[place] = min(found.get(place, offset), offset)
            alerts += sum(map(float, _ALERTS.findall(metrics)))
    return Done(found, int(alerts))


@asynccontextmanager
async def _watched(stages: list[Stage]) -> AsyncIterator[None]:
    """Cancels the block when a stage ends by itself."""
    block = asyncio.current_task()
    ended: list[Stage] = []

    async def watch(stage: Stage) -> None:
        await stage.process.wait()
        ended.append(stage)
        assert block is not None
        block.cancel()

    watching = [asyncio.create_task(watch(stage)) for stage in stages]
    try:
        yield
    except asyncio.CancelledError:
        if ended:
            raise StageEndedError(_ended(ended[0])) from None
        raise
    finally:
        for task in watching:
            task.cancel()


def _ended(stage: Stage) -> str:
    return f"{stage.name} ended with status {stage.process.returncode}\n{_tail(stage)}"


def _tail(stage: Stage) -> str:
    return stage.log.read_text(errors="replace")[-_SHOWN:]
