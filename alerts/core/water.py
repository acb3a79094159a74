"""What is learned of a water while it runs: how far silences grow there, and the curve that is in force because of it.

    block of six hours: silences by length, minutes of hulls heard --it is over--> added to what is left of before
                                                                  '--the limit has moved by more than noise--> in force

What was learned four weeks ago counts half: an antenna, a season or a feed's filter changes in weeks, and in four weeks
ten ships have some 2,000 silences, seven times as many as stand behind (survival.py).
"""

from collections.abc import Iterator

from alerts.core.curve import Curve
from alerts.core.frozen import Struct, field, replace
from alerts.core.instants import DAY, HOUR, INTERVAL, MINUTE, Instant
from alerts.core.survival import MINUTES, SUPPORTED, a_hull_day, as_long, bucket_of, shares_of

BLOCK_MS = 6 * HOUR
"""Every change of the curve asks all silent hulls again."""
HALF_MS = 28 * DAY
LEAST_HULL_DAYS = 10.0
"""Before so much was heard nothing changes: that is a quarter of what stands behind.  Nor before SUPPORTED silences:
where none is told at all, an older ingest may be at work."""
LONG_MIN = 2.0
"""Of witnessed time: of these only the longest counts of each ship and four weeks, so that one ship that is switched
off now and then cannot make the limit for all.  Natural ones of three minutes come once in ninety hull-days."""
LEAST_SILENCES = 3.0
"""Of fewer that grew so long one ship may be all: two at the seam of four weeks, and half of each before.  They say
nothing, and the curve goes on as it fell before."""
MOST_LONG = 2_000
"""Ships that are remembered for it, those that were silent last: then one ship counts at most once among so many."""
NOISE_MIN, NOISE = 0.2, 0.05
"""Of witnessed time, and of the limit: whichever is more."""
_SPAN_BLOCKS = HALF_MS // BLOCK_MS
_LEFT = 0.5 ** (BLOCK_MS / HALF_MS)
_NONE = (0,) * len(MINUTES)


class Water(Struct, frozen=True):
    """`seed` is the version of the cover with which it began (None: it has not).

    `fresh` are the silences of this `block` by length (survival.MINUTES), `fresh_min` its minutes of hulls; `moving`
    and `hull_days` those before, faded.  `long_by` is to which of these lengths the longest silence of a ship grew
    in these four weeks, where that was long, in the order in which they last did; `silences` is how many were learned
    in all, `curve` the one in force (None: that of the version).
    """

    seed: str | None = None
    block: int = 0
    fresh: tuple[int, ...] = _NONE
    fresh_min: int = 0
    moving: tuple[float, ...] = tuple(map(float, _NONE))
    hull_days: float = 0.0
    long_by: dict[int, int] = field(default_factory=dict)
    silences: int = 0
    curve: Curve | None = None


def block_of(at: Instant) -> int:
    """The block in which an interval begins."""
    return at // BLOCK_MS


def blocks(first: Instant, last: Instant) -> Iterator[tuple[int, int]]:
    """Each block of the intervals that end from `first` to `last`, and how many of them begin in it."""
    first, last = first - INTERVAL, last - INTERVAL
    for block in range(block_of(first), block_of(last) + 1):
        begin, end = max(first, block * BLOCK_MS), min(last, (block + 1) * BLOCK_MS - INTERVAL)
        yield block, (end - begin) // INTERVAL + 1


def with_silence(water: Water, mmsi: int, witnessed_min: float) -> Water:
    """With a natural silence that ended in this block."""
    n = bucket_of(witnessed_min)
    if witnessed_min < LONG_MIN:
        return replace(water, fresh=_counted(water.fresh, n, 1), silences=water.silences + 1)
    others = {ship: longest for ship, longest in water.long_by.items() if ship != mmsi}
    known = water.long_by.get(mmsi)
    if known is None and len(others) >= MOST_LONG:
        del others[next(iter(others))]
    longest = n if known is None else max(known, n)
    fresh = water.fresh if known is None else _counted(water.fresh, known, -1)
    fresh, silences = _counted(fresh, longest, 1), water.silences + (known is None)
    return replace(water, fresh=fresh, long_by={**others, mmsi: longest}, silences=silences)


def _counted(counts: tuple[int, ...], n: int, more: int) -> tuple[int, ...]:
    return (*counts[:n], counts[n] + more, *counts[n + 1 :])


def turned(water: Water, block: int, prior: Curve, budget: float) -> Water:
    """In this block; `prior` is the curve behind, `budget` says by which limit noise is measured."""
    while water.block < block:
        if not (water.fresh_min or water.hull_days or water.silences):
            return replace(water, block=block)
        water = _taken_up(_over(water), prior, budget)
    return water


def _over(water: Water) -> Water:
    """After its block; sums are added up once, so that nothing depends on what came with which record."""
    moving = tuple(_LEFT * (old + new) for old, new in zip(water.moving, water.fresh, strict=True))
    hull_days = _LEFT * (water.hull_days + water.fresh_min * MINUTE / DAY)
    block = water.block + 1
    long_by = water.long_by if block % _SPAN_BLOCKS else {}
    return replace(water, block=block, fresh=_NONE, fresh_min=0, moving=moving, hull_days=hull_days, long_by=long_by)


def _taken_up(water: Water, prior: Curve, budget: float) -> Water:
    few = water.hull_days < LEAST_HULL_DAYS or water.silences <= SUPPORTED
    if water.curve is None and few:
        return water
    curve = _curve(water.moving, water.hull_days, prior, budget)
    before = water.curve or _curve(_NONE, 0.0, prior, budget)
    limit_min, known_min = (one.threshold_min(budget) for one in (curve, before))
    if abs(limit_min - known_min) < max(NOISE_MIN, NOISE * known_min):
        return water
    return replace(water, curve=curve)


def _curve(by_length: tuple[float, ...], hull_days: float, prior: Curve, budget: float) -> Curve:
    """Its limit is LONG_MIN at least, or what the curve behind says: shorter silences are bounded for no ship."""
    grown = as_long(by_length)
    several = [count if count >= LEAST_SILENCES else 0.0 for count in grown]
    points = tuple(zip(MINUTES, shares_of(several, prior), strict=True))
    curve = Curve(points, a_hull_day(grown[0], hull_days, prior))
    return curve.with_least(min(LONG_MIN, prior.threshold_min(budget)), budget)
