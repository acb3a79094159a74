"""One engine per owned partition, built from the stored rows when the partition comes, dropped when it goes."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import TypeVar

from alerts.core.engine import Engine, UnknownVersionError, terms_of
from alerts.rules import RULES
from streams.memories import StoredEngine, world_of
from streams.settings import ConfigError

log = logging.getLogger(__name__)
FetchContent = Callable[[str], Awaitable[object]]
"""Waits for the content of a version id; raises an error that names it when it does not come."""
Done = TypeVar("Done")


class MissingRecordsError(RuntimeError):
    """Records of the source were passed over: the memories would lose them for ever.  Start again."""


class RecreatedSourceError(ConfigError):
    """The source topic is shorter than what the memories have applied: it is not the topic that they were made from."""


class Engines:
    """The engines of the partitions that this worker owns, and where each stands in its source."""

    def __init__(self, contents: MutableMapping[str, object], fetch_content: FetchContent) -> None:
        self._contents = contents
        self._fetch_content = fetch_content
        self._engines: dict[int, StoredEngine] = {}
        self._newest: dict[int, int] = {}
        self._next: dict[int, int] = {}

    def of(self, partition: int) -> StoredEngine | None:
        """None: this partition is not ours."""
        return self._engines.get(partition)

    async def prepare(self, rows: Mapping[bytes, bytes]) -> None:
        """Waits for the versions that the world among these rows names: `own` cannot wait."""
        world = world_of(_by_name(rows))
        await self.knowing_versions(lambda: terms_of(world.versions, self._contents))

    def own(self, partition: int, rows: Mapping[bytes, bytes]) -> None:
        """From now on the partition has an engine of these rows; raises UnreadableMemoryError.

        What the one before it had not written yet is kept: its reports are not read again.
        """
        engine = StoredEngine(Engine(self._contents, RULES))
        engine.load(_by_name(rows))
        if (before := self._engines.get(partition)) is not None:
            engine.engine.keep(before.engine)
        self._engines[partition] = engine
        self._newest[partition] = max((int.from_bytes(value[:8], "big") for value in rows.values()), default=-1)
        log.info("partition %d: %d rows, resumes at %d", partition, len(rows), engine.resume_at)

    def drop(self, partition: int) -> None:
        """The partition has moved away."""
        for kept in (self._engines, self._newest, self._next):
            kept.pop(partition, None)

    async def knowing_versions(self, work: Callable[[], Done]) -> Done:
        """The work's result; as often as it names an unknown version, that is fetched first."""
        while True:
            try:
                return work()
            except UnknownVersionError as unknown:
                version = str(unknown.args[0])
            self._contents[version] = await self._fetch_content(version)

    def positions(self) -> dict[int, int]:
        """The next offset of each partition that is read."""
        return dict(self._next)

    def newest(self, partition: int) -> int:
        """The highest offset that any memory of the partition has applied; -1 where there is none."""
        return self._newest.get(partition, -1)

    def resume_at(self, partition: int, committed: int | None, begin: int, end: int) -> int | None:
        """Where the source must be read on from; None where no engine is loaded.

        Cure for a commit that ran ahead of the changelog (the producer's flush gives up after 100 ms without
        progress): the lower of the committed offset and the world's + 1, for all before the world is stored too.
        Raises RecreatedSourceError.
        """
        engine = self._engines.get(partition)
        if engine is None:
            return None
        if self._newest[partition] >= end:
            expected = f"offset {self._newest[partition]}, which its memories have applied, found an end at {end}"
            cure = "the topic was made anew; take a new prefix, or make all topics anew"
            raise RecreatedSourceError("topic of reports", f"partition {partition}", f"{expected}: {cure}")
        lower = engine.resume_at if committed is None else min(committed, engine.resume_at)
        self._next[partition] = max(begin, lower)
        return self._next[partition]

    def arrived(self, partition: int, offset: int) -> None:
        """A record came; raises MissingRecordsError where one before it did not (what is left of the stale fetch)."""
        expected = self._next.get(partition, offset)
        if offset > expected:
            raise MissingRecordsError(f"partition {partition}: expected offset {expected}, got {offset}")
        self._next[partition] = offset + 1


def _by_name(rows: Mapping[bytes, bytes]) -> Iterator[tuple[str, bytes]]:
    return ((key.decode(errors="backslashreplace"), value) for key, value in rows.items())
