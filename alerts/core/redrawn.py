"""What remains of her visits where zones were drawn anew around her: nobody enters, leaves or passes by an edit.

In a zone that is no longer flagged, or whose border, with its margin, no longer holds her last fix, she is not, and was
not: what was told is taken back.  Of a gate, an end or a kind that a zone no longer has, her visit knows nothing.
"""

from alerts.core.frozen import replace
from alerts.core.track import Track, Visit
from alerts.core.zones import Zone, ZoneIndex


def in_force(track: Track, zones: ZoneIndex) -> Track:
    """The track, its visits by the zones as they are drawn now."""
    kept = [visit for visit in track.visits if _is_in(visit, track, zones)]
    visits = tuple(_as_drawn(visit, zones.zones[visit.zone]) for visit in kept)
    return track if visits == track.visits else replace(track, visits=visits)


def _is_in(visit: Visit, track: Track, zones: ZoneIndex) -> bool:
    """A border that was not moved would have ended the visit at her last fix."""
    return visit.zone in zones.zones and (track.fix is None or not zones.outside(visit.zone, *track.fix.where))


def _as_drawn(visit: Visit, zone: Zone) -> Visit:
    gates, ends = {gate.name for gate in zone.gates}, {gate.end for gate in zone.gates}
    passing = (_of(gates, visit.gate), _of(ends, visit.bound), _of(gates, visit.out))
    call = (visit.arrived_at, visit.departed) if zone.kind == "port" else (None, None)
    if (*passing, *call) == (visit.gate, visit.bound, visit.out, visit.arrived_at, visit.departed):
        return visit
    gate, bound, out = passing
    return replace(visit, gate=gate, bound=bound, out=out, arrived_at=call[0], departed=call[1])


def _of(known: set[str], name: str | None) -> str | None:
    return name if name in known else None
