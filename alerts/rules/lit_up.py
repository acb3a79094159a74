"""lit_up: a transponder that was dark is on again.

The first report of any kind after a dark silence, at once, in the step that brings it: neither a position nor an IMO
number is needed.  Opened and complete; later it is only amended or retracted.
"""

from alerts.core.alert import Place, Severity
from alerts.core.instants import MINUTE, spoken
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of


def lit_up(moment: Moment) -> tuple[Finding, ...]:
    """One finding for the report that ends a dark silence."""
    silence, heard = moment.silence, moment.heard
    if silence is None or heard is None:
        return ()
    since, length_ms = silence.since, heard.at - silence.since.at
    inside = _inside(moment)
    where = f", inside {inside.name}" if inside else ""
    evidence = {
        "first_report": as_evidence(heard),
        "last_report": as_evidence(since),
        "last_fix": as_evidence(moment.before.fix),
        "silent_min": length_ms // MINUTE,
    }
    summary = f"{called(moment.hull)} lit up after {spoken(length_ms)} of silence{where}"
    said = Said(Severity.CRITICAL, heard.at, position_of(heard), inside, summary, evidence)
    return (Finding("lit_up", "", since.at, since.at, heard.at, said),)


def _inside(moment: Moment) -> Place | None:
    """The zone of the first fix: a strait before a port before an area."""
    heard = moment.heard
    if heard is None or heard.lat is None or heard.lon is None:
        return None
    order = {"strait": 0, "port": 1, "area": 2}
    zones = sorted(moment.terms.zones.at(heard.lat, heard.lon), key=lambda zone: (order[zone.kind], zone.id))
    return Place(zones[0].id, zones[0].name, zones[0].kind, "lit up inside") if zones else None
