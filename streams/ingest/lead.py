"""How far reports have run ahead of the clock.

A memory keeps 256 reports of a hull that the clock has not reached, and settles the oldest of more unasked: a silence
among them would never be said.  Live nothing comes near that.  Where a backlog is read, or a file as fast as it goes,
ingest is quicker than the clock, and has to wait for it.
"""

from collections import deque
from collections.abc import Iterable

from alerts.core.instants import INTERVAL, Instant
from alerts.core.reports import Report

AT_ONCE = 64
"""Reports of one hull in one portion ..."""
MOST_AHEAD = 128
"""... and how many may be ahead when the next is begun: with room for what late feeds keep unsettled."""
STANDS_AFTER_S = 20.0
"""A clock that has not moved for so long is not waited for: nothing stops.

Much longer than a clock that is stopped takes to come back: its group may wait for the session of the one that left.
"""


class Lead:
    """Per hull the times of her reports that the clock has not closed yet.  `now_s` is monotonic."""

    def __init__(self, now_s: float, stands_after_s: float = STANDS_AFTER_S) -> None:
        self._ahead: dict[str, deque[Instant]] = {}
        self._closed: Instant | None = None
        self._moved_s, self._stands_after_s = now_s, stands_after_s

    def begins(self, closed: Instant | None, reports: Iterable[Report], now_s: float) -> None:
        """Anew, with what the log has: `closed` is the last interval's end, `reports` the last, whoever wrote them."""
        self._ahead.clear()
        if closed is not None:
            self.closed(closed, now_s)
        self.wrote(reports)

    def wrote(self, reports: Iterable[Report]) -> None:
        """These were written."""
        for report in reports:
            if self._closed is None or report.heard_at > self._closed:
                self._ahead.setdefault(report.hull, deque()).append(report.heard_at)

    def closed(self, end: Instant, now_s: float) -> None:
        """The clock has closed all intervals up to `end`."""
        self._closed, self._moved_s = end, now_s
        for hull, times in list(self._ahead.items()):
            left = deque(at for at in times if at > end)
            if left:
                self._ahead[hull] = left
            else:
                del self._ahead[hull]

    def may_grow(self, reached: Instant, now_s: float) -> bool:
        """Whether a partition with this tick goes on: there is room, or the clock waits for it, or stands anyhow."""
        if all(len(times) <= MOST_AHEAD for times in self._ahead.values()):
            return True
        waited_for = reached == 0 if self._closed is None else reached < self._closed + INTERVAL
        return waited_for or now_s - self._moved_s > self._stands_after_s


def too_many(reports: Iterable[Report]) -> bool:
    """Whether these are more of one hull than one portion should bring."""
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.hull] = counts.get(report.hull, 0) + 1
        if counts[report.hull] > AT_ONCE:
            return True
    return False
