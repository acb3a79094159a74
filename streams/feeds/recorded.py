"""A recorded file or standard input as a feed: its lines in order, from any line on."""

import asyncio
import hashlib
import threading
from collections.abc import Iterator

from streams.feeds.file import CHUNK, Format, UnreadableFileError, open_recorded
from streams.feeds.portions import MOST_BYTES, MOST_LINES, Place, Portion, Position
from streams.settings import ConfigError

STDIN = "-"
_HEAD = 1_024
"""Bytes by which a file is known again; it may grow behind them."""


class FileFeed:
    """Lines without a time of arrival; raises ConfigError for a file that cannot be read, now or later."""

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.what = f"file {path}"
        self.generation = _first_bytes(path)
        self._path = path
        self._chunks: Iterator[list[bytes]] = iter(())
        self._lines: list[bytes] = []
        self._at = 0
        self._ended = False

    async def open(self, position: Position) -> None:
        """Passes over the lines that were had."""
        self._chunks = _lines_of(self._path)
        self._lines, self._at, self._ended = [], 0, False
        had = position.get(0, 0)
        while self._at < had and not self._ended:
            await self._more()
            passed = min(had - self._at, len(self._lines))
            self._at += passed
            del self._lines[:passed]

    async def next(self) -> Portion | None:
        """The next lines, or None at the end."""
        while not self._ended and len(self._lines) < MOST_LINES // 2:
            await self._more()
        return self._taken(min(MOST_LINES, len(self._lines))) if self._lines else None

    async def again(self, place: Place) -> Portion:
        """The lines at the place, which must be the next ones."""
        ((_, first, end),) = place
        if first != self._at:
            raise ValueError(f"{self.what}: expected line {first}, standing at {self._at}")
        while not self._ended and len(self._lines) < end - first:
            await self._more()
        return self._taken(end - first)

    async def rest(self) -> Portion | None:
        """It stays in the file."""
        return None

    async def close(self) -> None:
        """Nothing is held: the file is closed when its last chunk is let go."""
        self._chunks, self._lines = iter(()), []

    def _taken(self, count: int) -> Portion:
        lines = self._lines[:count]
        del self._lines[:count]
        first, self._at = self._at, self._at + count
        return Portion(((None, lines),), ((0, first, self._at),))

    async def _more(self) -> None:
        await asyncio.sleep(0)
        chunk = next(self._chunks, None)
        self._ended = chunk is None
        self._lines += chunk or []


class StdinFeed:
    """Standard input, as it comes: read by a thread of its own, for it may be silent for ever."""

    generation = ""
    what = "standard input"

    def __init__(self, name: str) -> None:
        self.name = name
        self._waiting: asyncio.Queue[list[bytes] | ConfigError | None] = asyncio.Queue(MOST_BYTES // CHUNK)

    async def open(self, _: Position) -> None:
        """Begins to read; a daemon thread, so that a blocked read does not keep the process alive."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="stdin", daemon=True).start()

    async def next(self) -> Portion | None:
        """The lines of one chunk, or None at the end."""
        lines = await self._waiting.get()
        if isinstance(lines, ConfigError):
            raise lines
        return None if lines is None else Portion(((None, lines),))

    async def again(self, place: Place) -> Portion:
        """There is no again."""
        raise ValueError(f"{self.name}: lines come once, got the place {place}")

    async def rest(self) -> Portion | None:
        """What the thread has handed over."""
        lines = []
        while not self._waiting.empty():
            chunk = self._waiting.get_nowait()
            lines += chunk if isinstance(chunk, list) else []
        return Portion(((None, lines),))

    async def close(self) -> None:
        """The thread ends with the process."""

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for lines in _lines_of(STDIN):
                asyncio.run_coroutine_threadsafe(self._waiting.put(lines), loop).result()
            last = None
        except ConfigError as error:
            last = error
        asyncio.run_coroutine_threadsafe(self._waiting.put(last), loop).result()


def _lines_of(path: str) -> Iterator[list[bytes]]:
    try:
        recorded = open_recorded(path)
        if recorded.format is not Format.NMEA:
            raise ConfigError("feed", path, "NMEA lines; decoded positions are for `hullwatch replay`")
        yield from recorded.lines()
    except UnreadableFileError as error:
        raise ConfigError("feed", path, str(error).partition("expected ")[2]) from error


def _first_bytes(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read(_HEAD)).hexdigest()[:16]
    except OSError as error:
        raise ConfigError("feed", path, f"a readable file, got: {error.strerror or error}") from error
