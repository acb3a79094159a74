"""Reports wait for the clock where a backlog is read: none tells of a ship in sight who was dark before it."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
from pyais.encode import encode_dict

from alerts.core.hull import Hull
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from alerts.core.reports import Report
from streams.codec import decode
from streams.feed_records import batches
from streams.ingest.lead import MOST_AHEAD_MS, Lead
from streams.ingest.loop import _Ingest
from streams.nmea import FeedRules, LineReader
from streams.ordered import Ordered
from streams.settings import Settings
from streams.topics import Topics
from streams.versions import VersionReader
from tests.streams.lines import at, tagged

EIGHT = at("08:00:00")
HERS, ANOTHER = 273_210_440, 440_000_001
LASTS, PERIOD = 6 * HOUR, 20 * SECOND
SILENT = range(EIGHT + HOUR, EIGHT + 5 * HOUR)
SETTINGS = Settings("", "", topics=Topics("t", source_partitions=1, report_partitions=1))


def line(mmsi: int, when: Instant) -> bytes:
    fields = {"type": 1, "mmsi": mmsi, "lat": 34 + (when - EIGHT) / 1e9, "lon": 129.0, "second": when // SECOND % 60}
    return tagged(encode_dict(fields, talker_id="AI", radio_channel="A")[0].encode(), when, "mast")


def backlog() -> list[tuple[int, bytes]]:
    """She is silent for four of six hours; another ship is not."""
    reader = LineReader(FeedRules("north"))
    times = range(EIGHT, EIGHT + LASTS, PERIOD)
    lines = [line(mmsi, t) for t in times for mmsi in (HERS, ANOTHER) if mmsi == ANOTHER or t not in SILENT]
    cut = batches([*reader.read(lines), *reader.finish()], "north", 1)
    return list(enumerate(value for parts in cut for part in parts for value in part))


class Written:
    """What goes to Kafka; of each report, how far the clock was and what it waited for."""

    def __init__(self, lead: Lead) -> None:
        self._lead, self.reports = lead, list[tuple[Instant, Instant | None]]()

    async def write(self, topic: str, rows: dict[int, Sequence[tuple[bytes | None, bytes]]]) -> None:
        if topic == SETTINGS.topics.reports.name:
            found = [decode(value) for _, value in rows.get(0, ())]
            self.reports += [(one.heard_at, self._lead._closed) for one in found if isinstance(one, Report)]

    async def reject(self, topic: str, letters: Iterator[Any]) -> None:
        assert not list(letters), topic


class Watched:
    """A watchlist of her."""

    watchlist = (Hull("angara", mmsi=HERS),)

    async def poll(self) -> bool:
        return False


async def read(stands_after_s: float, closes: bool, monkeypatch: pytest.MonkeyPatch) -> Written:
    """The backlog, with a clock that closes what the partition has ticked whenever it is waited for, if it closes."""

    async def nothing(settings: Settings) -> tuple[None, list[Report]]:
        return None, []

    monkeypatch.setattr("streams.ingest.loop.looked_back", nothing)
    loop, rows = asyncio.get_running_loop(), backlog()
    lead = Lead(loop.time(), stands_after_s)
    written = Written(lead)
    work = _Ingest(SETTINGS, cast(VersionReader, Watched()), cast(Ordered, written), lead, 30.0)
    state = work.first()
    await work.pause({})
    while rows:
        taken = 0
        if work.may_apply("s:g:0", state):
            state, taken = await work.apply("s:g:0", state, rows[:500])
            rows = rows[taken:]
        if not taken and closes:
            lead.closed(work.reached(state) // MINUTE * MINUTE, loop.time())
        await asyncio.sleep(0)
    return written


async def test_a_report_is_brought_when_the_clock_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    written = await read(600.0, True, monkeypatch)
    heard = [heard for heard, _ in written.reports]
    assert heard == [t for t in range(EIGHT, EIGHT + LASTS, PERIOD) if t not in SILENT]
    assert all(closed is None or heard <= closed + MOST_AHEAD_MS for heard, closed in written.reports)
    assert sum(closed is None for _, closed in written.reports) <= MOST_AHEAD_MS // PERIOD + 1
    (again,) = (closed for heard, closed in written.reports if heard == SILENT.stop)
    assert again is not None
    assert again >= SILENT.stop - MOST_AHEAD_MS


async def test_a_clock_that_stands_holds_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    written = await read(0.05, False, monkeypatch)
    assert len(written.reports) == len([t for t in range(EIGHT, EIGHT + LASTS, PERIOD) if t not in SILENT])
