"""How fast a recording is played: when on the wall a moment of it is due."""

from collections.abc import Callable

from alerts.core.instants import SECOND, Instant

PlayAt = Callable[[Instant], float]
"""Seconds on the wall at which a moment is due, from any beginning."""


def at_speed(times: float) -> PlayAt:
    """So many times faster than life."""
    return lambda at: at / SECOND / times


class Pace:
    """Starts with the first moment that it is asked about."""

    def __init__(self, play_at: PlayAt) -> None:
        self._play_at = play_at
        self._begun_s: float | None = None

    def wait_s(self, at: Instant | None, now_s: float) -> float:
        """Seconds until a moment is due; negative when it was, 0 before there is any.  `now_s` is monotonic."""
        if at is None:
            return 0.0
        due_s = self._play_at(at)
        if self._begun_s is None:
            self._begun_s = now_s - due_s
        return due_s + self._begun_s - now_s
