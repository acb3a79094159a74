"""Far from land, against the coasts themselves: another scale than the table was made from, by another way."""

import json
from random import Random

import numpy as np
import pytest

from alerts.core.geo import Fix
from alerts.core.offshore import OFF_THE_COAST, OFFSHORE, Squares, is_off_the_coast, is_offshore
from alerts.dashboard.vendor import VENDOR

SQUARE_NM, ISLET_NM = 60.0, 12.0
"""What lies within a square of the limit may be called near; the coarser land lacks islets, whose coasts count too."""


@pytest.mark.parametrize(
    ("fix", "far"),
    [
        ((30.0, -40.0), True),
        ((40.0, 135.0), True),
        ((46.0, -8.0), True),
        ((89.9, 0.0), True),
        ((0.0, 179.99), True),
        ((0.0, -180.0), True),
        ((34.5, 129.5), False),
        ((41.8, 131.0), False),
        ((47.5, -88.0), False),
        ((41.0, 51.0), False),
        ((-89.9, 0.0), False),
    ],
)
def test_places_that_everybody_knows(fix: Fix, far: bool) -> None:
    assert is_offshore(fix) is far


@pytest.mark.parametrize(
    ("fix", "far"),
    [
        ((40.20, -72.95), True),
        ((40.30, -72.95), False),
        ((40.46, -73.8), False),
        ((41.05, 135.0), True),
        ((34.5, 129.5), False),
        ((40.0, 122.0), False),
        ((0.0, 100.0), False),
        ((41.0, 51.0), True),
    ],
)
def test_twenty_miles_off_long_island_and_elsewhere(fix: Fix, far: bool) -> None:
    """Fire Island lies at 40.62 N: 25 miles, and 19."""
    assert is_off_the_coast(fix) is far
    assert is_off_the_coast(fix) or not is_offshore(fix)


@pytest.mark.parametrize("table", [OFFSHORE, OFF_THE_COAST], ids=lambda table: f"{table.nm:.0f} nm")
def test_nothing_far_out_has_a_coast_within_so_many_miles(table: Squares) -> None:
    coast = coast_of("land-50m.geojson")
    dice = Random(1)
    for _ in range(300):
        fix = dice.uniform(-80, 85), dice.uniform(-180, 180)
        nearest_nm = float(np.degrees(np.arccos(np.clip(coast @ direction(fix), -1, 1))).min() * 60)
        if table.hold(fix):
            assert nearest_nm >= table.nm - 1, fix
        elif nearest_nm > table.nm + SQUARE_NM / table.per_degree + ISLET_NM:
            assert not sea_around(fix, table), fix


def sea_around(fix: Fix, table: Squares) -> bool:
    """Whether the squares around are far out: inland, and round an islet, they are not."""
    return all(table.hold((fix[0] + north, fix[1] + east)) for north in (-1.5, 1.5) for east in (-2.5, 2.5))


def direction(fix: Fix) -> np.ndarray:
    lat, lon = np.radians(fix)
    return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def coast_of(file: str) -> np.ndarray:
    """Points of all coasts, a few miles apart, as directions from the middle of the earth."""
    land = json.loads((VENDOR / file).read_bytes())["geometry"]["coordinates"]
    found = []
    for ring in (ring for polygon in land for ring in polygon):
        lon, lat = np.array(ring).T
        steps = np.linspace(0, len(lat) - 1, max(2, 4 * len(lat)))
        found.append(np.column_stack([np.interp(steps, np.arange(len(lat)), side) for side in (lat, lon)]))
    lat, lon = np.radians(np.concatenate(found)).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
