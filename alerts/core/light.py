"""When a transponder that was dark is on again, and when she is awaited after that and has not come.

The first report of any kind after a dark silence.  Of a hull that is habitually dark (watchlist) also her first report
ever, and the first in seven days, whoever could have heard her meanwhile; of any hull, her first report when she has
been watched for seven days in vain.
"""

from alerts.core.heard import Heard
from alerts.core.hull import Hull
from alerts.core.instants import DAY, Instant
from alerts.core.silence import Silence, State, listened_by
from alerts.core.track import Track
from alerts.core.world import World, listened_to

LONG_MS = 7 * DAY


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


def arrival_overdue_at(track: Track, world: World) -> Instant | None:
    """Since when she is overdue at all the ports at which she is watched for; None: she is not, as far as is known."""
    due = _arrival_due(track, world)
    return due if due is not None and _is_over(due, track, world) else None


def arrival_look(track: Track, world: World) -> Instant | None:
    """When there is more to say of that, if she is not heard before."""
    due = _arrival_due(track, world)
    return due if due is not None and not _is_over(due, track, world) else None


def _is_over(due: Instant, track: Track, world: World) -> bool:
    known = listened_to(world, track.feeds_of_last_hour)
    return known is not None and due <= known


def _arrival_due(track: Track, world: World) -> Instant | None:
    """The end of the last window, later by what nobody listened to since she was heard; None while an outage lasts."""
    if track.flash is None or track.flash.expires is None or track.last is None:
        return None
    return listened_by(track, track.flash.expires - track.last.at, world)
