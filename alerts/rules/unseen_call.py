"""unseen_call: in the dark she can have called at flagged ports.

Told when a dark silence ends, of the ports that she can have reached and left again between the last fix before it and
this one, with a call there (`call_h`, three hours): alerts/core/reach.py says how far.  Twelve at most, those on the
shortest ways; none in which either fix lies: of those, `dark_in_port` and `port_call` tell.

What she can have done is not what she did: the severity is that of the gravest of these ports, but `caution` at most,
and `info` of a ship that was silent lying still.

We found no published rule for this; the numbers are ours.
"""

from alerts.core.alert import Severity
from alerts.core.reach import Window, calls
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of
from alerts.core.silence import Kind, State
from alerts.rules.telling import named, windows_of


def unseen_call(moment: Moment) -> tuple[Finding, ...]:
    """One finding for the fix that ends the dark; opened and complete."""
    silence, fix, heard = moment.silence, moment.before.fix, moment.heard
    if silence is None or silence.state is not State.DARK or fix is None or heard is None or len(moment.fixes) != 1:
        return ()
    windows = calls(fix, heard, moment.terms.zones, moment.terms.thresholds.call_h)
    if not windows:
        return ()
    evidence = {"last_fix": as_evidence(fix), "next_fix": as_evidence(heard), "ports": windows_of(moment, windows)}
    since, severity = silence.since.at, _severity(moment, silence.kind, windows)
    summary = f"{called(moment.hull)} can have called unseen at {named(moment, windows)}"
    said = Said(severity, since, position_of(heard), None, summary, evidence)
    return (Finding("unseen_call", "", since, since, heard.at, said),)


def _severity(moment: Moment, kind: Kind, windows: tuple[Window, ...]) -> Severity:
    if kind is not Kind.MOVING:
        return Severity.INFO
    flags = [Severity(moment.terms.zones.zones[window.zone].flag) for window in windows]
    return min(max(flags, key=lambda flag: flag.rank), Severity.CAUTION, key=lambda flag: flag.rank)
