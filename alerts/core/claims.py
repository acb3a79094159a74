"""Whether the way that a ship says she makes is the way that her positions make.

    agreeing --a leg contradicts--> doubted --so for half an hour--> an anomaly --legs of a quarter agree--> over
                                      '--a leg agrees--> agreeing

Legs are of five minutes at least.  One contradicts where the speeds differ by more than 10 kn, or, both above 5 kn, the
courses by more than 60 degrees: the limits of the track check of ships' weather reports (marine_qc, after the Met
Office's MDS).  What she says of a leg is reckoned by her speed and course at each of its fixes, so who turns, or runs
circles, contradicts nothing.  Fixes three minutes and more apart, and those without a speed or a course, part two legs.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from alerts.core.frozen import Struct, replace
from alerts.core.geo import bearing_deg, wrapped
from alerts.core.going import COURSES, EAST, NORTH
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE
from alerts.core.quarantine import apart_nm
from alerts.core.thresholds import Thresholds

LEG_MS = 5 * MINUTE
CONTACT_MS = 3 * MINUTE
AGREED_MS = 15 * MINUTE
STEERS_KN = 5.0
"""Slower, a course is what current and leeway make of it."""
_STILL_KN = 1.0
"""Slower, a ship needs no course for her way to be known."""


class Way(NamedTuple):
    """What is said and made good of straight legs that take so long: miles, how far the miles of a leg are apart, and
    the courses (0: too slow to steer one).
    """

    ms: int
    said_nm: float
    made_nm: float
    apart_nm: float
    apart_deg: float

    @property
    def said_kn(self) -> float:
        """Her speed, by what she says."""
        return self.said_nm * HOUR / self.ms

    @property
    def made_kn(self) -> float:
        """Her speed, by her positions."""
        return self.made_nm * HOUR / self.ms

    @property
    def apart_kn(self) -> float:
        """How far the speeds of a leg are apart."""
        return self.apart_nm * HOUR / self.ms

    def contradicts(self, thresholds: Thresholds) -> bool:
        """Whether a leg is further apart than the limits."""
        return self.apart_kn > thresholds.anomaly_speed_kn or self.apart_deg > thresholds.anomaly_course_deg


class Doubt(NamedTuple):
    """Contradicting legs, from a fix to the `last` such; `way` is what they come to, `agreed_ms` how long none came.

    `told` is what they came to when they were long enough.
    """

    first: Heard
    last: Heard
    way: Way
    agreed_ms: int = 0
    told: Way | None = None


class Claims(Struct, frozen=True):
    """The leg in the making: where it began, and north and east of there by what she has said since; and the doubt."""

    begin: Heard
    north_nm: float = 0.0
    east_nm: float = 0.0
    doubt: Doubt | None = None


class Claimed(NamedTuple):
    """The claims after a fix, and an anomaly that was over with it."""

    claims: Claims
    over: Doubt | None = None


def claimed_by(
    claims: Claims | None, before: Heard | None, fixes: Iterable[Heard], thresholds: Thresholds
) -> tuple[Claims | None, Doubt | None]:
    """After more fixes of her track, and the last anomaly that was over; `before` is the one before them."""
    over = None
    for fix in fixes:
        claims, ended = claimed(claims, before, fix, thresholds)
        before, over = fix, ended or over
    return claims, over


def claimed(claims: Claims | None, before: Heard | None, fix: Heard, thresholds: Thresholds) -> Claimed:
    """After one more fix of her track; `before` is the last one."""
    doubt = claims.doubt if claims else None
    sailed = _sailed_nm(before, fix) if before else None
    if claims is None or sailed is None:
        return Claimed(Claims(fix, doubt=doubt))
    longer = replace(claims, north_nm=claims.north_nm + sailed[0], east_nm=claims.east_nm + sailed[1])
    if fix.at - claims.begin.at < LEG_MS:
        return Claimed(longer)
    doubt, over = _judged(doubt, longer, fix, thresholds)
    return Claimed(Claims(fix, doubt=doubt), over)


def _sailed_nm(before: Heard, fix: Heard) -> tuple[float, float] | None:
    """North and east between two fixes, by what she says at either; None: nobody knows."""
    gap_ms, then, now = fix.at - before.at, _way(before), _way(fix)
    if gap_ms >= CONTACT_MS or then is None or now is None:
        return None
    hours = gap_ms / HOUR
    return (then[0] + now[0]) / 2 * hours, (then[1] + now[1]) / 2 * hours


def _way(fix: Heard) -> tuple[float, float] | None:
    """North and east, knots."""
    if fix.speed_kn is None:
        return None
    if fix.course_deg is None:
        return (0.0, 0.0) if fix.speed_kn < _STILL_KN else None
    course = round(10 * fix.course_deg) % COURSES
    return fix.speed_kn * NORTH[course], fix.speed_kn * EAST[course]


def _judged(doubt: Doubt | None, leg: Claims, fix: Heard, thresholds: Thresholds) -> tuple[Doubt | None, Doubt | None]:
    """What becomes of the doubt with a leg that is done, and the anomaly that it ends."""
    way = _compared(leg, fix)
    if way.contradicts(thresholds):
        longer = Doubt(leg.begin, fix, way) if doubt is None else doubt._replace(last=fix, way=_sum(doubt.way, way))
        return _told(longer._replace(agreed_ms=0), thresholds), None
    if doubt is None or doubt.told is None:
        return None, None
    agreed = doubt._replace(agreed_ms=doubt.agreed_ms + way.ms)
    return (None, agreed) if agreed.agreed_ms >= AGREED_MS else (agreed, None)


def _compared(leg: Claims, fix: Heard) -> Way:
    said_nm, made_nm = math.hypot(leg.north_nm, leg.east_nm), apart_nm(leg.begin, fix)
    way = Way(fix.at - leg.begin.at, said_nm, made_nm, abs(said_nm - made_nm), 0.0)
    if min(way.said_kn, way.made_kn) <= STEERS_KN:
        return way
    said_deg = math.degrees(math.atan2(leg.east_nm, leg.north_nm))
    return way._replace(apart_deg=abs(wrapped(said_deg - bearing_deg(leg.begin.where, fix.where))))


def _sum(before: Way, leg: Way) -> Way:
    """Of two; courses apart weigh by how long."""
    ms = before.ms + leg.ms
    return Way(
        ms,
        before.said_nm + leg.said_nm,
        before.made_nm + leg.made_nm,
        before.apart_nm + leg.apart_nm,
        (before.apart_deg * before.ms + leg.apart_deg * leg.ms) / ms,
    )


def _told(doubt: Doubt, thresholds: Thresholds) -> Doubt:
    """Told once: when it is long enough."""
    enough = doubt.way.ms >= thresholds.anomaly_min * MINUTE
    return doubt._replace(told=doubt.way) if enough and doubt.told is None else doubt
