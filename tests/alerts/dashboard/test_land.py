"""The land: TopoJSON as its specification says, and no line through all the world."""

import json
from itertools import pairwise

import pytest

from alerts.dashboard import vendor
from alerts.dashboard.land import geojson, unrolled

SQUARES = {
    "transform": {"scale": [0.5, 0.5], "translate": [10, 20]},
    "arcs": [[[0, 0], [2, 0], [0, 2]], [[2, 2], [-2, 0], [0, -2]], [[2, 0], [2, 0], [0, 2], [-2, 0]]],
    "objects": {
        "land": {
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "arcs": [[[~1, ~0]]]},
            ]
        }
    },
}


def test_arcs_are_summed_scaled_joined_and_turned():
    first, second = geojson(SQUARES, "land", 2)["geometry"]["coordinates"]
    assert first == [[(10, 20), (11, 20), (11, 21), (10, 21), (10, 20)]]
    assert second == [first[0][::-1]]


def test_a_ring_over_the_antimeridian_runs_on():
    assert unrolled([(170, 60), (-170, 60), (-170, 65), (170, 65), (170, 60)]) == [
        (170, 60),
        (190, 60),
        (190, 65),
        (170, 65),
        (170, 60),
    ]


def test_a_ring_around_the_pole_is_closed_over_it():
    around = unrolled([(-120, -70), (0, -72), (120, -70), (-120, -70)])
    assert around[0] == around[-1]
    assert {lat for _, lat in around} == {-70, -72, -90}


@pytest.mark.skipif(not vendor.is_complete(), reason="static/vendor is filled when the package is installed")
def test_the_land_that_was_built_has_no_wide_step():
    for name, _ in vendor.LAND.values():
        for ring, *_ in json.loads((vendor.VENDOR / name).read_text())["geometry"]["coordinates"]:
            steps = [abs(b[0] - a[0]) for a, b in pairwise(ring) if abs(a[1]) < 89]
            assert max(steps) < 180


def test_the_lock_has_a_digest_for_all_and_an_address_for_none():
    packages = json.loads((vendor.HERE / "package-lock.json").read_text())["packages"]
    others = {name: entry for name, entry in packages.items() if name}
    assert others
    assert all(entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in others.values())
