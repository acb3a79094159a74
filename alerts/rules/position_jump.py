"""position_jump: her positions have moved where she cannot have sailed (faster than 50 kn, 0.5 nm aside).

One such fix says nothing, nor do two: it is told when three agree with each other at a speed that a ship can sail,
while her old track has stood still, or has ended a day before the last of them.  Her track goes on from there.

The numbers are ours.  For comparison, Global Fishing Watch's gpsdio-segment takes fixes for those of two ships from
25 kn on, with a quarter of an hour to spare.

Where many ships jump, that is its cause (alerts/core/interference.py).
"""

from alerts.core.alert import Severity
from alerts.core.instants import HOUR
from alerts.core.interference import explaining
from alerts.core.quarantine import apart_nm
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of


def position_jump(moment: Moment) -> tuple[Finding, ...]:
    """One finding for the third fix that agrees; opened and complete."""
    fix, heard = moment.before.fix, moment.heard
    if not moment.jumped or fix is None or heard is None:
        return ()
    first = moment.fixes[0]
    nm, hours = apart_nm(fix, first), (first.at - fix.at) / HOUR
    evidence = {
        "last_fix": as_evidence(fix),
        "first_fix": as_evidence(first),
        "third_fix": as_evidence(heard),
        "distance_nm": round(nm, 1),
        "implied_speed_kn": round(nm / hours, 1),
    }
    summary = f"{called(moment.hull)} jumped {nm:.0f} nm, further than she can have sailed"
    said = Said(Severity.CAUTION, first.at, position_of(first), None, summary, evidence)
    cause = explaining(moment.interference, fix.where, first.where, first.at)
    return (Finding("position_jump", "", fix.at, fix.at, heard.at, said, cause=cause),)
