"""overdue_arrival: watches at the flagged ports that she can reach after a flash, with their windows.

Armed by the first fix after a day or more without one, outside every flagged port: the nearest twelve, if she can be
there in fourteen days.  A window begins when she can be there at the earliest, sailing a quarter faster than at that
fix, and than 12 kn at least; it ends when she should be there at a quarter of that speed.  Over when she comes to a
flagged port, whichever; overdue when the last window has passed.
"""

from collections.abc import Sequence
from typing import Any

from alerts.core.alert import Place, Severity
from alerts.core.instants import Instant, rfc3339
from alerts.core.reach import Flash, Window
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of
from alerts.core.track import Visit
from alerts.rules.telling import named, windows_of


def overdue_arrival(moment: Moment) -> tuple[Finding, ...]:
    """One finding while her watches are armed, and when they no longer are."""
    flash, after = moment.before.flash, moment.after
    if flash is None or (after is not None and after.flash is flash):
        return ()
    windows = [window for window in flash.windows if window.zone in moment.terms.zones.zones]
    if not windows:
        return ()
    opened = _armed(moment, flash, windows)
    closed, until = _over(moment, flash, windows, opened)
    return (Finding("overdue_arrival", "", flash.first.at, flash.first.at, until, opened, closed),)


def _armed(moment: Moment, flash: Flash, windows: Sequence[Window]) -> Said:
    evidence = {"first_fix": as_evidence(flash.first), "ports": windows_of(moment, windows)}
    summary = f"{called(moment.hull)} can reach {named(moment, windows)}"
    return Said(Severity.INFO, flash.first.at, position_of(flash.first), None, summary, evidence)


def _over(moment: Moment, flash: Flash, windows: Sequence[Window], opened: Said) -> tuple[Said | None, Instant | None]:
    """How it ended, and when; None while it goes on."""
    heard = moment.heard
    if heard is None and (moment.clock is None or moment.clock < flash.expires):
        return None, None
    visit = _came_to(moment) if heard is not None and heard.at <= flash.expires else None
    if visit is None:
        return _expired(moment, flash, windows, opened), flash.expires
    return _reached(moment, visit, windows, opened), visit.first.at


def _came_to(moment: Moment) -> Visit | None:
    assert moment.after is not None
    zones = moment.terms.zones.zones
    return next((visit for visit in moment.after.visits if zones[visit.zone].kind == "port"), None)


def _expired(moment: Moment, flash: Flash, windows: Sequence[Window], opened: Said) -> Said:
    evidence = opened.evidence | {"until": rfc3339(flash.expires)}
    summary = f"{called(moment.hull)} is overdue: she was not seen to arrive at {named(moment, windows)}"
    return Said(Severity.WARNING, opened.happened_at, opened.position, None, summary, evidence)


def _reached(moment: Moment, visit: Visit, windows: Sequence[Window], opened: Said) -> Said:
    zone, at = moment.terms.zones.zones[visit.zone], visit.first.at
    window = next((window for window in windows if window.zone == zone.id), None)
    in_window = window is not None and window.earliest <= at <= window.latest
    expected = f"between {rfc3339(window.earliest)} and {rfc3339(window.latest)}" if window else "elsewhere"
    evidence: dict[str, Any] = opened.evidence | {"until": rfc3339(at), "in_window": in_window}
    place = Place(zone.id, zone.name, zone.kind, "reached")
    summary = f"{called(moment.hull)} reached {zone.name}, expected {expected}"
    return Said(opened.severity, opened.happened_at, position_of(visit.first), place, summary, evidence)
