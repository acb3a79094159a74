"""Records of sentences laid end to end, so that numpy sees them at once: row i is the ith sentence of all.

    usual (usual.py) and of no watched hull ------> known to be a message, and counted with the others
    any other ------------------------------------> looked at by the plain functions, one by one, in its place

So what is common costs no Python object, and what is rare is told by the only functions that can.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.core.instants import INTERVAL, Instant, interval_end
from alerts.core.reports import Origin
from streams.ingest.account import VOYAGE, Said
from streams.ingest.decode import mmsi_of
from streams.ingest.fixes import POSITION_KINDS, Keys, key_of, keys_at
from streams.ingest.heard import SHORE
from streams.ingest.tally import NoMessage
from streams.ingest.usual import PADDING, Flags, Numbers, Usual, usual
from streams.ingest.validity import Message, message_of
from streams.sentences import MalformedRecordError, Packed, packed

_IS_POSITION = np.isin(np.arange(64), list(POSITION_KINDS))
_SHORE = np.array(SHORE)
_NOBODY = 1 << 30
"""More than any MMSI of thirty bits."""
_FURTHEST = 1 << 50
"""Milliseconds; times beyond are left to Python's integers, which never overflow."""


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """The sentences of a block that are messages, in their order: `rows` are their places in the block.

    `spans` say where the payloads of the usual ones stand, `kinds` are the types of all, `senders` who sent them
    (heard.py); `firsts` has for each record the
    place among them at which its own begin, `odd` by row those that are not usual, `looked_at` the places of all that
    are for the plain functions; `spoilt` are the rows that are no messages.
    """

    rows: Numbers
    spans: NDArray[np.int64]
    firsts: list[int]
    kinds: Numbers
    senders: Numbers
    odd: dict[int, Message]
    looked_at: list[int]
    spoilt: list[tuple[int, NoMessage]]


def block_of(source: str, records: Iterable[tuple[int, bytes]]) -> "Block | None":
    """Records of one source partition, each with its offset, in their order.

    None where there is nothing in them, one cannot be read, or a time is so far off that sums could overflow.
    """
    try:
        rows = [(offset, packed(value)) for offset, value in records]
    except MalformedRecordError:
        return None
    if not any(len(one.heard_at) for _, one in rows):
        return None
    block = Block(source, rows)
    return block if (np.abs(block.heard_at >> 1) < _FURTHEST).all() else None


class Block:
    """Records that can all be read."""

    def __init__(self, source: str, records: Sequence[tuple[int, Packed]]) -> None:
        self._source, self._records = source, records
        packed = [one for _, one in records]
        self.text = b"".join((*(one.text for one in packed), PADDING))
        bases = np.cumsum([0, *(len(one.text) for one in packed)])
        self.stops: Numbers = np.concatenate([one.stops + base for one, base in zip(packed, bases, strict=False)])
        self.starts: Numbers = np.concatenate(([0], self.stops[:-1]))
        self.firsts: Numbers = np.cumsum([0, *(len(one.stops) for one in packed)])
        self.heard_at: Numbers = np.concatenate([one.heard_at for one in packed])

    def sentence(self, row: int) -> bytes:
        """One of them, without its last newline."""
        return self.text[self.starts[row] : self.stops[row] - 1]

    def said(self, row: int) -> Said:
        """Whose it is."""
        number = int(np.searchsorted(self.firsts, row, "right")) - 1
        offset, packed = self._records[number]
        n = row - int(self.firsts[number])
        station = packed.names[packed.stations[n]]
        times = int(packed.heard_at[n]), int(packed.received_at[n])
        return Said(packed.feed, station, *times, Origin(self._source, offset, n))

    def message(self, messages: "Messages", row: int) -> Message:
        """One that is good, as the plain functions read it."""
        message = messages.odd.get(row) or message_of(self.sentence(row))
        assert not isinstance(message, NoMessage)
        return message

    def messages(self, watched: Numbers) -> Messages:
        """What is good of it; `watched` are the MMSIs, in order, of whom the plain functions are asked."""
        found = usual(self.text, self.starts, self.stops)
        good = np.zeros(len(self.starts), bool)
        good[found.rows] = True
        odd, spoilt = self._others(np.flatnonzero(~good).tolist())
        good[list(odd)] = True
        rows = np.flatnonzero(good)
        spans = self._spans(found)[:, rows]
        kinds, senders = self._kinds_and_senders(found, odd)
        looked_at = np.concatenate((list(odd), found.rows[_concern(found, odd, watched)])).astype(np.int64)
        return Messages(
            rows,
            spans,
            np.searchsorted(rows, self.firsts).tolist(),
            kinds[rows],
            senders[rows],
            odd,
            np.searchsorted(rows, np.sort(looked_at)).tolist(),
            spoilt,
        )

    def _others(self, rows: list[int]) -> tuple[dict[int, Message], list[tuple[int, NoMessage]]]:
        """Those that are not usual: messages, and no messages with the reason."""
        odd: dict[int, Message] = {}
        spoilt: list[tuple[int, NoMessage]] = []
        for row in rows:
            message = message_of(self.sentence(row))
            if isinstance(message, NoMessage):
                spoilt.append((row, message))
            else:
                odd[row] = message
        return odd, spoilt

    def _kinds_and_senders(self, found: Usual, odd: dict[int, Message]) -> Numbers:
        both = np.zeros((2, len(self.starts)), np.int64)
        both[:, found.rows] = found.kinds, found.mmsis
        both[:, list(odd)] = [kind for kind, _, _ in odd.values()], [mmsi_of(payload) for _, payload, _ in odd.values()]
        both[1] |= _SHORE[both[0]]
        return both

    def _spans(self, found: Usual) -> NDArray[np.int64]:
        """Of all rows where the payload begins and ends; of those that are not usual an empty one."""
        spans = np.zeros((2, len(self.starts)), np.int64)
        spans[:, found.rows] = found.begins, found.ends
        return spans

    @property
    def feeds(self) -> list[str]:
        """That of each record."""
        return [one.feed for _, one in self._records]

    def positions(self, messages: Messages, prompt: Sequence[bool]) -> tuple[Keys, Numbers]:
        """Of the records that are of prompt feeds, the key (fixes.py) and the time of each position."""
        of_prompt = np.repeat(prompt, np.diff(messages.firsts))
        places = np.flatnonzero(of_prompt & _IS_POSITION[messages.kinds])
        rows = messages.rows[places]
        keys = keys_at(self.text, *messages.spans[:, places])
        for n in np.flatnonzero(np.isin(rows, list(messages.odd))).tolist():
            keys[n] = np.frombuffer(key_of(messages.odd[int(rows[n])][1]), np.uint8)
        return keys, self.heard_at[rows]

    def heard(self, messages: Messages) -> Iterator[tuple[str, Instant, list[str], Numbers, Numbers]]:
        """By feed and end of the interval: stations, of each message which of them heard it, and who sent it."""
        feeds: dict[str, dict[str, int]] = {}
        heard_by = np.concatenate([_numbered(one, feeds)[one.stations] for _, one in self._records])[messages.rows]
        heard_at, names = self.heard_at[messages.rows], list(feeds)
        first, last = (interval_end(int(at)) for at in (heard_at.min(initial=_FURTHEST), heard_at.max(initial=0)))
        if first == last and len(names) == 1:
            yield names[0], first, list(feeds[names[0]]), heard_by, messages.senders
            return
        of_feed = np.repeat([names.index(feed) for feed in self.feeds], np.diff(messages.firsts))
        groups = interval_end(heard_at) // INTERVAL * len(names) + of_feed  # type: ignore[arg-type]  # a column
        for group in _each(groups):
            feed, own = names[group % len(names)], groups == group
            end = group // len(names) * INTERVAL
            yield feed, end, list(feeds[feed]), heard_by[own], messages.senders[own]


def _each(groups: Numbers) -> list[int]:
    """Which there are."""
    found = np.sort(groups)
    each: list[int] = found[np.flatnonzero(np.diff(found, prepend=found[:1] - 1))].tolist()
    return each


def _numbered(packed: Packed, feeds: dict[str, dict[str, int]]) -> Numbers:
    """The number that each of a record's stations has among those of its feed in the block."""
    numbers = feeds.setdefault(packed.feed, {})
    return np.array([numbers.setdefault(name, len(numbers)) for name in packed.names], np.int64)


def _concern(found: Usual, odd: dict[int, Message], watched: Numbers) -> Flags:
    """Which of the usual ones may be of watched hulls: also theirs who say an IMO number in this very block."""
    said = [mmsi_of(payload) for kind, payload, _ in odd.values() if kind == VOYAGE]
    voyages = found.mmsis[found.kinds == VOYAGE]
    numbers = np.sort(np.concatenate((watched, voyages, said, [_NOBODY]))).astype(np.int64)
    hers: Flags = numbers[np.searchsorted(numbers, found.mmsis)] == found.mmsis
    return hers
