"""Which flagged ports she can have called at between two fixes, and which she can reach after one, and when.

first fix in the light --> armed --clock passes the last window--> overdue
                           ^   |
   '--lit up again: anew --'   |--comes to a flagged port, or is in sight for hours--> over

She is taken to sail no faster than at either fix, than LEAST_KN at least, and a quarter more; and no slower, all told,
than at a quarter of that speed, with a day of waiting (`arrival_wait_h`): ships drift, anchor and hide.  Distances are
those that no way at sea undercuts (alerts/core/seaway.py), so no port that she can have reached is left out, and no
window begins too late.
"""

from typing import NamedTuple

from alerts.core.geo import Fix
from alerts.core.heard import Heard
from alerts.core.instants import DAY, HOUR, Instant, interval_end, interval_start
from alerts.core.zones import ZoneIndex, holds

LEAST_KN, MARGIN = 12.0, 1.25
SLOWEST = 0.25
NEAREST = 12
FURTHEST_MS = 14 * DAY
"""A port that cannot be reached in so long has no window."""
IN_SIGHT_MS = 6 * HOUR
"""Who is heard so long after she lit up, or after the last window, and was not dark since, is in sight again."""


class Window(NamedTuple):
    """A flagged port, how far she had to sail at least, and the times between which she was or will be there."""

    zone: str
    distance_nm: float
    earliest: Instant
    latest: Instant


class Flash(NamedTuple):
    """Watches armed since she lit up `at`, and anew at `lit_at`; their windows are those of the fix `first`."""

    at: Instant
    lit_at: Instant
    first: Heard | None = None
    windows: tuple[Window, ...] = ()

    @property
    def expires(self) -> Instant | None:
        """When the last window is over; None before her first fix in the light is known."""
        if self.first is None or self.first.at < self.lit_at:
            return None
        return max(window.latest for window in self.windows)


def flash_after(
    flash: Flash | None, heard: Heard, lit: bool, on_track: bool, in_port: bool, zones: ZoneIndex, wait_h: float
) -> Flash | None:
    """The watches after one report; `on_track`: it is a fix of her track, `in_port`: she is inside a flagged port."""
    if on_track and in_port:
        return None
    if lit:
        flash = Flash(heard.at, heard.at) if flash is None else flash._replace(lit_at=heard.at)
    if flash is None or heard.at - flash.lit_at >= IN_SIGHT_MS or heard.at > (flash.expires or heard.at):
        return None
    if flash.expires is not None or not on_track:
        return flash
    windows = arrivals(heard, zones, wait_h)
    return Flash(flash.at, flash.lit_at, heard, windows) if windows else None


def fastest_kn(*fixes: Heard) -> float:
    """How fast she can have sailed."""
    return MARGIN * max(LEAST_KN, *(fix.speed_kn or 0.0 for fix in fixes))


def arrivals(first: Heard, zones: ZoneIndex, wait_h: float) -> tuple[Window, ...]:
    """The windows of the nearest ports, the nearest first."""
    fast_kn = fastest_kn(first)
    slow_kn = fast_kn / MARGIN * SLOWEST
    windows = (
        Window(
            way.zone,
            round(way.sailed_nm, 1),
            interval_start(first.at + round(way.sailed_nm / fast_kn * HOUR)),
            interval_end(first.at + round((way.sailed_nm / slow_kn + wait_h) * HOUR)),
        )
        for way in _nearest(zones, first.where)
    )
    return tuple(window for window in windows if window.earliest - first.at <= FURTHEST_MS)


def calls(before: Heard, after: Heard, zones: ZoneIndex, call_h: float) -> tuple[Window, ...]:
    """The ports at which she can have called between two fixes, the shortest way first; no port in which one lies."""
    start, end, fast_kn = before.where, after.where, fastest_kn(before, after)
    windows = (
        Window(
            way.zone,
            round(way.sailed_nm, 1),
            interval_start(before.at + round(way.legs_nm[0] / fast_kn * HOUR)),
            interval_end(after.at - round(way.legs_nm[1] / fast_kn * HOUR)),
        )
        for way in _nearest(zones, start, end, but_there=True)
    )
    return tuple(window for window in windows if window.latest - window.earliest >= call_h * HOUR)


class _Way(NamedTuple):
    sailed_nm: float
    zone: str
    legs_nm: tuple[float, ...]


def _nearest(zones: ZoneIndex, *fixes: Fix, but_there: bool = False) -> list[_Way]:
    """Of the shortest ways by a port, `but_there`: that holds none of the fixes.

    By the great circle first, so that few tables are looked at.
    """
    nearest = list[_Way]()
    for straight_nm, port in zones.ports_from(*fixes):
        if len(nearest) == NEAREST and straight_nm > nearest[-1].sailed_nm:
            break
        if but_there and any(holds(port, fix) for fix in fixes):
            continue
        legs_nm = tuple(zones.sailed_nm(port.id, fix) for fix in fixes)
        nearest = sorted([*nearest, _Way(sum(legs_nm), port.id, legs_nm)])[:NEAREST]
    return nearest
