"""What an interval record teaches of the water: each silence that ended is measured by the covers, as one is judged.

    row of a silence --watched over (silence.py), limits never reached--> how far witnessed time grew
      |--she stopped in it, was elsewhere than she can have sailed, or others fell silent with her--> nothing
      |--others near her did, and came back with her: one cause, and no reception of hers--> nothing
      |--beyond all reception: she was switched off--> nothing
      '--a feed was out in it, or ended--> nothing

Every engine reads the same interval records, and so comes to the same curve.  Which feeds heard a ship nobody but her
hull's memory knows; so a feed that was out counts for all, and stations that were out for nobody.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator

from alerts.core.cells import Cell, cell_of, farther
from alerts.core.cover import CLASS_B
from alerts.core.curve import Curve
from alerts.core.ended import Ended
from alerts.core.fallen import TOGETHER_MS
from alerts.core.frozen import replace
from alerts.core.going import Going
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, INTERVAL, Instant
from alerts.core.intervals import CoverRun
from alerts.core.learning import LIMITS, Fate, fate_of
from alerts.core.quarantine import agree
from alerts.core.silence import Kind, watched_over
from alerts.core.survival import BEYOND_MIN
from alerts.core.track import COMPANY, COMPANY_SHARE, Track
from alerts.core.water import Water, block_of, blocks, turned, with_silence
from alerts.core.world import World, cover_at

_TYPES = {CLASS_B: 18}
"""The message type that stands for a class; else 1."""


def taught(world: World, ended: Iterable[Ended], prior: Curve, budget: float) -> World:
    """The world after an interval record, with what that teaches; a new version of the cover begins anew."""
    assert world.clock is not None
    water = world.water if world.water.seed == world.versions.cover else Water(seed=world.versions.cover)
    for block, hull_min, rows in _by_block(world.news, ended):
        water = turned(water, block, prior, budget)
        water = replace(water, fresh_min=water.fresh_min + hull_min)
        for row in alone(rows, world):
            grown_min = grown(row, world)
            water = water if grown_min is None else with_silence(water, row.mmsi, grown_min)
    water = turned(water, block_of(world.clock), prior, budget)
    same = water.curve == world.water.curve
    return replace(world, water=water, turned=world.turned if same else world.offset)


def _by_block(covers: Iterable[CoverRun], ended: Iterable[Ended]) -> Iterator[tuple[int, int, list[Ended]]]:
    """Of each block, in order, the minutes of hulls in it, and the silences that ended."""
    hull_min, rows = Counter[int](), dict[int, list[Ended]]()
    for run in covers:
        hulls = sum(row.ships + max(0, row.expected - row.heard) for row in run.cells.values())
        for block, minutes in blocks(run.first, run.last):
            hull_min[block] += minutes * hulls
    for row in ended:
        rows.setdefault(block_of(row.known - INTERVAL), []).append(row)
    for block in sorted(hull_min.keys() | rows.keys()):
        yield block, hull_min[block], rows.get(block, [])


def alone(rows: Iterable[Ended], world: World) -> Iterator[Ended]:
    """Those with whom not three others and a fifth of those under way around came back in the same interval, whose
    silences had begun with theirs.

    A jammer or an antenna that fails for less than ten minutes is nowhere else known (docs/adr/0018): a thousand
    silences would be learned of one cause.
    """
    began = dict[tuple[Instant, Cell], list[Instant]]()
    placed = [(row, cell_of(row.back_lat, row.back_lon)) for row in rows]
    for row, cell in placed:
        began.setdefault((row.known, cell), []).append(row.at)
    for times in began.values():
        times.sort()
    for row, cell in placed:
        near = (began.get((row.known, other), []) for other in farther(cell))
        others = sum(_so_near(times, row.at) for times in near) - 1
        if others < COMPANY or others < COMPANY_SHARE * _under_way(world, row.known, cell):
            yield row


def _so_near(times: list[Instant], at: Instant) -> int:
    return bisect_right(times, at + TOGETHER_MS) - bisect_left(times, at - TOGETHER_MS)


def _under_way(world: World, end: Instant, cell: Cell) -> int:
    found = cover_at(world, end, cell)
    return found[0].wider_moving if found else 0


def grown(row: Ended, world: World) -> float | None:
    """Witnessed minutes of a natural silence; None: it is none, or nobody can tell."""
    last, back = _heard(row, row.at, row.lat, row.lon), _heard(row, row.back_at, row.back_lat, row.back_lon)
    if _in_outage(row, world) or not agree(last, back):
        return None
    track = Track(last, last, going=_going(row))
    if fate_of(track, back) is not Fate.SAILED_ON:
        return None
    vigil = watched_over(track, LIMITS[Kind.MOVING], world, row.known - INTERVAL)
    return None if vigil.shared or vigil.witnessed_min >= BEYOND_MIN else vigil.witnessed_min


def _heard(row: Ended, at: int, lat: float, lon: float) -> Heard:
    return Heard(at, "", "", row.mmsi, _TYPES.get(row.kind, 1), lat, lon)


def _going(row: Ended) -> Going:
    way = row.at, row.lat, row.lon, row.speed_kn, row.north_kn, row.east_kn, row.speed_kn
    return Going(*way, gap_sum_s=row.mean_gap_s, gap_n=1.0, reports=row.reports)


def _in_outage(row: Ended, world: World) -> bool:
    """A feed that was out, or ended, may be the one that heard her in the hour before."""
    return any(
        not outage.station
        and row.at - HOUR < outage.since < row.known
        and (outage.until is None or outage.until > row.at)
        for outage in world.outages
    )
