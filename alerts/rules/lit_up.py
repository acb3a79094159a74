"""lit_up: a transponder that was dark is on again.

The first report of any kind after a dark silence, or after long (alerts/core/light.py), at once, in the step that
brings it: neither a position nor an IMO number is needed.  With the flagged ports that she can reach, and when.  One
light among others, or at the berth where she was silent, is left to signs_of_life.  Opened and complete; later it is
only amended or retracted.  In a zone where nobody saw her before, the position is unconfirmed: it is one fix.

Rules that are published end a silence with the next report and tell no more of it, as far as we found; that a light is
news, and after which silence, is ours.
"""

from typing import Any

from alerts.core.alert import Place, Severity
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE, rfc3339, spoken
from alerts.core.light import LONG_MS, lit_since
from alerts.core.quarantine import apart_nm
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of
from alerts.core.zones import holds
from alerts.rules.telling import windows_of


def lit_up(moment: Moment) -> tuple[Finding, ...]:
    """One finding for the report that ends the dark."""
    heard = moment.heard
    if heard is None:
        return ()
    last, since = moment.before.last, lit_since(moment.hull, moment.before, heard, moment.silence)
    if since is None or _is_sign(moment, heard):
        return ()
    evidence: dict[str, Any] = {
        "first_report": as_evidence(heard),
        "last_report": as_evidence(last),
        "last_fix": as_evidence(moment.before.fix),
        "silent_min": (heard.at - last.at) // MINUTE if last else None,
        "ports": _in_reach(moment, heard),
    }
    inside, moved = _inside(moment, heard), _moved(moment.before.fix, heard)
    where = f"{_from_there(moved)}{_where(moment, inside)}{_doubt(moment, inside)}"
    summary = f"{called(moment.hull)} lit up{_after(moment, heard)}{where}"
    watched_at = moment.before.watched_at
    if last is None and watched_at is not None:
        evidence["watched_since"] = rfc3339(watched_at)
    said = Said(Severity.CRITICAL, heard.at, position_of(heard), inside, summary, evidence | moved)
    return (Finding("lit_up", "", since, since, heard.at, said),)


def _is_sign(moment: Moment, heard: Heard) -> bool:
    """Whether signs_of_life says it: of one that is habitually dark, after a week, this rule does too."""
    lights, last = moment.after.lights if moment.after else None, moment.before.last
    if lights is None or last is None or not lights.are_signs or lights.first != heard:
        return False
    return not moment.hull.habitually_dark or heard.at - last.at < LONG_MS


def _in_reach(moment: Moment, heard: Heard) -> list[dict[str, Any]]:
    """None from inside a flagged port, nor before her position is known."""
    flash = moment.after.flash if moment.after else None
    return windows_of(moment, flash.windows) if flash is not None and flash.first is heard else []


def _after(moment: Moment, heard: Heard) -> str:
    last, watched_at = moment.before.last, moment.before.watched_at
    if last is not None:
        return f" after {spoken(heard.at - last.at)} of silence"
    if watched_at is None or watched_at >= heard.at:
        return ", first heard"
    return f", first heard after {spoken(heard.at - watched_at)} of watch"


def _moved(fix: Heard | None, heard: Heard) -> dict[str, float]:
    """How far she came, and how fast at least: by the great circle."""
    if fix is None or not heard.has_position or heard.at <= fix.at:
        return {}
    nm = apart_nm(fix, heard)
    return {"distance_nm": round(nm, 1), "implied_speed_kn": round(nm / (heard.at - fix.at) * HOUR, 1)}


def _from_there(moved: dict[str, float]) -> str:
    return f", {moved['distance_nm']:.0f} nm from where she was" if moved.get("distance_nm", 0) >= 1 else ""


def _where(moment: Moment, inside: Place | None) -> str:
    """`already` where her last fix lay outside."""
    fix = moment.before.fix
    if moment.heard is not None and moment.heard.has_position and not moment.fixes:
        return ", at a position off her track"
    if inside is None:
        return ""
    if fix is None or fix.lat is None or fix.lon is None:
        return f", inside {inside.name}"
    was_inside = holds(moment.terms.zones.zones[inside.zone], (fix.lat, fix.lon))
    return f", {'' if was_inside else 'already '}inside {inside.name}"


def _doubt(moment: Moment, inside: Place | None) -> str:
    """As her visit says it: that she is in this zone rests on one fix."""
    if inside is None or moment.after is None:
        return ""
    alone = any(visit.zone == inside.zone and not visit.confirmed for visit in moment.after.visits)
    return ", unconfirmed position" if alone else ""


def _inside(moment: Moment, heard: Heard) -> Place | None:
    """The zone of the first fix, if that is one of her track: a strait before a port before an area."""
    if heard.lat is None or heard.lon is None or not moment.fixes:
        return None
    order = {"strait": 0, "port": 1, "area": 2}
    zones = sorted(moment.terms.zones.at(heard.lat, heard.lon), key=lambda zone: (order[zone.kind], zone.id))
    return Place(zones[0].id, zones[0].name, zones[0].kind, "lit up inside") if zones else None
