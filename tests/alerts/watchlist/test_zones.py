from math import cos, pi, sin
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LinearRing

from alerts.core.zones import Circle, Detour, Gate, Polygon, Zone
from alerts.watchlist import rings
from alerts.watchlist.flaws import WrongFileError
from alerts.watchlist.zones import parse

SQUARE = [[10.0, 50.0], [11.0, 50.0], [11.0, 51.0], [10.0, 51.0], [10.0, 50.0]]
SOURCE = {"source": "a chart", "uncertainty_nm": 0.5}
WEST = {"name": "west", "type": "LineString", "coordinates": [[10.0, 50.0], [10.0, 51.0]]}


def port(**more: Any) -> dict[str, Any]:
    properties = {"name": "Rajin", "kind": "port", "flag": "warning", "radius_nm": 5, **SOURCE, **more}
    return feature({"type": "Point", "coordinates": [130.3, 42.2333]}, properties)


def polygon(ring: Any = SQUARE, **more: Any) -> dict[str, Any]:
    properties = {"name": "Box", "kind": "area", "flag": "info", **SOURCE, **more}
    return feature({"type": "Polygon", "coordinates": [ring]}, properties)


def strait(*gates: Any) -> dict[str, Any]:
    return polygon(name="Strait", kind="strait", gates=list(gates))


def feature(geometry: Any, properties: Any) -> dict[str, Any]:
    left = {key: value for key, value in properties.items() if value is not None}
    return {"type": "Feature", "geometry": geometry, "properties": left}


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def flaws(*features: Any) -> list[str]:
    with pytest.raises(WrongFileError) as refused:
        parse(collection(*features))
    return [str(flaw) for flaw in refused.value.flaws]


def test_a_point_with_a_radius_is_a_circle() -> None:
    circle = Circle(42.2333, 130.3, 5.0)
    assert parse(collection(port())) == (Zone("rajin", "Rajin", "port", circle, 1.0, (), "warning", "a chart", 0.5),)


def test_a_polygon_has_a_margin_of_a_tenth_of_its_size() -> None:
    (zone,) = parse(collection(polygon()))
    assert zone.shape == Polygon(tuple((lat, lon) for lon, lat in SQUARE))
    assert zone.margin_nm == pytest.approx(0.1 * 2 * (60 * 38.0 / 3.14159) ** 0.5, rel=0.01)


def test_a_strait_has_gates() -> None:
    (zone,) = parse(collection(strait(WEST)))
    assert zone.gates == (Gate("west", ((50.0, 10.0), (51.0, 10.0)), "west"),), "a gate alone is an end of its own"


def test_what_is_given_overrules_what_would_be_made() -> None:
    (zone,) = parse(collection(port(id="KP.RJN", margin_nm=0, note="anything")))
    assert (zone.id, zone.margin_nm) == ("KP.RJN", 0.0)


@pytest.mark.parametrize(("name", "made"), [("Korea Strait", "korea-strait"), ("  St. John's (N) ", "st-john-s-n")])
def test_an_id_is_made_of_the_name(name: str, made: str) -> None:
    assert parse(collection(port(name=name)))[0].id == made


def test_what_drawing_programs_add_is_let_be() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    drawn = polygon([[*point, 0.0] for point in SQUARE]) | {"id": 7, "bbox": [10, 50, 11, 51]}
    assert len(parse(collection(drawn) | {"crs": crs, "name": "layer", "bbox": []})) == 1


def test_a_point_given_twice_in_a_row_counts_once() -> None:
    twice = [SQUARE[0], *SQUARE]
    assert parse(collection(polygon(twice))) == parse(collection(polygon()))


def test_a_zone_may_lie_across_the_antimeridian() -> None:
    ring = [[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]
    (zone,) = parse(collection(polygon(ring)))
    assert rings.diameter_nm(zone.shape.ring) == pytest.approx(2 * (120 * 60 / 3.14159) ** 0.5, rel=0.01)  # type: ignore[union-attr]


NOT_DEGREES = "expected [lon, lat] in degrees, -180 to 180 and -90 to 90, got"
RING = "features[0] (Box).geometry.coordinates[0]"


@pytest.mark.parametrize(
    ("given_feature", "flaw"),
    [
        (7, "features[0]: expected a table, got 7"),
        ({"type": "Feature"}, "features[0].geometry: expected a table, got None"),
        (
            port(kind="harbour"),
            "features[0] (Rajin).properties.kind: expected one of area, port, strait, got 'harbour'",
        ),
        (port(flag="red"), "properties.flag: expected one of info, caution, warning, critical, got 'red'"),
        (port(radius_nm=None), "features[0] (Rajin).properties.radius_nm: expected a number from 0.01 to 1000"),
        (port(radius_nm=0), "properties.radius_nm: expected a number from 0.01 to 1000, got 0"),
        (port(radius_nm=float("nan")), "properties.radius_nm: expected a number from 0.01 to 1000, got nan"),
        (port(margin_nm="1"), "properties.margin_nm: expected a number from 0 to 100, got '1'"),
        (port(source=None), "properties.source: expected a text that is not empty"),
        (port(uncertainty_nm=None), "properties.uncertainty_nm: expected a number from 0 to 100"),
        (port(margin=1), "properties.margin: expected no such key here, only kind, name, radius_nm, id, margin_nm, "),
        (
            port(name="나진"),
            "features[0] (나진).properties.id: expected at most 64 letters, digits, '.', '-' and '_', ",
        ),
        (port(name="\ud800"), "properties.name: expected at most 500 characters that can be printed, got '\\ud800'"),
        (port(source="a\x1b[2J"), "properties.source: expected at most 500 characters that can be printed, got "),
        (strait(WEST | {"name": "x" * 501}), "gates[0].name: expected at most 500 characters that can be printed"),
        (port(id=7), "a letter or digit first, got 7"),
        (port(gates=[WEST]), "properties.gates: expected no such key here"),
        (polygon(radius_nm=5), "properties.radius_nm: expected no such key here"),
        (
            port() | {"geometry": {"type": "MultiPoint"}},
            "geometry.type: expected one of Point, Polygon, got 'MultiPoint'",
        ),
        (port(kind="strait"), "geometry.type: expected one of Polygon, got 'Point'"),
        (port() | {"geometry": {"type": "Point", "coordinates": [42.2, 130.3]}}, "130.3]: longitude comes first"),
        (port() | {"geometry": {"type": "Point", "coordinates": [181, 1]}}, f"{NOT_DEGREES} [181, 1]"),
        (port() | {"geometry": {"type": "Point", "coordinates": [1]}}, f"coordinates: {NOT_DEGREES} [1]"),
        (port() | {"geometry": {"type": "Point", "coordinates": [True, 1]}}, f"{NOT_DEGREES} [True, 1]"),
        (port() | {"geometry": {"type": "Point", "coordinates": [float("inf"), 1]}}, f"{NOT_DEGREES} [inf, 1]"),
        (port() | {"geometry": {"type": "Point", "coordinates": [1, 10**400]}}, f"{NOT_DEGREES} [1, 1000"),
        (
            feature({"type": "Polygon", "coordinates": [SQUARE, SQUARE]}, polygon()["properties"]),
            "features[0] (Box).geometry.coordinates: expected one ring, [[[lon, lat], ...]]: no holes",
        ),
        (polygon([]), f"{RING}: expected 1 different points or more, got 0"),
        (polygon(SQUARE[:4]), f"{RING}: expected a closed ring, its last point the same as its first"),
        (polygon([[0, 0], [1, 1], [0, 0]]), f"{RING}: expected a ring of three points or more and the first again"),
        (polygon([[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]), "does not cross itself, as its legs 0 and 2 do"),
        (polygon([[0, 0], [2, 0], [1, 0], [1, 1], [0, 0]]), "does not turn back on itself, as at point 1"),
        (polygon([[1, 0], [2, 0], [0, 0], [0, 1], [1, 0]]), "does not turn back on itself, as at point 1"),
        (polygon([[0, 0], [0, 2], [2, 2], [0, 1], [2, 0], [0, 0]]), "does not cross itself, as its legs 0 and 2 do"),
        (polygon([[-100, 0], [100, 0], [0, 5], [-100, 0]]), "expected no leg over more than 90 degrees of longitude"),
        (polygon([[0, 80], [90, 80], [180, 80], [-90, 80], [0, 80]]), "expected a ring that does not go round a pole"),
        (
            polygon([[0, 84], [9, 84], [9, 85.1], [0, 84]]),
            f"{RING}: expected no point beyond 85 degrees of latitude: there draw a circle, a Point with radius_nm",
        ),
        (polygon([[0, n / 100] for n in range(5_001)]), f"{RING}: expected at most 5000 points, got 5001"),
        (strait(), "features[0] (Strait).properties.gates: expected the gates of the strait, at least one"),
        (strait(WEST | {"type": "Line"}), "properties.gates[0].type: expected one of LineString, got 'Line'"),
        (strait(WEST, WEST), "properties.gates: expected a name of its own for each, got west, west"),
        (
            strait(WEST | {"coordinates": [[10, 50], [10.5, 50.5]]}),
            "gates[0].coordinates[1]: expected a gate that ends within 2 nm of the strait's border, got 19.1 nm",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_feature_and_key(given_feature: Any, flaw: str) -> None:
    assert flaw in flaws(given_feature)[0]


def test_up_to_85_degrees_a_ring_is_taken_and_up_to_the_pole_a_circle() -> None:
    assert parse(collection(polygon([[0, 84], [9, 84], [9, 85], [0, 84]])))
    pole = port() | {"geometry": {"type": "Point", "coordinates": [0, 90]}}
    assert parse(collection(pole))[0].shape == Circle(90.0, 0.0, 5.0)


def test_a_gate_may_lie_a_little_off() -> None:
    near = WEST | {"coordinates": [[10 - 1.9 / 60 / 0.64, 50.2], [10, 51 + 1.9 / 60]]}
    assert parse(collection(strait(near)))


def test_each_feature_tells_what_is_wrong_with_it() -> None:
    told = flaws(port(flag="x"), port(), port(), polygon(SQUARE[:4]))
    assert (
        told[1] == "features[2] (Rajin).properties.id: expected an id of its own, 'rajin' is also features[1] (Rajin)"
    )
    assert [flaw[:11] for flaw in told] == ["features[0]", "features[2]", "features[3]"]


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        ([], ": expected a table, got []"),
        ({"type": "Feature"}, "type: expected one of FeatureCollection, got 'Feature'"),
        ({"type": "FeatureCollection"}, "features: expected a list of features"),
        (
            collection() | {"crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}},
            "crs: expected none, or CRS84: WGS 84, longitude first",
        ),
    ],
)
def test_a_file_that_is_no_collection_is_refused(data: Any, flaw: str) -> None:
    with pytest.raises(WrongFileError) as refused:
        parse(data)
    assert str(refused.value.flaws[0]) == flaw


@settings(deadline=None, max_examples=500)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=7))
def test_a_ring_is_refused_exactly_where_it_meets_itself(points: list[tuple[int, int]]) -> None:
    ring = [point for n, point in enumerate(points) if point != points[n - 1]]
    if len(ring) >= 3:
        closed = tuple((float(lat), float(lon)) for lat, lon in (*ring, ring[0]))
        assert (rings.flaw_of(closed) is None) == LinearRing([(lon, lat) for lat, lon in closed]).is_simple


@pytest.mark.timeout(20)
def test_the_longest_ring_is_looked_through_in_time() -> None:
    turn = [2 * pi * n / (rings.MAX_POINTS - 1) for n in range(rings.MAX_POINTS - 1)]
    circle = [(10 + sin(angle), 20 + cos(angle)) for angle in turn]
    assert rings.flaw_of((*circle, circle[0])) is None


def test_several_gates_close_one_end() -> None:
    (zone,) = parse(collection(strait({**WEST, "end": "seaward"}, {**WEST, "name": "west, again", "end": "seaward"})))
    assert [gate.end for gate in zone.gates] == ["seaward", "seaward"]


@pytest.mark.parametrize(("hours", "expected"), [(12, 12.0), (0.5, 0.5), (None, None)])
def test_a_strait_may_say_how_long_a_transit_takes(hours: float | None, expected: float | None) -> None:
    properties = {"name": "Strait", "kind": "strait", "gates": [WEST], "transit_h": hours}
    assert parse(collection(polygon(**properties)))[0].transit_h == expected


@pytest.mark.parametrize("wrong", [0.4, 1_001, "long", True])
def test_a_transit_takes_half_an_hour_to_forty_days(wrong: Any) -> None:
    told = flaws(polygon(name="Strait", kind="strait", gates=[WEST], transit_h=wrong))
    assert told == [f"features[0] (Strait).properties.transit_h: expected a number from 0.5 to 1000, got {wrong!r}"]


def test_only_a_strait_has_a_transit() -> None:
    assert "transit_h" in flaws(port(transit_h=12))[0]


ROUND = {"within_nm": 200, "ways": [{"name": "the Sound", "type": "LineString", "coordinates": [[12, 50], [12.5, 51]]}]}
SIDE = [0] * 16 + [300] * 16


def test_a_strait_may_say_what_leads_round_and_off_which_end_a_water_lies() -> None:
    (zone,) = parse(collection(polygon(name="Strait", kind="strait", gates=[{**WEST, "side_nm": SIDE}], detour=ROUND)))
    assert zone.detour == Detour(200.0, (((50.0, 12.0), (51.0, 12.5)),))
    assert zone.gates[0].side_nm == tuple(SIDE)


@pytest.mark.parametrize(
    ("gate", "detour", "flaw"),
    [
        ({"side_nm": SIDE[1:]}, None, "gates[0].side_nm: expected 32 whole numbers from 0 to 300, got [0, 0"),
        ({"side_nm": [*SIDE[1:], 301]}, None, "gates[0].side_nm: expected 32 whole numbers from 0 to 300, got [0, 0"),
        ({"side_nm": [*SIDE[1:], 1.5]}, None, "gates[0].side_nm: expected 32 whole numbers from 0 to 300, got [0, 0"),
        ({"side_nm": 300}, None, "gates[0].side_nm: expected 32 whole numbers from 0 to 300, got 300"),
        ({}, {}, "properties.detour.within_nm: expected a number from 1 to 5000"),
        ({}, ROUND | {"way": []}, "properties.detour.way: expected no such key here, only within_nm, ways"),
        ({}, {"within_nm": 1, "ways": [{"type": "LineString"}]}, "detour.ways[0].name: expected a text"),
        (
            {},
            {"within_nm": 1, "ways": [{"name": "x", "type": "LineString", "coordinates": [[1, 2]]}]},
            "detour.ways[0].coordinates: expected 2 different points or more, got 1",
        ),
        ({}, [], "properties.detour: expected a table, got []"),
    ],
)
def test_what_is_wrong_with_what_leads_round_is_named(gate: Any, detour: Any, flaw: str) -> None:
    assert flaw in flaws(polygon(name="Strait", kind="strait", gates=[{**WEST, **gate}], detour=detour))[0]
