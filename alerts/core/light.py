"""When a transponder that was dark is on again, and when she is awaited after that and has not come.

The first report of any kind after a dark silence.  Of a hull that is habitually dark (watchlist) also her first report
ever, and the first in seven days, whoever could have heard her meanwhile; of any hull, her first report when she has
been watched for seven days in vain.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from alerts.core.heard import Heard
from alerts.core.hull import Hull
from alerts.core.instants import DAY, Instant
from alerts.core.reach import Flash
from alerts.core.silence import Silence, State, listened_by
from alerts.core.track import Track
from alerts.core.world import World, listened_to

LONG_MS = 7 * DAY


@dataclass(frozen=True, slots=True)
class Awaited:
    """Her armed watches as they stand: since when she is overdue at all of them."""

    flash: Flash
    overdue_at: Instant | None


def lit_since(hull: Hull, before: Track, heard: Heard, silence: Silence | None) -> Instant | None:
    """If this report lights her up: her last report; without one, the beginning of her watch, or this very report."""
    last, watched_at = before.last, before.watched_at
    if last is not None:
        long_silent = hull.habitually_dark and heard.at - last.at >= LONG_MS
        was_dark = silence is not None and silence.state is State.DARK
        return last.at if was_dark or long_silent else None
    in_vain = watched_at is not None and heard.at - watched_at >= LONG_MS
    if not hull.habitually_dark and not in_vain:
        return None
    return heard.at if watched_at is None else min(watched_at, heard.at)


def awaited(track: Track, world: World) -> Awaited | None:
    """How her watches stand by now."""
    flash, known = track.flash, listened_to(world, track.feeds_of_last_hour)
    if flash is None or not flash.windows:
        return None
    overdue_at = _overdue_at(track, flash, world)
    overdue = overdue_at is not None and known is not None and overdue_at <= known
    return Awaited(flash, overdue_at if overdue else None)


def awaited_looks(track: Track, world: World) -> Iterator[Instant]:
    """When there is more to say of them, if she is not heard before."""
    flash, known = track.flash, listened_to(world, track.feeds_of_last_hour)
    if flash is None or not flash.windows:
        return
    overdue_at = _overdue_at(track, flash, world)
    if overdue_at is not None and (known is None or overdue_at > known):
        yield overdue_at


def _overdue_at(track: Track, flash: Flash, world: World) -> Instant | None:
    """The end of the last window, later by what nobody listened to since she was heard; None while an outage lasts."""
    if flash.expires is None or track.last is None:
        return None
    return listened_by(track, flash.expires - track.last.at, world)
