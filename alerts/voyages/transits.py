"""How long ships take through the straits: from all that was said of them, each strait's own transit times.

Only who came in by one end and went out by another has made a transit, from her first fix inside to the first that is
further than the margin outside.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil

from alerts.core.alert import Alert
from alerts.core.instants import HOUR, MINUTE
from alerts.voyages.timeline import finally_told

LEAST = 20
"""Transits: of fewer, nobody can say what nineteen in twenty take."""
SHARE = 0.95
_STEP_H = 0.5
"""A zone's `transit_h` is no less than that, and no number of it means anything finer."""


def transits(alerts: Iterable[Alert]) -> dict[str, tuple[int, ...]]:
    """Minutes of each transit by strait, the shortest first; of an episode its newest revision counts."""
    found: dict[str, list[int]] = defaultdict(list)
    for alert in finally_told(alert for alert in alerts if alert.rule == "strait"):
        if alert.place is not None and "transit_min" in alert.evidence:
            found[alert.place.zone].append(alert.evidence["transit_min"])
    return {strait: tuple(sorted(minutes)) for strait, minutes in sorted(found.items())}


def within(minutes: Sequence[int], share: float) -> int:
    """So many minutes this share of them took at most; `minutes` rises."""
    return minutes[max(0, ceil(share * len(minutes)) - 1)]


def transit_h(minutes: Sequence[int]) -> float | None:
    """What nineteen in twenty take at most, in whole half hours; None: fewer than LEAST were seen."""
    if len(minutes) < LEAST:
        return None
    return max(1, ceil(within(minutes, SHARE) * MINUTE / HOUR / _STEP_H)) * _STEP_H
