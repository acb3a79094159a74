"""Outages said early, by the clock on the wall: when nothing comes at all, no record tells it.

All partitions say that they have read everything, and a feed stands where it stood for its limit: it is out.  What it
says later, or its gap, replaces this.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts.core.clock import ClockState
from alerts.core.instants import SECOND, Instant
from alerts.core.intervals import Outage, Tick

BELIEVED_S = 90.0
"""How long a partition's word counts that it has read everything: three of its turns."""


@dataclass(frozen=True, slots=True)
class Watch:
    """By a monotonic clock: since when each feed stands where it does, and when each partition last was at its end."""

    stands: Mapping[str, tuple[Instant, float]] = field(default_factory=dict)
    at_end_s: Mapping[str, float] = field(default_factory=dict)


def seen(watch: Watch, tick: Tick, now_s: float) -> Watch:
    """After one tick."""
    if tick.read_to_end:
        watch = replace(watch, at_end_s={**watch.at_end_s, tick.origin.source: now_s})
    moved = {feed: (at, now_s) for feed, at in tick.newest if feed not in watch.stands or at > watch.stands[feed][0]}
    return replace(watch, stands={**watch.stands, **moved}) if moved else watch


def early(watch: Watch, state: ClockState, now_s: float, partitions: int) -> tuple[Outage, ...]:
    """The outages that nobody has said yet; none while a partition may have something to read."""
    at_end = sum(1 for at_s in watch.at_end_s.values() if now_s - at_s <= BELIEVED_S)
    if at_end < partitions:
        return ()
    said = {(verdict.feed, verdict.since) for verdict in state.verdicts}
    limits = {feed: limit for tick in state.ticks.values() for feed, limit in tick.limits}
    return tuple(
        Outage(feed, at, None)
        for feed, (at, since_s) in sorted(watch.stands.items())
        if feed in limits and (now_s - since_s) * SECOND >= limits[feed] and (feed, at) not in said
    )
