"""Zones as the chart draws them."""

import pytest

from alerts.core.frozen import replace
from alerts.core.geo import distance_nm
from alerts.core.zones import Circle, Gate, Polygon
from alerts.dashboard.borders import CORNERS, geojson
from tests.alerts.dashboard.angara import zone, zones


def test_a_circle_is_drawn_at_its_radius():
    (feature,) = geojson([zone("p", "Port", "port", Circle(70.0, 179.9, 12.0))])["features"]
    (ring,) = feature["geometry"]["coordinates"]
    assert len(ring) == CORNERS + 1
    assert ring[0] == ring[-1]
    assert all(distance_nm((70.0, 179.9), (lat, lon)) == pytest.approx(12.0, abs=0.01) for lon, lat in ring)


def test_a_zone_over_the_antimeridian_is_drawn_in_one_piece():
    square = Polygon(((50, 179), (50, -179), (52, -179), (52, 179), (50, 179)))
    (feature,) = geojson([zone("z", "Zone", "area", square)])["features"]
    assert {lon for lon, _ in feature["geometry"]["coordinates"][0]} == {179, 181}


def test_a_gate_over_the_antimeridian_is_a_line_and_no_loop_about_the_pole():
    gate = Gate("north", ((52.0, 179.0), (52.5, 180.0), (52.0, -179.0)))
    strait = replace(next(z for z in zones().zones if z.gates), gates=(gate,))
    feature = geojson([strait])["features"][1]
    assert feature["geometry"]["coordinates"] == [(179.0, 52.0), (180.0, 52.5), (181.0, 52.0)]


def test_a_strait_shows_its_gates_by_name():
    features = geojson(zones().zones)["features"]
    gates = [feature for feature in features if feature["properties"]["kind"] == "gate"]
    assert [gate["properties"]["name"] for gate in gates][:2] == ["Busan - Tsushima", "Tsushima - Honshu"]
    assert gates[0]["geometry"] == {"type": "LineString", "coordinates": [(129.08, 35.07), (129.46, 34.70)]}
