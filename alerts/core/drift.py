"""How long a ship has stayed where she is, far from land.

    under way --a fix below 2 kn, 20 nm off the coast, outside flagged ports--> slow --two hours seen--> loitering
    slow, loitering --two miles within an hour--> under way
                    --a fix near land, or in a flagged port--> over
                    --unheard for twelve hours--> over

Global Fishing Watch (technical documentation, loitering): hours with a mean speed below 2 kn, two in a row, 20 nm from
shore.  Here an hour begins with a fix, and is too fast as soon as its miles are.  Theirs are hours with a message in
them: so a fix speaks for half an hour on either side, and of a longer gap one hour counts as seen.  Miles are the
greater of those that she makes good and those that she says.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from alerts.core.frozen import Struct, replace
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE
from alerts.core.offshore import is_off_the_coast
from alerts.core.quarantine import apart_nm
from alerts.core.thresholds import Thresholds
from alerts.core.zones import ZoneIndex

SEEN_MS = HOUR
UNHEARD_MS = 12 * HOUR
"""So long unheard is a gap of its own (Welch et al. 2022): nobody knows that she stayed."""
_LEG_MS = 5 * MINUTE
"""Legs of seconds would add up how far positions scatter."""


class Ending(StrEnum):
    """What ended it."""

    UNDER_WAY = "under way"
    NEAR_LAND = "near land"
    IN_PORT = "in port"
    UNHEARD = "unheard"


class Seen(NamedTuple):
    """What was seen from her first slow fix up to this one: time, and the miles that she made good."""

    last: Heard
    seen_ms: int = 0
    made_nm: float = 0.0


class Told(NamedTuple):
    """What was seen when it was long enough to be told, and how far it was to the nearest flagged port."""

    seen: Seen
    nearest: tuple[float, str] | None


class Drift(Struct, frozen=True):
    """Slow since `first`; `slow` is what was seen up to the last slow fix, `now` up to the last of all.

    `leg`: what was made good up to where the leg in the making began; `hour`: up to where the hour began, and
    `said_nm` the miles that she has said since.
    """

    first: Heard
    slow: Seen
    now: Seen
    leg: Seen
    hour: Seen
    said_nm: float = 0.0
    told: Told | None = None


Over = tuple[Drift, Ending]
"""One that was told, and what ended it."""


class Drifted(NamedTuple):
    """The drift after a fix, and one that was over with it."""

    drift: Drift | None = None
    over: Over | None = None


_NOTHING = Drifted()


def drifted_by(
    drift: Drift | None, fixes: Iterable[Heard], in_port: bool, zones: ZoneIndex, thresholds: Thresholds
) -> Drifted:
    """After more fixes of her track, and the last that was over; `in_port`: they lie in a flagged port."""
    over = None
    for fix in fixes:
        drift, ended = drifted(drift, fix, in_port, zones, thresholds)
        over = ended or over
    return Drifted(drift, over)


def drifted(drift: Drift | None, fix: Heard, in_port: bool, zones: ZoneIndex, thresholds: Thresholds) -> Drifted:
    """After one more fix of her track; `in_port`: it lies in a flagged port."""
    slow = (fix.speed_kn or 0.0) < thresholds.loitering_below_kn
    if drift is None and (in_port or not slow):
        return _NOTHING
    off = is_off_the_coast(fix.where)
    begun = _begun(fix) if slow and off and not in_port else None
    if drift is None:
        return Drifted(begun) if begun else _NOTHING
    longer = _longer(drift, fix)
    ending = _ending(longer, drift.now.last, off, in_port, thresholds)
    if ending is not None:
        return Drifted(begun, (drift, ending) if drift.told else None)
    longer = _in_hours(longer)
    return Drifted(_told(replace(longer, slow=longer.now), zones, thresholds) if slow else longer)


def _begun(fix: Heard) -> Drift:
    seen = Seen(fix)
    return Drift(fix, seen, seen, seen, seen)


def _longer(drift: Drift, fix: Heard) -> Drift:
    """With one more fix, whatever that makes of it."""
    before, leg = drift.now.last, drift.leg
    gap_ms = fix.at - before.at
    now = Seen(fix, drift.now.seen_ms + min(gap_ms, SEEN_MS), leg.made_nm + apart_nm(leg.last, fix))
    said_nm = drift.said_nm + ((before.speed_kn or 0.0) + (fix.speed_kn or 0.0)) / 2 * gap_ms / HOUR
    leg = now if fix.at - leg.last.at >= _LEG_MS else leg
    return replace(drift, now=now, leg=leg, said_nm=said_nm)


def _ending(drift: Drift, before: Heard, off: bool, in_port: bool, thresholds: Thresholds) -> Ending | None:
    now = drift.now
    if now.last.at - before.at >= UNHEARD_MS:
        return Ending.UNHEARD
    if in_port:
        return Ending.IN_PORT
    if not off:
        return Ending.NEAR_LAND
    hours = max(HOUR, now.last.at - drift.hour.last.at) / HOUR
    sailed_nm = max(now.made_nm - drift.hour.made_nm, drift.said_nm)
    return Ending.UNDER_WAY if sailed_nm >= thresholds.loitering_below_kn * hours else None


def _in_hours(drift: Drift) -> Drift:
    """The next hour begins where one is over."""
    over = drift.now.last.at - drift.hour.last.at >= HOUR
    return replace(drift, hour=drift.now, said_nm=0.0) if over else drift


def _told(drift: Drift, zones: ZoneIndex, thresholds: Thresholds) -> Drift:
    """Told when it is long enough, and again when that has doubled."""
    least_ms = round(thresholds.loitering_h * HOUR)
    known = _doublings(drift.told.seen.seen_ms, least_ms) if drift.told else 0
    if _doublings(drift.slow.seen_ms, least_ms) <= known:
        return drift
    where = drift.slow.last.where
    nearest = next(((straight_nm, port.id) for straight_nm, port in zones.ports_from(where)), None)
    return replace(drift, told=Told(drift.slow, nearest))


def _doublings(seen_ms: int, least_ms: int) -> int:
    """0 before the least, 1 from there, 2 from twice as long, 3 from four times ..."""
    return (seen_ms // least_ms).bit_length()
