"""Which flagged ports she can have called at between two fixes, and which she can reach after one, and when.

Distances are great circles to the border, which no way at sea undercuts: a port behind a cape counts as nearer than it
is, so none that she can have reached is left out, and no window begins too late.
"""

from collections.abc import Iterable
from typing import NamedTuple

from alerts.core.geo import Fix, distance_nm
from alerts.core.heard import Heard
from alerts.core.instants import DAY, HOUR, Instant, interval_end
from alerts.core.zones import Zone, ZoneIndex, holds

LEAST_KN, MARGIN = 12.0, 1.25
"""She is taken to sail no faster than at either fix, than this at least, and a quarter more."""
SLOWEST = 0.25
"""And no slower, all told, than at a quarter of that speed: ships wait, drift and hide."""
NEAREST = 12
FURTHEST_MS = 14 * DAY
"""A port that cannot be reached in so long has no window."""
CALL_MS = 3 * HOUR
"""A call takes so long at least."""


class Window(NamedTuple):
    """A flagged port, how far she had to sail, and the times between which she was or will be there."""

    zone: str
    distance_nm: float
    earliest: Instant
    latest: Instant


class Flash(NamedTuple):
    """The first fix after a day or more without one, and the windows of the ports that she can reach from there."""

    first: Heard
    windows: tuple[Window, ...]

    @property
    def expires(self) -> Instant:
        """The end of the interval by which all windows are over."""
        return interval_end(max(window.latest for window in self.windows))


def fastest_kn(*fixes: Heard) -> float:
    """How fast she can have sailed."""
    return MARGIN * max(LEAST_KN, *(fix.speed_kn or 0.0 for fix in fixes))


def arrivals(first: Heard, zones: ZoneIndex) -> tuple[Window, ...]:
    """The windows of the nearest ports, the nearest first."""
    here, fast_kn = _place(first), fastest_kn(first)
    slow_kn = fast_kn / MARGIN * SLOWEST
    windows = (
        Window(zone, round(nm, 1), first.at + round(nm / fast_kn * HOUR), first.at + round(nm / slow_kn * HOUR))
        for nm, zone in sorted((_to_port_nm(zones, zone, here), zone.id) for zone in zones.ports)[:NEAREST]
    )
    return tuple(window for window in windows if window.earliest - first.at <= FURTHEST_MS)


def calls(before: Heard, after: Heard, zones: ZoneIndex) -> tuple[Window, ...]:
    """The ports at which she can have called between two fixes, those on the shortest way first."""
    start, end, fast_kn = _place(before), _place(after), fastest_kn(before, after)
    ways = sorted(_ways(zones, start, end))[:NEAREST]
    windows = (
        Window(
            zone, round(to_nm + from_nm, 1), before.at + round(to_nm / fast_kn * HOUR),
            after.at - round(from_nm / fast_kn * HOUR),
        )
        for _, to_nm, from_nm, zone in ways
    )  # fmt: skip
    return tuple(window for window in windows if window.latest - window.earliest >= CALL_MS)


def _ways(zones: ZoneIndex, start: Fix, end: Fix) -> Iterable[tuple[float, float, float, str]]:
    """By way of each port in which neither fix lies: all told, to it, from it."""
    for zone in zones.ports:
        if not holds(zone, start) and not holds(zone, end):
            to_nm, from_nm = _to_port_nm(zones, zone, start), _to_port_nm(zones, zone, end)
            yield to_nm + from_nm, to_nm, from_nm, zone.id


def _to_port_nm(zones: ZoneIndex, port: Zone, fix: Fix) -> float:
    centre, radius_nm = zones.circles[port.id]
    return max(0.0, distance_nm(centre, fix) - radius_nm)


def _place(heard: Heard) -> Fix:
    assert heard.lat is not None
    assert heard.lon is not None
    return heard.lat, heard.lon
