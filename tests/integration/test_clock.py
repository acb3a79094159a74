"""The clock stage on a real broker: killed, stopped, relieved, and every partition gets the same intervals."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from alerts.core import clock
from alerts.core.alert import Alert
from alerts.core.instants import MINUTE, SECOND
from alerts.core.intervals import (
    ClockRecord,
    IntervalClosed,
    Outage,
    OutageFound,
    Reception,
    StationCount,
    StationRun,
    Tick,
)
from alerts.core.reports import Origin
from streams.clock import run
from streams.codec import decode_alert, encode, encode_alert
from streams.settings import ConfigError, Settings
from streams.snapshots import Snapshot, Snapshots
from streams.topics_admin import generation
from tests.integration.feeds import process
from tests.integration.logs import by_source, once, records_of, values_of, write

START = 1_706_918_400_000


def log_of(settings: Settings, minutes: int = 600) -> list[ClockRecord]:
    """Two partitions tick every 20 s and count what they heard; a feed is out for ten minutes of every hour."""
    records: list[ClockRecord] = []
    for step in range(minutes * 3):
        at = START + step * 20 * SECOND
        for number in range(settings.topics.sentences.partitions):
            origin = Origin(f"s:g:{number}", step, 0)
            if step % 180 == 150:
                records.append(OutageFound(origin, Outage("north", at - 10 * MINUTE, at)))
            records.append(Reception(Origin(origin.source, step, 1), "north", (mast(step),)))
            records.append(Tick(Origin(origin.source, step, 2), at, (), (("north", at),)))
    return records


def mast(step: int) -> StationRun:
    """The minute that a step tells of."""
    end = START + step // 3 * MINUTE
    return StationRun(end, end, (StationCount("mast", step % 7, 1, 0),))


def undisturbed(settings: Settings, source: str, log: list[ClockRecord]) -> tuple[list[IntervalClosed], list[Alert]]:
    """What one clock says that nobody disturbs."""
    state, said = clock.ClockState(), []
    for offset, record in enumerate(log):
        state, out = clock.step(state, offset, record, source, settings.topics.sentences.partitions)
        said += out
    closed = [one for one in said if isinstance(one, IntervalClosed)]
    return closed, [one for one in said if isinstance(one, Alert)]


async def source_of(settings: Settings) -> str:
    topic = settings.topics.clock.name
    return f"{topic}:{await generation(settings.kafka, topic)}:0"


async def tell(settings: Settings, log: list[ClockRecord]) -> None:
    await write(settings, settings.topics.clock, [[encode(record) for record in log]])


def intervals(log: list[list[Any]]) -> list[list[IntervalClosed]]:
    """Of each partition, without repeats."""
    return [list(itertools.chain.from_iterable(by_source(rows).values())) for rows in log]


async def alerts_of(settings: Settings) -> list[bytes]:
    """Without repeats, in the order in which they were said first."""
    ((*values,),) = await values_of(settings, settings.topics.alerts)
    return list(dict.fromkeys(values))


async def assert_undisturbed(settings: Settings, log: list[ClockRecord]) -> None:
    closed, alerts = undisturbed(settings, await source_of(settings), log)
    assert len(closed) > 100
    assert len(alerts) >= 5
    partitions = settings.topics.reports.partitions
    whole = [closed] * partitions
    written = await once(
        settings, settings.topics.reports, lambda now: list(map(len, intervals(now))) == [len(closed)] * partitions
    )
    assert intervals(written) == whole
    assert await alerts_of(settings) == [encode_alert(alert) for alert in alerts]


@asynccontextmanager
async def ticking(settings: Settings) -> AsyncIterator["asyncio.Task[None]"]:
    stage = asyncio.create_task(run(settings))
    try:
        yield stage
    finally:
        stage.cancel()
        with suppress(asyncio.CancelledError):
            await stage


@pytest.mark.parametrize(
    "stored", [b"snapshot/9 whatever", Snapshot("s:g:0", 1, b"clock/9 whatever").dump(), b"snapshot/1 \x80"]
)
async def test_a_snapshot_of_another_version_is_refused_and_kept(settings: Settings, stored: bytes) -> None:
    async with Snapshots(settings.kafka, settings.topics) as snapshots:
        await snapshots.save("clock/0", stored)
        with pytest.raises(ConfigError, match=r"snapshot: clock/0: .* run the version that wrote it"):
            await asyncio.wait_for(run(settings), 30)
        assert await snapshots.load(["clock/0"]) == {"clock/0": stored}


@pytest.mark.timeout(180)
async def test_closes_the_same_intervals_on_every_partition_whatever_dies(settings: Settings) -> None:
    log = log_of(settings)
    for number, death in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)):
        stage = await process(settings, "clock")
        before = len(intervals(await records_of(settings, settings.topics.reports))[0])
        await tell(settings, log[len(log) * number // 4 : len(log) * (number + 1) // 4])
        await once(settings, settings.topics.reports, lambda now, least=before: len(intervals(now)[0]) > least + 20)
        stage.send_signal(death)
        assert await stage.wait() == (0 if death is signal.SIGTERM else -death)
    stage = await process(settings, "clock")
    await tell(settings, log[len(log) * 3 // 4 :])
    await assert_undisturbed(settings, log)
    stage.send_signal(signal.SIGTERM)
    assert await stage.wait() == 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize("death", [signal.SIGTERM, signal.SIGKILL])
async def test_a_second_clock_stands_by(settings: Settings, death: signal.Signals) -> None:
    log = log_of(settings)
    first, second = await process(settings, "clock"), await process(settings, "clock")
    await tell(settings, log[: len(log) // 2])
    await once(settings, settings.topics.reports, lambda now: len(intervals(now)[0]) > 100)
    await asyncio.sleep(3)  # long enough for both to have joined, and for one to have been given nothing
    repeats = len((await records_of(settings, settings.topics.reports))[0])
    first.send_signal(death)
    await first.wait()
    await tell(settings, log[len(log) // 2 :])
    await assert_undisturbed(settings, log)
    second.send_signal(signal.SIGTERM)
    assert await second.wait() == 0
    assert repeats < 1.5 * len(undisturbed(settings, "s", log)[0]), "both were at work at once"


async def test_a_feed_that_fell_silent_is_out_by_the_clock_on_the_wall(settings: Settings) -> None:
    limits = (("north", 3 * SECOND), ("space", 3_600 * SECOND))
    stands = (("north", START), ("space", START))
    ticks = [Tick(Origin(f"s:g:{n}", 1, 0), START, (), stands, True, limits) for n in range(2)]
    async with ticking(settings):
        await tell(settings, [ticks[0]])
        await asyncio.sleep(8)
        assert await alerts_of(settings) == [], "one partition has not said that it has read everything"
        await tell(settings, [ticks[1]])
        async with asyncio.timeout(20):
            while not (said := await alerts_of(settings)):
                await asyncio.sleep(0.1)
        again = START + 2 * SECOND
        await tell(
            settings, [Tick(Origin(f"s:g:{n}", 2, 0), again, (), (("north", again),), False, limits) for n in range(2)]
        )
        async with asyncio.timeout(20):
            while len(said := await alerts_of(settings)) < 2:
                await asyncio.sleep(0.1)
    (out, back) = map(decode_alert, said)
    assert (out.rule, out.event, out.happened_at) == ("outage", "opened", START)
    assert (back.id, back.event) == (out.id, "retracted")
    found = [r for r in (await records_of(settings, settings.topics.clock))[0] if isinstance(r, OutageFound)]
    assert found == [OutageFound(Origin("clock", 0, 0), Outage("north", START, None))]


async def test_what_is_no_record_of_the_clock_is_a_dead_letter(settings: Settings) -> None:
    await write(settings, settings.topics.clock, [[b"\x00\xff", encode(IntervalClosed(Origin("s", 1, 0), START))]])
    await tell(settings, log_of(settings, 30))
    async with ticking(settings):
        await once(settings, settings.topics.reports, lambda now: len(intervals(now)[0]) > 10)
    ((*dead,),) = await values_of(settings, settings.topics.rejects)
    assert len(dead) == 2
    assert dead[0] == b"\x00\xff"
