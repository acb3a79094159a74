"""strait: she is in a flagged strait, or has crossed it unseen.

Entered by a gate, or over its side, or first seen inside; bound for an end as soon as a second fix shows it.  Left when
further than its margin outside: transited, where she went in by one end and out by another; turned back, out by the end
by which she came.

Inferred: two fixes outside, in waters off two of its ends, and too little time for the way round.  She is taken to sail
no faster than the higher of her speeds at the two fixes (12 kn at least), or than straight from one to the other, and a
quarter more; what no way round undercuts is told by alerts/core/passage.py.

For none of this did we find a published rule; the numbers are ours.
"""

from collections.abc import Iterator
from typing import Any

from alerts.core.alert import Place, Severity
from alerts.core.frozen import replace
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE, rfc3339
from alerts.core.passage import Crossing, crossings, end_of
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of, zone_of
from alerts.core.track import Visit
from alerts.core.zones import Zone
from alerts.rules.telling import entry, of_visit

LEAST_SPEED_KN = 12.0
SPEED_MARGIN = 1.25
COMPASS = {f"{ns}{ew}" for ns in ("", "north", "south") for ew in ("", "east", "west")} - {""}


def strait(moment: Moment) -> tuple[Finding, ...]:
    """One finding for each visit to a strait, and for each that was crossed between the last two fixes."""
    visits = [visit for visit in moment.visits if zone_of(moment, visit).kind == "strait"]
    return (*(_visited(moment, visit) for visit in visits), *_inferred(moment))


def _visited(moment: Moment, visit: Visit) -> Finding:
    zone = zone_of(moment, visit)
    ended = _ended(zone, visit)
    finding = of_visit(moment, visit, "strait", entry(visit), ended)
    opened = _with(finding.opened, _bound(visit.bound), _towards(visit.bound))
    went = end_of(zone, visit.out) if ended == "transited" else visit.bound  # of three ends, not that which she neared
    closed = finding.closed and _with(finding.closed, _bound(went) | _exit(visit, ended), _closing(visit, ended, went))
    return replace(finding, opened=opened, closed=closed)


def _bound(end: str | None) -> dict[str, Any]:
    return {"bound": end} if end else {}


def _with(said: Said, evidence: dict[str, Any], words: str) -> Said:
    return replace(said, evidence=said.evidence | evidence, summary=said.summary + words)


def _exit(visit: Visit, ended: str) -> dict[str, Any]:
    by: dict[str, Any] = {"exit_gate": visit.out} if visit.out else {}
    if visit.left is None or ended != "transited":
        return by
    return by | {"transit_min": (visit.left.at - visit.first.at) // MINUTE}


def _ended(zone: Zone, visit: Visit) -> str:
    came, went = end_of(zone, visit.gate), end_of(zone, visit.out)
    if came is None or went is None:
        return "left"
    return "turned back" if came == went else "transited"


def _closing(visit: Visit, ended: str, went: str | None) -> str:
    if visit.out is None:
        return ""
    if ended == "transited":
        return f"{_towards(went)}, in by {visit.gate}, out by {visit.out}"
    return f"{', out' if ended == 'turned back' else ''} by {visit.out}"


def _towards(bound: str | None) -> str:
    if bound is None:
        return ""
    return f", {bound}bound" if bound in COMPASS else f", bound for {bound}"


def _inferred(moment: Moment) -> Iterator[Finding]:
    fix, heard = moment.before.fix, moment.heard
    if fix is None or heard is None or len(moment.fixes) != 1:
        return
    inside = {visit.zone for visit in moment.before.visits}
    for zone, found in crossings(moment.terms.zones, fix.where, heard.where):
        could_nm = max(_fastest_kn(fix, heard) * (heard.at - fix.at) / HOUR, SPEED_MARGIN * found.direct_nm)
        if zone.id not in inside and could_nm < found.round_nm:
            yield _crossed(moment, zone, fix, heard, found, could_nm)


def _fastest_kn(fix: Heard, heard: Heard) -> float:
    return SPEED_MARGIN * max(fix.speed_kn or 0, heard.speed_kn or 0, LEAST_SPEED_KN)


def _crossed(moment: Moment, zone: Zone, fix: Heard, heard: Heard, found: Crossing, could_nm: float) -> Finding:
    took_ms, fastest_kn = heard.at - fix.at, _fastest_kn(fix, heard)
    earliest = fix.at + min(took_ms, round(found.to_entry_nm / fastest_kn * HOUR))
    latest = max(fix.at, heard.at - round(found.from_exit_nm / fastest_kn * HOUR))
    evidence = {
        "last_fix": as_evidence(fix),
        "next_fix": as_evidence(heard),
        "gate": found.entered.name,
        "exit_gate": found.left.name,
        "bound": found.left.end,
        "earliest": rfc3339(earliest),
        "latest": rfc3339(latest),
        "could_have_sailed_nm": round(could_nm, 1),
        "way_round_nm": round(found.round_nm, 1),
    }
    summary = (
        f"{called(moment.hull)} crossed {zone.name} unseen{_towards(found.left.end)}, "
        f"between {rfc3339(earliest)} and {rfc3339(latest)}"
    )
    place = Place(zone.id, zone.name, zone.kind, "inferred")
    said = Said(Severity(zone.flag), fix.at, position_of(heard), place, summary, evidence)
    return Finding("strait", zone.id, fix.at, fix.at, heard.at, said, said)
