"""The picture as plain JSON values, as `/api/state` and the stream give them out.

Alerts are in their published form (times in RFC 3339).  Fixes are rows, for their number:
[ms since the epoch, lat, lon, knots or null, course or null, heading or null].
"""

from typing import Any

from alerts.core.alert import Alert
from alerts.core.instants import Instant, rfc3339
from alerts.dashboard.borders import geojson
from alerts.dashboard.picture import LOG_LENGTH, MOMENT_MS, TRACK_LENGTH, Fix, Picture, Seen, open_episodes

POINTS_AT_ONCE = 50_000
"""Shared by all tracks of one answer, so that a thousand hulls stay under 3 MB; each keeps its newest."""


def state(picture: Picture, cursor: str, caught_up: bool) -> dict[str, Any]:
    """All that a page needs to start; `cursor` is where the stream goes on from here."""
    points = POINTS_AT_ONCE // max(1, len(picture.hulls))
    return {
        "cursor": cursor,
        "caught_up": caught_up,
        "data_time": moment(picture.data_time),
        "open": [alert.published() for alert in open_episodes(picture)],
        "alerts": [alert.published() for alert in reversed(picture.log)],
        "hulls": [hull(seen, points=points) for seen in picture.hulls.values()],
        "zones": geojson(picture.zones.zones),
        "limits": {"track": TRACK_LENGTH, "log": LOG_LENGTH, "moment_ms": MOMENT_MS},
    }


def hull(seen: Seen, since: Instant = 0, points: int = TRACK_LENGTH) -> dict[str, Any]:
    """Who she is and her track from `since` on; `name` is the entry's, else what she calls herself."""
    who = seen.hull
    return {
        "id": who.id,
        "imo": who.imo,
        "mmsi": who.mmsi,
        "name": who.name or (seen.called and seen.called[2]),
        "call_sign": who.call_sign,
        "reason": who.reason,
        "heard_at": moment(seen.heard and seen.heard[0]),
        "last": seen.last and row(seen.last),
        "since": since,
        "track": [row(fix) for fix in seen.track[-points:] if fix.at >= since],
    }


def revisions(picture: Picture, episode: str) -> list[dict[str, Any]] | None:
    """All revisions of one episode in rising order; None where there is none of that id."""
    chain: tuple[Alert, ...] | None = picture.episodes.get(episode)
    return None if chain is None else [alert.published() for alert in chain]


def row(fix: Fix) -> list[float | None]:
    """See the head of this file."""
    return [fix.at, fix.lat, fix.lon, fix.speed_kn, fix.course_deg, fix.heading_deg]


def moment(at: Instant | None) -> str | None:
    """RFC 3339, or None."""
    return None if at is None else rfc3339(at)
