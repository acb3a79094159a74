"""One message heard by many: copies across the stations of a feed are told by their payload.

Asked of the messages of watched hulls, which are reported once for each feed; reception counts every copy.

A copy has the same payload (MMSI included, whatever channel or talker) and was heard within 30 s of the first.  Time is
`heard_at`, never the wall clock, so what is a copy does not depend on when or in which batches it came.

Keys are kept in buckets of 30 s of `heard_at`: a copy lies in its own bucket or in one beside it.  A bucket is
forgotten when the partition's time has passed it by more than the window.  Beyond `MOST_KEPT` keys the oldest bucket
goes first, so a partition that hears much forgets earlier and takes a late copy for another report of the same moment,
which changes nothing that is said of the hull.
"""

from dataclasses import dataclass, field

from alerts.core.instants import SECOND, Instant

WINDOW = 30 * SECOND
MOST_KEPT = 200_000
"""Keys: a minute of 3,000 different messages a second, or two hours of a satellite feed; some 30 MB, with every ship
watched.
"""

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
        before, bucket, behind = self._around(heard_at // WINDOW)
        if (
            payload in bucket
            or (payload in before and heard_at - before[payload] <= WINDOW)
            or (payload in behind and behind[payload] - heard_at <= WINDOW)
        ):
            return True
        bucket[payload] = heard_at
        self._kept += 1
        return False

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
