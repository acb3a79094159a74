"""When a hull that passes a strait should be heard beyond its far gate.

in a strait, under way, bound for an end --unheard while the rest of a passage takes--> overdue --heard--> over

The rest of a passage takes FACTOR times as long as the way before her takes at her speed; or less, where less of the
strait's own time (`transit_h`) lies before her, in the measure of the way from end to end; never less than that way
takes at her speed.  A ship that is heard
in the strait is late at most, so time is counted from when she was last heard; and where nobody listened, it does not
count.  Who lies still, is in a flagged port, or goes away from the far gate is on no passage.
"""

import math
from collections.abc import Iterator

from alerts.core.frozen import Struct
from alerts.core.geo import Fix, destination
from alerts.core.going import Going
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE, Instant
from alerts.core.passage import MAKING_WAY_KN, end_of, to_end_nm
from alerts.core.silence import listened_by
from alerts.core.track import Track, Visit
from alerts.core.world import World, listened_to
from alerts.core.zones import Zone, ZoneIndex, holds

FACTOR = 3.0
"""Of the 31 shipped straits the fairway is up to 2.6 times as long as the straight line between
the ends (Tsugaru; half of them below 1.1), and ships slow down."""
LEAST_MS = 15 * MINUTE
"""Nobody is overdue sooner: gates are good to a mile or two, and a ship is rarely heard at once behind one."""
_AHEAD_H = 0.1
_NEXT_TO_NOTHING_NM = 0.001


class Passage(Struct, frozen=True):
    """What lies before a hull that was last heard in a strait; `given`: the strait's own time is the shorter one."""

    visit: Visit
    bound: str
    to_go_nm: float
    speed_kn: float
    takes_ms: int
    given: bool


class Overdue(Struct, frozen=True):
    """A passage that should have been over at `due`, and the report that was the next (None: none yet)."""

    passage: Passage
    due: Instant
    until: Heard | None


def overdue(track: Track, until: Heard | None, zones: ZoneIndex, world: World) -> tuple[Overdue, ...]:
    """The straits in which she was overdue before `until`, as far as is known by now."""
    known = listened_to(world, track.feeds_of_last_hour)
    if known is None or track.last is None:
        return ()
    seen_to = known if until is None else min(known, until.at)
    if seen_to - track.last.at < LEAST_MS:
        return ()
    return tuple(Overdue(passage, due, until) for passage, due in dues(track, zones, world) if due <= seen_to)


def dues(track: Track, zones: ZoneIndex, world: World) -> Iterator[tuple[Passage, Instant]]:
    """When she is due, if she is not heard before; nothing while an outage lasts."""
    for passage in _passages(track, zones):
        due = listened_by(track, passage.takes_ms, world)
        if due is not None:
            yield passage, due


def _passages(track: Track, zones: ZoneIndex) -> Iterator[Passage]:
    fix, going = track.fix, track.going
    if fix is None or going is None or going.speed_kn < MAKING_WAY_KN:
        return
    here, visits = fix.where, [(visit, zones.zones[visit.zone]) for visit in track.visits]
    if any(zone.kind == "port" for _, zone in visits):
        return
    for visit, zone in visits:
        if visit.bound is not None and holds(zone, here) and not _turned(zone, visit.bound, here, going):
            yield _passage(visit, visit.bound, zone, here, going.speed_kn)


def _passage(visit: Visit, bound: str, zone: Zone, here: Fix, speed_kn: float) -> Passage:
    to_go_nm = to_end_nm(zone, bound, here)
    at_her_speed_h, given_h = to_go_nm / speed_kn, math.inf
    if zone.transit_h is not None:
        whole_nm = to_go_nm + _behind_nm(visit, bound, zone, here)
        given_h = zone.transit_h * to_go_nm / max(whole_nm, _NEXT_TO_NOTHING_NM)
    takes_h = max(at_her_speed_h, min(FACTOR * at_her_speed_h, given_h))
    takes_ms = max(LEAST_MS, round(takes_h * HOUR))
    return Passage(visit, bound, to_go_nm, speed_kn, takes_ms, given_h < FACTOR * at_her_speed_h)


def _behind_nm(visit: Visit, bound: str, zone: Zone, here: Fix) -> float:
    """How far behind her the end lies by which she came, or else the nearest but the one that she makes for."""
    came_by = end_of(zone, visit.gate)
    others = {gate.end for gate in zone.gates} - {bound}
    ends = {end for end in others if end == came_by} or others
    return min((to_end_nm(zone, end, here) for end in ends), default=0.0)


def _turned(zone: Zone, bound: str, here: Fix, going: Going) -> bool:
    """Whether more than half of the way that she makes leads away from that end."""
    way_nm = math.hypot(going.north_kn, going.east_kn) * _AHEAD_H
    ahead = destination(here, math.degrees(math.atan2(going.east_kn, going.north_kn)), way_nm)
    return to_end_nm(zone, bound, ahead) - to_end_nm(zone, bound, here) > way_nm / 2
