"""Which zones hold a position, who is out beyond the margin, which gate was crossed. Random zones against shapely."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.core.geo import Fix, destination, distance_nm
from alerts.core.zones import Circle, Gate, Polygon, Zone, ZoneIndex, beyond_margin, gate_crossed, holds
from tests.alerts.core.polygons import fixes_near, plane, rings
from tests.fleet import HAVEN, HAVEN_MARGIN_NM, HAVEN_NM, haven, narrows, shoal

courses = st.floats(0, 359.9)


@given(courses, st.sampled_from([-1, 1]))
def test_a_circle_is_entered_at_its_radius_and_left_beyond_its_margin_in_every_direction(course: float, a: int) -> None:
    assert holds(haven, destination(HAVEN, course, HAVEN_NM + a * 0.001)) == (a < 0)
    assert beyond_margin(haven, destination(HAVEN, course, HAVEN_NM + HAVEN_MARGIN_NM + a * 0.001)) == (a > 0)


def test_in_the_band_one_is_neither_in_nor_out() -> None:
    for zone, fix in ((haven, destination(HAVEN, 90, HAVEN_NM + HAVEN_MARGIN_NM / 2)), (narrows, (0.5, 121.02))):
        assert not holds(zone, fix)
        assert not beyond_margin(zone, fix)


@pytest.mark.parametrize(("nm", "out"), [(2.99, False), (3.01, True)])
@pytest.mark.parametrize(("border", "course"), [((0.5, 121.0), 90), ((0.5, 120.0), 270), ((0.0, 120.5), 180)])
def test_a_polygon_is_left_beyond_its_margin(border: Fix, course: float, nm: float, out: bool) -> None:
    assert beyond_margin(narrows, destination(border, course, nm)) == out


def test_deep_inside_a_polygon_nobody_is_out() -> None:
    assert not beyond_margin(narrows, (0.5, 120.5))


def test_at_a_corner_the_margin_is_round() -> None:
    corner = (1.0, 121.0)
    assert not beyond_margin(narrows, destination(corner, 45, 2.95))
    assert beyond_margin(narrows, destination(corner, 45, 3.05))


def polygon(ring: tuple[Fix, ...], margin_nm: float = 1.0) -> Zone:
    return replace(shoal, id="ring", shape=Polygon(ring), margin_nm=margin_nm)


circles = st.builds(
    Circle,
    st.floats(-89.9, 89.9),
    st.sampled_from([180.0, -179.99, 179.99]) | st.floats(-180, 179.9),
    st.floats(0.1, 300),
)


@given(rings(), st.data())
def test_the_index_finds_a_polygon_exactly_where_it_is(ring: tuple[Fix, ...], data: st.DataObject) -> None:
    fix = data.draw(fixes_near(ring))
    shape, point = plane(ring, fix)
    assume(shape.boundary.distance(point) > 1e-9)
    assert bool(ZoneIndex.of((polygon(ring),)).at(*fix)) == shape.contains(point)


@given(circles, courses, st.floats(0, 1.2), st.sampled_from([0, 360, -360]))
def test_the_index_finds_a_circle_exactly_where_it_is(circle: Circle, course: float, share: float, turn: int) -> None:
    lat, lon = destination((circle.lat, circle.lon), course, circle.radius_nm * share)
    distance = distance_nm((circle.lat, circle.lon), (lat, lon))
    assume(abs(distance - circle.radius_nm) > 1e-6)
    found = ZoneIndex.of((replace(shoal, shape=circle),)).at(lat, lon + turn)
    assert bool(found) == (distance < circle.radius_nm)


@given(st.lists(rings(), min_size=1, max_size=3), st.data())
def test_out_is_never_in(shapes: list[tuple[Fix, ...]], data: st.DataObject) -> None:
    for ring in shapes:
        fix = data.draw(fixes_near(ring))
        zone = polygon(ring, data.draw(st.floats(0, 20)))
        assert not (holds(zone, fix) and beyond_margin(zone, fix))


def test_the_zones_at_a_position_come_by_id() -> None:
    zones = [replace(shoal, id=name) for name in ("c", "a", "b")]
    assert [zone.id for zone in ZoneIndex.of(zones).at(0.0, 110.0)] == ["a", "b", "c"]
    assert ZoneIndex.of(zones).at(0.0, 111.0) == ()
    assert ZoneIndex.of(()).at(0.0, 110.0) == ()


@pytest.mark.parametrize(("lat", "lon"), [(90.0, 0.0), (89.0, 180.0), (89.0, -180.0), (-90.0, 7.0)])
def test_a_circle_round_a_pole_is_found_from_everywhere(lat: float, lon: float) -> None:
    pole = replace(shoal, shape=Circle(90.0 if lat > 0 else -90.0, 0.0, 120.0))
    assert ZoneIndex.of((pole,)).at(lat, lon) == (pole,)


def test_a_zone_is_left_by_its_own_margin() -> None:
    index = ZoneIndex.of((haven, shoal))
    fix = destination(HAVEN, 90, HAVEN_NM + HAVEN_MARGIN_NM + 0.01)
    assert index.outside("haven", *fix)
    assert not index.outside("shoal", *destination((0.0, 110.0), 90, 11.9))


# gates


@pytest.mark.parametrize(
    ("before", "after", "gate"),
    [
        ((0.5, 119.9), (0.5, 120.1), "west gate"),
        ((0.5, 120.1), (0.5, 119.9), "west gate"),
        ((0.79, 119.9), (0.79, 120.1), "west gate"),
        ((0.81, 119.9), (0.81, 120.1), None),
        ((0.5, 121.1), (0.5, 120.9), "east gate"),
        ((0.5, 119.9), (0.5, 121.1), "west gate"),
        ((0.5, 120.1), (0.5, 120.9), None),
        ((-0.5, 119.5), (0.1, 120.1), None),
    ],
)
def test_a_gate_is_crossed_by_a_leg(before: Fix, after: Fix, gate: str | None) -> None:
    crossed = gate_crossed(narrows, before, after)
    assert (crossed.name if crossed else None) == gate


def test_every_leg_of_a_bent_gate_counts_also_across_the_antimeridian() -> None:
    bent = Gate("bent", ((0.0, 179.0), (0.0, 180.0), (1.0, -179.0)))
    strait = replace(narrows, gates=(bent,))
    assert gate_crossed(strait, (-0.1, 179.5), (0.1, 179.5)) == bent
    assert gate_crossed(strait, (0.4, -179.5), (0.6, -179.5)) == bent
    assert gate_crossed(strait, (0.6, -179.5), (0.8, -179.5)) is None


def test_a_zone_without_gates_is_entered_by_none() -> None:
    assert gate_crossed(shoal, (0.0, 109.0), (0.0, 111.0)) is None
