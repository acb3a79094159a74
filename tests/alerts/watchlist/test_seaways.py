"""Sea distances: no real way undercuts them, no strait or canal is closed to them, and land is in their way."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.geo import Fix, distance_nm
from alerts.core.seaway import LIMIT_NM, SQUARES
from alerts.core.zones import Circle, Zone, ZoneIndex
from alerts.watchlist.seaways import MOST_TABLES, Seaways
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER
from tests.fairways import FAIRWAYS

FOLDER = load_config(DEFAULT_FOLDER).zones
SHIPPED = ZoneIndex.of(FOLDER, Seaways(FOLDER))


def port(fix: Fix, radius_nm: float = 0.5) -> ZoneIndex:
    """One flagged port there."""
    zones = (Zone("port", "Port", "port", Circle(*fix, radius_nm), 0.1, (), "info", "made up", 0.0),)
    return ZoneIndex.of(zones, Seaways(zones))


def length_nm(way: tuple[Fix, ...]) -> float:
    return sum(distance_nm(a, b) for a, b in pairwise(way))


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("strait", FAIRWAYS)
def test_no_fairway_through_a_strait_is_shorter(strait: str, turn: int) -> None:
    """Ways drawn by hand on the chart, canals among them: what is closed would be further than the way through."""
    way = FAIRWAYS[strait][::turn]
    zones = port(way[-1])
    for n in range(len(way)):
        assert zones.sailed_nm("port", way[n]) <= length_nm(way[n:])


WAYS: dict[str, tuple[Fix, ...]] = {
    "Kanmon, from the Inland Sea": ((33.95, 131.3), (33.96, 131.02), (33.94, 130.93), (34.0, 130.7)),
    "Kiel Canal": ((53.95, 8.7), (53.89, 9.14), (54.35, 9.8), (54.37, 10.15), (54.6, 10.3)),
    "Corinth Canal": ((38.2, 22.6), (37.95, 22.95), (37.9, 23.02), (37.8, 23.2)),
    "Don and Volga, Rostov to Astrakhan": (
        (47.0, 38.9), (47.2, 39.7), (47.5, 42.1), (48.68, 43.5), (48.52, 44.6), (47.0, 47.0), (46.35, 48.0),
        (45.3, 48.1),
    ),
    "Euripus, inside Euboea": ((38.75, 23.3), (38.46, 23.59), (38.3, 24.1)),
    "round the Horn": ((-52.5, -68.0), (-55.0, -66.0), (-56.1, -67.3), (-54.5, -74.5)),
    "over the antimeridian": ((64.0, -171.0), (65.8, -168.8), (68.0, -175.0), (69.5, 178.0), (70.0, 171.0)),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_no_other_way_is_shorter(way: str) -> None:
    for fixes in (WAYS[way], WAYS[way][::-1]):
        assert port(fixes[-1]).sailed_nm("port", fixes[0]) <= length_nm(fixes)


@pytest.mark.parametrize(
    ("to", "place", "nm"),
    [
        ("qinhuangdao", "zhoushan", 691),
        ("guangzhou", "zhoushan", 791),
        ("zhoushan", "Busan", 500),
        ("zhoushan", "Nagasaki", 500),
        ("zhoushan", "Shimonoseki", 600),
    ],
)
def test_no_published_distance_is_shorter(to: str, place: str, nm: int) -> None:
    """By the harbour office of Zhoushan (www.ppdoc.com/periodical/95fa35ffee61a487eeaa8d92f3b5a5d7.html)."""
    places = {
        "zhoushan": (30.0, 122.1),
        "Busan": (35.1, 129.05),
        "Nagasaki": (32.7, 129.8),
        "Shimonoseki": (33.95, 130.9),
    }
    assert 0.7 * nm <= SHIPPED.sailed_nm(to, places[place]) <= nm


@pytest.mark.parametrize(
    ("to", "fix", "straight_nm", "least_nm"),
    [
        ("wonsan", (38.7, 125.3), 100, 550),  # from Nampo, on the other side of Korea
        ("qingdao", (43.0, 131.9), 700, 850),  # from off Vladivostok
        ("petropavlovsk", (56.5, 156.0), 230, 380),  # from the western side of Kamchatka
    ],
)
def test_land_is_in_the_way(to: str, fix: Fix, straight_nm: float, least_nm: float) -> None:
    assert SHIPPED.straight_nm(to, fix) <= straight_nm
    assert SHIPPED.sailed_nm(to, fix) >= least_nm


def test_a_neck_of_land_no_wider_than_three_squares_is_not_in_the_way() -> None:
    """A known limit, on the safe side: the isthmus of Kra is 24 nm wide; round Singapore it is 1,200 nm."""
    assert 100 < port((10.0, 98.2)).sailed_nm("port", (10.0, 99.9)) < 200


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(SHIPPED.ports))
def test_no_way_is_shorter_than_the_great_circle_nor_anywhere_far_beyond_the_limit_said_near(
    lat: float, lon: float, zone: Zone
) -> None:
    straight_nm, sailed_nm = SHIPPED.straight_nm(zone.id, (lat, lon)), SHIPPED.sailed_nm(zone.id, (lat, lon))
    assert sailed_nm >= straight_nm
    assert sailed_nm <= max(straight_nm, LIMIT_NM)


def test_in_open_water_it_is_hardly_less_than_straight() -> None:
    ocean = port((20.0, -150.0))
    for fix in ((20.0, -140.0), (30.0, -150.0), (27.0, -143.0), (10.0, -159.5)):
        table = Seaways(ocean.zones.values())["port"].at_least_nm(fix)
        assert 0.9 * distance_nm((20.0, -150.0), fix) <= table <= distance_nm((20.0, -150.0), fix)


def test_upriver_and_inland_the_great_circle_is_all_that_is_known() -> None:
    lake, chungking = (43.0, -79.0), (29.6, 106.5)
    assert len(Seaways(port(lake).zones.values())) == 0
    assert port(lake).sailed_nm("port", (41.0, -70.0)) == port(lake).straight_nm("port", (41.0, -70.0))
    assert SHIPPED.sailed_nm("nantong", chungking) == SHIPPED.straight_nm("nantong", chungking)


def test_the_antimeridian_is_no_border_and_the_pole_no_end() -> None:
    assert port((52.0, 179.9)).sailed_nm("port", (52.0, -179.9)) < 10
    for lat in (80.0, 84.9, 85.2, 89.99, -89.99):
        over = port((lat, 0.0))
        straight_nm, sailed_nm = over.straight_nm("port", (lat, 180.0)), over.sailed_nm("port", (lat, 180.0))
        squares_nm = 2 * 60 * 360 / SQUARES * math.cos(math.radians(lat))
        assert straight_nm <= sailed_nm <= straight_nm + squares_nm, lat


def test_every_shipped_port_has_a_table_and_an_area_none() -> None:
    assert list(Seaways(FOLDER)) == [zone.id for zone in SHIPPED.ports]
    assert "korea-strait" not in Seaways(FOLDER)


def test_no_more_ports_than_one_record_can_hold_have_tables() -> None:
    inland = [
        Zone(f"p{n:04}", "P", "port", Circle(43.0, -79.0, 0.1), 0.1, (), "info", "made up", 0.0) for n in range(1001)
    ]
    seas = Seaways(inland)
    assert MOST_TABLES == 1_000
    assert seas.get("p0999") is None
    assert sorted(seas._ports)[-1] == "p0999"
