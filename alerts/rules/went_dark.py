"""went_dark: her transponder is silent at sea.

Silent for longer than max(30 min, 20 times her expected reporting interval), spans aside in which a feed that heard
her in her last hour was out.  Closed by her next report.  `dark_in_port` takes the silences that begin in a flagged
port.
"""

from alerts.core.alert import Severity
from alerts.core.rule import Finding, Moment
from alerts.rules.telling import of_silence


def went_dark(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a dark silence whose last fix lies outside every flagged port."""
    if moment.silence is None or moment.silence.port is not None:
        return ()
    return (of_silence(moment, moment.silence, "went_dark", Severity.WARNING, None),)
