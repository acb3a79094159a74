"""destination_change: under way, she says another destination than before.

For information: the field is typed by hand, in any form, and wrong in nearly 40 % of the voyages of large bulk carriers
(Yang, Wu and Wang 2021, Transportation Research E).  What changes while she lies still, or was not heard, is the next
voyage and not told; nor is her time of arrival.

Letters and digits count, of `RU VVO > CN ZOS` (IMO SN.1/Circ.244) those behind the last `>`.  Another one is believed
when it was said for an hour; no published rule says for how long.
"""

from operator import attrgetter

from alerts.core.alert import Severity
from alerts.core.instants import rfc3339
from alerts.core.rule import Finding, Moment, Said, called
from alerts.core.statics import Between, Changed, between, changes
from alerts.rules.typed import finding, lay_between

_OF_DESTINATION = attrgetter("destination")


def destination_change(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a change that is believed; opened and complete."""
    if moment.after is None:
        return ()
    found = changes(moment.before.statics, moment.after.statics, _OF_DESTINATION)
    return tuple(_finding(moment, changed) for changed in found if between(changed) is Between.UNDER_WAY)


def _finding(moment: Moment, changed: Changed) -> Finding:
    was, now = changed.before.what, changed.after.what
    summary = f"{called(moment.hull)} is bound for {now}, and said {was} until {rfc3339(changed.before.last)}"
    evidence = {"before": was, "after": now, **lay_between(moment, changed)}
    said = Said(Severity.INFO, changed.after.first, None, None, summary, evidence)
    return finding(moment, "destination_change", changed, said, "")
