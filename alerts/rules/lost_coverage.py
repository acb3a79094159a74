"""lost_coverage: she is silent where we do not hear: no evidence of anything.

After two hours, half of them without anybody heard where she should be.  Said once, for information; closed by her next
report.
"""

from alerts.core.alert import Severity
from alerts.core.rule import Finding, Moment
from alerts.core.silence import State
from alerts.rules.telling import of_lost


def lost_coverage(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a silence that is out of cover."""
    if moment.silence is None or moment.silence.state is not State.LOST:
        return ()
    return (of_lost(moment, moment.silence, Severity.INFO),)
