"""All that an engine knows besides the memory of one hull.  It changes only by interval records."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter

from alerts.core.cells import Cell, farther
from alerts.core.cover import CellCover, Sums, cover_of
from alerts.core.fallen import AreaOutage
from alerts.core.frozen import Struct, replace
from alerts.core.going import RECKONED_MS
from alerts.core.instants import HOUR, INTERVAL, MINUTE, Instant
from alerts.core.intervals import CoverRun, Interference, IntervalClosed, LateTick, Outage, Versions
from alerts.core.water import Water

WORLD_KEY = "\x00world"
"""Begins the keys of worlds, reserved among those of memories; no hull id starts with a NUL."""
_FEW, _MANY = 256, 1_024
"""Rows of the table that hold covers, and where a late feed lags."""
_LONGEST_MS = 1_000 * INTERVAL
OUTAGES_KEPT = 500
INTERFERENCES_KEPT = 50
AREAS_KEPT = 20
EXPLAINS_WITHIN_MS = 5 * MINUTE
_SLACK_MS = HOUR
_last = attrgetter("last")


class World(Struct, frozen=True):
    """`offset` of the last record applied; `clock`: the end of the last closed interval (None: none yet).

    `outages` are sorted by (feed, since, station), withdrawn ones left out; `had` is the clock's (offset, n) last
    applied, by which what it writes twice is recognised.  `turned`: the last offset at which more changed than the
    clock and how far late feeds are, so that who was not to be asked before may be now.  `covers` are those of the last
    hours, in order of time: of what ends after `covered_from` nothing is missing.  `news` are those of the last record,
    `rows_n` is how many records brought some.  `interference` and `areas` are the newest, in the order of time; `water`
    is what was learned of it.
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
    interference: tuple[Interference, ...] = ()
    areas: tuple[AreaOutage, ...] = ()
    water: Water = Water()

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
        interference=_newest(world.interference, record.interference),
        areas=_latest(world.areas, record.areas),
    )
    if not _only_time_passed(world, after):
        after = replace(after, turned=offset)
    rows_n = world.rows_n + bool(covers)
    after = replace(after, covered_from=last - _covers_kept_ms(after), news=covers, rows_n=rows_n)
    return _with_newer(after, covers)


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


def judged_from(world: World) -> Instant:
    """Of a silence that began before this the covers are not all kept: nobody can judge it again."""
    return world.covered_from + RECKONED_MS


def cover_at(world: World, end: Instant, cell: Cell) -> tuple[CellCover, float] | None:
    """How well ships were heard in a cell and around it in the interval that ends at `end`, and their usual gap."""
    runs = tuple(covers_at(world, end))
    if not runs:
        return None
    cells = runs[0].cells
    if len(runs) == 1 and isinstance(cells, Sums):
        cover = cells.cover(cell)
    else:
        cover = cover_of({at: run.cells[at] for run in runs for at in farther(cell) if at in run.cells}, cell)
    return (cover, runs[0].usual_s) if cover else None


def with_covers(world: World, covers: Iterable[CoverRun]) -> World:
    """The same with those of these covers that are closed and not too old."""
    first, last = world.covered_from, world.clock or 0
    kept = [run for run in covers if first < run.last <= last]
    return replace(world, covers=tuple(sorted(map(_asked_often, kept), key=_last)))


def _with_newer(world: World, covers: tuple[CoverRun, ...]) -> World:
    """The same as `with_covers` with those that are known, which are closed and in order."""
    kept = world.covers[bisect_right(world.covers, world.covered_from, key=_last) :]
    new = with_covers(replace(world, covers=()), covers).covers
    if kept and new and new[0].last < kept[-1].last:
        return with_covers(world, (*kept, *new))
    return replace(world, covers=kept + new)


def _asked_often(run: CoverRun) -> CoverRun:
    return run if isinstance(run.cells, Sums) else replace(run, cells=Sums(run.cells))


def covers_at(world: World, end: Instant) -> Iterator[CoverRun]:
    """What is kept of the interval that ends at `end`: a large one is in parts, each with other cells."""
    covers = world.covers
    for n in range(bisect_left(covers, end, key=_last), len(covers)):
        if covers[n].first > end:
            return
        yield covers[n]


Span = tuple[Instant, Instant | None]
"""Until None = it goes on."""


def gaps(world: World, feeds: Iterable[str], stations: Iterable[tuple[str, str]] = ()) -> Iterator[Span]:
    """Spans in which any of these feeds was out or ended, or all of these stations were out: merged, in order."""
    wanted = set(feeds)
    of_feeds = [(o.since, o.until) for o in world.outages if not o.station and o.feed in wanted]
    yield from _any_of([*of_feeds, *_all_out(world, set(stations))])


def explaining(world: World, last: Instant, feeds: Iterable[str], stations: Iterable[tuple[str, str]]) -> Outage | None:
    """The outage by which a silence since `last` is explained, of her feeds or else of her stations; None: by none.

    It began within minutes of her last report.
    """
    wanted, heard_by = set(feeds), set(stations)
    found = [
        outage
        for outage in world.outages
        if abs(outage.since - last) <= EXPLAINS_WITHIN_MS
        and outage.kind == "outage"
        and (outage.until is None or outage.until > last)
        and ((outage.feed, outage.station) in heard_by if outage.station else outage.feed in wanted)
    ]
    return min(
        found, key=lambda outage: (outage.station != "", outage.since, outage.feed, outage.station), default=None
    )


def _all_out(world: World, stations: set[tuple[str, str]]) -> list[Span]:
    """Spans in which each of these (feed, station) was out."""
    spans: dict[tuple[str, str], list[Span]] = {}
    for outage in world.outages:
        if outage.station and (outage.feed, outage.station) in stations:
            spans.setdefault((outage.feed, outage.station), []).append((outage.since, outage.until))
    if not stations or len(spans) < len(stations):
        return []
    first, *others = spans.values()
    for other in others:
        first = [span for one in first for two in other if (span := _both(one, two))]
    return first


def _both(one: Span, two: Span) -> Span | None:
    ends = [end for _, end in (one, two) if end is not None]
    since, until = max(one[0], two[0]), min(ends, default=None)
    return (since, until) if until is None or since < until else None


def _any_of(spans: Iterable[Span]) -> Iterator[Span]:
    """The same, merged, in order."""
    since, until = None, None
    for start, forever, end in sorted((start, end is None, end or 0) for start, end in spans):
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
    if len(had) == 1 and had[0][0] == source:
        return ((source, offset, n),)
    others = [row for row in had if row[0] != source]
    return tuple(sorted([*others, (source, offset, n)]))


def is_repeat(had: Had, source: str, offset: int, n: int) -> bool:
    """Whether something at or behind this position of its source was applied already."""
    for row in had:
        if row[0] == source:
            return (offset, n) <= row[1:]
    return False


def _only_time_passed(before: World, after: World) -> bool:
    """Nobody is judged by the watchlist's version: what changed in it comes as records of its hulls."""
    lags = [(late.feed, late.lag_ms) for late in before.late] == [(late.feed, late.lag_ms) for late in after.late]
    terms = [replace(world.versions, watchlist="") for world in (before, after)]
    same = before.outages == after.outages and before.interference == after.interference
    same = same and before.areas == after.areas
    return lags and same and terms[0] == terms[1]


def _newest(known: tuple[Interference, ...], changed: tuple[Interference, ...]) -> tuple[Interference, ...]:
    rows = {one.id: one for one in (*known, *changed)}
    return tuple(sorted(rows.values(), key=attrgetter("since", "id"))[-INTERFERENCES_KEPT:]) if changed else known


def _latest(known: tuple[AreaOutage, ...], changed: tuple[AreaOutage, ...]) -> tuple[AreaOutage, ...]:
    """Also those that were withdrawn: whoever named one as a cause names it no more."""
    rows = {one.id: one for one in (*known, *changed)}
    return tuple(sorted(rows.values(), key=attrgetter("at", "id"))[-AREAS_KEPT:]) if changed else known


def _replaced(known: tuple[Outage, ...], changed: tuple[Outage, ...]) -> tuple[Outage, ...]:
    """Of those that are over only the newest are kept, of feeds and of stations: a silence is rarely long.

    A feed that was out, was heard again and then ends has two that begin alike.
    """
    if not changed:
        return known
    rows = {(o.feed, o.since, o.station, o.kind): o for o in (*known, *changed)}
    kept = [o for _, o in sorted(rows.items()) if o.until != o.since]
    of_feeds, of_stations = (_oldest(o.until for o in kept if bool(o.station) is one) for one in (False, True))
    return tuple(o for o in kept if o.until is None or o.until >= (of_stations if o.station else of_feeds))


def _oldest(ends: Iterable[Instant | None]) -> Instant:
    over = sorted(end for end in ends if end is not None)
    return over[-OUTAGES_KEPT] if len(over) > OUTAGES_KEPT else 0
