"""draught_change: she lies deeper or higher than she said before, by a metre or more.

A draught is typed by hand, at the start of a voyage (IMO A.1106(29)); it is often late, and for many ships wrong (Jia,
Prakash and Smith 2015, ECONSHIP).  So one is believed when it was said for an hour, and what held before was not said
meanwhile.  Out of a dark silence the first word counts: it is told at once, and taken back where the old one is said
again before that.

A metre: in no report of the UN Panels of Experts did we find a number.  Detectors that are published take half a metre
to a metre, and more of larger ships (RadianceFleet's: 1 m below 80,000 t, up to 3 m above 200,000 t), said twice.

What lay between decides how grave it is: the dark `warning`; hours unheard `caution`; a call at a flagged port that
port's flag, but `caution` at most; a stop elsewhere, and what is typed under way, `info`.
"""

from operator import attrgetter
from typing import Any

from alerts.core.alert import Place, Severity
from alerts.core.instants import rfc3339, spoken
from alerts.core.rule import Finding, Moment, Said, called
from alerts.core.statics import Between, Changed, between, changes
from alerts.rules.typed import finding, lay_between, place_of

_OF_DRAUGHT = attrgetter("draught")


def draught_change(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a change that is believed, or told out of the dark."""
    after = moment.after.statics if moment.after else None
    return tuple(_finding(moment, changed) for changed in changes(moment.before.statics, after, _OF_DRAUGHT))


def _finding(moment: Moment, changed: Changed) -> Finding:
    before_m, after_m = _metres(changed)
    what, place = between(changed), place_of(moment, changed, "draught changed")
    evidence = {"before_m": before_m, "after_m": after_m, **lay_between(moment, changed)}
    summary = f"{called(moment.hull)} has a draught of {after_m} m, {_by(changed)}{_since(changed, what, place)}"
    opened = Said(_severity(moment, what, place), changed.after.first, None, place, summary, evidence)
    back = f"{called(moment.hull)} has a draught of {before_m} m again; {after_m} m is taken back"
    return finding(moment, "draught_change", changed, opened, back)


def _metres(changed: Changed) -> tuple[Any, Any]:
    return changed.before.what, changed.after.what


def _by(changed: Changed) -> str:
    before_m, after_m = _metres(changed)
    return f"{abs(round(after_m - before_m, 1))} m {'more' if after_m > before_m else 'less'}"


def _since(changed: Changed, what: Between, place: Place | None) -> str:
    past = changed.after.past
    if what is Between.DARK and past.dark is not None:
        return f": she was dark for {spoken(past.dark.until - past.dark.since)}"
    if what is Between.UNHEARD and past.unheard is not None:
        return f": she was unheard for {spoken(past.unheard.until - past.unheard.since)}"
    if what is Between.CALL and place is not None:
        return f": she called at {place.name}"
    if what is Between.STOP and past.stop is not None:
        return f": she lay still at {rfc3339(past.stop.since)}"
    return f" than at {rfc3339(changed.before.last)}"


def _severity(moment: Moment, what: Between, place: Place | None) -> Severity:
    if what is Between.CALL and place is not None:
        flag = Severity(moment.terms.zones.zones[place.zone].flag)
        return min(flag, Severity.CAUTION, key=lambda severity: severity.rank)
    return {Between.DARK: Severity.WARNING, Between.UNHEARD: Severity.CAUTION}.get(what, Severity.INFO)
