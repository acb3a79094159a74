"""Cells: about six miles wide everywhere, and each beside its neighbours."""

import pytest

from alerts.core.cells import around, cell_of, farther
from alerts.core.geo import destination


@pytest.mark.parametrize("lat", [-60.05, -0.05, 0.05, 42.13, 70.05])
def test_a_cell_is_about_six_miles_from_north_to_south_and_from_west_to_east(lat: float) -> None:
    assert len({cell_of(lat + n / 1000, 130.0) for n in range(1000)}) in (10, 11)
    crossed = len({cell_of(lat, destination((lat, 130.0), 90, nm)[1]) for nm in range(600)})
    assert 92 <= crossed <= 105


@pytest.mark.parametrize(("lat", "lon"), [(0.05, 179.99), (89.99, 0), (-90, 0), (90, 180), (-89.99, -180)])
def test_every_fix_has_a_cell_and_every_cell_is_among_those_around_it(lat: float, lon: float) -> None:
    assert cell_of(lat, lon) in around(cell_of(lat, lon))


def test_nine_cells_lie_around_one_and_across_the_date_line_too() -> None:
    west, east = cell_of(0.05, 179.99), cell_of(0.05, -179.99)
    assert len(around(west)) == 9
    assert east in around(west)
    assert west in around(east)


def test_twenty_five_lie_within_two_of_it_and_hold_all_that_touch_those_around() -> None:
    for lat, lon in ((0.05, 179.99), (42.13, 130.52), (-60.05, -180)):
        here = cell_of(lat, lon)
        assert len(farther(here)) == 25
        assert set(around(here)) < set(farther(here))
        for course in range(0, 360, 30):
            assert cell_of(*destination((lat, lon), course, 10)) in farther(here)
            assert cell_of(*destination((lat, lon), course, 27)) not in farther(here)


@pytest.mark.parametrize("course", range(0, 360, 30))
def test_whoever_is_within_five_miles_is_in_one_of_them(course: int) -> None:
    here = (42.13, 130.52)
    assert cell_of(*destination(here, course, 5)) in around(cell_of(*here))


def test_whoever_is_twenty_miles_away_is_in_none() -> None:
    here = (42.13, 130.52)
    for course in range(0, 360, 30):
        assert cell_of(*destination(here, course, 20)) not in around(cell_of(*here))
