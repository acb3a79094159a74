"""Area outage: many ships of an area fall silent together, found by the clock of all traffic.

    a ship under way is silent for ten minutes --> waits for others
    enough wait that fell silent within minutes of one of them, within two cells of hers, and they are a large share of
    those under way there --> area outage: opened
        another fell silent then, within two cells of any of them or at once further off, where such are a seventh,
        or enough elsewhere --> more; a watched hull among them, or twice as many: amended
        a station proves to be out since then, that heard as many --> withdrawn: that outage tells it
    more than half of them are heard again, or nobody was for an hour --> closed

Nobody waits whose silence began when a feed went out, or when less than a third of the usual was heard of all: the one
has an outage of its own, in the other the feed falters.  A jammer, a receiver that the feed does not name, half of an
antenna: which of them it is nobody can tell from the silence alone, but it is one cause (docs/adr/0017).
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from alerts.core.alert import Alert
from alerts.core.blackout import Blackout, Told, as_known, grown, is_news, joined, said, shown, without
from alerts.core.cells import Cell, cell_of, farther
from alerts.core.cover import FELL_MS, CellSum
from alerts.core.fallen import TOGETHER_MS, AreaOutage, Fallen
from alerts.core.frozen import Struct, replace
from alerts.core.geo import Fix
from alerts.core.instants import HOUR, INTERVAL, MINUTE, Instant, interval_end
from alerts.core.intervals import CoverRun
from alerts.core.lifecycle import difference

ENOUGH = 5
SHARE, MORE_SHARE = 1 / 3, 0.15
"""Of those who were under way there, to begin it and to be one more: a seventh, as where a hull falls silent with two
others at once (track.py)."""
OUTAGE_WITHIN_MS = 5 * MINUTE
"""Of a feed or a station, before or after their last reports."""
FORGOTTEN_MS = HOUR + INTERVAL
"""So long ingest knows who fell silent (streams/ingest/ships.py)."""
MOST_WAITING = 1_000
_WAITS_MS = FELL_MS + INTERVAL + 2 * TOGETHER_MS
_LULL_MS = 5 * MINUTE
_GOES_ON = 1 / 3
"""Of the reports that are usual: with fewer it is no area that falters, but the feed, as for stations (stations.py)."""
_FADES = 1 / 60
_OUT_FOR_MS = 12 * HOUR
_NAMED_HEARD = 5
_last = attrgetter("last")


class Out(NamedTuple):
    """A station that is out since `since`, found at `known`, and from how many ships it had heard."""

    known: Instant
    feed: str
    station: str
    since: Instant
    ships: int


class Air(Struct, frozen=True):
    """`unjudged` fell silent in intervals that are not closed, `waiting` in the last minutes; `outs` are stations.

    `heard_at` is the end of the last interval in which as much was heard as usual, `lull` that of the first one after a
    lull; `usual` is how many reports an interval brings, of `heard_n` intervals in which there were any.
    """

    unjudged: tuple[Fallen, ...] = ()
    waiting: tuple[Fallen, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    outs: tuple[Out, ...] = ()
    heard_at: Instant = 0
    lull: Instant = 0
    usual: float = 0.0
    heard_n: int = 0
    seen_to: Instant = 0


class Closing(NamedTuple):
    """What else is known of the intervals that close: how well ships were heard, and since when feeds are out."""

    covers: Sequence[CoverRun]
    feeds_out: Sequence[Instant]


def with_fallen(air: Air, ships: tuple[Fallen, ...]) -> Air:
    """With what one partition says."""
    return replace(air, unjudged=(*air.unjudged, *ships))


def with_outs(air: Air, outs: Iterable[Out], clock: Instant) -> Air:
    """With the stations that were found out; those of long before `clock` explain nothing."""
    known = (*air.outs, *outs)
    return replace(air, outs=tuple(out for out in known if out.known > clock - _OUT_FOR_MS)) if known else air


def closed(
    air: Air, clock: Instant, end: Instant, closing: Closing
) -> tuple[Air, tuple[AreaOutage, ...], tuple[Alert, ...]]:
    """After the intervals from `clock` to `end`, one after the other: what has changed, and what is told of it."""
    due = sorted(ship for ship in air.unjudged if clock < ship.known <= end)
    air = replace(air, unjudged=tuple(ship for ship in air.unjudged if ship.known > end)) if air.unjudged else air
    ships: dict[Instant, list[Fallen]] = {}
    for ship in due:
        ships.setdefault(ship.known, []).append(ship)
    told: Told = []
    moments = sorted(ships.keys() | {out.known for out in air.outs if clock < out.known <= end})
    for at in moments:
        cover = _cover_at(closing.covers, at)
        air = _expired(_listened(air, closing.covers, at), at, told)
        air = _judged(air, at, ships.get(at, ()), closing.feeds_out, cover)
        air = _said_of(_withdrawn(air, at, told), at, told)
    air = _expired(_listened(air, closing.covers, end), end, told)
    return air, tuple(one for one, _ in told), tuple(alert for _, alerts in told for alert in alerts)


def _cover_at(covers: Sequence[CoverRun], at: Instant) -> dict[Cell, CellSum]:
    n = bisect_left(covers, at, key=_last)
    return covers[n].cells if n < len(covers) and covers[n].first <= at else {}


def _listened(air: Air, covers: Iterable[CoverRun], end: Instant) -> Air:
    """With what is known of lulls up to `end`: little is heard of anybody anywhere, for several intervals in a row."""
    for run in covers:
        reports = sum(row.reports for row in run.cells.values()) if air.seen_to < run.last and run.first <= end else 0
        for at in range(max(run.first, air.seen_to + INTERVAL), min(run.last, end) + 1, INTERVAL) if reports else ():
            air = _heard(air, at, reports)
    return replace(air, seen_to=end)


def _heard(air: Air, at: Instant, reports: int) -> Air:
    """After an interval with so many reports."""
    share = max(1 / (air.heard_n + 1), _FADES)
    usual = air.usual * (1 - share) + reports * share
    air = replace(air, usual=usual, heard_n=min(air.heard_n + 1, 60))
    if reports < _GOES_ON * usual:
        return air
    lull = at if air.heard_at and at - INTERVAL - air.heard_at >= _LULL_MS else air.lull
    return replace(air, heard_at=at, lull=lull)


def _judged(
    air: Air, at: Instant, ships: Iterable[Fallen], feeds_out: Sequence[Instant], cover: dict[Cell, CellSum]
) -> Air:
    """After what became of ships in one interval."""
    waiting = {ship.mmsi: ship for ship in air.waiting if ship.at > at - _WAITS_MS}
    blackouts = list(air.blackouts)
    for ship in ships:
        waiting.pop(ship.mmsi, None)
        if ship.back:
            blackouts = [without(one, ship.mmsi) for one in blackouts]
        elif not _is_explained(air, ship, feeds_out):
            waiting[ship.mmsi] = ship

    def is_share(fell: int, there: Fix) -> bool:
        return _is_share(fell, there, cover, MORE_SHARE)

    blackouts = [grown(one, waiting, at, is_share) for one in blackouts]
    while (group := _together(sorted(waiting.values())[-MOST_WAITING:], cover)) is not None:
        for ship in group:
            waiting.pop(ship.mmsi)
        if not _station_out(air.outs, at, group):
            blackouts = _with_group(blackouts, group, cover, at)
            blackouts = [grown(one, waiting, at, is_share) for one in blackouts]
    kept = sorted(waiting.values())[-MOST_WAITING:]
    return replace(air, waiting=tuple(kept), blackouts=tuple(blackouts))


def _is_explained(air: Air, ship: Fallen, feeds_out: Sequence[Instant]) -> bool:
    """Whether a feed went out when her silence began, or until she was missed, or little was heard of all."""
    n = bisect_left(feeds_out, ship.at - OUTAGE_WITHIN_MS)
    if n < len(feeds_out) and feeds_out[n] < ship.known:
        return True
    return ship.known - air.heard_at >= _LULL_MS or air.lull > ship.at


def _station_out(outs: Iterable[Out], at: Instant, ships: Sequence[Fallen]) -> bool:
    """Whether stations are out since then that heard as many ships."""
    times = [ship.at for ship in ships]
    return _heard_by(outs, at, min(times), max(times)) >= len(ships)


def _heard_by(outs: Iterable[Out], at: Instant, since: Instant, last: Instant) -> int:
    """How many ships the stations heard that are known by `at` to be out since these last reports."""
    begin, end = since - OUTAGE_WITHIN_MS, last + OUTAGE_WITHIN_MS
    return sum(out.ships for out in outs if out.known <= at and begin <= out.since <= end)


def _together(waiting: Iterable[Fallen], cover: dict[Cell, CellSum]) -> list[Fallen] | None:
    """Those that fell silent around one of them, the most; she comes first.  None: nowhere enough."""
    ships = sorted(waiting, key=attrgetter("at", "mmsi"))
    if len(ships) < ENOUGH:
        return None
    by_cell: dict[Cell, list[Fallen]] = {}
    for ship in ships:
        by_cell.setdefault(cell_of(*ship.there), []).append(ship)
    groups = ([middle, *_beside(middle, by_cell)] for middle in ships)
    return max((group for group in groups if _is_area(group, cover)), key=len, default=None)


def _beside(middle: Fallen, by_cell: dict[Cell, list[Fallen]]) -> list[Fallen]:
    near = (ship for cell in farther(cell_of(*middle.there)) for ship in by_cell.get(cell, ()))
    return [ship for ship in near if ship is not middle and abs(ship.at - middle.at) <= TOGETHER_MS]


def _is_area(group: Sequence[Fallen], cover: dict[Cell, CellSum]) -> bool:
    return len(group) >= ENOUGH and _is_share(len(group), group[0].there, cover, SHARE)


def _is_share(fell: int, there: Fix, cover: dict[Cell, CellSum], share: float) -> bool:
    """Whether so many are this share of them and those under way around the place that are heard."""
    return fell >= share * (fell + _heard_near(cover, there)[0])


def _heard_near(cover: dict[Cell, CellSum], place: Fix) -> tuple[int, tuple[int, ...]]:
    """Ships under way that are heard within two cells, and some that are heard."""
    rows = [cover[cell] for cell in farther(cell_of(*place)) if cell in cover]
    some = sorted({mmsi for row in rows for mmsi in row.some})
    return sum(row.heard for row in rows), tuple(some[:_NAMED_HEARD])


def _with_group(
    blackouts: list[Blackout], group: list[Fallen], cover: dict[Cell, CellSum], at: Instant
) -> list[Blackout]:
    """Who fell silent at the same time elsewhere did so for the same cause: by chance that happens nowhere twice."""
    begun = _begun(group, cover, at)
    same = next((one for one in blackouts if abs(one.at - begun.at) <= TOGETHER_MS), None)
    if same is None:
        return [*blackouts, begun]
    heard, there = same.heard + begun.heard, same.there + begun.there
    both = replace(joined(same, sorted(group), at), heard=heard, there=there, areas=same.areas + 1)
    return [both if one is same else one for one in blackouts]


def _begun(group: Sequence[Fallen], cover: dict[Cell, CellSum], at: Instant) -> Blackout:
    middle = group[0]
    heard, some = _heard_near(cover, middle.there)
    alone = Blackout(middle.at, middle.there, middle.at, middle.at, heard=heard, some=some, there=len(group))
    return joined(alone, sorted(group), at)


def _withdrawn(air: Air, at: Instant, told: Told) -> Air:
    """Without those that the outage of a station explains which is known only now."""
    kept = list[Blackout]()
    for one in air.blackouts:
        if _heard_by(air.outs, at, one.since, one.last) < len(one.ships):
            kept.append(one)
        elif one.episode is not None:
            (episode,), alerts = difference((one.episode,), (), "", None, at)
            told.append((as_known(one, episode, one.at), alerts))
    return replace(air, blackouts=tuple(kept))


def _expired(air: Air, end: Instant, told: Told) -> Air:
    """Without those of whose ships nothing is known any more."""
    old = sorted((one for one in air.blackouts if _ends(one) <= end), key=_ends)
    for one in old:
        said(one, _ends(one), True, told)
    return replace(air, blackouts=tuple(one for one in air.blackouts if one not in old)) if old else air


def _ends(one: Blackout) -> Instant:
    return interval_end(one.last + FORGOTTEN_MS)


def _said_of(air: Air, at: Instant, told: Told) -> Air:
    """What is new of each: `told` gets it."""
    kept = list[Blackout]()
    for one in air.blackouts:
        after = said(one, at, one.is_over, told) if one.is_over or is_news(one) else shown(one, told)
        if not one.is_over:
            kept.append(after)
    return replace(air, blackouts=tuple(kept))
