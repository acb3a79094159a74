"""How she passes a strait: bound for which end, out by which gate, or across unseen between two fixes.

in by a gate, or first seen inside --second fix--> bound for an end --last fix inside, first outside--> out by a gate
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from alerts.core.geo import Fix, crossed_at, distance_nm, distance_to_line_nm, side_of_leg
from alerts.core.zones import Gate, Polygon, Zone, gate_crossed, holds

MOVED_NM, MAKING_WAY_KN = 0.005, 1.0
"""So far must the second fix lie from the first (9 m, more than a GPS wanders in seconds), of a ship that makes way."""
AT_MOST_NM = 600.0
"""A longer leg is no straight line at sea: nothing is inferred from it."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A leg that goes in by one end and out by another; `round_nm` is shorter than any way round the strait."""

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


def crossing(zone: Zone, before: Fix, now: Fix) -> Crossing | None:
    """The crossing that a straight leg between two fixes outside would be."""
    direct_nm = distance_nm(before, now)
    if direct_nm > AT_MOST_NM or holds(zone, before) or holds(zone, now):
        return None
    gates = sorted(_crossed(zone, before, now), key=lambda row: row[0])
    if not gates or gates[0][1].end == gates[-1][1].end:
        return None
    entered, left = gates[0][1], gates[-1][1]
    assert isinstance(zone.shape, Polygon)
    to_entry_nm, from_exit_nm = distance_to_line_nm(before, entered.line), distance_to_line_nm(now, left.line)
    return Crossing(entered, left, to_entry_nm, from_exit_nm, direct_nm, _round_nm(zone.shape.ring, before, now))


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
