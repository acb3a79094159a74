"""What every way in gives: portions of lines, and where to read a portion again.

A *place* is part of a feed that can be read again: of each of its partitions the first line or offset, and the one
after the last.  A *position* is where reading goes on.  A file is one partition, 0, and its lines count from 0.
"""

from dataclasses import dataclass
from typing import Protocol

from alerts.core.instants import Instant

Place = tuple[tuple[int, int, int], ...]
Position = dict[int, int]

MOST_LINES = 4_000
MOST_BYTES = 262_144
"""One portion, about; so that what is made of it is one batch of Kafka's on each partition."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Lines that go to Kafka together, in their order; each run came at one time (None: a file does not say).

    `place` is None where lines come once.
    """

    runs: tuple[tuple[Instant | None, list[bytes]], ...]
    place: Place | None = None


class Source(Protocol):
    """One feed, opened: `next` and `again` read on from where the last one ended; `next` may be cancelled."""

    what: str
    """What is read, in words that stay the same as long as it is the same."""
    generation: str
    """A word that changes when another thing has taken its place; '' where nothing is kept."""

    async def open(self, position: Position) -> None:
        """Begins at a position; {} is the beginning."""

    async def next(self) -> Portion | None:
        """What there is now; None at the end."""

    async def again(self, place: Place) -> Portion:
        """Exactly the portion that was at this place."""

    async def rest(self) -> Portion | None:
        """What came and was not taken, of lines that come once; None of those that can be read again."""

    async def close(self) -> None:
        """Lets go of it."""


def after(position: Position, place: Place) -> Position:
    """The position behind a place; a negative partition is none."""
    return {**position, **{partition: end for partition, _, end in place if partition >= 0}}
