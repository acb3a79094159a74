"""identity_conflict: two ships use her numbers.

By motion: three fixes agree with each other, and not with her track (faster than 50 kn, 0.5 nm aside), while that goes
on.  Her track stays where it was: the other ship enters nothing.  Over when no fix of such another track has come for a
day, or when hers has had none for a day and goes on there.

By their word: another IMO number is said under her MMSI, hers after it, and that other again (identity.py).  Over when
it was not said for a day.  Their positions stay one track.
"""

from alerts.core.alert import Severity
from alerts.core.instants import rfc3339
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of


def identity_conflict(moment: Moment) -> tuple[Finding, ...]:
    """One finding while two tracks go on, and when one of them has ended."""
    other = moment.before.shared
    if other is None or (moment.after is not None and moment.after.shared is not None):
        return ()
    turns = moment.before.turns
    another = {"other_imo": turns.imo} if turns is not None and turns.in_turn else {}
    evidence = {"other_fix": as_evidence(other), **another}
    summary = f"Two ships use the numbers of {called(moment.hull)}"
    summary += f"; the other one says IMO {another['other_imo']}" if another else ""
    opened = Said(Severity.WARNING, other.at, position_of(other), None, summary, evidence)
    if moment.heard is None:
        return (Finding("identity_conflict", "", other.at, other.at, None, opened),)
    until = moment.heard.at
    ended = f"One ship uses the numbers of {called(moment.hull)} again"
    closed = Said(opened.severity, other.at, opened.position, None, ended, evidence | {"until": rfc3339(until)})
    return (Finding("identity_conflict", "", other.at, other.at, until, opened, closed),)
