"""Geometry on the sphere, against published distances, against shapely, and across the antimeridian."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.core.geo import (
    EARTH_NM,
    Fix,
    bearing_deg,
    beside,
    crossed_at,
    destination,
    distance_nm,
    distance_to_line_nm,
    inside_ring,
    legs_cross,
    side_of_leg,
    wrapped,
)
from tests.alerts.core.polygons import fixes_near, plane, rings

RAJIN, VLADIVOSTOK, BUSAN, TSUSHIMA = (42.2333, 130.3), (43.109, 131.888), (35.07, 129.08), (34.70, 129.46)

lats = st.floats(-80, 80)
lons = st.floats(-180, 179.999)
anywhere = st.tuples(lats, lons)


def test_a_degree_of_latitude_is_sixty_miles() -> None:
    assert distance_nm((10, 20), (11, 20)) == pytest.approx(60.04, abs=0.01)


def test_a_quarter_of_the_equator_is_a_quarter_of_a_turn() -> None:
    assert distance_nm((0, 0), (0, 90)) == pytest.approx(EARTH_NM * math.pi / 2)
    assert distance_nm((0, 0), (0, 180)) == pytest.approx(EARTH_NM * math.pi)


@pytest.mark.parametrize(("a", "b", "nm"), [(RAJIN, VLADIVOSTOK, 87.5), (BUSAN, TSUSHIMA, 28.9)])
def test_distances_between_places(a: Fix, b: Fix, nm: float) -> None:
    assert distance_nm(a, b) == pytest.approx(nm, rel=0.01)


@given(anywhere, anywhere)
def test_a_distance_is_the_same_both_ways_and_a_turn_round_the_world_adds_nothing(a: Fix, b: Fix) -> None:
    assert distance_nm(a, b) == pytest.approx(distance_nm(b, a), abs=1e-6)
    assert distance_nm(a, b) == pytest.approx(distance_nm((a[0], a[1] + 360), b), abs=1e-6)


@given(anywhere, st.floats(0, 359.9), st.floats(0.01, 3000))
def test_a_ship_is_as_far_and_in_the_direction_as_she_sailed(start: Fix, course: float, nm: float) -> None:
    end = destination(start, course, nm)
    assert distance_nm(start, end) == pytest.approx(nm, rel=1e-4, abs=1e-4)
    assert abs(wrapped(bearing_deg(start, end) - course)) < 0.1
    assert -180 <= end[1] < 180


@pytest.mark.parametrize(("b", "course"), [((1, 0), 0), ((0, 1), 90), ((-1, 0), 180), ((0, -1), 270)])
def test_bearings_start_at_north_and_turn_with_the_sun(b: Fix, course: float) -> None:
    assert bearing_deg((0, 0), b) == pytest.approx(course)


@pytest.mark.parametrize(("lon", "same"), [(180, -180), (-180, -180), (181, -179), (-181, 179), (540, -180), (0, 0)])
def test_longitudes_are_brought_home(lon: float, same: float) -> None:
    assert wrapped(lon) == same


@given(st.floats(-720, 720), lons)
def test_a_longitude_beside_another_is_the_same_place_within_half_a_turn(lon: float, reference: float) -> None:
    near = beside(lon, reference)
    assert abs(near - reference) <= 180 + 1e-9
    assert math.isclose(math.remainder(near - lon, 360), 0, abs_tol=1e-9)


@given(rings(), st.data())
def test_a_ring_holds_what_shapely_says_it_holds_wherever_it_lies(ring: tuple[Fix, ...], data: st.DataObject) -> None:
    fix = data.draw(fixes_near(ring))
    shape, point = plane(ring, fix)
    assume(shape.boundary.distance(point) > 1e-9)
    assert inside_ring(fix, ring) == shape.contains(point)


@given(rings(), st.floats(-1, 1))
def test_a_ring_holds_nothing_on_the_other_side_of_the_earth(ring: tuple[Fix, ...], aside: float) -> None:
    lat, lon = ring[0]
    assert not inside_ring((lat, wrapped(lon + 180 + aside)), ring)


@pytest.mark.parametrize("first", range(6))
@pytest.mark.parametrize(
    ("lon", "inside"), [(-101, False), (-99, True), (0, True), (99, True), (101, False), (180, False)]
)
def test_a_ring_wider_than_half_the_earth_is_like_any_other(first: int, lon: float, inside: bool) -> None:
    corners = [(-1, -100), (-1, 0), (-1, 100), (1, 100), (1, 0), (1, -100)]
    ring = [*corners[first:], *corners[: first + 1]]
    assert inside_ring((0.5, lon), ring) == (abs(lon) < 100)


def nearest_nm(fix: Fix, ring: tuple[Fix, ...]) -> float:
    """By the great circle to ten thousand points of each leg."""
    shares = np.linspace(0, 1, 10_001)
    found = []
    for a, b in itertools.pairwise(ring):
        lats, lons = np.radians(a[0] + shares * (b[0] - a[0])), np.radians(a[1] + shares * wrapped(b[1] - a[1]))
        lat, lon = np.radians(fix)
        found.append(np.max(np.sin(lat) * np.sin(lats) + np.cos(lat) * np.cos(lats) * np.cos(lons - lon)))
    return EARTH_NM * math.acos(min(1.0, max(found)))


@given(rings(), st.data())
def test_the_distance_to_a_border_is_that_to_the_nearest_of_its_points(
    ring: tuple[Fix, ...], data: st.DataObject
) -> None:
    """Up to 85 degrees, as far as a margin can reach."""
    lat, lon = data.draw(st.sampled_from(ring))
    off_nm, course = data.draw(st.floats(0, 100)), data.draw(st.floats(0, 359.9))
    fix = destination((lat, lon), course, off_nm)
    assert distance_to_line_nm(fix, ring) == pytest.approx(nearest_nm(fix, ring), rel=0.006, abs=0.05)


@pytest.mark.parametrize("fix", [(89.5, -150.0), (86.0, -150.0), (86.0, 30.0), (90.0, 0.0)])
def test_from_the_pole_and_from_beyond_it_a_border_is_as_far_as_it_is(fix: Fix) -> None:
    box = ((84.0, 0.0), (84.0, 60.0), (85.0, 60.0), (85.0, 0.0), (84.0, 0.0))
    assert distance_to_line_nm(fix, box) == pytest.approx(nearest_nm(fix, box), rel=0.006)


def test_a_leg_on_the_other_side_of_the_earth_is_far() -> None:
    assert distance_to_line_nm((0.0, 0.0), ((0.0, 170.0), (0.0, -170.0))) > 10_000


@given(anywhere, st.floats(0, 359), st.floats(0.1, 20))
def test_the_distance_to_a_far_short_leg_is_that_to_its_nearest_end(fix: Fix, course: float, nm: float) -> None:
    near = destination(fix, course, nm)
    far = destination(fix, course, nm + 1)
    assert distance_to_line_nm(fix, (near, far)) == pytest.approx(nm, rel=0.005)
    assert distance_to_line_nm(fix, (near, near)) == pytest.approx(nm, rel=0.005)


def test_the_distance_to_a_line_is_that_to_its_nearest_leg_also_across_the_antimeridian() -> None:
    line = ((0.0, 179.5), (0.0, -179.5), (5.0, -179.5))
    assert distance_to_line_nm((0.1, 179.99), line) == pytest.approx(6, rel=0.001)
    assert distance_to_line_nm((3.0, -179.4), line) == pytest.approx(6, rel=0.005)


corners = st.tuples(st.integers(-3, 3), st.integers(-3, 3))


@given(corners, corners, corners, corners, st.sampled_from([0, 179, -179, 360]))
def test_legs_cross_where_shapely_says_so_wherever_they_lie(a: Fix, b: Fix, c: Fix, d: Fix, turn: int) -> None:
    assume(a != b)
    assume(c != d)
    there = [(lat, wrapped(lon + turn)) for lat, lon in (a, b, c, d)]
    one, other = shapely.LineString([a, b]), shapely.LineString([c, d])
    if not (one.intersects(other) or on_one_line(a, b, c, d)):
        assert not legs_cross(*there)
    if one.intersects(other):
        assert legs_cross(*there)


def on_one_line(a: Fix, b: Fix, c: Fix, d: Fix) -> bool:
    hull = shapely.MultiPoint([a, b, c, d]).convex_hull
    return hull.area == 0


def test_a_ship_that_did_not_move_crossed_nothing() -> None:
    assert not legs_cross((0, 0), (0, 0), (-1, 0), (1, 0))
    assert legs_cross((0, 0), (0, 1), (-1, 0), (1, 0)), "but one that sails off a line does"


@given(corners, corners, corners, corners, st.sampled_from([0, 179, -179]))
def test_a_leg_is_crossed_at_the_share_that_shapely_says(a: Fix, b: Fix, c: Fix, d: Fix, turn: int) -> None:
    assume(a != b)
    assume(c != d)
    assume(not on_one_line(a, b, c, d))
    there = [(lat, wrapped(lon + turn)) for lat, lon in (a, b, c, d)]
    one, other = shapely.LineString([a, b]), shapely.LineString([c, d])
    share = crossed_at(*there)
    if not one.intersects(other):
        assert share is None
    elif share is not None:
        met = one.intersection(other)
        assert share * one.length == pytest.approx(shapely.Point(a).distance(met), abs=1e-9)


@pytest.mark.parametrize(("fix", "side"), [((1, 179.9), 1), ((-1, -179.9), -1), ((0, -179.5), 0)])
def test_a_leg_over_the_antimeridian_has_two_sides(fix: Fix, side: int) -> None:
    assert side_of_leg((0, 179), (0, -179), fix) == side
    assert side_of_leg((0, 179), (0, -179), fix) == -side_of_leg((0, -179), (0, 179), fix)
