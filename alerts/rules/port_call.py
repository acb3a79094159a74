"""port_call: she calls at a flagged port.

Entered at its border; arrived when stopped (< 0.5 kn); departed when faster than 2 kn after that, or out.  Vanishing
inside is not leaving.  One that stops again before she is out has only shifted berth: the call goes on.
"""

from alerts.core.rule import Finding, Moment, zone_of
from alerts.core.track import Visit
from alerts.rules.telling import entry, of_visit


def port_call(moment: Moment) -> tuple[Finding, ...]:
    """One finding for each visit to a port."""
    visits = [visit for visit in moment.visits if zone_of(moment, visit).kind == "port"]
    return tuple(of_visit(moment, visit, "port_call", _what(visit), _ended(visit)) for visit in visits)


def _what(visit: Visit) -> str:
    return "arrived" if visit.arrived_at else entry(visit)


def _ended(visit: Visit) -> str:
    return "departed" if visit.arrived_at else "left"
