"""Records of several partitions in one order, by the time they were written, as far as that is known.

Read apart, partitions run ahead of each other by hours when there is much to catch up; time would move with the first
and leave the others behind.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from alerts.core.instants import Instant
from streams.feeds.portions import Place, Portion


@dataclass(frozen=True, slots=True)
class Row:
    """One record of somebody's topic; `at` is its time stamp, None without one."""

    offset: int
    at: Instant | None
    value: bytes


Buffers = Mapping[int, deque[Row]]


def ripe(buffers: Buffers, idle: Collection[int], most: int) -> dict[int, list[Row]]:
    """Takes out what no other partition can still go before; `idle` are partitions that have nothing to give now.

    Empty where a partition that is not idle has nothing yet.  At most about `most` rows.
    """
    waited_for = [rows for partition, rows in buffers.items() if partition not in idle]
    if not all(waited_for):
        return {}
    share = max(1, most // max(1, sum(1 for rows in buffers.values() if rows)))
    heads = [_newest(row for _, row in zip(range(share), rows, strict=False)) for rows in buffers.values() if rows]
    bound = min(heads, default=0)
    taken = {partition: _until(rows, bound) for partition, rows in buffers.items()}
    return {partition: rows for partition, rows in taken.items() if rows}


def portion_of(taken: Mapping[int, list[Row]]) -> Portion:
    """One order for the rows of one place, the same whenever they are read again."""
    taken = {partition: rows for partition, rows in taken.items() if rows}
    if len(taken) == 1:
        ordered: Iterable[Row] = next(iter(taken.values()))
    else:
        ordered = (row for _, _, row in sorted(_keyed(taken), key=lambda keyed: keyed[:2]))
    place: Place = tuple((p, rows[0].offset, rows[-1].offset + 1) for p, rows in sorted(taken.items()))
    return Portion(tuple(_runs(ordered)), place)


def _until(rows: deque[Row], bound: int) -> list[Row]:
    """In the order of the partition: nothing goes before what stood before it."""
    taken = []
    while rows and (rows[0].at or 0) <= bound:
        taken.append(rows.popleft())
    return taken


def _newest(rows: Iterable[Row]) -> int:
    return max(row.at or 0 for row in rows)


def _keyed(taken: Mapping[int, list[Row]]) -> Iterator[tuple[int, int, Row]]:
    for partition, rows in sorted(taken.items()):
        newest = 0
        for row in rows:
            newest = max(newest, row.at or 0)
            yield newest, partition, row


def _runs(rows: Iterable[Row]) -> Iterator[tuple[Instant | None, list[bytes]]]:
    for at, group in groupby(rows, key=lambda row: row.at):
        lines: list[bytes] = []
        for row in group:
            value = row.value
            if b"\n" in value:
                lines += value.removesuffix(b"\n").split(b"\n")
            else:
                lines.append(value)
        yield at, lines
