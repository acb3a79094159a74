"""Which zones hold a position, who is out beyond the margin, which gate was crossed. Random zones against shapely."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.core import nearest, zones
from alerts.core.engine import Engine, Record
from alerts.core.frozen import replace
from alerts.core.geo import Fix, beside, destination, distance_nm, wrapped
from alerts.core.intervals import IntervalClosed, Watched
from alerts.core.passage import crossing
from alerts.core.reports import Report
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Gate, Polygon, Zone, ZoneIndex, beyond_margin, gate_crossed, holds, to_border_nm
from alerts.rules import RULES
from tests.alerts.core.polygons import fixes_near, plane, rings
from tests.benchmarks.measures import reports
from tests.benchmarks.zones import VERSIONS, far_apart, flagged
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


# ten thousand of them


@st.composite
def places(draw: st.DrawFn) -> Fix:
    """Anywhere, and often at a pole, on the antimeridian, or where another may be too."""
    lat = draw(st.sampled_from([90.0, -90.0, 89.99, 84.0, 0.0]) | st.floats(-90, 90))
    return lat, draw(st.sampled_from([180.0, -180.0, 179.99, -179.99, 0.0]) | st.floats(-180, 179.9))


ports = st.lists(st.tuples(places(), st.sampled_from([0.01, 1.0, 300.0]) | st.floats(0.01, 1000)), max_size=40)


@given(ports, st.lists(places(), min_size=1, max_size=2))
def test_ports_come_the_nearest_first_as_if_all_were_looked_at(drawn: list[tuple[Fix, float]], at: list[Fix]) -> None:
    index = ZoneIndex.of(replace(haven, id=f"p{n:02}", shape=Circle(*fix, nm)) for n, (fix, nm) in enumerate(drawn))
    all_of_them = sorted((sum(index.straight_nm(port.id, fix) for fix in at), port.id) for port in index.ports)
    assert [(nm, port.id) for nm, port in index.ports_from(*at)] == all_of_them


@given(ports, places())
def test_the_nearest_port_is_that_whose_border_is(drawn: list[tuple[Fix, float]], fix: Fix) -> None:
    index = ZoneIndex.of(replace(haven, id=f"p{n:02}", shape=Circle(*there, nm)) for n, (there, nm) in enumerate(drawn))
    found = index.nearest_port(fix)
    assert (found and found[1]) == min((to_border_nm(port, fix) for port in index.ports), default=None)


@st.composite
def straits(draw: st.DrawFn) -> Zone:
    """Two legs of a ring with a gate on each; of some the gates lie off it."""
    ring = draw(rings())
    off_deg = draw(st.sampled_from([0.0, 3.0]))
    lines = [tuple((lat + off_deg, lon) for lat, lon in ring[n : n + 2]) for n in (0, len(ring) // 2)]
    gates = (Gate("one", lines[0], "one"), Gate("other", lines[1], "other"))
    return replace(narrows, shape=Polygon(ring), gates=gates)


@given(st.lists(straits(), min_size=1, max_size=4), st.data())
def test_the_straits_about_a_leg_are_found_as_if_all_were_looked_at(drawn: list[Zone], data: st.DataObject) -> None:
    """Those whose box its box touches; and none that it crosses is left out."""
    numbered = [replace(zone, id=f"s{n}") for n, zone in enumerate(drawn)]
    assert isinstance(drawn[0].shape, Polygon)
    before = data.draw(fixes_near(drawn[0].shape.ring, 4))
    legs = st.sampled_from([0.0, 1e-9, -1e-7, 0.05]) | st.floats(-0.4, 0.4) | st.floats(-60, 60)
    now = max(-90.0, min(90.0, before[0] + data.draw(legs))), wrapped(before[1] + data.draw(legs))
    assume(abs(now[0] - before[0]) + abs(now[1] - before[1]) >= zones.LEAST_LEG_DEG)
    apart = [apart_deg(zone, before, now) for zone in numbered]
    assume(not any(1e-11 < deg < 1e-7 for deg in apart))
    found = ZoneIndex.of(numbered).straits_between(before, now)
    assert found == tuple(zone for zone, deg in zip(numbered, apart, strict=True) if deg < 1e-10)
    assert {zone.id for zone in numbered if crossing(zone, before, now)} <= {zone.id for zone in found}


def apart_deg(zone: Zone, before: Fix, now: Fix) -> float:
    """How far the boxes of a strait with its gates and of a leg are apart, on a plane unrolled about the strait."""
    assert isinstance(zone.shape, Polygon)
    start = zone.shape.ring[0][1]
    fixes = (*zone.shape.ring, *(fix for gate in zone.gates for fix in gate.line))
    box = shapely.box(*shapely.MultiPoint([(beside(lon, start), lat) for lat, lon in fixes]).bounds)
    (west, east), (south, north) = sorted((before[1], beside(now[1], before[1]))), sorted((before[0], now[0]))
    return min(box.distance(shapely.box(west + turn, south, east + turn, north)) for turn in (0, 360, -360))


def test_who_came_over_the_pole_crossed_no_strait_on_this_side() -> None:
    """On the chart she sailed along the 84th parallel for 120 degrees; on the earth, past the pole."""
    lines = [((83.5, lon), (84.5, lon)) for lon in (50.0, 70.0)]
    ring = Polygon((lines[0][0], lines[1][0], lines[1][1], lines[0][1], lines[0][0]))
    arctic = replace(narrows, shape=ring, gates=(Gate("w", lines[0], "w"), Gate("e", lines[1], "e")))
    assert crossing(arctic, (84.0, 45.0), (84.0, 75.0))
    assert crossing(arctic, (84.0, 5.0), (84.0, 115.0)) is None


@cache
def among(count: int) -> ZoneIndex:
    """So many zones, of which the first ten lie where the benchmark's ships sail."""
    return ZoneIndex.of(flagged(count))


@contextmanager
def lines_run() -> Iterator[Counter[str]]:
    """How many lines of each file of `alerts` are run: what work is done, without a clock."""
    lines = Counter[str]()

    def look(frame: FrameType, event: str, arg: object) -> Any:
        if PACKAGE not in frame.f_code.co_filename:
            return None
        lines[frame.f_code.co_filename.rpartition("/")[2]] += event == "line"
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield lines
    finally:
        sys.settrace(before)


PACKAGE = str(Path(zones.__file__).parents[1])


def hull_of(record: Record) -> str:
    return record.id if isinstance(record, Watched) else record.hull if isinstance(record, Report) else ""


def sailed_among(count: int) -> tuple[Counter[str], Counter[str]]:
    """What work it is to follow ships, by legs of a hundredth of a mile and of two, and what is told of them."""
    work, told = Counter[str](), Counter[str]()
    some = [record for record in reports(8_000) if hull_of(record)[-1:] in "0"]
    for records in (some, list(far_apart(some))):
        engine = Engine({VERSIONS.zones: among(count), VERSIONS.rules: Thresholds()}, RULES)
        with lines_run() as lines:
            for offset, record in enumerate(records):
                record = replace(record, versions=VERSIONS) if isinstance(record, IntervalClosed) else record
                step = engine.apply(offset, record)
                engine.commit(step)
                told.update(alert.rule for alert in step.alerts)
        work += lines
    return work, told


def test_ten_thousand_zones_are_looked_at_no_more_than_ten() -> None:
    """What lies in the ships' water is the same; what else there is lies at its edges and in the world."""
    (few, told), (many, told_of_many) = sailed_among(10), sailed_among(10_000)
    assert told == told_of_many
    assert min(told[rule] for rule in ("area", "strait", "port_call")) > 0
    assert many.total() <= 1.1 * few.total()


def looks_at_ports(monkeypatch: pytest.MonkeyPatch, *fixes: Fix) -> int:
    """How many circles it takes to find the nearest twelve."""
    index, looks, measured = among(10_000), list[Fix](), nearest.distance_nm

    def counting(a: Fix, b: Fix) -> float:
        looks.append(b)
        return measured(a, b)

    with monkeypatch.context() as patch:
        patch.setattr(nearest, "distance_nm", counting)
        assert len(list(islice(index.ports_from(*fixes), 12))) == 12
    return len(looks)


@pytest.mark.parametrize("fix", [(32.0, 130.0), (0.0, -150.0), (-85.0, 0.0), (90.0, 0.0), (52.0, 180.0)])
def test_of_thousands_of_ports_few_are_looked_at_for_the_nearest_twelve(
    fix: Fix, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert looks_at_ports(monkeypatch, fix) < 300
    assert looks_at_ports(monkeypatch, fix, destination(fix, 45, 200)) < 700
