"""How she passes a strait: bound for which end, out by which gate, or across unseen between two fixes.

in by a gate, or first seen inside --second fix--> bound for an end --last fix inside, first outside--> out by a gate

Unseen: each gate knows how far, in each sector of the compass, all water lies off its end; between waters off two ends
a ship passes the strait, or crosses one of a few lines, or goes beyond a circle (docs/adr/0014).
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from alerts.core.frozen import Struct
from alerts.core.geo import (
    Fix,
    bearing_deg,
    beside,
    crossed_at,
    distance_nm,
    distance_to_line_nm,
    side_of_leg,
    wrapped,
)
from alerts.core.zones import LEAST_LEG_DEG, Detour, Gate, Polygon, Zone, ZoneIndex, gate_crossed, holds, middle

_LINE_SHARE = 1e-3
MOVED_NM, MAKING_WAY_KN = 0.005, 1.0
"""So far must the second fix lie from the first (9 m, more than a GPS wanders in seconds), of a ship that makes way."""
AT_MOST_NM = 600.0
"""A longer leg is no straight line at sea: no gate is taken to lie on it."""
SECTORS, SIDE_NM = 32, 300
"""Of the compass, from north on; no further from a gate's middle is known off which end a water lies."""


class Crossing(Struct, frozen=True):
    """From off one end of a strait to off another; `round_nm` is shorter than any way round it."""

    entered: Gate
    left: Gate
    to_entry_nm: float
    from_exit_nm: float
    direct_nm: float
    round_nm: float


def end_of(zone: Zone, gate: str | None) -> str | None:
    """The end at which this gate lies, if the zone has it."""
    return next((g.end for g in zone.gates if g.name == gate), None)


def bound_for(zone: Zone, gate: str | None, first: Fix, now: Fix, speed_kn: float | None) -> str | None:
    """The end that she nears most, that by which she came aside; None before she has moved under way."""
    came_by = end_of(zone, gate)
    ends = sorted({g.end for g in zone.gates} - {came_by})
    if came_by and len(ends) == 1:
        return ends[0]
    making_way = speed_kn is None or speed_kn >= MAKING_WAY_KN
    if not ends or not making_way or distance_nm(first, now) < MOVED_NM:
        return None
    nearer_nm, end = max((to_end_nm(zone, end, first) - to_end_nm(zone, end, now), end) for end in ends)
    return end if nearer_nm > 0 else None


def to_end_nm(zone: Zone, end: str, fix: Fix) -> float:
    """How far it is to the nearest gate of an end, straight on the chart."""
    return min(distance_to_line_nm(fix, gate.line) for gate in zone.gates if gate.end == end)


def out_by(zone: Zone, known: str | None, before: Fix | None, now: Fix) -> str | None:
    """The gate by which she went out last; None while she is inside, or where she went out over a side or unseen."""
    if holds(zone, now):
        return None
    if before is None or not holds(zone, before):
        return known
    gate = gate_crossed(zone, before, now)
    return gate.name if gate else None


def crossings(zones: ZoneIndex, before: Fix, now: Fix) -> Iterator[tuple[Zone, Crossing]]:
    """The straits that lie between two fixes outside them, by id; not of fixes that are too near to each other."""
    if abs(now[0] - before[0]) + abs(now[1] - before[1]) < LEAST_LEG_DEG:
        return
    on_leg = (zone for zone in zones.straits_between(before, now) if zone.detour is None)
    for zone in sorted((*on_leg, *zones.straits_off(now)), key=lambda zone: zone.id):
        found = crossing(zone, before, now)
        if found is not None:
            yield zone, found


def crossing(zone: Zone, before: Fix, now: Fix) -> Crossing | None:
    """By the waters in which two fixes outside lie; where nobody said what leads round, by the leg between them."""
    found = _by_leg(zone, before, now) if zone.detour is None else _by_sides(zone, zone.detour, before, now)
    return None if found is None or holds(zone, before) or holds(zone, now) else found


def _by_sides(zone: Zone, detour: Detour, before: Fix, now: Fix) -> Crossing | None:
    left = _off(zone, now)
    entered = _off(zone, before) if left else None
    if entered is None or left is None or entered.end == left.end:
        return None
    return _between(entered, left, before, now, _detour_nm(detour, middle(zone), before, now))


def _off(zone: Zone, fix: Fix) -> Gate | None:
    """The nearest gate off which the fix lies; None where that may be either end, as ashore between two waters."""
    found = []
    for gate in zone.gates:
        if gate.side_nm:
            centre = gate_middle(gate)
            off_nm, sector = distance_nm(centre, fix), math.floor(bearing_deg(centre, fix) / 360 * SECTORS)
            if off_nm <= gate.side_nm[sector % SECTORS]:
                found.append((off_nm, gate))
    return min(found, key=lambda row: row[0])[1] if len({gate.end for _, gate in found}) == 1 else None


def gate_middle(gate: Gate) -> Fix:
    """The middle of its longest leg."""
    a, b = max(pairwise(gate.line), key=lambda leg: distance_nm(*leg))
    return (a[0] + b[0]) / 2, wrapped((a[1] + beside(b[1], a[1])) / 2)


def _detour_nm(detour: Detour, centre: Fix, before: Fix, now: Fix) -> float:
    beyond_nm = 2 * detour.within_nm - distance_nm(centre, before) - distance_nm(centre, now)
    return min([beyond_nm, *(_over_nm(a, b, before, now) for way in detour.ways for a, b in pairwise(way))])


def _over_nm(a: Fix, b: Fix, before: Fix, now: Fix) -> float:
    """The shortest way between two fixes over the line from a to b: where it is shorter to either side, halve there."""
    low, high, east = 0.0, 1.0, wrapped(b[1] - a[1])

    def over_nm(share: float) -> float:
        fix = a[0] + (b[0] - a[0]) * share, a[1] + east * share
        return distance_nm(before, fix) + distance_nm(fix, now)

    while high - low > _LINE_SHARE:
        third = (high - low) / 3
        if over_nm(low + third) < over_nm(high - third):
            high -= third
        else:
            low += third
    return min(over_nm(share) for share in (0.0, (low + high) / 2, 1.0))


def _by_leg(zone: Zone, before: Fix, now: Fix) -> Crossing | None:
    """No way round is shorter than by the outermost corner on its shorter side, whatever the land."""
    gates = sorted(_crossed(zone, before, now), key=lambda row: row[0])
    if distance_nm(before, now) > AT_MOST_NM or not gates or gates[0][1].end == gates[-1][1].end:
        return None
    assert isinstance(zone.shape, Polygon)
    return _between(gates[0][1], gates[-1][1], before, now, _round_nm(zone.shape.ring, before, now))


def _between(entered: Gate, left: Gate, before: Fix, now: Fix, round_nm: float) -> Crossing:
    to_entry_nm, from_exit_nm = distance_to_line_nm(before, entered.line), distance_to_line_nm(now, left.line)
    return Crossing(entered, left, to_entry_nm, from_exit_nm, distance_nm(before, now), round_nm)


def _crossed(zone: Zone, before: Fix, now: Fix) -> Iterator[tuple[float, Gate]]:
    for gate in zone.gates:
        for a, b in pairwise(gate.line):
            share = crossed_at(before, now, a, b)
            if share is not None:
                yield share, gate


def _round_nm(ring: Sequence[Fix], before: Fix, now: Fix) -> float:
    """On either side, a way round encloses each corner there, so it is longer than by way of that corner."""
    sides = {-1: 0.0, 1: 0.0}
    for corner in ring:
        side = side_of_leg(before, now, corner)
        if side:
            sides[side] = max(sides[side], distance_nm(before, corner) + distance_nm(corner, now))
    return min(sides.values())
