"""overdue: she was making for the far gate of a strait, should be through, and is not heard.

Opened when the clock passes the time at which she was due (alerts/core/due.py has how it is reckoned), whether or not
anybody could have heard her: of a hull that is dark, or lost from cover, it says more than that.  Closed by her next
report, which says where she is by the straight leg from her last fix: it was not seen which way she took.

We found no published rule for this; the numbers are ours.
"""

from typing import Any

from alerts.core.alert import Place, Severity
from alerts.core.due import Overdue, Passage
from alerts.core.geo import distance_nm
from alerts.core.heard import Heard
from alerts.core.instants import MINUTE, rfc3339, spoken
from alerts.core.passage import AT_MOST_NM, end_of
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of, zone_of
from alerts.core.zones import Zone, gate_crossed, holds

BEYOND, BACK, INSIDE, ELSEWHERE, SOMEWHERE = "beyond the far gate", "turned back", "still inside", "elsewhere", "heard"


def overdue(moment: Moment) -> tuple[Finding, ...]:
    """One finding for each passage that should be over."""
    return tuple(_found(moment, late) for late in moment.overdue)


def _found(moment: Moment, late: Overdue) -> Finding:
    last, zone = moment.before.last, zone_of(moment, late.passage.visit)
    assert last is not None
    place = Place(zone.id, zone.name, zone.kind, "overdue")
    evidence = _evidence(moment, late)
    said = Said(Severity.CAUTION, late.due, position_of(moment.before.fix), place, _told(moment, zone, late), evidence)
    if late.until is None:
        return Finding("overdue", zone.id, last.at, last.at, None, said)
    closed = _closed(moment, zone, late, late.until, said)
    return Finding("overdue", zone.id, last.at, last.at, late.until.at, said, closed)


def _told(moment: Moment, zone: Zone, late: Overdue) -> str:
    last, passage = moment.before.last, late.passage
    assert last is not None
    at, deaf_ms = rfc3339(last.at), _deaf_ms(moment, late)
    deaf = f", {spoken(deaf_ms)} of outage not counted" if deaf_ms >= MINUTE else ""
    return (
        f"{called(moment.hull)} is overdue at the {passage.bound} end of {zone.name}: last heard at {at}, "
        f"{passage.to_go_nm:.0f} nm before it at {passage.speed_kn:.1f} kn. She was due there by {rfc3339(late.due)}: "
        f"{spoken(passage.takes_ms)} allowed for the rest of the passage{deaf}"
    )


def _deaf_ms(moment: Moment, late: Overdue) -> int:
    assert moment.before.last is not None
    return late.due - moment.before.last.at - late.passage.takes_ms


def _evidence(moment: Moment, late: Overdue) -> dict[str, Any]:
    passage = late.passage
    evidence: dict[str, Any] = {
        "due_at": rfc3339(late.due),
        "bound": passage.bound,
        "last_report": as_evidence(moment.before.last),
        "last_fix": as_evidence(moment.before.fix),
        "to_go_nm": round(passage.to_go_nm, 1),
        "speed_kn": round(passage.speed_kn, 1),
        "takes_min": passage.takes_ms // MINUTE,
        "transit_given": passage.given,
        "deaf_min": _deaf_ms(moment, late) // MINUTE,
        "feeds": list(moment.before.feeds_of_last_hour),
    }
    return evidence | ({"gate": passage.visit.gate} if passage.visit.gate else {})


def _closed(moment: Moment, zone: Zone, late: Overdue, heard: Heard, opened: Said) -> Said:
    what = _where(moment, zone, late.passage, heard)
    end, after = f"the {late.passage.bound} end of {zone.name}", spoken(heard.at - late.due)
    told = f"{called(moment.hull)} was overdue at {end} and is heard {after} after she was due, {_WORDS[what]}"
    evidence = opened.evidence | {"first_report": as_evidence(heard), "late_min": (heard.at - late.due) // MINUTE}
    place = Place(zone.id, zone.name, zone.kind, what)
    return Said(opened.severity, opened.happened_at, position_of(heard) or opened.position, place, told, evidence)


_WORDS = {
    BEYOND: "beyond it",
    BACK: "back at the end by which she came",
    INSIDE: "still inside",
    ELSEWHERE: "elsewhere",
    SOMEWHERE: "at no known position",
}


def _where(moment: Moment, zone: Zone, passage: Passage, heard: Heard) -> str:
    fix = moment.before.fix
    if fix is None or not heard.has_position or not moment.fixes:
        return SOMEWHERE
    before, now = fix.where, heard.where
    if holds(zone, now):
        return INSIDE
    gate = None if moment.jumped or distance_nm(before, now) > AT_MOST_NM else gate_crossed(zone, before, now)
    if gate is None:
        return ELSEWHERE
    if gate.end == passage.bound:
        return BEYOND
    return BACK if end_of(zone, passage.visit.gate) in (None, gate.end) else ELSEWHERE
