"""Signs of life: what makes them, what counts as one light more, and what ends them, each with a near miss."""

import pytest

from alerts.core.geo import destination
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE
from alerts.core.signs import Dark, Ending, Lights, lit, silent_again
from alerts.rules.signs_of_life import told_at
from tests.fleet import HAVEN, ship

her = ship(273210440).near(HAVEN)
AT_SEA, IN_PORT = Dark(None), Dark("haven")


def heard(minutes: float, away_nm: float = 0.0) -> Heard:
    start = her.at("08:00").heard
    lat, lon = destination(HAVEN, 90.0, away_nm) if away_nm else HAVEN
    return start._replace(at=start.at + round(minutes * MINUTE), lat=lat, lon=lon)


def after(lights: Lights | None, last: Heard, now: Heard, dark: Dark | None = None) -> Lights | None:
    return lit(lights, last, last, now, (now,), dark).lights


LIT = Lights(heard(-60).at, heard(0), heard(0).at, heard(0).at)
SIGNS = Lights(heard(-60).at, heard(0), heard(0).at, heard(0).at, count=2)
AT_BERTH = Lights(heard(-60).at, heard(0), heard(0).at, heard(0).at, berth="haven")


def test_one_that_was_not_dark_has_no_lights() -> None:
    assert lit(None, heard(0), heard(0), heard(600), (heard(600),), None).lights is None


def test_the_first_light_at_sea_is_no_sign() -> None:
    lights = after(None, heard(0), heard(60), AT_SEA)
    assert lights == Lights(heard(0).at, heard(60), heard(60).at, heard(60).at)
    assert not lights.are_signs


@pytest.mark.parametrize(("away_nm", "berth"), [(0.99, "haven"), (1.01, None)])
def test_in_port_it_is_one_where_she_was_silent(away_nm: float, berth: str | None) -> None:
    lights = after(None, heard(0), heard(90, away_nm), IN_PORT)
    assert lights is not None
    assert lights.berth == berth


def test_in_port_a_report_without_a_position_is_none() -> None:
    lights = lit(None, heard(0), heard(0), heard(90), (), IN_PORT).lights
    assert lights is not None
    assert not lights.are_signs


@pytest.mark.parametrize(("lasted_h", "dark_h", "count"), [(5.9, 1.9, 2), (6, 1, 1), (0.1, 2, 1)])
def test_the_second_light_within_hours_is_one(lasted_h: float, dark_h: float, count: int) -> None:
    last, now = heard(60 * lasted_h), heard(60 * (lasted_h + dark_h))
    lights = after(LIT, last, now, AT_SEA)
    assert lights is not None
    assert (lights.count, lights.anchor, lights.first) == (count, last.at, now)
    assert lights.since == (LIT.since if count == 2 else now.at)


@pytest.mark.parametrize(("gap_min", "count"), [(30, 2), (30.1, 3)])
def test_half_an_hour_of_silence_parts_two_lights(gap_min: float, count: int) -> None:
    lights = after(SIGNS, heard(10), heard(10 + gap_min))
    assert lights is not None
    assert lights.count == count
    assert lights.begin == (heard(10 + gap_min).at if count == 3 else SIGNS.begin)


@pytest.mark.parametrize(("lights", "ending"), [(SIGNS, Ending.STEADY), (LIT, None)])
def test_a_light_of_six_hours_ends_them(lights: Lights, ending: Ending | None) -> None:
    shorter, longer = heard(6 * 60 - 1), heard(6 * 60)
    assert lit(lights, heard(350), heard(350), shorter, (shorter,), None) == (lights, None)
    over = lit(lights, heard(350), heard(350), longer, (longer,), None)
    assert over == (None, (lights, ending) if ending else None)


def test_a_mile_from_the_berth_ends_them() -> None:
    near, far = heard(5, 0.9), heard(5, 1.1)
    assert lit(AT_BERTH, heard(4), heard(4), near, (near,), None) == (AT_BERTH, None)
    assert lit(AT_BERTH, heard(4), heard(4), far, (far,), None) == (None, (AT_BERTH, Ending.UNDER_WAY))
    assert lit(SIGNS, heard(4), heard(4), far, (far,), None) == (SIGNS, None)


def test_who_is_dark_is_silent_again_and_one_who_only_lit_up_gave_no_signs() -> None:
    now = heard(3 * 60)
    lights, over = lit(SIGNS, heard(5), heard(5), now, (now,), AT_SEA)
    assert over == silent_again(SIGNS) == (SIGNS, Ending.SILENT)
    assert lights is not None
    assert (lights.count, lights.since) == (1, now.at)
    assert now.at - heard(5).at > 2 * HOUR
    assert silent_again(LIT) is silent_again(None) is None


@pytest.mark.parametrize(
    ("count", "told"), [(1, 1), (2, 2), (4, 3), (9, 5), (10, 10), (19, 10), (20, 20), (49, 30), (99, 50), (1234, 1000)]
)
def test_she_is_told_at_round_numbers_of_lights(count: int, told: int) -> None:
    assert told_at(count) == told
