"""How far reports have run ahead of the clock.

A memory keeps 256 reports of a hull that the clock has not reached, and settles the oldest of more unasked: a silence
among them would never be said.  And a report of which the clock does not know yet that she was dark before it is
taken for another one of a ship in sight, until the clock says so: what was told of it has to be taken back.  Live
nothing comes near either.  Where a backlog is read, or a file as fast as it goes, ingest is quicker than the clock,
and has to wait for it.
"""

from collections import deque
from collections.abc import Iterable, Sequence

from alerts.core.instants import INTERVAL, MINUTE, Instant
from alerts.core.reports import Report

AT_ONCE = 64
"""Reports of one hull in one portion ..."""
MOST_AHEAD = 128
"""... and how many may be ahead when the next is begun: with room for what late feeds keep unsettled."""
MOST_AHEAD_MS = 10 * MINUTE
"""By which a report may be ahead: less than the shortest silence that is called dark (DESIGN section 6)."""
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
        return self._waits_for(reached) or self._stands(now_s)

    def is_beyond(self, reports: Sequence[Report], now_s: float) -> bool:
        """Whether some of these are too far ahead to be brought together."""
        if not reports or self._stands(now_s):
            return False
        times = [report.heard_at for report in reports]
        return max(times) > (min(times) if self._closed is None else self._closed) + MOST_AHEAD_MS

    def may_bring(self, reached: Instant, newest: Instant, now_s: float) -> bool:
        """Whether a partition with this tick may bring reports up to `newest`, or has to wait for the clock."""
        near = self._closed is not None and newest <= self._closed + MOST_AHEAD_MS
        return near or self._waits_for(reached) or self._stands(now_s)

    def _waits_for(self, reached: Instant) -> bool:
        return reached == 0 if self._closed is None else reached < self._closed + INTERVAL

    def _stands(self, now_s: float) -> bool:
        return now_s - self._moved_s > self._stands_after_s


def too_many(reports: Iterable[Report]) -> bool:
    """Whether these are more of one hull than one portion should bring."""
    counts: dict[str, int] = {}
    for report in reports:
        counts[report.hull] = counts.get(report.hull, 0) + 1
        if counts[report.hull] > AT_ONCE:
            return True
    return False
