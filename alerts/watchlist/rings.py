"""Whether a ring is fit to be the border of a zone."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from alerts.core.geo import Fix, wrapped

MAX_POINTS = 5_000
"""Every leg is held against every other: 0.3 s at this length."""
MOST_LAT_DEG = 85.0
"""Nearer to a pole straight on the chart is nowhere near straight on the earth (docs/adr/0016)."""
MAX_LEG_DEG = 90.0
"""A longer leg of longitude could as well be meant the other way round the earth."""
_Floats = NDArray[np.float64]


def flaw_of(ring: tuple[Fix, ...]) -> str | None:
    """What was expected of the ring of (lat, lon), or None where nothing is wrong."""
    if len(ring) > MAX_POINTS:
        return f"at most {MAX_POINTS} points, got {len(ring)}"
    if ring[0] != ring[-1]:
        return "a closed ring, its last point the same as its first"
    if len(ring) < 4:
        return "a ring of three points or more and the first again"
    if any(abs(wrapped(b[1] - a[1])) > MAX_LEG_DEG for a, b in itertools.pairwise(ring)):
        return f"no leg over more than {MAX_LEG_DEG:g} degrees of longitude"
    if any(abs(lat) > MOST_LAT_DEG for lat, _ in ring):
        return f"no point beyond {MOST_LAT_DEG:g} degrees of latitude: there draw a circle, a Point with radius_nm"
    points = _unrolled(ring)
    if abs(points[-1][1] - points[0][1]) > 1:
        return "a ring that does not go round a pole: there draw a circle, a Point with radius_nm"
    return _crossing(points)


def diameter_nm(ring: tuple[Fix, ...]) -> float:
    """The diameter of a circle as large."""
    points = _unrolled(ring)
    lat, lon = points[:, 0] * 60, points[:, 1] * 60 * math.cos(math.radians(float(points[:, 0].mean())))
    area = abs(float((lon[:-1] * lat[1:] - lon[1:] * lat[:-1]).sum())) / 2
    return 2 * math.sqrt(area / math.pi)


def _unrolled(ring: tuple[Fix, ...]) -> _Floats:
    """Without the jump at the antimeridian."""
    points = np.array(ring, dtype=np.float64)
    steps = (np.diff(points[:, 1]) + 180) % 360 - 180
    points[1:, 1] = points[0, 1] + np.cumsum(steps)
    return points


def _crossing(points: _Floats) -> str | None:
    starts, ends = points[:-1], points[1:]
    for n in range(len(starts)):
        if _turns_back(points, n):
            return f"a ring that does not turn back on itself, as at point {(n + 1) % len(starts)}"
        first, last = n + 2, len(starts) - (n == 0)
        meets = _meet(points[n], points[n + 1], starts[first:last], ends[first:last])
        if meets.any():
            return f"a ring that does not cross itself, as its legs {n} and {first + int(meets.argmax())} do"
    return None


def _turns_back(points: _Floats, n: int) -> bool:
    before, here = points[n], points[n + 1]
    after = points[n + 2] if n + 2 < len(points) else points[1] + (points[-1] - points[0])
    back, on = before - here, after - here
    return bool(back[0] * on[1] == back[1] * on[0] and back @ on > 0)


def _meet(p: _Floats, q: _Floats, starts: _Floats, ends: _Floats) -> NDArray[np.bool_]:
    """Which of the legs have a point in common with the leg p-q."""
    near = np.logical_and(
        np.minimum(starts, ends) <= np.maximum(p, q), np.maximum(starts, ends) >= np.minimum(p, q)
    ).all(axis=1)
    theirs = _side(p, q, starts) * _side(p, q, ends)
    ours = _side(starts, ends, p) * _side(starts, ends, q)
    return np.asarray(near & (theirs <= 0) & (ours <= 0))


def _side(a: _Floats, b: _Floats, c: _Floats) -> _Floats:
    """On which side of a-b is c: -1, 0, 1."""
    ab, ac = b - a, c - a
    return np.sign(ab[..., 1] * ac[..., 0] - ab[..., 0] * ac[..., 1])
