"""What reading lines takes and gives, and all that a reader knows between two lines."""

from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from alerts.core.instants import Instant
from streams.grouping import Groups
from streams.nmea_clock import Stamp
from streams.nmea_time import Levels
from streams.sentences import Sentence, TimeRecord


class NoSentence(StrEnum):
    """Why a line that meant AIS is not passed on."""

    OVERSIZED = "oversized"
    MALFORMED = "malformed"
    INCOMPLETE = "incomplete"
    NO_TIME = "no_time"


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that is not passed on, and why."""

    reason: NoSentence
    line: bytes


@dataclass(frozen=True, slots=True)
class FeedRules:
    """How the lines of one feed are read; `station` is that of lines that name none (empty: the feed's name).

    `start` is the time of a file's lines before it names any.
    """

    name: str
    station: str = ""
    late: bool = False
    lateness_ms: int = 10_000
    outage_limit_ms: int | None = 300_000
    start: Instant | None = None


@dataclass(slots=True)
class Counts:
    """Lines by what became of them; `passed` counts the parts of a message each."""

    lines: int = 0
    passed: int = 0
    other: int = 0
    rejected: dict[NoSentence, int] = field(default_factory=dict)


@dataclass(slots=True)
class ReaderState:
    """All that a reader knows, for a file that is resumed (`dump`, `load`)."""

    counts: Counts = field(default_factory=Counts)
    levels: Levels = field(default_factory=Levels)
    groups: Groups = field(default_factory=Groups)
    stamps: list[Stamp] = field(default_factory=list)
    stamped: bool = False
    suffix_is_arrival: bool = False
    clock: Instant | None = None
    recorded: int | None = None

    def dump(self) -> bytes:
        """The state as bytes."""
        return msgspec.msgpack.encode(self)

    @staticmethod
    def load(data: bytes) -> "ReaderState":
        """The inverse of `dump`; raises msgspec.MsgspecError."""
        return msgspec.msgpack.decode(data, type=ReaderState)


Output = Sentence | TimeRecord | Reject
