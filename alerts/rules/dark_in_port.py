"""dark_in_port: the same silence, with her last fix inside a flagged port.

Ships that lie in port power down: after an hour of covered time, with another severity; not a reason to be deaf there.

The hour is ours.  For comparison, MonitorFish waits 60 h in port (4 h at sea), and only while it hears more than 70 %
of that provider's beacons.
"""

from alerts.core.alert import Place, Severity
from alerts.core.rule import Finding, Moment
from alerts.core.silence import State
from alerts.rules.telling import of_silence


def dark_in_port(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a dark silence whose last fix lies inside a flagged port."""
    silence = moment.silence
    if silence is None or silence.state is not State.DARK or silence.port is None:
        return ()
    port = moment.terms.zones.zones[silence.port]
    place = Place(port.id, port.name, port.kind, "silent inside")
    return (of_silence(moment, silence, "dark_in_port", Severity.CAUTION, place),)
