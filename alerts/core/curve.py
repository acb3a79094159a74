"""How long natural silences of moving ships last, in minutes of witnessed time: one pooled curve, learned.

`survival` is the share of silences that grew so long before the ship was heard again.  Beyond its last point it goes on
as it fell before, and nobody is told of less than one in ten thousand: nobody can know more.
"""

import math
from itertools import pairwise

from alerts.core.frozen import Struct, replace

LEAST_SAID = 1e-4
LEAST_MIN = 0.1
"""No budget makes a silence dark for which nobody bears witness."""
_STEPS = 40


class Curve(Struct, frozen=True):
    """`survival` is (minutes, share), from (0, 1) on and falling; `silences_a_hull_day` are those over three minutes.

    `careful` stretches the minutes: on other water than that of which it was learned, the curve is another one.
    """

    survival: tuple[tuple[float, float], ...]
    silences_a_hull_day: float
    careful: float = 1.0

    def threshold_min(self, budget: float) -> float:
        """Witnessed minutes at which no more than so many false alarms in 1,000 hull-days are to be expected."""
        return max(LEAST_MIN, round(self.careful * self._length_of(budget / 1_000 / self.silences_a_hull_day), 2))

    def with_least(self, limit_min: float, budget: float) -> "Curve":
        """The same with so many silences a hull-day, at least, that by this budget no shorter ones are dark.

        Where hardly anybody is ever silent, the count alone would bring the limit to nothing.
        """
        least = budget / 1_000 / self.share_as_long(limit_min)
        return replace(self, silences_a_hull_day=max(self.silences_a_hull_day, least))

    def share_as_long(self, witnessed_min: float) -> float:
        """The share of natural silences that last as long under such witnesses, by the same careful measure."""
        witnessed_min /= self.careful
        legs = pairwise(self.survival)
        (a, p), (b, q) = next((leg for leg in legs if leg[1][0] >= witnessed_min), self.survival[-2:])
        slope = (math.log(q) - math.log(p)) / (b - a)
        return math.exp(math.log(p) + slope * (witnessed_min - a))

    def mean_beyond_min(self, from_min: float, most_min: float) -> float:
        """By how much silences outlast `from_min`, what is beyond `most_min` left out, by the same careful measure."""
        step_min = (most_min - from_min) / _STEPS
        shares = [self.share_as_long(from_min + n * step_min) for n in range(_STEPS + 1)]
        return step_min * (sum(shares) - (shares[0] + shares[-1]) / 2) / shares[0]

    def _length_of(self, share: float) -> float:
        (a, p), (b, q) = next((leg for leg in pairwise(self.survival) if leg[1][1] <= share), self.survival[-2:])
        return a + (b - a) * (math.log(share) - math.log(p)) / (math.log(q) - math.log(p))


SHIPPED = Curve(
    (
        (0.0, 1.0),
        (0.25, 0.30),
        (0.5, 0.19),
        (1.0, 7.2e-2),
        (1.5, 2.7e-2),
        (2.0, 1.1e-2),
        (2.5, 3.8e-3),
        (3.0, 1.4e-3),
        (4.0, 3.5e-4),
    ),
    silences_a_hull_day=7.6,
    careful=1.6,
)
"""Of 2,871 silences over three minutes of ships that had moved on meanwhile, in a week of New York Harbor.

In 18 hours of one receiver in the English Channel, ships that sailed out of range had up to 4.5 min: hence the stretch.
"""
