"""unseen_call: in the dark she can have called at flagged ports.

Told when a dark silence ends, of the ports that she can have reached and left again between the last fix before it and
the first after it: no faster than the higher of her speeds at the two (12 kn at least) and a quarter more, with three
hours there.  Distances are great circles, which no way at sea undercuts; at most the twelve on the shortest ways.
"""

from alerts.core.alert import Severity
from alerts.core.reach import calls
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of
from alerts.rules.telling import named, windows_of


def unseen_call(moment: Moment) -> tuple[Finding, ...]:
    """One finding for the fix that ends the dark; opened and complete."""
    silence, fix, heard = moment.silence, moment.before.fix, moment.heard
    if silence is None or fix is None or heard is None or len(moment.fixes) != 1:
        return ()
    windows = calls(fix, heard, moment.terms.zones)
    if not windows:
        return ()
    evidence = {"last_fix": as_evidence(fix), "next_fix": as_evidence(heard), "ports": windows_of(moment, windows)}
    since = silence.since.at
    summary = f"{called(moment.hull)} can have called unseen at {named(moment, windows)}"
    said = Said(Severity.INFO, since, position_of(heard), None, summary, evidence)
    return (Finding("unseen_call", "", since, since, heard.at, said),)
