"""Which hull is to be asked at which interval: a heap in which only the newest entry of a hull counts."""

import heapq

from alerts.core.instants import Instant


class Wakes:
    """Wake times by hull."""

    def __init__(self) -> None:
        self._at: dict[str, Instant] = {}
        self._heap: list[tuple[Instant, str]] = []

    def set(self, key: str, at: Instant | None) -> None:
        """Wakes this hull at `at` and no longer at any other time; None: not at all."""
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heapq.heappush(self._heap, (at, key))

    def at(self, key: str) -> Instant | None:
        """When this hull is to be woken."""
        return self._at.get(key)

    def due(self, clock: Instant) -> list[str]:
        """Hulls to be asked at this clock, sorted; they stay due until they are set anew."""
        popped = []
        while self._heap and self._heap[0][0] <= clock:
            popped.append(heapq.heappop(self._heap))
        live = sorted({entry for entry in popped if self._at.get(entry[1]) == entry[0]})
        for entry in live:
            heapq.heappush(self._heap, entry)
        return sorted(key for _, key in live)
