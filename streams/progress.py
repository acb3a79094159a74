"""How far behind each partition is read, whether that gets less, and when a stage is stuck.

Behind: records between the end of the log and what was applied.  *Stuck* is not slow: something is there to be read,
and nothing was applied for five minutes in which all was there that the stage needs; or nothing was heard of the loop
that reads; or Kafka, being there, has not answered what it was given to write.  Waiting while saying so is progress; a
stuck stage is better begun anew.

*In vain* joins or loads who has not got ready, and has heard nothing for a minute in which Kafka was there.
"""

import time
from collections import deque
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streams.metrics import APPLIED_OFFSET, LAG_RECORDS

STUCK_AFTER_S = 300.0
IN_VAIN_AFTER_S = 60.0
LOOKS_BACK_S = 60.0
FEW = 1_000
"""Records that a busy topic may have more of than a minute ago, without being behind."""
Key = tuple[str, int]


@dataclass(slots=True)
class _Read:
    """One partition: `moved_s` is when something was last applied, or nothing was left; `lags` the last minute's."""

    next: int
    lag: int
    moved_s: float
    seen_s: float
    lags: deque[tuple[float, int]] = field(default_factory=deque)


class Progress:
    """Of all partitions that this process reads.  `now_s` is monotonic."""

    def __init__(self) -> None:
        self._reads: dict[Key, _Read] = {}
        self._owed: dict[str, float] = {}
        self._loading_s: float | None = None

    def applied(self, topic: str, partition: int, following: int, end: int | None, now_s: float | None = None) -> None:
        """Everything before `following` is applied; the log ends at `end`, or nobody knows yet (None)."""
        now_s = time.monotonic() if now_s is None else now_s
        lag = max(0, (following if end is None else end) - following)
        read = self._reads.setdefault((topic, partition), _Read(following, lag, now_s, now_s))
        if following != read.next or lag == 0:
            read.moved_s = now_s
        read.next, read.lag, read.seen_s = following, lag, now_s
        _remember(read.lags, now_s, lag)
        LAG_RECORDS.labels(topic=topic, partition=str(partition)).set(lag)
        APPLIED_OFFSET.labels(topic=topic, partition=str(partition)).set(following)

    @contextmanager
    def owed(self, what: str, now_s: float | None = None) -> Iterator[None]:
        """While the block runs Kafka owes an answer."""
        self._owed[what] = time.monotonic() if now_s is None else now_s
        try:
            yield
        finally:
            self._owed.pop(what, None)

    def loads(self, now_s: float | None = None) -> None:
        """The stage joins or loads, until it is `loaded`; it may say so again and again."""
        if self._loading_s is None:
            self._loading_s = time.monotonic() if now_s is None else now_s

    def loaded(self) -> None:
        """It is at work, or stands by."""
        self._loading_s = None

    def gets_on(self, now_s: float | None = None) -> None:
        """Something came of what is loaded; by any thread."""
        if self._loading_s is not None:
            self._loading_s = time.monotonic() if now_s is None else now_s

    def loads_in_vain(self, now_s: float) -> bool:
        """Whether it is better begun again."""
        return self._loading_s is not None and now_s - self._loading_s > IN_VAIN_AFTER_S

    def dropped(self, topic: str, partition: int) -> None:
        """It is somebody else's now."""
        if self._reads.pop((topic, partition), None) is not None:
            LAG_RECORDS.remove(topic, str(partition))
            APPLIED_OFFSET.remove(topic, str(partition))

    def keep(self, topic: str, partitions: Collection[int]) -> None:
        """Of this topic no others are read here now."""
        for name, partition in list(self._reads):
            if name == topic and partition not in partitions:
                self.dropped(name, partition)

    def forget(self) -> None:
        """The stage begins again."""
        for topic, partition in list(self._reads):
            self.dropped(topic, partition)
        self.loaded()

    def excuse(self, now_s: float) -> None:
        """What the stage needs is missing: this time does not count."""
        for read in self._reads.values():
            read.moved_s = read.seen_s = now_s
        self._owed = dict.fromkeys(self._owed, now_s)
        self.gets_on(now_s)

    def falls_behind(self, now_s: float) -> list[Key]:
        """Partitions that stand, or have clearly more to read than a minute ago."""
        return [key for key, read in self._reads.items() if _falls_behind(read, now_s)]

    def stuck(self, now_s: float) -> str | None:
        """The reason to end; None while there is none."""
        for (topic, partition), read in self._reads.items():
            if now_s - read.seen_s > STUCK_AFTER_S:
                return f"{topic}[{partition}] was not looked at for {now_s - read.seen_s:.0f} s"
            if read.lag and now_s - read.moved_s > STUCK_AFTER_S:
                return f"{topic}[{partition}] stands at {read.next} for {now_s - read.moved_s:.0f} s, {read.lag} behind"
        for what, since_s in self._owed.items():
            if now_s - since_s > STUCK_AFTER_S:
                return f"{what} was not answered for {now_s - since_s:.0f} s"
        return None


def _remember(lags: "deque[tuple[float, int]]", now_s: float, lag: int) -> None:
    if not lags or now_s - lags[-1][0] >= 1:
        lags.append((now_s, lag))
    while len(lags) > 1 and now_s - lags[1][0] >= LOOKS_BACK_S:
        lags.popleft()


def _falls_behind(read: _Read, now_s: float) -> bool:
    if not read.lag:
        return False
    return now_s - read.moved_s > LOOKS_BACK_S or read.lag > max(FEW, read.lags[0][1])


PROGRESS = Progress()
"""This process's."""
