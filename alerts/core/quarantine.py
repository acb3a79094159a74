"""Positions that lie: which fixes are her track, and which are another ship's, or nobody's.

    a fix that she can have sailed to, and to which no other track is nearer --> hers
    any other --> goes on the nearest of the other tracks that it fits, or begins one
    three fixes of another track:
        hers has stood still meanwhile --> she is there: a jump
        hers went on                   --> two ships use her numbers: the other becomes hers when hers has ended

A fix of another track opens, keeps and ends no visit.  All this is a fold over her reports in their order, and the
other tracks are part of what is settled: so the same reports always come out the same, whenever they were settled.
"""

from typing import NamedTuple

from alerts.core.frozen import Struct, replace
from alerts.core.geo import distance_nm, wrapped
from alerts.core.heard import Heard
from alerts.core.instants import DAY, HOUR

FASTEST_KN = 50.0
SLACK_NM = 0.5
"""Clocks of two stations, and archives of whole minutes, differ: so near a fix always agrees."""
ENOUGH = 3
"""Fixes that make a track."""
FORGOTTEN_MS = DAY
"""So long after its last fix another track is forgotten, and hers has ended where another goes on."""
IN_COMPANY_MS = HOUR
"""While other tracks go on, no fix belongs to one from further than is sailed in so long: too many would fit."""
MOST_OTHERS = 3
_NM_PER_DEGREE = 60.1


class Other(Struct, frozen=True):
    """A track that is not hers: its last three fixes at most.  `beside`: hers went on meanwhile."""

    fixes: tuple[Heard, ...]
    beside: bool = False

    @property
    def last(self) -> Heard:
        """The newest fix."""
        return self.fixes[-1]

    @property
    def is_track(self) -> bool:
        """Whether enough fixes agree."""
        return len(self.fixes) == ENOUGH


class Judged(NamedTuple):
    """The fixes to follow now (none, this one, or the three of a jump), and the other tracks after it."""

    follow: tuple[Heard, ...]
    others: tuple[Other, ...] = ()


def judged(fix: Heard | None, others: tuple[Other, ...], heard: Heard) -> Judged:
    """What one more fix means, after her last one and the other tracks."""
    if others:
        others = tuple(other for other in others if heard.at - other.last.at <= FORGOTTEN_MS)
    if not others and (fix is None or agree(fix, heard)):
        return Judged((heard,))
    assert fix is not None
    company = any(other.is_track for other in others)
    fitting = [row for row in (fix, *(other.last for other in others)) if agree(row, heard, company)]
    if not fitting:
        return Judged((), _kept((*others, Other((heard,)))))
    nearest = min(fitting, key=lambda row: apart_nm(row, heard))
    if nearest is fix:
        return Judged((heard,), others)
    return _other(fix, others, nearest, heard)


def agree(before: Heard, now: Heard, company: bool = False) -> bool:
    """Whether a ship can have sailed from one to the other."""
    (lat, lon), (old_lat, old_lon) = now.where, before.where
    if (abs(lat - old_lat) + abs(wrapped(lon - old_lon))) * _NM_PER_DEGREE <= SLACK_NM:
        return True
    sailed_ms = abs(now.at - before.at)
    if company:
        sailed_ms = min(sailed_ms, IN_COMPANY_MS)
    return apart_nm(before, now) <= SLACK_NM + FASTEST_KN * sailed_ms / HOUR


def apart_nm(before: Heard, now: Heard) -> float:
    """The great circle between two reports with positions."""
    return distance_nm(before.where, now.where)


def shared(known: Heard | None, others: tuple[Other, ...]) -> Heard | None:
    """The first fix of another ship that uses her numbers, as long as there is one."""
    return next((known or other.fixes[0] for other in others if other.beside), None) if others else None


def _other(fix: Heard, others: tuple[Other, ...], nearest: Heard, heard: Heard) -> Judged:
    """One more fix of another track, which may be the one that makes it hers."""
    known = next(other for other in others if other.last is nearest)
    rest = tuple(other for other in others if other is not known)
    longer = replace(known, fixes=(*known.fixes, heard)[-ENOUGH:])
    if not longer.is_track:
        return Judged((), (*rest, longer))
    stood_still = fix.at < longer.fixes[0].at
    if stood_still and (not longer.beside or heard.at - fix.at > FORGOTTEN_MS):
        return Judged(longer.fixes, rest)
    return Judged((), (*rest, replace(longer, beside=longer.beside or not stood_still)))


def _kept(others: tuple[Other, ...]) -> tuple[Other, ...]:
    """At most so many: single fixes go first, then what was not heard for longest."""
    if len(others) <= MOST_OTHERS:
        return others
    gone = min(others, key=lambda other: (other.is_track, other.last.at))
    return tuple(other for other in others if other is not gone)
