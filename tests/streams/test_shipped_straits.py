"""The straits of the shipped folder, against the land of Natural Earth as the build brings it."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise

import pytest
import shapely

from alerts.core.geo import Fix
from alerts.core.zones import Gate, Polygon, Zone, holds
from alerts.dashboard.vendor import VENDOR
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER
from tests.fairways import CANALS, FAIRWAYS

STRAITS = {zone.id: zone for zone in load_config(DEFAULT_FOLDER).zones if zone.kind == "strait"}
GATES = [pytest.param(zone, gate, id=f"{zone.id}: {gate.name}") for zone in STRAITS.values() for gate in zone.gates]
ON_LAND_NM = 1.0
"""So far from the land of 1:10 M may a gate end: no ship of that chart passes behind it."""


@cache
def land() -> shapely.MultiPolygon:
    polygons = json.loads((VENDOR / "land-10m.geojson").read_bytes())["geometry"]["coordinates"]
    made = [shapely.make_valid(shapely.Polygon(outer)) for outer, *_ in polygons]
    tree = shapely.STRtree(made)
    boxes = [shapely.box(*shapely.LineString(lonlat(z.shape.ring)).buffer(0.5).bounds) for z in STRAITS.values()]
    wanted = sorted({int(n) for n in tree.query(boxes)[1]})
    return shapely.union_all([shapely.intersection(made[n], shapely.union_all(boxes)) for n in wanted])


def lonlat(line: tuple[Fix, ...]) -> list[Fix]:
    return [(lon, lat) for lat, lon in line]


def test_there_are_the_straits_that_people_watch() -> None:
    watched = ["tsugaru", "la-perouse", "taiwan", "malacca", "singapore", "hormuz", "kerch", "gibraltar", "dover"]
    assert len(STRAITS) >= 25
    assert {f"{name}-strait" for name in ("korea", *watched)} <= STRAITS.keys()
    assert {"bab-el-mandeb", "suez-canal", "bosporus", "dardanelles", "oresund", "great-belt"} <= STRAITS.keys()
    assert STRAITS.keys() == FAIRWAYS.keys()


@pytest.mark.parametrize("zone", STRAITS.values(), ids=STRAITS)
def test_each_has_two_ends_at_least_and_says_how_long_a_transit_takes(zone: Zone) -> None:
    assert len({gate.end for gate in zone.gates}) >= 2
    assert zone.transit_h
    assert zone.source
    assert zone.uncertainty_nm > 0


def test_the_korea_strait_has_a_gate_at_either_end_of_either_channel() -> None:
    assert [gate.end for gate in STRAITS["korea-strait"].gates] == ["north", "north", "south", "south"]


@pytest.mark.parametrize(("zone", "gate"), GATES)
def test_an_end_is_closed_from_shore_to_shore(zone: Zone, gate: Gate) -> None:
    """Each end of a gate lies on land, or where the next gate of the same end begins."""
    others = [fix for other in zone.gates if other is not gate for fix in (other.line[0], other.line[-1])]
    for fix in (gate.line[0], gate.line[-1]):
        if fix not in others:
            assert shapely.Point(fix[1], fix[0]).distance(land()) * 60 <= ON_LAND_NM


@pytest.mark.parametrize(("zone", "gate"), GATES)
def test_a_gate_lies_on_the_border(zone: Zone, gate: Gate) -> None:
    assert isinstance(zone.shape, Polygon)
    legs = {frozenset(leg) for leg in pairwise(zone.shape.ring)}
    assert all(frozenset(leg) in legs for leg in pairwise(gate.line))


@pytest.mark.parametrize("name", sorted(FAIRWAYS.keys() - CANALS))
def test_the_fairway_keeps_to_the_water(name: str) -> None:
    assert not shapely.LineString(lonlat(FAIRWAYS[name])).intersects(land())


@pytest.mark.parametrize("name", sorted(FAIRWAYS))
def test_the_strait_holds_the_fairway_and_its_ends_lie_outside(name: str) -> None:
    way = shapely.LineString(lonlat(FAIRWAYS[name]))
    points = [(p.y, p.x) for p in (way.interpolate(n / 200, normalized=True) for n in range(201))]
    inside = [holds(STRAITS[name], fix) for fix in points]
    first, last = inside.index(True), len(inside) - inside[::-1].index(True)
    assert 0 < first < last < len(inside)
    assert all(inside[first:last]), "in once, out once"
