"""lost_coverage: she is silent where we do not hear: no evidence of anything.

After two hours, half of them without anybody heard where she should be.  Said once, for information; closed by her next
report.

We found no published rule that says this; the numbers are ours.  MonitorFish says nothing of a silence unless it heard
more than 70 % of that provider's beacons in each of the last 24 hours.
"""

from alerts.core.alert import Severity
from alerts.core.rule import Finding, Moment
from alerts.core.silence import State
from alerts.rules.telling import of_lost


def lost_coverage(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a silence that is out of cover."""
    silence = moment.silence
    if silence is None or not (silence.state is State.LOST or silence.sparse):
        return ()
    return (of_lost(moment, silence, Severity.INFO),)
