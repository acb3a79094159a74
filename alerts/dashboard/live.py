"""Keeps the picture as events come in and tells the browsers: alerts at once, positions a few times a second."""

import asyncio
from collections.abc import AsyncIterator
from enum import Enum
from typing import Any

import msgspec

from alerts.core.alert import Alert
from alerts.core.instants import Instant
from alerts.core.intervals import Cover, IntervalClosed, Watched
from alerts.core.reports import Report
from alerts.dashboard import view
from alerts.dashboard.borders import geojson
from alerts.dashboard.picture import (
    TRACK_STEP_MS,
    Picture,
    Zones,
    with_alert,
    with_cover,
    with_interval,
    with_report,
    with_watched,
    with_zones,
)
from alerts.dashboard.sse import Broadcast

FLUSH_S = 0.25
BEAT_S = 10.0
"""Something is told at least this often: a page that hears nothing for three times as long says so."""


class Mark(Enum):
    """What a source says of itself."""

    CAUGHT_UP = "all that was there when we started is read"


Incoming = Alert | Report | Watched | IntervalClosed | Cover | Zones | Mark


class Live:
    """The one holder of the picture.  `sources` is how many iterators must say that they have caught up."""

    def __init__(self, broadcast: Broadcast, sources: int) -> None:
        """Empty, and not caught up."""
        self.picture = Picture()
        self.broadcast = broadcast
        self._behind = sources
        self._changed: dict[str, Instant] = {}
        self._told: tuple[Instant | None, bool] = (None, False)

    @property
    def caught_up(self) -> bool:
        """Every source has said so: what comes now is news."""
        return self._behind <= 0

    async def follow(self, source: AsyncIterator[Incoming]) -> None:
        """Take all that comes, until the source ends."""
        async for incoming in source:
            self.take(incoming)

    async def flush_forever(self) -> None:
        """Tell positions and time every quarter of a second, and every ten seconds that there is nothing to tell."""
        silent_s = 0.0
        while True:
            await asyncio.sleep(FLUSH_S)
            silent_s += FLUSH_S
            if self.flush(beat=silent_s >= BEAT_S):
                silent_s = 0.0

    def take(self, incoming: Incoming) -> None:
        """Fold one event in; tell what cannot wait."""
        match incoming:
            case Alert():
                self._alert(incoming)
            case Report():
                self.picture = with_report(self.picture, incoming)
                self._touch(incoming.hull, incoming.heard_at)
            case Watched():
                self.picture = with_watched(self.picture, incoming)
                self._touch(incoming.id, 0)
            case IntervalClosed():
                self.picture = with_interval(self.picture, incoming)
            case Cover():
                self.picture = with_cover(self.picture, incoming)
            case Zones():
                self.picture = with_zones(self.picture, incoming)
                self._tell("zones", geojson(incoming.zones))
            case Mark.CAUGHT_UP:
                self._behind -= 1

    def flush(self, beat: bool = False) -> bool:
        """Tell what moved since the last time, if anything did or a `beat` is due; says whether it told."""
        changed, self._changed = self._changed, {}
        now = (self.picture.data_time, self.caught_up)
        if not changed and now == self._told and not beat:
            return False
        self._told = now
        self._tell("positions", {"data_time": view.moment(now[0]), "caught_up": now[1]} | self._moved(changed))
        return True

    def state(self) -> dict[str, Any]:
        """What a page starts from."""
        return view.state(self.picture, self.broadcast.cursor, self.caught_up)

    def _alert(self, alert: Alert) -> None:
        before = self.picture
        self.picture = with_alert(before, alert)
        if self.picture is not before:
            self._tell("alert", {"alert": alert.published(), "news": self.caught_up})

    def _moved(self, changed: dict[str, Instant]) -> dict[str, Any]:
        hulls = self.picture.hulls
        return {
            "hulls": [view.hull(hulls[name], since) for name, since in changed.items() if name in hulls],
            "gone": [name for name in changed if name not in hulls],
        }

    def _touch(self, hull: str, at: Instant) -> None:
        # The fix may have taken its whole step's place in the track: the page needs the step from its start.
        start = at - at % TRACK_STEP_MS
        self._changed[hull] = min(start, self._changed.get(hull, start))

    def _tell(self, event: str, data: dict[str, Any]) -> None:
        self.broadcast.publish(event, msgspec.json.encode(data).decode())
