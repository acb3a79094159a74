"""The exact count: what detect keeps of 1,000 hulls, told 1,000 things a second, while its workers are disturbed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from streams.settings import Settings
from tests.crash import changes as changes_made
from tests.crash.bench import Bench
from tests.crash.blows import Blows, Crew, knocked_over
from tests.crash.load import Load, configured
from tests.crash.outcome import Outcome
from tests.crash.stage import Changes
from tests.crash.table import Progress, compacted_away, compared, kept_at_end, undisturbed

HULLS, A_SECOND = 1_000, 1_000
COMPACTING = {
    "segment.ms": "1000",
    "segment.bytes": "1048576",
    "min.cleanable.dirty.ratio": "0.01",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "1000",
}
"""Of the changelog: everything but the last second is compacted, while it is written."""


@dataclass(frozen=True)
class Scene:
    """What a disturbance has at hand."""

    bench: Bench
    settings: Settings
    crew: Crew
    progress: Progress
    blows: Blows
    outcome: Outcome


Disturb = Callable[[Scene], Awaitable[None]]


async def killed(bench: Bench) -> Outcome:
    """One worker, killed and started again."""
    return await _counted(bench, "detect killed", 1, _kill)


async def paused(bench: Bench) -> Outcome:
    """One of two workers stands still for longer than the session time-out, and wakes up after the other took over."""
    return await _counted(bench, "detect paused", 2, _pause)


async def joined(bench: Bench) -> Outcome:
    """A second and a third worker come and go."""
    return await _counted(bench, "detect joined and left", 1, _come_and_go)


async def broker(bench: Bench) -> Outcome:
    """The broker is stopped or killed, and started again."""
    return await _counted(bench, "detect without its broker", 2, _broker)


async def compacted(bench: Bench) -> Outcome:
    """The changelog is compacted while it is written and read; the workers are killed, and so is the broker."""
    return await _counted(bench, "detect while its changelog is compacted", 2, _anything, COMPACTING)


async def _kill(scene: Scene) -> None:
    await scene.blows.kill()


async def _pause(scene: Scene) -> None:
    await scene.blows.pause(lambda: asyncio.ensure_future(scene.progress.everywhere()))


async def _come_and_go(scene: Scene) -> None:
    await scene.blows.come_and_go()


async def _broker(scene: Scene) -> None:
    await knocked_over(scene.bench.servers.kafka, scene.outcome, scene.bench.dice)


async def _anything(scene: Scene) -> None:
    """No pause: what a paused worker writes late is compacted here before it can be repaired (docs/guarantees.md)."""
    await scene.bench.dice.choice([_kill, _kill, _broker])(scene)


async def _counted(
    bench: Bench, name: str, workers: int, disturb: Disturb, changelog: Mapping[str, str] | None = None
) -> Outcome:
    outcome = Outcome(name)
    with changes_made.changelog(changelog or {}):
        settings = bench.settings(report_partitions=6 if bench.long else 3)
        settings = await configured(settings, bench.folder / "config", HULLS)
    changes = replace(bench.changes, changelog=changelog or {})
    crew = Crew(settings, bench.folder, outcome, "detect", changes=lambda: changes)
    load = Load(settings, bench.seed, HULLS, A_SECOND)
    async with crew, Progress(settings) as progress:
        for _ in range(workers):
            crew.join()
        blows = Blows(crew, outcome, bench.dice, bench.session_s)
        scene = Scene(bench, settings, crew, progress, blows, outcome)
        await _disturbed(scene, load, disturb)
    outcome.events, outcome.longest_s = load.sent, progress.longest_s
    await _judged(bench, settings, load, changes, outcome)
    if changelog:
        outcome.done["changelog records compacted away"] = await compacted_away(settings)
    return outcome


async def _disturbed(scene: Scene, load: Load, disturb: Disturb) -> None:
    """Blow after blow under load; each is given the time to heal, and the load goes on until then.

    The load begins when the watchlist is in every partition's table: what waits for a start shows nothing more.
    """
    try:
        await scene.progress.everywhere()
    except TimeoutError:
        scene.outcome.wrong(f"no start, see {scene.bench.folder}")
        return
    enough = asyncio.Event()
    sending = asyncio.create_task(load.run(enough))
    try:
        await scene.progress.everywhere()
        until = asyncio.get_running_loop().time() + scene.bench.seconds
        while asyncio.get_running_loop().time() < until:
            await asyncio.sleep(scene.bench.dice.uniform(0.5, 2.5))
            await disturb(scene)
            await scene.progress.everywhere()
    except TimeoutError:
        scene.outcome.wrong(f"no answer, see {scene.bench.folder}")
    finally:
        scene.progress.stop()
        enough.set()
        await sending


async def _judged(bench: Bench, settings: Settings, load: Load, changes: Changes, outcome: Outcome) -> None:
    """The table as a fresh worker has it, once it has taken everything."""
    async with Crew(settings, bench.folder, outcome, "detect", changes=lambda: changes) as last:
        last.join()
        expected = await undisturbed(settings)
        found, whole = await kept_at_end(settings, expected.ends)
    if not whole:
        outcome.wrong("the last record of every partition was not taken, or an older memory stands last")
    await compared(settings, expected, found, load.older, outcome)
