"""What a rule is asked, and what it may answer."""

from collections.abc import Callable
from typing import Any

from alerts.core.alert import Place, Position, Severity
from alerts.core.claims import Doubt
from alerts.core.curve import Curve
from alerts.core.drift import Over as DriftOver
from alerts.core.due import Overdue
from alerts.core.frozen import Struct, field
from alerts.core.heard import Heard
from alerts.core.hull import Hull
from alerts.core.instants import Instant, rfc3339
from alerts.core.intervals import Interference, Meeting
from alerts.core.signs import Over
from alerts.core.silence import Silence
from alerts.core.thresholds import Thresholds
from alerts.core.track import Track, Visit
from alerts.core.zones import Zone, ZoneIndex


class Terms(Struct, frozen=True):
    """What the versions in force say: the zones, the thresholds, and how long natural silences last.

    `curve_from` says whence that is known: shipped, a cover.json, or learned while running.
    """

    zones: ZoneIndex
    thresholds: Thresholds
    curve: Curve
    curve_from: str = "shipped"


class Moment(Struct, frozen=True):
    """One question: a report came (`heard`), or nothing did and this is how things stand (None).

    `before` is her track before the report, `after` the one after it (None: nothing has changed); `silence` the dark
    silence that the report ended, or that goes on; `visits` those that the report ended, or those that go on; `fixes`
    those by which her track goes on: none, the report's own, or the last three where it jumped.  `overdue`: what
    passages should have been over before the report, or by now; `arrival_overdue_at`: since when she is overdue at all
    ports; `signs_over`: signs of life that are over with this.  `meetings` are those that go on, or have just ended.
    `drift_over`: loitering that is over with this; `doubt_over`: the anomaly of her track.  `interference`: the places
    to which many ships jump.
    """

    hull: Hull
    terms: Terms
    before: Track
    heard: Heard | None
    silence: Silence | None
    visits: tuple[Visit, ...]
    after: Track | None = None
    fixes: tuple[Heard, ...] = ()
    overdue: tuple[Overdue, ...] = ()
    arrival_overdue_at: Instant | None = None
    signs_over: Over | None = None
    meetings: tuple[Meeting, ...] = ()
    drift_over: DriftOver | None = None
    doubt_over: Doubt | None = None
    interference: tuple[Interference, ...] = ()

    @property
    def jumped(self) -> bool:
        """Whether her track goes on, with this report, where she cannot have sailed."""
        return len(self.fixes) > 1


class Said(Struct, frozen=True):
    """The part of an alert that a rule decides."""

    severity: Severity
    happened_at: Instant
    position: Position | None
    place: Place | None
    summary: str
    evidence: dict[str, Any] = field(default_factory=dict)


class Finding(Struct, frozen=True):
    """What should be said of one episode: as it opened, and as it ended (None: it goes on).

    `anchor` derives the id; `begin` and `end` are the span by which a corrected episode is recognised; `cause` is the
    id of the episode that explains it.
    """

    rule: str
    zone: str
    anchor: Instant
    begin: Instant
    end: Instant | None
    opened: Said
    closed: Said | None = None
    cause: str | None = None

    @property
    def said(self) -> Said:
        """The newest of the two."""
        return self.closed or self.opened


Rule = Callable[[Moment], tuple[Finding, ...]]
"""A pure question about one hull at one moment; answers with findings, or nothing."""


def position_of(fix: Heard | None) -> Position | None:
    """Where a fix was; published to 1e-5 degrees, about a metre."""
    if fix is None or fix.lat is None or fix.lon is None:
        return None
    return Position(round(fix.lat, 5), round(fix.lon, 5))


def as_evidence(heard: Heard | None) -> dict[str, Any] | None:
    """A report as data behind an alert: rounded, known values only."""
    if heard is None:
        return None
    position = position_of(heard)
    row = {
        "at": rfc3339(heard.at),
        "feed": heard.feed,
        "station": heard.station,
        "mmsi": heard.mmsi,
        "message_type": heard.type,
        "lat": position and position.lat,
        "lon": position and position.lon,
        "speed_kn": heard.speed_kn,
        "course_deg": heard.course_deg,
        "status": heard.status,
    }
    return {key: value for key, value in row.items() if value is not None}


def called(hull: Hull) -> str:
    """How a watch officer names her."""
    return hull.name or (f"IMO {hull.imo}" if hull.imo else f"MMSI {hull.mmsi}")


def zone_of(moment: Moment, visit: Visit) -> Zone:
    """The zone of a visit; fold keeps no visit of a zone that is not in force."""
    return moment.terms.zones.zones[visit.zone]
