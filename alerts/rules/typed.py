"""How the rules put what a crew typed: since when, what lay between, and that it was taken back."""

from typing import Any

from alerts.core.alert import Place, Position
from alerts.core.frozen import replace
from alerts.core.instants import Instant, rfc3339
from alerts.core.rule import Finding, Moment, Said
from alerts.core.statics import Between, Changed, between


def finding(moment: Moment, rule: str, changed: Changed, opened: Said, taken_back: str) -> Finding:
    """Opened and complete; closed where it did not stand.  One change follows another: they never overlap."""
    opened = replace(opened, position=_position(changed))
    anchor = changed.before.last
    if moment.heard is None:
        return Finding(rule, "", anchor, anchor, None, opened)
    end = moment.heard.at
    if not changed.taken_back:
        return Finding(rule, "", anchor, anchor, end, opened)
    evidence = opened.evidence | {"taken_back_at": rfc3339(end)}
    return Finding(rule, "", anchor, anchor, end, opened, replace(opened, summary=taken_back, evidence=evidence))


def lay_between(moment: Moment, changed: Changed) -> dict[str, Any]:
    """Since when each was said, and all that is known to have happened between."""
    past, place = changed.after.past, place_of(moment, changed)
    told: dict[str, Any] = {
        "before_since": rfc3339(changed.before.first),
        "before_until": rfc3339(changed.before.last),
        "after_since": rfc3339(changed.after.first),
        "between": str(between(changed)),
        "port": place.zone if place else None,
    }
    for name in ("call", "dark", "unheard", "stop"):
        told |= _span(name, getattr(past, name))
    return {key: value for key, value in told.items() if value is not None}


def _span(name: str, span: Any) -> dict[str, str]:
    times: dict[str, Instant] = {"since": span.since, "until": span.until} if span else {}
    return {f"{name}_{key}": rfc3339(at) for key, at in times.items()}


def place_of(moment: Moment, changed: Changed, what: str = "") -> Place | None:
    """The flagged port at which she called, as long as it is one."""
    call = changed.after.past.call
    zone = moment.terms.zones.zones.get(call.port) if call else None
    return Place(zone.id, zone.name, zone.kind, what) if zone and between(changed) is Between.CALL else None


def _position(changed: Changed) -> Position | None:
    where = changed.where
    return Position(round(where[0], 5), round(where[1], 5)) if where else None
