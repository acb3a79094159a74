"""How many silences grow to a length, made a curve: with one behind it that speaks where few of this water do.

`PRIOR_SILENCES` of the curve behind, stretched as it is, count as if they were of this water too: with few silences of
its own it stays that one, with thousands it is hardly seen.  Where fewer than `SUPPORTED` silences speak, the curve
goes on as it fell before, or as the silences say, whichever is the more careful.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

from alerts.core.curve import SHIPPED, Curve

MINUTES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Of witnessed time."""
BEYOND_MIN = MINUTES[-1]
"""Of witnessed time: no reception fails for so long.  She had stopped, or was dark, and no limit tells these apart."""
PRIOR_SILENCES = 300
SUPPORTED = 10
_FALLS = 0.999
"""From each point to the next at least by so much: a level stretch could not be gone on from."""
Count = TypeVar("Count", int, float)


def bucket_of(witnessed_min: float) -> int:
    """The last of MINUTES that it grew to."""
    return bisect_right(MINUTES, witnessed_min) - 1


def as_long(by_length: Sequence[Count]) -> list[Count]:
    """How many grew to each length, by how many to no further."""
    return list(accumulate(reversed(by_length)))[::-1]


def shares_of(grown: Sequence[float], prior: Curve = SHIPPED) -> list[float]:
    """The share of silences that grow to each of MINUTES, by how many did; always falling."""
    pooled = [n + PRIOR_SILENCES * prior.share_as_long(at) for at, n in zip(MINUTES, grown, strict=True)]
    last = max(n for n, count in enumerate(pooled) if count >= SUPPORTED)
    counts = [*pooled[: last + 1], *map(max, pooled[last + 1 :], _beyond(pooled, last))]
    shares = [1.0]
    for count in counts[1:]:
        shares.append(short(min(count / counts[0], shares[-1] * _FALLS)))
    return shares


def _beyond(pooled: Sequence[float], last: int) -> list[float]:
    """What stands after `last`, if it goes on as it fell before; nothing, where nothing stands before."""
    if last == 0:
        return [0.0] * (len(pooled) - 1)
    before = max((n for n in range(last) if pooled[n] >= math.e * pooled[last]), default=0)
    fall = math.log(pooled[before] / pooled[last]) / (MINUTES[last] - MINUTES[before])
    return [pooled[last] * math.exp(-fall * (at - MINUTES[last])) for at in MINUTES[last + 1 :]]


def a_hull_day(silences: float, hull_days: float, prior: Curve = SHIPPED) -> float:
    """How many silences a hull-day has, the curve behind counted with the hull-days that its silences take there."""
    return round((silences + PRIOR_SILENCES) / (hull_days + PRIOR_SILENCES / prior.silences_a_hull_day), 3)


def short(share: float) -> float:
    """To be read."""
    return float(f"{share:.4g}")
