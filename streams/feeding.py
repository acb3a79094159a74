"""One feed on its way into the log: portions in, acknowledged flushes out, and exactly so again after a death."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aiokafka.errors import KafkaError

from streams.feed_journal import FeedSnapshot, Flushed, Mark
from streams.feed_log import FeedLog
from streams.feed_records import batches, rejects
from streams.feeds.pace import Pace
from streams.feeds.portions import Place, Portion, Position, Source, after
from streams.heeding import heed_cancellation
from streams.lasting import passes
from streams.metrics import FEED_LINES, FEED_REACHED_SECONDS, FEED_REJECTED, FEED_SENTENCES
from streams.needs import AGAIN_S, Need, missing
from streams.nmea import FeedRules, LineReader, Output
from streams.progress import PROGRESS
from streams.sentences import Sentence, TimeRecord
from streams.settings import ConfigError
from streams.snapshots import Snapshots, unreadable

SAVE_EVERY_S = 10.0
_FEEL_S = 0.05
"""Waits shorter than this are not worth a flush of their own."""
_log = logging.getLogger("feed")


class Feeding:
    """Reads one source until it ends or until cancelled; then what is in hand is written and the place is kept."""

    def __init__(
        self, rules: FeedRules, source: Source, log: FeedLog, snapshots: Snapshots, pace: Pace | None = None
    ) -> None:
        self._rules, self._source, self._log, self._snapshots, self._pace = rules, source, log, snapshots, pace
        self._reader, self._counted = LineReader(rules), 0
        self._position: Position = {}
        self._unmarked: tuple[Place, ...] = ()
        self._flush = 0
        self._offsets: dict[int, int] = {}
        self._sent: list[asyncio.Future[tuple[int, int]]] = []
        self._last: tuple[list[Output], Mark] | None = None
        self._saved_s = 0.0
        self._leaving = asyncio.Event()
        self._hand: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Raises ConfigError where source, log or snapshot is not what was begun, KafkaError from the log."""
        if await self._resumed():
            _log.info("%s: played to its end before", self._rules.name)
            return
        try:
            while (portion := await self._next()) is not None:
                await self._in_hand(self._take(portion))
                await self._in_hand(self._save_if_due())
            await self._in_hand(self._end())
        except asyncio.CancelledError:
            await self._leave()
            raise

    async def _next(self) -> Portion | None:
        heed_cancellation()
        return await self._source.next()

    async def _in_hand(self, work: Coroutine[Any, Any, None]) -> None:
        """Is finished even when the stage is told to stop."""
        self._hand = asyncio.create_task(work)
        await asyncio.shield(self._hand)

    async def _leave(self) -> None:
        self._leaving.set()
        if self._hand is not None:
            await self._hand
        rest = await self._source.rest()
        if rest is not None:
            outputs = self._read(rest)
            await self._write([*outputs, *self._reader.release()], rest.place)
        await self._save()

    async def _take(self, portion: Portion) -> None:
        if self._pace is None:
            await self._write(self._read(portion), portion.place)
        else:
            await self._take_in_time(portion, self._pace)

    async def _take_in_time(self, portion: Portion, pace: Pace) -> None:
        """Line by line: what is due later is written later."""
        ((_, lines),) = portion.runs
        outputs: list[Output] = []
        begun = 0
        for n, line in enumerate(lines):
            read = self._reader.read((line,))
            wait_s = pace.wait_s(self._reader.state.levels.front, asyncio.get_running_loop().time())
            if wait_s > _FEEL_S:
                await self._write(outputs, _part(portion.place, begun, n))
                await self._acknowledged()
                left = await self._left_within(wait_s)
                await self._write(read, _part(portion.place, n, n + 1))
                if left:
                    return
                await self._save_if_due()
                begun, outputs = n + 1, []
                continue
            outputs += read
        await self._write(outputs, _part(portion.place, begun, len(lines)))

    async def _left_within(self, wait_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._leaving.wait()
        return self._leaving.is_set()

    def _read(self, portion: Portion) -> list[Output]:
        outputs: list[Output] = []
        for received_at, lines in portion.runs:
            outputs += self._reader.read(lines, received_at)
        return outputs

    async def _end(self) -> None:
        await self._write(self._reader.finish(), None, ended=True)
        await self._save(ended=True)

    async def _write(self, outputs: list[Output], place: Place | None, ended: bool = False) -> None:
        """One flush, once the one before it is acknowledged."""
        if place:
            self._unmarked = (*self._unmarked, place)
            self._position = after(self._position, place)
        await self._acknowledged()
        if outputs:
            mark = Mark(self._rules.name, self._flush + 1, 0, self._unmarked, ended)
            self._last = (outputs, mark)
            try:
                await self._send(outputs, mark, set())
            except KafkaError as error:
                self._sent.append(_failed(error))
        self._count(outputs)

    async def _send(self, outputs: list[Output], mark: Mark, had: set[tuple[int, int]]) -> None:
        dead = rejects(outputs)
        self._sent = await self._log.reject(mark.feed, dead) if dead else []
        cut = batches(outputs, mark.feed, self._log.partitions)
        for partition, parts in enumerate(cut):
            for part, values in enumerate(parts):
                if (partition, part) not in had:
                    header = replace(mark, part=part).dump()
                    self._sent.append(await self._log.write(partition, values, header))
        if any(cut):
            self._flush, self._unmarked = mark.flush, ()

    async def _acknowledged(self) -> None:
        """Everything written so far, once more where Kafka went away; raises KafkaError where that does not help."""
        while self._sent:
            sent, self._sent = self._sent, []
            with PROGRESS.owed(f"flush {self._flush} of feed {self._rules.name}"):
                ended = await asyncio.gather(*sent, return_exceptions=True)
            errors = [end for end in ended if isinstance(end, BaseException)]
            for end in ended:
                if not isinstance(end, BaseException) and end[0] >= 0:
                    self._offsets[end[0]] = max(end[1], self._offsets.get(end[0], 0))
            if errors:
                await self._again_or_raise(next((error for error in errors if not passes(error)), errors[0]))

    async def _again_or_raise(self, error: BaseException) -> None:
        """Writes what is missing of the last flush, as the log itself says; lines that come once are in hand alone."""
        while self._last is not None and passes(error) and not self._leaving.is_set():
            missing(Need.KAFKA, str(error) or type(error).__name__)
            await asyncio.sleep(AGAIN_S)
            if not await self._log.answers():
                continue
            try:
                return await self._write_again(*self._last)
            except KafkaError as other:
                await asyncio.gather(*self._sent, return_exceptions=True)
                error = other
        raise error

    async def _write_again(self, outputs: list[Output], mark: Mark) -> None:
        snapshot = replace(self._snapshot(), flush=mark.flush - 1)
        found, self._offsets = await self._log.flushes(mark.feed, snapshot)
        had = next((flushed.parts for flushed in found if flushed.mark.flush == mark.flush), set())
        await self._send(outputs, mark, had)

    def _count(self, outputs: Iterable[Output]) -> None:
        name, counts = self._rules.name, self._reader.counts
        FEED_LINES.labels(feed=name).inc(counts.lines - self._counted)
        self._counted = counts.lines
        sentences = 0
        for output in outputs:
            if type(output) is Sentence:
                sentences += 1
            elif type(output) is TimeRecord:
                FEED_REACHED_SECONDS.labels(feed=name).set(output.reached / 1000)
            else:
                FEED_REJECTED.labels(feed=name, reason=str(output.reason)).inc()  # type: ignore[union-attr]
        FEED_SENTENCES.labels(feed=name).inc(sentences)

    async def _save_if_due(self) -> None:
        if asyncio.get_running_loop().time() - self._saved_s < SAVE_EVERY_S:
            return
        try:
            await self._save()
        except KafkaError as error:
            if not passes(error):
                raise
            self._saved_s = asyncio.get_running_loop().time()  # the next one will do: the log knows the rest

    async def _save(self, ended: bool = False) -> None:
        await self._acknowledged()
        await self._snapshots.save(self._key, self._snapshot(ended).dump())
        self._unmarked = ()
        self._saved_s = asyncio.get_running_loop().time()

    def _snapshot(self, ended: bool = False) -> FeedSnapshot:
        return FeedSnapshot(
            self._log.generation,
            self._source.what,
            self._source.generation,
            self._flush,
            self._offsets,
            self._position,
            self._reader.state,
            ended,
        )

    @property
    def _key(self) -> str:
        return f"feed/{self._rules.name}"

    async def _resumed(self) -> bool:
        """Takes up where the last process ended, if there was one; True where there is nothing left to do."""
        stored = (await self._snapshots.load([self._key])).get(self._key)
        if stored is None:
            self._offsets = await self._log.ends()
            await self._source.open({})
            await self._save()
            return False
        snapshot = self._stored(stored)
        self._flush = snapshot.flush
        found, self._offsets = await self._log.flushes(self._rules.name, snapshot)
        goes_on = self._is_same(snapshot)
        if goes_on:
            self._position = snapshot.position
            self._reader = LineReader(self._rules, snapshot.reader)
            self._counted = self._reader.counts.lines
        await self._source.open(self._position)
        ended = goes_on and snapshot.ended
        for flushed in found:
            await (self._flush_again(flushed) if goes_on else self._times_again(flushed))
            ended = ended or (goes_on and flushed.mark.ended)
        await self._save(ended)
        return ended

    def _stored(self, stored: bytes) -> FeedSnapshot:
        try:
            return FeedSnapshot.load(stored)
        except ValueError as error:
            raise ConfigError("snapshot", self._key, unreadable(error)) from error

    def _is_same(self, snapshot: FeedSnapshot) -> bool:
        """Whether the source is the one that was begun, so that its lines can be read again."""
        if snapshot.what != self._source.what or not self._source.generation:
            return False
        if snapshot.generation != self._source.generation:
            expected = f"{snapshot.what} as it was begun, found another one in its place; give the feed a new name"
            raise ConfigError("feed", self._rules.name, expected)
        return True

    async def _flush_again(self, flushed: Flushed) -> None:
        """Reads what the flush was made of, and writes what is missing of it."""
        outputs: list[Output] = []
        for place in flushed.mark.places:
            outputs += self._read(await self._source.again(place))
            self._position = after(self._position, place)
        if flushed.mark.ended:
            outputs += self._reader.finish()
        await self._send([o for o in outputs if isinstance(o, Sentence | TimeRecord)], flushed.mark, flushed.parts)
        await self._acknowledged()
        self._counted = self._reader.counts.lines

    async def _times_again(self, flushed: Flushed) -> None:
        """Lines that came once are gone; but every partition gets the same time records."""
        self._flush = flushed.mark.flush
        for partition in range(self._log.partitions):
            missing = flushed.missing_times(partition)
            if missing:
                mark = Mark(self._rules.name, self._flush, len(flushed.times.get(partition, ())) + 1)
                self._sent.append(await self._log.write(partition, missing, mark.dump()))
        await self._acknowledged()


def _failed(error: KafkaError) -> "asyncio.Future[tuple[int, int]]":
    future: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    return future


def _part(place: Place | None, begun: int, end: int) -> Place | None:
    """Of a place with one partition: its lines from the `begun`th to before the `end`th."""
    if place is None:
        return None
    ((partition, first, _),) = place
    return ((partition, first + begun, first + end),) if end > begun else None
