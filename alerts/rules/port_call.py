"""port_call: she calls at a flagged port.

Entered at its border; arrived when stopped (< 0.5 kn); departed when faster than 2 kn after that, or out.  Vanishing
inside is not leaving.  One that stops again before she is out has only shifted berth: the call goes on.

For comparison, Global Fishing Watch: in within 3 km of an anchorage, out beyond 4 km; stopped below 0.2 kn, until above
0.5 kn.

How sure: `high`, she was seen coming in and seen stopped; `medium`, one of the two; `low`, neither.
"""

from alerts.core.frozen import replace
from alerts.core.instants import MINUTE
from alerts.core.rule import Finding, Moment, zone_of
from alerts.core.track import Visit
from alerts.rules.telling import entry, of_visit


def port_call(moment: Moment) -> tuple[Finding, ...]:
    """One finding for each visit to a port."""
    visits = [visit for visit in moment.visits if zone_of(moment, visit).kind == "port"]
    return tuple(_call(moment, visit) for visit in visits)


def _call(moment: Moment, visit: Visit) -> Finding:
    finding = of_visit(moment, visit, "port_call", _what(visit), _ended(visit))
    confidence = {"confidence": _confidence(visit)}
    opened = replace(finding.opened, evidence=finding.opened.evidence | confidence)
    closed = finding.closed
    if closed is not None:
        closed = replace(closed, evidence=closed.evidence | confidence | _stay(visit))
    return replace(finding, opened=opened, closed=closed)


def _stay(visit: Visit) -> dict[str, int]:
    over = visit.departed or visit.left
    if visit.arrived_at is None or over is None:
        return {}
    return {"stay_min": (over.at - visit.arrived_at) // MINUTE}


def _confidence(visit: Visit) -> str:
    return ("low", "medium", "high")[visit.seen_entering + (visit.arrived_at is not None)]


def _what(visit: Visit) -> str:
    return "arrived" if visit.arrived_at else entry(visit)


def _ended(visit: Visit) -> str:
    return "departed" if visit.arrived_at else "left"
