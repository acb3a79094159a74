"""identity_conflict: two ships use her numbers.

Three fixes in a row agree with each other, and not with her track (faster than 50 kn, 0.5 nm aside), while that goes
on.  Over when no fix off her track has come for a day.  Her track stays where it was: the other ship enters nothing.
"""

from alerts.core.alert import Severity
from alerts.core.instants import rfc3339
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of


def identity_conflict(moment: Moment) -> tuple[Finding, ...]:
    """One finding while two tracks go on, and when the other has ended."""
    other = moment.before.other
    if other is None or (moment.heard is not None and (moment.after is None or moment.after.other == other)):
        return ()
    evidence = {"other_fix": as_evidence(other)}
    summary = f"Two ships use the numbers of {called(moment.hull)}"
    opened = Said(Severity.WARNING, other.at, position_of(other), None, summary, evidence)
    if moment.heard is None:
        return (Finding("identity_conflict", "", other.at, other.at, None, opened),)
    until = moment.heard.at
    ended = f"One ship uses the numbers of {called(moment.hull)} again"
    closed = Said(opened.severity, other.at, opened.position, None, ended, evidence | {"until": rfc3339(until)})
    return (Finding("identity_conflict", "", other.at, other.at, until, opened, closed),)
