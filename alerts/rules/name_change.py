"""name_change: she says another name or call sign than before, under the same numbers.

A hull keeps her IMO number whatever she is called (IMO A.1117(30)); who wants not to be known changes the rest (US
Departments of State and Treasury and Coast Guard, 14 May 2020, on deceptive shipping practices).  That a ship is sold
and renamed is more common.

No published rule says how often a new name must be heard.  Here it is believed when it was said for an hour and the old
one was not: what comes once and is gone, and what two transponders on one number say in turn, is no change; blanks and
punctuation are none.  Out of a dark silence the first word counts.  Nothing is judged while `identity_conflict` lasts.

Severity: out of the dark `warning`, else `caution`.
"""

from operator import attrgetter
from typing import Any

from alerts.core.alert import Severity
from alerts.core.instants import rfc3339
from alerts.core.rule import Finding, Moment, Said, called
from alerts.core.statics import Between, Changed, between, changes, contradict
from alerts.rules.typed import finding, lay_between

_OF_NAMES = attrgetter("names")
_PARTS = (("name", "name"), ("call_sign", "call sign"))


def name_change(moment: Moment) -> tuple[Finding, ...]:
    """One finding for a change that is believed, or told out of the dark."""
    after = moment.after.statics if moment.after else None
    return tuple(_finding(moment, changed) for changed in changes(moment.before.statics, after, _OF_NAMES))


def _finding(moment: Moment, changed: Changed) -> Finding:
    parts = _parts(changed)
    evidence: dict[str, Any] = {}
    for key, _, was, now in parts:
        evidence |= {f"before_{key}": was, f"after_{key}": now}
    severity = Severity.WARNING if between(changed) is Between.DARK else Severity.CAUTION
    summary = f"{called(moment.hull)} says {_said(parts, 3)}, and said {_said(parts, 2)} until {_until(changed)}"
    opened = Said(severity, changed.after.first, None, None, summary, evidence | lay_between(moment, changed))
    back = f"{called(moment.hull)} says {_said(parts, 2)} again; {_said(parts, 3)} is taken back"
    return finding(moment, "name_change", changed, opened, back)


def _parts(changed: Changed) -> list[tuple[str, str, Any, Any]]:
    """Of each that has changed: its key, its word, what it was and what it is."""
    rows = zip(_PARTS, changed.before.what, changed.after.what, strict=True)  # type: ignore[arg-type]  # of names
    return [(key, word, was, now) for (key, word), was, now in rows if contradict(was, now)]


def _said(parts: list[tuple[str, str, Any, Any]], which: int) -> str:
    return " and ".join(f"the {part[1]} {part[which]}" for part in parts)


def _until(changed: Changed) -> str:
    return rfc3339(changed.before.last)
