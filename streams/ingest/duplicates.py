"""One message heard by many: copies across stations and feeds are told by their payload.

A copy has the same payload (MMSI included, whatever channel or talker) and was heard within 30 s of the first.  Time is
`heard_at`, never the wall clock, so what is a copy does not depend on when or in which batches it came.

Keys are kept in buckets of 30 s of `heard_at`: a copy lies in its own bucket or in one beside it.  A bucket is
forgotten when the partition's time has passed it by more than the window.  Late feeds count in that time: a satellite
that delivers hours later what a coast station had heard delivers a copy.  Beyond `MOST_KEPT` keys the oldest bucket
goes first, so a partition that hears much forgets earlier and takes such a copy for another report of the same
moment, which changes nothing that is said of the hull.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from alerts.core.instants import SECOND, Instant

WINDOW = 30 * SECOND
MOST_KEPT = 200_000
"""Keys: a minute of 3,000 different messages a second, or two hours of a satellite feed; some 30 MB."""

Bucket = dict[bytes, Instant]
"""Payload -> when it was first heard."""
_NOTHING: Bucket = {}


@dataclass(frozen=True, slots=True)
class Window:
    """Buckets by their number: `heard_at` in whole windows."""

    buckets: dict[int, Bucket] = field(default_factory=dict)


class OpenWindow:
    """A window that one step works on; buckets are copied when they are first written to, so `Window` stays a value.

    So a step costs a copy of the newest bucket: hand it many sentences at once.
    """

    def __init__(self, window: Window, most_kept: int = MOST_KEPT) -> None:
        self._buckets = dict(window.buckets)
        self._own: set[int] = set()
        self._most_kept = most_kept
        self._kept = sum(map(len, window.buckets.values()))

    def is_copy(self, payload: bytes, heard_at: Instant) -> bool:
        """Whether it was had before; it is kept when not."""
        return self.copies((payload,), (heard_at,))[0]

    def copies(self, payloads: Iterable[bytes], heard_at: Iterable[Instant]) -> list[bool]:
        """The same of many, in their order."""
        flags: list[bool] = []
        begin = end = 0
        for payload, at in zip(payloads, heard_at, strict=True):
            if not begin <= at < end:
                begin = at // WINDOW * WINDOW
                end = begin + WINDOW
                before, bucket, behind = self._around(at // WINDOW)
            copy = (
                payload in bucket
                or (payload in before and at - before[payload] <= WINDOW)
                or (payload in behind and behind[payload] - at <= WINDOW)
            )
            flags.append(copy)
            if not copy:
                bucket[payload] = at
        self._kept += flags.count(False)
        return flags

    def _around(self, number: int) -> tuple[Bucket, Bucket, Bucket]:
        """A bucket, to be written to, between its neighbours."""
        if number not in self._own:
            self._buckets[number] = dict(self._buckets.get(number, _NOTHING))
            self._own.add(number)
        return self._buckets.get(number - 1, _NOTHING), self._buckets[number], self._buckets.get(number + 1, _NOTHING)

    def forget_before(self, reached: Instant) -> None:
        """Forgets what nothing that is still to come can be a copy of."""
        first = reached // WINDOW - 1
        for number in [number for number in self._buckets if number < first]:
            self._forget(number)

    def keep_bounded(self) -> None:
        """The oldest bucket goes first; of the only one the half that was heard first."""
        while self._kept > self._most_kept:
            bucket = self._forget(min(self._buckets))
            if not self._kept:
                self._halve(bucket)

    def _forget(self, number: int) -> Bucket:
        bucket = self._buckets.pop(number)
        self._own.discard(number)
        self._kept -= len(bucket)
        return bucket

    def _halve(self, bucket: Bucket) -> None:
        rows = sorted((at, payload) for payload, at in bucket.items())
        later = rows[(len(rows) + 1) // 2 :]
        number = rows[0][0] // WINDOW
        self._buckets[number] = {payload: at for at, payload in later}
        self._own.add(number)
        self._kept = len(later)

    def closed(self) -> Window:
        """The value after the step."""
        return Window({number: bucket for number, bucket in self._buckets.items() if bucket})
