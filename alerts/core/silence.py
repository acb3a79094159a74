"""When a silence has become dark: by the first end of an interval at which enough of it was listened to.

In this form a plain one: silent for longer than max(floor, factor x her expected reporting interval), spans aside in
which a feed that heard her in her last hour was out or had ended.
"""

from dataclasses import dataclass

from alerts.core.heard import Heard, expected_interval_ms
from alerts.core.instants import MINUTE, Instant, interval_end
from alerts.core.thresholds import Thresholds
from alerts.core.track import Track
from alerts.core.world import World, gaps, listened_to


@dataclass(frozen=True, slots=True)
class Silence:
    """A dark silence: from `since`, her last report, to `until`, the report that ended it (None: it goes on).

    `limit_ms` is what was waited, `dark_at` the end of the interval that decided, `port` the flagged port in which
    her last fix lay.
    """

    since: Heard
    until: Heard | None
    limit_ms: int
    dark_at: Instant
    port: str | None


def limit_ms(fix: Heard | None, in_port: bool, thresholds: Thresholds) -> int:
    """How long a hull with this last fix may be silent."""
    floor_min = thresholds.port_silence_min if in_port else thresholds.silence_floor_min
    return max(round(floor_min * MINUTE), round(thresholds.silence_factor * expected_interval_ms(fix)))


def dark_silence(track: Track, until: Heard | None, port: str | None, limit: int, world: World) -> Silence | None:
    """The silence that began with her last report, if it was dark before `until` and, by now, is known to be.

    `limit` in ms, as `limit_ms` gives it.
    """
    if track.last is None or (until is not None and until.at - track.last.at < limit):
        return None
    dark_at = dark_by(track, limit, world)
    heard_up_to = listened_to(world, track.feeds_of_last_hour)
    if dark_at is None or heard_up_to is None or dark_at > heard_up_to:
        return None
    if until is not None and dark_at > until.at:
        return None
    return Silence(track.last, until, limit, dark_at, port)


def dark_by(track: Track, limit: int, world: World) -> Instant | None:
    """The interval end by which `limit` ms since her last report were listened to; None: not while the gap lasts."""
    assert track.last is not None
    at, left = track.last.at, limit
    for since, until in gaps(world, track.feeds_of_last_hour):
        if until is not None and until <= at:
            continue
        if since >= at + left:
            break
        if until is None:
            return None
        left -= max(0, since - at)
        at = max(at, until)
    return interval_end(at + left)
