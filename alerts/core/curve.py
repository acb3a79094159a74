"""How long natural silences of moving ships last, in minutes of witnessed time: one pooled curve, learned.

`SURVIVAL` is the share of silences that grew so long before the ship was heard again.  Beyond its last point it goes on
as it fell before, and nobody is told of less than one in ten thousand: nobody can know more.
"""

import math
from itertools import pairwise

SURVIVAL = (
    (0.0, 1.0),
    (0.25, 0.30),
    (0.5, 0.19),
    (1.0, 7.2e-2),
    (1.5, 2.7e-2),
    (2.0, 1.1e-2),
    (2.5, 3.8e-3),
    (3.0, 1.4e-3),
    (4.0, 3.5e-4),
)
"""Of 2,871 silences over three minutes of ships that had moved on meanwhile, in a week of New York Harbor."""
SILENCES_A_HULL_DAY = 7.6
"""Over three minutes, there."""
CAREFUL = 1.6
"""On other water than this the curve is another one: in 18 hours of one receiver in the English Channel, ships that
sailed out of range had up to 4.5 min."""
LEAST_SAID = 1e-4


def threshold_min(budget: float) -> float:
    """Witnessed minutes at which no more than so many false alarms in 1,000 hull-days are to be expected."""
    return round(CAREFUL * _length_of(budget / 1_000 / SILENCES_A_HULL_DAY), 2)


def share_as_long(witnessed_min: float) -> float:
    """The share of natural silences that last as long under such witnesses, by the same careful measure."""
    witnessed_min /= CAREFUL
    (a, p), (b, q) = next((pair for pair in pairwise(SURVIVAL) if pair[1][0] >= witnessed_min), SURVIVAL[-2:])
    slope = (math.log(q) - math.log(p)) / (b - a)
    return math.exp(math.log(p) + slope * (witnessed_min - a))


def _length_of(share: float) -> float:
    (a, p), (b, q) = next((pair for pair in pairwise(SURVIVAL) if pair[1][1] <= share), SURVIVAL[-2:])
    return a + (b - a) * (math.log(share) - math.log(p)) / (math.log(q) - math.log(p))
