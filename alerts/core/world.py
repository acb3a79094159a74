"""All that an engine knows besides the memory of one hull.  It changes only by interval records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from alerts.core.instants import Instant
from alerts.core.intervals import IntervalClosed, LateTick, Outage, Versions

WORLD_KEY = "\x00world"
"""Reserved among the keys of memories; no hull id starts with a NUL."""


@dataclass(frozen=True, slots=True)
class World:
    """`offset` of the last record applied; `clock`: the end of the last closed interval (None: none yet).

    `outages` are sorted by (feed, since), withdrawn ones left out; `had` is the clock's (offset, n) last applied,
    by which what it writes twice is recognised.  `turned`: the last offset at which more changed than the clock and
    how far late feeds are, so that who was not to be asked before may be now.
    """

    offset: int = -1
    clock: Instant | None = None
    outages: tuple[Outage, ...] = ()
    late: tuple[LateTick, ...] = ()
    versions: Versions = Versions()
    had: tuple[tuple[str, int, int], ...] = ()
    turned: int = -1

    @property
    def lag_ms(self) -> int:
        """How far behind the clock a report may still change what was said (docs/adr/0002)."""
        return max((late.lag_ms for late in self.late), default=0)


def closed(world: World, offset: int, record: IntervalClosed) -> World:
    """The world after an interval record."""
    after = replace(
        world,
        offset=offset,
        clock=record.end if world.clock is None else max(record.end, world.clock),
        outages=_replaced(world.outages, record.outages),
        late=record.late,
        versions=record.versions,
        had=had_after(world.had, record.origin.source, record.origin.offset, record.origin.n),
    )
    return after if _only_time_passed(world, after) else replace(after, turned=offset)


def gaps(world: World, feeds: Iterable[str]) -> Iterator[tuple[Instant, Instant | None]]:
    """Spans in which any of these feeds was out or ended: merged, in order; until None = it goes on."""
    wanted = set(feeds)
    spans = sorted((o.since, o.until is None, o.until or 0) for o in world.outages if o.feed in wanted)
    since, until = None, None
    for start, forever, end in spans:
        if since is not None and (until is None or start <= until):
            until = None if until is None or forever else max(until, end)
            continue
        if since is not None:
            yield since, until
        since, until = start, None if forever else end
    if since is not None:
        yield since, until


def listened_to(world: World, feeds: Iterable[str]) -> Instant | None:
    """Up to when nothing of these feeds is missing: the clock, or, where all are late, the lowest of their ticks."""
    late = {tick.feed: tick.tick for tick in world.late}
    heard = set(feeds)
    if world.clock is None or not heard or not heard <= late.keys():
        return world.clock
    return min(world.clock, *(late[feed] for feed in heard))


Had = tuple[tuple[str, int, int], ...]
"""Per source, the (offset, n) last applied, sorted by source."""


def had_after(had: Had, source: str, offset: int, n: int) -> Had:
    """`had` with this position for its source."""
    others = [row for row in had if row[0] != source]
    return tuple(sorted([*others, (source, offset, n)]))


def is_repeat(had: Had, source: str, offset: int, n: int) -> bool:
    """Whether something at or behind this position of its source was applied already."""
    return any(row[0] == source and (offset, n) <= row[1:] for row in had)


def _only_time_passed(before: World, after: World) -> bool:
    """Nobody is judged by the watchlist's version: what changed in it comes as records of its hulls."""
    lags = [(late.feed, late.lag_ms) for late in before.late] == [(late.feed, late.lag_ms) for late in after.late]
    terms = [(world.versions.zones, world.versions.rules) for world in (before, after)]
    return lags and before.outages == after.outages and terms[0] == terms[1]


def _replaced(known: tuple[Outage, ...], changed: tuple[Outage, ...]) -> tuple[Outage, ...]:
    rows = {(o.feed, o.since): o for o in (*known, *changed)}
    return tuple(o for _, o in sorted(rows.items()) if o.until != o.since)
