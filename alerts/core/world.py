"""All that an engine knows besides the memory of one hull.  It changes only by interval records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from alerts.core.going import RECKONED_MS
from alerts.core.instants import HOUR, INTERVAL, Instant
from alerts.core.intervals import Cover, IntervalClosed, LateTick, Outage, Versions

WORLD_KEY, COVER_KEY = "\x00world", "\x00cover/"
"""Reserved among the keys of memories; no hull id starts with a NUL."""
_COVERS = 1_024
"""Keys of covers: they are used in turn."""
_LONGEST_MS = (_COVERS - 1) * INTERVAL
_SLACK_MS = HOUR


@dataclass(frozen=True, slots=True)
class World:
    """`offset` of the last record applied; `clock`: the end of the last closed interval (None: none yet).

    `outages` are sorted by (feed, since), withdrawn ones left out; `had` is the clock's (offset, n) last applied,
    by which what it writes twice is recognised.  `turned`: the last offset at which more changed than the clock and
    how far late feeds are, so that who was not to be asked before may be now.  `covers` are those of the last hours, by
    end of interval: of what ends after `covered_from` nothing is missing.
    """

    offset: int = -1
    clock: Instant | None = None
    outages: tuple[Outage, ...] = ()
    late: tuple[LateTick, ...] = ()
    versions: Versions = Versions()
    had: tuple[tuple[str, int, int], ...] = ()
    turned: int = -1
    covers: dict[Instant, Cover] = field(default_factory=dict)
    covered_from: Instant = 0

    @property
    def lag_ms(self) -> int:
        """How far behind the clock a report may still change what was said (docs/adr/0002)."""
        return max((late.lag_ms for late in self.late), default=0)


def cover_key(end: Instant) -> str:
    """Where the cover of this interval is kept: the place of one that is long forgotten."""
    return f"{COVER_KEY}{end // INTERVAL % _COVERS}"


def closed(world: World, offset: int, record: IntervalClosed, covers: dict[Instant, Cover] | None = None) -> World:
    """The world after an interval record; `covers` came before it."""
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
    after = replace(after, covered_from=max(world.covered_from, _kept_from(world, last, after.lag_ms)))
    return with_covers(after, {**world.covers, **(covers or {})})


def _kept_from(before: World, last: Instant, lag_ms: int) -> Instant:
    """As long as a silence can gain evidence, and as a late report can change where it began.

    Reckoned back from `last`, the clock before, and from the late ticks before: what many records would have asked one
    by one, one record asks at once.
    """
    settled = min([last - lag_ms, *(late.tick for late in before.late)])
    return max(settled - RECKONED_MS - _SLACK_MS, last - _LONGEST_MS)


def keeps_ms(world: World) -> int:
    """How old the beginning of a silence may be before what is known of it must be kept in the memory."""
    return min(RECKONED_MS + world.lag_ms, _LONGEST_MS - _SLACK_MS)


def with_covers(world: World, covers: dict[Instant, Cover]) -> World:
    """The same with those of these covers that are closed and not too old."""
    first, last = world.covered_from, world.clock or 0
    return replace(world, covers={end: cover for end, cover in sorted(covers.items()) if first < end <= last})


def joined(known: Cover | None, part: Cover, offset: int) -> Cover:
    """The cover after one more of its parts, which stands at `offset`."""
    if known is None or known.end != part.end:
        return replace(part, offset=offset)
    return replace(part, offset=offset, cells={**known.cells, **part.cells})


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
