"""How the rules put what they found: silences and visits in words and as data."""

from collections.abc import Iterable, Sequence
from typing import Any

from alerts.core.alert import Place, Severity
from alerts.core.due import OVERDUE
from alerts.core.heard import Heard, expected_interval_ms
from alerts.core.instants import SECOND, rfc3339, spoken
from alerts.core.reach import Window
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of, zone_of
from alerts.core.silence import Silence
from alerts.core.track import Visit


def of_silence(moment: Moment, silence: Silence, rule: str, severity: Severity, place: Place | None) -> Finding:
    """A dark silence, going on or ended, as a finding of `rule`."""
    since, until = silence.since, silence.until
    position = position_of(moment.before.fix)
    where = f" in {place.name}" if place else ""
    told = f"{called(moment.hull)} has been silent{where} since {rfc3339(since.at)}, for more than "
    evidence: dict[str, Any] = {
        "last_report": as_evidence(since),
        "last_fix": as_evidence(moment.before.fix),
        "expected_interval_s": expected_interval_ms(moment.before.fix) // SECOND,
        "limit_s": silence.limit_ms // SECOND,
        "dark_at": rfc3339(silence.dark_at),
        "feeds": list(moment.before.feeds_of_last_hour),
    }
    opened = Said(severity, since.at, position, place, told + spoken(silence.limit_ms), evidence)
    closed = None
    if until is not None:
        ended = f"{called(moment.hull)} was silent{where} for {spoken(until.at - since.at)}, until {rfc3339(until.at)}"
        closed = Said(severity, since.at, position, place, ended, evidence | {"first_report": as_evidence(until)})
    return Finding(rule, "", since.at, since.at, until.at if until else None, opened, closed)


def of_visit(moment: Moment, visit: Visit, rule: str, what: str, ended: str) -> Finding:
    """A visit to a flagged zone, going on or ended, as a finding of `rule`."""
    zone = zone_of(moment, visit)
    severity = Severity(zone.flag)
    position = position_of(visit.first)
    evidence = _visit_evidence(visit)
    opened = _said(moment, visit, severity, Place(zone.id, zone.name, zone.kind, what), evidence, visit.first)
    over = _over(visit)
    closed = None
    if over is not None:
        place = Place(zone.id, zone.name, zone.kind, ended)
        closed = _said(moment, visit, severity, place, evidence | {"until": rfc3339(over.at)}, over)
    assert position is not None
    left_at = visit.left.at if visit.left else None
    return Finding(rule, zone.id, visit.first.at, visit.first.at, left_at, opened, closed)


def _over(visit: Visit) -> Heard | None:
    """The fix that ended it: a port call is over by departing, any visit by leaving."""
    return visit.departed or visit.left


def _visit_evidence(visit: Visit) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "first_fix": as_evidence(visit.first),
        "seen_entering": visit.seen_entering,
        "confirmed": visit.confirmed,
    }
    if visit.gate:
        evidence["gate"] = visit.gate
    if visit.arrived_at:
        evidence["arrived_at"] = rfc3339(visit.arrived_at)
    return evidence


def _said(moment: Moment, visit: Visit, severity: Severity, place: Place, evidence: dict[str, Any], fix: Heard) -> Said:
    gate = f" by {visit.gate}" if visit.gate and place.what == "entered" else ""
    doubt = "" if visit.confirmed else ", unconfirmed position"
    summary = f"{called(moment.hull)} {_VERBS.get(place.what, place.what)} {place.name}{gate}{doubt}"
    return Said(severity, visit.first.at, position_of(fix), place, summary, evidence)


_VERBS = {
    "first seen inside": "was first seen inside",
    "arrived": "arrived at",
    "turned back": "turned back in",
    OVERDUE: "is overdue in",
}


def entry(visit: Visit) -> str:
    """`entered`, or `first seen inside` where no fix outside came shortly before."""
    return "entered" if visit.seen_entering else "first seen inside"


def windows_of(moment: Moment, windows: Iterable[Window]) -> list[dict[str, Any]]:
    """Ports with their windows as data."""
    zones = moment.terms.zones.zones
    return [
        {
            "zone": window.zone,
            "name": zones[window.zone].name,
            "distance_nm": window.distance_nm,
            "earliest": rfc3339(window.earliest),
            "latest": rfc3339(window.latest),
        }
        for window in windows
    ]


NAMED = 3
"""So many ports are named; the rest are counted."""


def named(moment: Moment, windows: Sequence[Window]) -> str:
    """`Busan (from 2024-02-03T18:00:00Z to 2024-02-04T09:00:00Z) and 11 more`."""
    zones = moment.terms.zones.zones
    told = [f"{zones[w.zone].name} (from {rfc3339(w.earliest)} to {rfc3339(w.latest)})" for w in windows[:NAMED]]
    more = len(windows) - NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")
