"""Positions that lie: which fixes are her track, and which wait until others agree with them.

    a fix that a ship can have sailed to from her last one --> her track
    any other --> doubted, and forgotten when another one that disagrees with it, too, comes
    three doubted in a row that agree with each other:
        her own track has stood still meanwhile --> she is there: a jump
        it went on                              --> two ships use her numbers: her track stays hers

A doubted fix opens, keeps and ends no visit.
"""

from dataclasses import dataclass

from alerts.core.geo import distance_nm
from alerts.core.heard import Heard
from alerts.core.instants import DAY, HOUR

FASTEST_KN = 50.0
SLACK_NM = 0.5
"""Clocks of two stations, and archives of whole minutes, differ: so near a fix always agrees."""
ENOUGH = 3
FORGOTTEN_MS = DAY
"""So long after the last doubted fix they are forgotten, and a conflict of identity is over."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The fixes to follow now (none, this one, or the three of a jump), what is doubted, and the other ship."""

    follow: tuple[Heard, ...]
    doubted: tuple[Heard, ...]
    other: Heard | None


def agree(before: Heard, now: Heard) -> bool:
    """Whether a ship can have sailed from one to the other."""
    return apart_nm(before, now) <= SLACK_NM + FASTEST_KN * abs(now.at - before.at) / HOUR


def apart_nm(before: Heard, now: Heard) -> float:
    """The great circle between two reports with positions."""
    assert before.lat is not None
    assert before.lon is not None
    assert now.lat is not None
    assert now.lon is not None
    return distance_nm((before.lat, before.lon), (now.lat, now.lon))


def judged(fix: Heard | None, doubted: tuple[Heard, ...], other: Heard | None, heard: Heard) -> Judged:
    """What one more fix means; `other` is the first fix of another ship that uses her numbers."""
    if doubted and heard.at - doubted[-1].at > FORGOTTEN_MS:
        doubted, other = (), None
    if fix is None or agree(fix, heard):
        return Judged((heard,), doubted, other)
    goes_on = bool(doubted) and agree(doubted[-1], heard)
    chain = (*doubted, heard)[-ENOUGH:] if goes_on else (heard,)
    if len(chain) < ENOUGH:
        return Judged((), chain, other)
    if fix.at < chain[0].at:
        return Judged(chain, (), None)
    return Judged((), chain, other or chain[0])
