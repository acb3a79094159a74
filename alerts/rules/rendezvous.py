"""rendezvous: she lies still beside another ship, away from ports.

Two ships within 500 m of each other for two hours, slower than 2 kn, 10 km and more from an anchorage: Miller et al.
2018 (Front. Mar. Sci. 5:240), and the encounters of Global Fishing Watch.  Skylight tells after half an hour: so can
`lasts_min`.  Where an anchorage is, the folder says: nearer than 10 km (`port_nm`) to a flagged port nothing is said.

How ships lie is seen by streams/ingest/lying.py, who lies beside whom by alerts/core/meetings.py: in prompt feeds only.
Opened once for the two, closed when they were half an hour apart, or one was no longer heard.
"""

import math
from functools import lru_cache
from typing import Any

from alerts.core.alert import Place, Position, Severity
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.instants import MINUTE, Instant, rfc3339, spoken
from alerts.core.intervals import Beside, Meeting
from alerts.core.offshore import is_offshore
from alerts.core.rule import Finding, Moment, Said, called
from alerts.core.zones import Zone, ZoneIndex

_NAMED_WITHIN_NM = 200


def rendezvous(moment: Moment) -> tuple[Finding, ...]:
    """One finding for each ship that she lies beside."""
    found = ((meeting, _told(moment, meeting)) for meeting in moment.meetings)
    return tuple(_finding(moment, meeting, beside) for meeting, beside in found if beside is not None)


def _told(moment: Moment, meeting: Meeting) -> Beside | None:
    """As they lay when it had lasted long enough; None: it has not, or they lie at a port."""
    zones, thresholds = moment.terms.zones, moment.terms.thresholds
    told = next((row for row in meeting.beside if row.minutes >= thresholds.rendezvous_min), None)
    port = _nearest_port(zones, (told.lat, told.lon)) if told is not None else None
    return None if port is not None and port[1] <= thresholds.rendezvous_port_nm else told


@lru_cache(maxsize=1024)  # asked again at every report of hers
def _nearest_port(zones: ZoneIndex, fix: Fix) -> tuple[Zone, float] | None:
    return zones.nearest_port(fix)


def _finding(moment: Moment, meeting: Meeting, beside: Beside) -> Finding:
    own = meeting.hulls.index(moment.hull.id)
    opened = _opened(moment, meeting, beside, own)
    closed = None if meeting.until is None else _closed(moment, meeting, opened, own, meeting.until)
    zone, since = str(meeting.ships[1 - own]), meeting.since
    return Finding("rendezvous", zone, since, since, meeting.until, opened, closed)


def _opened(moment: Moment, meeting: Meeting, beside: Beside, own: int) -> Said:
    other, place = meeting.ships[1 - own], _place(moment, beside)
    evidence: dict[str, Any] = {
        "ship": meeting.ships[own],
        "other": other,
        "other_hull": meeting.hulls[1 - own] or None,
        "since": rfc3339(meeting.since),
        "together_min": beside.minutes,
        "apart_m": beside.apart_m,
        **_where(moment, (beside.lat, beside.lon)),
    }
    told = f"{called(moment.hull)} has lain beside MMSI {other} for {spoken(beside.minutes * MINUTE)}"
    summary = f"{told}, {beside.apart_m} m away{f', in {place.name}' if place else ''}{_off(evidence)}"
    return Said(Severity.CAUTION, meeting.since, Position(beside.lat, beside.lon), place, summary, evidence)


def _closed(moment: Moment, meeting: Meeting, opened: Said, own: int, until: Instant) -> Said:
    ended = _ended(meeting, meeting.ships[own])
    lay = f"{called(moment.hull)} lay beside MMSI {meeting.ships[1 - own]} for {spoken(until - meeting.since)}"
    evidence = opened.evidence | {"until": rfc3339(until), "ended": ended}
    return replace(opened, summary=f"{lay}, until {_WORDS[ended]} at {rfc3339(until)}", evidence=evidence)


def _where(moment: Moment, fix: Fix) -> dict[str, Any]:
    port = _nearest_port(moment.terms.zones, fix)
    near: dict[str, Any] = {"nearest_port": port[0].name, "nearest_port_nm": round(port[1], 1)} if port else {}
    return near | {"offshore": is_offshore(fix)}


def _off(evidence: dict[str, Any]) -> str:
    """A port further off says nothing of where they are."""
    port_nm = evidence.get("nearest_port_nm", math.inf)
    return f", {port_nm:g} nm from {evidence['nearest_port']}" if port_nm <= _NAMED_WITHIN_NM else ""


def _place(moment: Moment, beside: Beside) -> Place | None:
    zone = next(iter(moment.terms.zones.at(beside.lat, beside.lon)), None)
    return Place(zone.id, zone.name, zone.kind, "rendezvous") if zone else None


_WORDS = {
    "apart": "they were apart",
    "she fell silent": "she was no longer heard",
    "the other fell silent": "the other was no longer heard",
    "both fell silent": "neither was heard any more",
}


def _ended(meeting: Meeting, ship: int) -> str:
    """Why it is over."""
    if not meeting.unheard:
        return "apart"
    if len(meeting.unheard) > 1:
        return "both fell silent"
    return "she fell silent" if meeting.unheard == (ship,) else "the other fell silent"
