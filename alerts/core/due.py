"""When she should have come out of a strait: as long after her first fix inside as a transit takes there at most.

Only of a ship that makes for an end, and that has not stopped at a flagged port meanwhile.  Spans do not count in which
a feed that heard her in her last hour was out: she may have come out unheard.
"""

from collections.abc import Iterable, Iterator

from alerts.core.instants import HOUR, Instant, interval_end
from alerts.core.track import Track, Visit
from alerts.core.world import World, gaps, listened_to
from alerts.core.zones import ZoneIndex

OVERDUE = "overdue"
"""What a strait's alert then says of the place."""


def due_times(track: Track, zones: ZoneIndex, world: World) -> Iterator[tuple[Visit, Instant]]:
    """Of each visit to a strait that can be overdue: the end of the interval by which she should have been out."""
    for visit in track.visits:
        transit_h = zones.zones[visit.zone].transit_h
        if transit_h is not None and visit.bound is not None and not visit.called:
            at = _listened_by(visit.first.at, round(transit_h * HOUR), world, track.feeds_of_last_hour)
            if at is not None:
                yield visit, at


def overdue(track: Track, zones: ZoneIndex, world: World) -> dict[str, Instant]:
    """The straits in which she is overdue by now, and since when."""
    due = {visit.zone: at for visit, at in due_times(track, zones, world)}
    if not due:
        return due
    heard_up_to = listened_to(world, track.feeds_of_last_hour)
    return {zone: at for zone, at in due.items() if heard_up_to is not None and at <= heard_up_to}


def _listened_by(since: Instant, wait_ms: int, world: World, feeds: Iterable[str]) -> Instant | None:
    """The interval end by which so long was listened; None: not while the gap lasts."""
    at, left = since, wait_ms
    for begin, end in gaps(world, feeds):
        if end is not None and end <= at:
            continue
        if begin >= at + left:
            break
        if end is None:
            return None
        left -= max(0, begin - at)
        at = max(at, end)
    return interval_end(at + left)
