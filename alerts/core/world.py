"""All that an engine knows besides the memory of one hull.  It changes only by interval records."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from alerts.core.cells import Cell
from alerts.core.cover import CellCover, cover_of
from alerts.core.going import RECKONED_MS
from alerts.core.instants import HOUR, INTERVAL, Instant
from alerts.core.intervals import CoverRun, IntervalClosed, LateTick, Outage, Versions

WORLD_KEY = "\x00world"
"""Begins the keys of worlds, reserved among those of memories; no hull id starts with a NUL."""
_FEW, _MANY = 256, 1_024
"""Rows of the table that hold covers, and where a late feed lags."""
_LONGEST_MS = 1_000 * INTERVAL
_SLACK_MS = HOUR
_last = attrgetter("last")


@dataclass(frozen=True, slots=True)
class World:
    """`offset` of the last record applied; `clock`: the end of the last closed interval (None: none yet).

    `outages` are sorted by (feed, since), withdrawn ones left out; `had` is the clock's (offset, n) last applied,
    by which what it writes twice is recognised.  `turned`: the last offset at which more changed than the clock and
    how far late feeds are, so that who was not to be asked before may be now.  `covers` are those of the last hours, in
    order of time: of what ends after `covered_from` nothing is missing.  `news` are those of the last record, `rows_n`
    is how many records brought some.
    """

    offset: int = -1
    clock: Instant | None = None
    outages: tuple[Outage, ...] = ()
    late: tuple[LateTick, ...] = ()
    versions: Versions = Versions()
    had: tuple[tuple[str, int, int], ...] = ()
    turned: int = -1
    covers: tuple[CoverRun, ...] = ()
    covered_from: Instant = 0
    news: tuple[CoverRun, ...] = ()
    rows_n: int = 0

    @property
    def lag_ms(self) -> int:
        """How far behind the clock a report may still change what was said (docs/adr/0002)."""
        return max((late.lag_ms for late in self.late), default=0)


def closed(world: World, offset: int, record: IntervalClosed, covers: tuple[CoverRun, ...] = ()) -> World:
    """The world after an interval record; `covers` came before it or with it."""
    last = record.end if world.clock is None else world.clock
    after = replace(
        world,
        offset=offset,
        clock=record.end if world.clock is None else max(record.end, world.clock),
        outages=_replaced(world.outages, record.outages),
        late=record.late,
        versions=record.versions,
        had=had_after(world.had, record.origin.source, record.origin.offset, record.origin.n),
    )
    if not _only_time_passed(world, after):
        after = replace(after, turned=offset)
    rows_n = world.rows_n + bool(covers)
    after = replace(after, covered_from=last - _covers_kept_ms(after), news=covers, rows_n=rows_n)
    return with_covers(after, (*world.covers, *covers))


def world_key(world: World) -> str:
    """Where the world is stored, with its news: in rows that are used in turn, so that covers need no other write.

    The newest is the world.  A record closes a minute at least, so no row that is still needed is overwritten.
    """
    if not world.news:
        return WORLD_KEY
    rows = _FEW if _covers_kept_ms(world) < (_FEW - 1) * INTERVAL else _MANY
    return f"{WORLD_KEY}/{rows}/{world.rows_n % rows}"


def _covers_kept_ms(world: World) -> int:
    """As long as a silence can gain evidence, and as a late report can change where it began.

    Reckoned back from the clock before: what many records would have asked one by one, one record asks at once.
    """
    return min(RECKONED_MS + 3 * world.lag_ms + _SLACK_MS, _LONGEST_MS)


def keeps_ms(world: World) -> int:
    """How old the beginning of a silence may be before what is known of it must be kept in the memory."""
    return min(RECKONED_MS + world.lag_ms, _LONGEST_MS - _SLACK_MS)


def cover_at(world: World, end: Instant, cell: Cell) -> tuple[CellCover, float] | None:
    """How well ships were heard in a cell and around it in the interval that ends at `end`, and their usual gap."""
    runs = tuple(covers_at(world, end))
    sums = runs[0].cells if len(runs) == 1 else {at: row for run in runs for at, row in run.cells.items()}
    cover = cover_of(sums, cell)
    return (cover, runs[0].usual_s) if cover else None


def with_covers(world: World, covers: Iterable[CoverRun]) -> World:
    """The same with those of these covers that are closed and not too old."""
    first, last = world.covered_from, world.clock or 0
    kept = [run for run in covers if first < run.last <= last]
    return replace(world, covers=tuple(sorted(kept, key=_last)))


def covers_at(world: World, end: Instant) -> Iterator[CoverRun]:
    """What is kept of the interval that ends at `end`: a large one is in parts, each with other cells."""
    covers = world.covers
    for n in range(bisect_left(covers, end, key=_last), len(covers)):
        if covers[n].first > end:
            return
        yield covers[n]


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
