"""The straits of the shipped folder, against the land of Natural Earth as the build brings it."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from random import Random

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from alerts.core.geo import Fix, destination
from alerts.core.passage import crossing, gate_middle
from alerts.core.zones import Gate, Polygon, Zone, holds
from alerts.dashboard.vendor import VENDOR
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER
from tests.detours import JOINED, REACH_NM, Chart, chart_of, pieces, sides, waters
from tests.detours import land as land_of_the_world
from tests.fairways import CANALS, CHANNELS, DETOURS, FAIRWAYS, NARROW

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


WAYS = {name: way for name, way in FAIRWAYS.items() if name not in CANALS}
OTHERS = {name: way for name, (_, way) in (CHANNELS | DETOURS).items() if name not in NARROW}


@pytest.mark.parametrize("way", (WAYS | OTHERS).values(), ids=WAYS | OTHERS)
def test_the_fairway_keeps_to_the_water(way: tuple[Fix, ...]) -> None:
    line, polygons = shapely.LineString(lonlat(way)), land_of_the_world()
    assert not [n for n in shores().query(line, predicate="intersects") if polygons[n].intersects(line)]


@cache
def shores() -> shapely.STRtree:
    return shapely.STRtree(land_of_the_world())


@pytest.mark.parametrize("name", sorted(FAIRWAYS))
def test_the_strait_holds_the_fairway_and_its_ends_lie_outside(name: str) -> None:
    way = shapely.LineString(lonlat(FAIRWAYS[name]))
    points = [(p.y, p.x) for p in (way.interpolate(n / 200, normalized=True) for n in range(201))]
    inside = [holds(STRAITS[name], fix) for fix in points]
    first, last = inside.index(True), len(inside) - inside[::-1].index(True)
    assert 0 < first < last < len(inside)
    assert all(inside[first:last]), "in once, out once"


# what leads round them

ROUND = {name: zone for name, zone in STRAITS.items() if zone.detour}
POINTS = 600


@pytest.mark.parametrize("name", ROUND)
def test_no_way_round_was_forgotten_and_each_side_is_as_the_land_has_it(name: str) -> None:
    """With the strait and all ways round it closed no water joins two ends; what is told lies off the ends that are
    told, wherever on the chart the fixes lie."""
    zone = ROUND[name]
    chart = chart_of(zone)
    left = pieces(zone, chart)
    off = {gate.name: left.index(waters(zone, gate, chart, left)) for gate in zone.gates}
    ends = {gate.end: off[gate.name] for gate in zone.gates if gate.name not in JOINED}
    assert len(set(ends.values())) == len(ends) >= 2
    assert {gate.name: gate.side_nm for gate in zone.gates if gate.side_nm} == sides(zone)
    found = [(crossing(zone, a[1], b[1]), a[0], b[0]) for a, b in pairwise(_afloat(zone, chart, left))]
    told = [(one, a, b) for one, a, b in found if one]
    assert len(told) > POINTS / 50
    assert all((off[one.entered.name], off[one.left.name]) == (a, b) for one, a, b in told)


def _afloat(zone: Zone, chart: Chart, left: list[BaseGeometry]) -> list[tuple[int, Fix]]:
    """Fixes near and far from the gates, each with the water in which it is."""
    random, tree, found = Random(zone.id), shapely.STRtree(left), []
    for n in range(POINTS):
        off_nm = REACH_NM * random.random() ** 3 + 0.1
        fix = destination(gate_middle(zone.gates[n % len(zone.gates)]), random.uniform(0, 360), off_nm)
        (xy,) = chart.at(np.array([fix[::-1]]))
        water = tree.query(shapely.Point(xy), predicate="within")
        found += [(int(water[0]), fix)] if len(water) else []
    return found
