"""strait: she is in a flagged strait.

Entered by a gate, or over its side, or first seen inside; left when further than its margin outside.
"""

from alerts.core.rule import Finding, Moment, zone_of
from alerts.rules.telling import entry, of_visit


def strait(moment: Moment) -> tuple[Finding, ...]:
    """One finding for each visit to a strait."""
    visits = [visit for visit in moment.visits if zone_of(moment, visit).kind == "strait"]
    return tuple(of_visit(moment, visit, "strait", entry(visit), "left") for visit in visits)
