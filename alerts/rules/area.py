"""area: she is in a flagged area.

Entered at its border, left when further than its margin outside; a first fix inside counts, marked so.

We found no published rule for areas: each zone has a margin of its own.  For comparison, at ports Global Fishing Watch
counts a ship in within 3 km, and out beyond 4 km.
"""

from alerts.core.rule import Finding, Moment, zone_of
from alerts.rules.telling import entry, of_visit


def area(moment: Moment) -> tuple[Finding, ...]:
    """One finding for each visit to an area."""
    visits = [visit for visit in moment.visits if zone_of(moment, visit).kind == "area"]
    return tuple(of_visit(moment, visit, "area", entry(visit), "left") for visit in visits)
