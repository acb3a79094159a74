"""What is published: one revision of one episode (`ais.alerts`, replay's JSON lines, webhooks, SSE, the API)."""

from enum import StrEnum
from typing import Any

from alerts.core.frozen import Struct, field
from alerts.core.hull import Hull
from alerts.core.instants import Instant, parse_rfc3339, rfc3339


class Event(StrEnum):
    """What a revision did to its episode; `amended` means still open."""

    OPENED = "opened"
    AMENDED = "amended"
    CLOSED = "closed"
    RETRACTED = "retracted"


class Severity(StrEnum):
    """In rising order: see `rank`."""

    INFO = "info"
    CAUTION = "caution"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info to 3 for critical."""
        return list(Severity).index(self)


class Position(Struct, frozen=True):
    """Degrees, WGS 84, north and east positive."""

    lat: float
    lon: float


class Place(Struct, frozen=True):
    """A flagged zone and what happened there: `entered`, `first seen inside`, `arrived`, `transited`, `left` ..."""

    zone: str
    name: str
    kind: str
    what: str


class Alert(Struct, frozen=True):
    """One revision of an episode, as everybody outside sees it."""

    id: str
    revision: int
    event: Event
    rule: str
    severity: Severity
    hull: Hull | None
    happened_at: Instant
    known_at: Instant
    position: Position | None
    place: Place | None
    cause: str | None
    summary: str
    evidence: dict[str, Any] = field(default_factory=dict)

    def published(self) -> dict[str, Any]:
        """The record of docs/alerts.md: plain JSON values, times in RFC 3339, keys in a fixed order."""
        return {
            "id": self.id,
            "revision": self.revision,
            "event": str(self.event),
            "rule": self.rule,
            "severity": str(self.severity),
            "hull": _hull(self.hull),
            "happened_at": rfc3339(self.happened_at),
            "known_at": rfc3339(self.known_at),
            "position": self.position and {"lat": self.position.lat, "lon": self.position.lon},
            "place": self.place and _place(self.place),
            "cause": self.cause,
            "summary": self.summary,
            "evidence": self.evidence,
        }

    @classmethod
    def of(cls, record: dict[str, Any]) -> "Alert":
        """The inverse of `published`; raises KeyError, TypeError or ValueError on anything else."""
        return cls(
            id=record["id"],
            revision=record["revision"],
            event=Event(record["event"]),
            rule=record["rule"],
            severity=Severity(record["severity"]),
            hull=record["hull"] and Hull(**record["hull"]),
            happened_at=parse_rfc3339(record["happened_at"]),
            known_at=parse_rfc3339(record["known_at"]),
            position=record["position"] and Position(**record["position"]),
            place=record["place"] and Place(**record["place"]),
            cause=record["cause"],
            summary=record["summary"],
            evidence=record["evidence"],
        )


def _hull(hull: Hull | None) -> dict[str, Any] | None:
    if hull is None:
        return None
    return {
        "id": hull.id,
        "imo": hull.imo,
        "name": hull.name,
        "mmsi": hull.mmsi,
        "call_sign": hull.call_sign,
        "reason": hull.reason,
    }


def _place(place: Place) -> dict[str, str]:
    return {"zone": place.zone, "name": place.name, "kind": place.kind, "what": place.what}
