"""dark_in_port: the same silence, with her last fix inside a flagged port.

Ships that lie in port power down: a threshold of its own (60 min, or 20 times her expected reporting interval) and
another severity, not a reason to be deaf there.
"""

from alerts.core.alert import Place, Severity
from alerts.core.rule import Finding, Moment
from alerts.rules.telling import of_silence


def dark_in_port(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a dark silence whose last fix lies inside a flagged port."""
    if moment.silence is None or moment.silence.port is None:
        return ()
    port = moment.terms.zones.zones[moment.silence.port]
    place = Place(port.id, port.name, port.kind, "silent inside")
    return (of_silence(moment, moment.silence, "dark_in_port", Severity.CAUTION, place),)
