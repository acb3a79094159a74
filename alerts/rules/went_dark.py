"""went_dark: her transponder is silent at sea, and would have been heard.

A moving ship: silent for 15 min at least, and for so much witnessed time that natural silences hardly last as long.
One that had stopped powers down for reasons of her own: only after a week of covered time, with another severity.
Where there are no witnesses, far from land, a published rule takes their place (Welch et al. 2022: twelve hours), with
that severity too.
Closed by her next report.  `dark_in_port` takes the silences that begin in a flagged port.
"""

from alerts.core.alert import Severity
from alerts.core.rule import Finding, Moment
from alerts.core.silence import Kind, State
from alerts.rules.telling import of_silence


def went_dark(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a dark silence whose last fix lies outside every flagged port."""
    silence = moment.silence
    if silence is None or silence.state is not State.DARK or silence.kind is Kind.IN_PORT:
        return ()
    certain = silence.kind is Kind.MOVING and not silence.sparse
    severity = Severity.WARNING if certain else Severity.CAUTION
    return (of_silence(moment, silence, "went_dark", severity, None),)
