"""overdue_arrival: watches at the flagged ports that she can reach after she lit up, with their windows.

Armed by her first fix in the light, outside every flagged port: the nearest twelve, if she can be there in fourteen
days (alerts/core/reach.py has how windows are reckoned).  Amended when she lights up anew: the watches are then those
of that fix.  Overdue, with another severity and said once, when the last window is over and
she was not heard; what nobody listened to does not count.  Closed when she comes to a flagged port, whichever, or is
in sight: heard six hours after she lit up, or after the last window, and not dark since.

We found no published rule for this; the numbers are ours.
"""

from collections.abc import Sequence
from typing import Any

from alerts.core.alert import Place, Severity
from alerts.core.heard import Heard
from alerts.core.instants import Instant, rfc3339, spoken
from alerts.core.reach import Flash, Window
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of
from alerts.core.track import Visit
from alerts.rules.telling import named, windows_of


def overdue_arrival(moment: Moment) -> tuple[Finding, ...]:
    """One finding while her watches are armed, and one for the report that ends them."""
    flash, heard = moment.before.flash, moment.heard
    after = moment.after.flash if moment.after else None
    if flash is None or (heard is not None and after is not None and after.at == flash.at):
        return ()
    windows = [window for window in flash.windows if window.zone in moment.terms.zones.zones]
    if not windows:
        return ()
    armed = _armed(moment, flash, windows)
    if heard is not None:
        over = _over(moment, windows, armed, heard)
        return (Finding("overdue_arrival", "", flash.at, flash.at, heard.at, armed, over),)
    stands = _stands(moment, moment.arrival_overdue_at, armed)
    return (Finding("overdue_arrival", "", flash.at, flash.at, None, stands),)


def _armed(moment: Moment, flash: Flash, windows: Sequence[Window]) -> Said:
    evidence: dict[str, Any] = {
        "first_fix": as_evidence(flash.first),
        "lit_at": rfc3339(flash.lit_at),
        "ports": windows_of(moment, windows),
    }
    summary = f"{called(moment.hull)} can reach {named(moment, windows)}"
    return Said(Severity.INFO, flash.at, position_of(flash.first), None, summary, evidence)


def _stands(moment: Moment, overdue_at: Instant | None, armed: Said) -> Said:
    """As armed until the last window is over."""
    if overdue_at is None:
        return armed
    last, at = moment.before.last, rfc3339(overdue_at)
    since = rfc3339(last.at) if last else "ever"
    told = (
        f"{called(moment.hull)} is overdue: not heard since {since}, she is at none of the ports that she could reach"
    )
    evidence = armed.evidence | {"overdue_at": at}
    return Said(Severity.CAUTION, armed.happened_at, armed.position, None, f"{told}, by {at}", evidence)


def _over(moment: Moment, windows: Sequence[Window], armed: Said, heard: Heard) -> Said:
    visit = _came_to(moment)
    if visit is None:
        evidence = armed.evidence | {"until": rfc3339(heard.at), "first_report": as_evidence(heard)}
        summary = f"{called(moment.hull)} is in sight again, before she came to a flagged port"
        return Said(armed.severity, armed.happened_at, position_of(heard) or armed.position, None, summary, evidence)
    return _reached(moment, visit, windows, armed)


def _came_to(moment: Moment) -> Visit | None:
    if moment.after is None or not moment.fixes:
        return None
    zones = moment.terms.zones.zones
    return next((visit for visit in moment.after.visits if zones[visit.zone].kind == "port"), None)


def _reached(moment: Moment, visit: Visit, windows: Sequence[Window], armed: Said) -> Said:
    zone, at = moment.terms.zones.zones[visit.zone], visit.first.at
    window = next((window for window in windows if window.zone == zone.id), None)
    evidence: dict[str, Any] = armed.evidence | {"until": rfc3339(at), "expected": _expected(window, visit)}
    place = Place(zone.id, zone.name, zone.kind, "reached")
    summary = f"{called(moment.hull)} reached {zone.name}, {_in_words(window, visit)}"
    return Said(armed.severity, armed.happened_at, position_of(visit.first), place, summary, evidence)


def _expected(window: Window | None, visit: Visit) -> str:
    if window is None:
        return "elsewhere"
    at = visit.first.at
    return "early" if at < window.earliest else "late" if at > window.latest else "in time"


def _in_words(window: Window | None, visit: Visit) -> str:
    if window is None:
        return "where she was not expected"
    at = visit.first.at
    between = f"from {rfc3339(window.earliest)} to {rfc3339(window.latest)}"
    if at > window.latest:
        return f"{spoken(at - window.latest)} after she was expected there, {between}"
    return f"{'earlier than' if at < window.earliest else 'as'} expected, {between}"
