"""One message heard by many: copies across stations and feeds are told by their payload.

A copy has the same payload (MMSI included, whatever channel or talker) and was heard within 30 s of the first.  Time is
`heard_at`, never the wall clock, so what is a copy does not depend on when or in which batches it came.

Keys are kept in buckets of 30 s of `heard_at`: a copy lies in its own bucket or in one beside it.  A bucket is
forgotten when the partition's time has passed it by more than the window.  Late feeds count in that time: a satellite
that delivers hours later what a coast station had heard delivers a copy.  Beyond `MOST_KEPT` keys the oldest bucket
goes first, so a partition that hears much forgets earlier and takes such a copy for another report of the same
moment, which changes nothing that is said of the hull.
"""

from dataclasses import dataclass, field
from itertools import islice

from alerts.core.instants import SECOND, Instant

WINDOW = 30 * SECOND
MOST_KEPT = 200_000
"""Keys: a minute of 3,000 different messages a second, or two hours of a satellite feed; some 30 MB."""


@dataclass(frozen=True, slots=True)
class Window:
    """Bucket number (`heard_at` in whole windows) -> payload -> when it was first heard."""

    buckets: dict[int, dict[bytes, Instant]] = field(default_factory=dict)


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
        number = heard_at // WINDOW
        bucket = self._buckets.get(number)
        if bucket is not None and payload in bucket:
            return True
        if self._near(number - 1, payload, heard_at) or self._near(number + 1, payload, heard_at):
            return True
        if number not in self._own:
            bucket = self._buckets[number] = dict(bucket or ())
            self._own.add(number)
        self._buckets[number][payload] = heard_at
        self._kept += 1
        return False

    def _near(self, number: int, payload: bytes, heard_at: Instant) -> bool:
        bucket = self._buckets.get(number)
        if bucket is None:
            return False
        at = bucket.get(payload)
        return at is not None and abs(at - heard_at) <= WINDOW

    def forget_before(self, reached: Instant) -> None:
        """Forgets what nothing that is still to come can be a copy of."""
        first = reached // WINDOW - 1
        for number in [number for number in self._buckets if number < first]:
            self._forget(number)

    def keep_bounded(self) -> None:
        """The oldest bucket goes first; of the only one the half that came first."""
        while self._kept > self._most_kept:
            bucket = self._forget(min(self._buckets))
            if not self._buckets:
                self._halve(bucket)

    def _forget(self, number: int) -> dict[bytes, Instant]:
        bucket = self._buckets.pop(number)
        self._own.discard(number)
        self._kept -= len(bucket)
        return bucket

    def _halve(self, bucket: dict[bytes, Instant]) -> None:
        later = dict(islice(bucket.items(), (len(bucket) + 1) // 2, None))
        number = next(iter(bucket.values())) // WINDOW
        self._buckets[number] = later
        self._own.add(number)
        self._kept = len(later)

    def closed(self) -> Window:
        """The value after the step."""
        return Window(self._buckets)
