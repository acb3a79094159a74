"""Circles on the earth, the nearest first: a tree of circles that hold circles.

No circle is nearer than the one around it, so whoever asks for the nearest few opens few: of three thousand one or two
hundred.  Antimeridian and poles are places like any other.
"""

import math
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush

from alerts.core.frozen import Struct
from alerts.core.geo import Fix, distance_nm

_SLACK_NM = 0.001
"""So much is lost in rounding where two fixes lie on opposite sides of the earth."""


class Circles(Struct, frozen=True):
    """One circle with its id; or, with `parts`, one that holds them and has the first of their ids."""

    centre: Fix
    radius_nm: float
    id: str
    parts: tuple["Circles", ...] = ()

    def outside_nm(self, fix: Fix) -> float:
        """How far it is to the border by the great circle; inside: 0."""
        return max(0.0, distance_nm(self.centre, fix) - self.radius_nm)


def tree_of(circles: Sequence[Circles], axis: int = 0) -> Circles | None:
    """The tree of these circles, halved along one axis of the earth after the other; None of none."""
    if len(circles) < 2:
        return circles[0] if circles else None
    along = sorted(circles, key=lambda circle: (_on_axes(circle.centre)[axis], circle.id))
    middle = len(along) // 2
    halves = (tree_of(half, (axis + 1) % 3) for half in (along[:middle], along[middle:]))
    parts = tuple(half for half in halves if half is not None)
    centre = along[middle].centre
    radius_nm = max(distance_nm(centre, circle.centre) + circle.radius_nm for circle in circles)
    return Circles(centre, radius_nm + _SLACK_NM, min(part.id for part in parts), parts)


def nearest_first(tree: Circles | None, *fixes: Fix) -> Iterator[tuple[float, str]]:
    """How far each circle is from these fixes, all told, and its id: in this order."""
    waiting: list[tuple[float, bool, str, Circles]] = []
    opened: tuple[Circles, ...] = (tree,) if tree else ()
    while opened or waiting:
        for circle in opened:
            nm = sum(circle.outside_nm(fix) for fix in fixes)
            heappush(waiting, (nm, not circle.parts, circle.id, circle))
        nm, is_one, name, circle = heappop(waiting)
        opened = circle.parts
        if is_one:
            yield nm, name


def within(tree: Circles | None, fix: Fix, nm: float) -> Iterator[str]:
    """The ids of the circles that are no further from the fix, in no order."""
    waiting = [tree] if tree else []
    while waiting:
        circle = waiting.pop()
        if circle.outside_nm(fix) <= nm + _SLACK_NM:
            waiting += circle.parts
            if not circle.parts:
                yield circle.id


def _on_axes(fix: Fix) -> tuple[float, float, float]:
    """On the three axes of the earth, as parts of its radius."""
    lat, lon = math.radians(fix[0]), math.radians(fix[1])
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)
