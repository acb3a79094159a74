"""Random polygons that do not cross themselves, up to 85 degrees, and the plane on which shapely sees them."""

from __future__ import annotations

import math

import shapely
from hypothesis import strategies as st

from alerts.core.geo import Fix, beside, wrapped
from alerts.watchlist.rings import MOST_LAT_DEG


@st.composite
def rings(draw: st.DrawFn, largest_deg: float = 3.0) -> tuple[Fix, ...]:
    """A star about a centre, often on the antimeridian: corners in order of angle, at random distances."""
    furthest = MOST_LAT_DEG - largest_deg
    lat = draw(st.sampled_from([furthest, -furthest]) | st.floats(-furthest, furthest))
    lon = draw(st.sampled_from([180.0, 179.5, -179.9, 0.0]) | st.floats(-180, 179.9))
    count = draw(st.integers(3, 9))
    reach = draw(st.lists(st.floats(0.1, largest_deg), min_size=count, max_size=count))
    angles = [2 * math.pi * n / count for n in range(count)]
    corners = [(lat + r * math.sin(a), wrapped(lon + r * math.cos(a))) for r, a in zip(reach, angles, strict=True)]
    return (*corners, corners[0])


@st.composite
def fixes_near(draw: st.DrawFn, ring: tuple[Fix, ...], within_deg: float = 3.0) -> Fix:
    """About as often inside as outside."""
    lat, lon = draw(st.sampled_from(ring))
    offsets = st.floats(-within_deg, within_deg)
    return lat + draw(offsets), wrapped(lon + draw(offsets))


def plane(ring: tuple[Fix, ...], fix: Fix, scale: float = 1.0) -> tuple[shapely.Polygon, shapely.Point]:
    """Ring and fix as x, y in degrees, unrolled about the ring's first corner, x times `scale`."""
    start = ring[0][1]
    flat = [(beside(lon, start) * scale, lat) for lat, lon in ring]
    return shapely.Polygon(flat), shapely.Point(beside(fix[1], start) * scale, fix[0])
