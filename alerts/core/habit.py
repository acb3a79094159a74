"""How a hull's own reception fails: a factor on the limit of witnessed time, learned from her own past.

    a silence of hers ends --over 3 min, under two hours, begun under way, heard again further on--> natural
        natural --under fewer witnessed minutes than anybody's limit, and not with others--> it counts
        else: dark, lost, as long as no reception fails, with others, stopped--> it teaches nothing

The part of a silence beyond a quarter of a witnessed minute is compared with that of the fleet's curve: its mean is the
one number that says how slowly the curve falls.  Hers is shrunk towards the fleet's, fades by half in a week of event
time, and must lie a standard error above it, or the factor is 1.  Short silences beyond her 3 min say nothing: who is
heard every four minutes has thousands.

So a ship that goes dark cannot mute herself: what was told teaches nothing, nothing teaches more than two minutes, and
no factor is above three (docs/adr/0019).
"""

import math
from functools import lru_cache

from alerts.core.curve import Curve
from alerts.core.frozen import Struct
from alerts.core.heard import Heard
from alerts.core.instants import DAY, HOUR, MINUTE, Instant
from alerts.core.quarantine import apart_nm

SHORT_MS = 3 * MINUTE
"""A shorter silence is none."""
_WENT_ON, _LEAST_KN = 0.25, 0.5
FROM_MIN, MOST_MIN = 0.25, 2.25
"""Witnessed minutes: what counts of a silence lies between."""
PRIOR = 24.0
"""Silences beyond FROM_MIN that the fleet's curve is worth: some ten days of a ship like all others."""
MOST_FACTOR = 3.0
_HALF_MS = 7 * DAY


class Habit(Struct, frozen=True):
    """Her natural silences from `since` on, the newest ended at `at`: how many, and the longest in witnessed minutes.

    `counted` are those beyond FROM_MIN, and `beyond_min` is by how much in all, both faded.
    """

    since: Instant
    at: Instant
    silences: int = 0
    longest_min: float = 0.0
    counted: float = 0.0
    beyond_min: float = 0.0

    @property
    def mean_beyond_min(self) -> float | None:
        """Of one silence; None: none counts."""
        return round(self.beyond_min / self.counted, 3) if self.counted else None


def sailed_on(fix: Heard, speed_kn: float, heard: Heard) -> bool:
    """Whether she made good a quarter of her speed before, and half a knot at least, from a fix to the next."""
    made_kn = apart_nm(fix, heard) * HOUR / max(1, heard.at - fix.at)
    return made_kn >= max(_LEAST_KN, _WENT_ON * speed_kn)


def habit_after(habit: Habit | None, since: Instant, until: Instant, witnessed_min: float) -> Habit:
    """With one more natural silence, newer than all before."""
    known = habit or Habit(since, until)
    left = 0.5 ** ((until - known.at) / _HALF_MS)
    counts = witnessed_min > FROM_MIN
    beyond_min = min(witnessed_min, MOST_MIN) - FROM_MIN if counts else 0.0
    return Habit(
        since=known.since,
        at=until,
        silences=known.silences + 1,
        longest_min=max(known.longest_min, round(witnessed_min, 2)),
        counted=round(left * known.counted + counts, 4),
        beyond_min=round(left * known.beyond_min + beyond_min, 4),
    )


def factor_of(habit: Habit | None, curve: Curve, at: Instant) -> float:
    """By how much her limit is stretched in a silence that begins `at`: 1 unless her own silences are longer than the
    fleet's, and 3 at most.
    """
    if habit is None or not habit.counted:
        return 1.0
    left = float(0.5 ** (max(0, at - habit.at) / _HALF_MS))
    usual_min, known = _usual_beyond_min(curve), PRIOR + left * habit.counted
    mean_min = (PRIOR * usual_min + left * habit.beyond_min) / known
    factor = mean_min / usual_min / (1 + 1 / math.sqrt(known))
    return round(min(MOST_FACTOR, max(1.0, factor)), 2)


@lru_cache(maxsize=8)
def _usual_beyond_min(curve: Curve) -> float:
    return curve.mean_beyond_min(FROM_MIN, MOST_MIN)
