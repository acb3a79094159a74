"""How often she should be heard (ITU-R M.1371-5, tables 1 and 2), and the order in which reports are folded."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.heard import ANCHORED, Heard, Says, by_time_and_content, expected_interval_ms
from alerts.core.reports import Origin
from tests.fleet import Ship, ship, time

angara = ship(273210440)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (angara.moving(0), 10),
        (angara.moving(14), 10),
        (angara.moving(14.1), 6),
        (angara.moving(23), 6),
        (angara.moving(23.1), 2),
        (angara.without_speed(), 10),
        (angara.moored(3), 180),
        (angara.moored(3.1), 10),
        (angara.moored(), 180),
        (angara.moored(25), 2),
        (angara.class_b().moving(2), 180),
        (angara.class_b().moving(2.1), 30),
        (angara.class_b().moving(30), 30),
        (angara.class_b().without_speed(), 180),
    ],
)
def test_a_ship_is_expected_by_class_status_and_speed(said: Ship, seconds: int) -> None:
    assert expected_interval_ms(said.heard) == seconds * 1000


def test_an_anchored_ship_is_expected_as_rarely_as_a_moored_one() -> None:
    anchored = angara.moving(3).heard._replace(status=ANCHORED)
    under_way = angara.moving(3).heard._replace(status=0)
    assert (expected_interval_ms(anchored), expected_interval_ms(under_way)) == (180_000, 10_000)


@pytest.mark.parametrize("message_type", [18, 19, 24])
def test_every_class_b_message_counts_as_class_b(message_type: int) -> None:
    assert expected_interval_ms(angara.heard._replace(type=message_type)) == 30_000


def test_a_long_range_report_is_expected_every_three_minutes_at_any_speed() -> None:
    assert expected_interval_ms(angara.moving(30).heard._replace(type=27)) == 180_000


def test_a_ship_without_any_fix_is_expected_as_often_as_her_statics() -> None:
    assert expected_interval_ms(None) == 360_000


def test_a_position_needs_both_of_its_coordinates() -> None:
    assert angara.heard.has_position
    assert not angara.heard._replace(lat=None).has_position
    assert not angara.heard._replace(lon=None).has_position
    assert angara.near((0.0, 0.0)).heard.has_position


def test_a_memory_keeps_what_a_rule_may_ask_for() -> None:
    said = angara.at("08:00").moored(0.1).heard._replace(course_deg=91.0)
    assert Heard.of(Ship(said).report(Origin("s", 1, 0))) == said


maybe = st.none() | st.sampled_from([0.0, 1.0])
reports = st.builds(
    Heard,
    at=st.integers(0, 2),
    feed=st.sampled_from("AB"),
    station=st.sampled_from("xy"),
    mmsi=st.sampled_from([1, 2]),
    type=st.sampled_from([1, 5]),
    lat=maybe,
    lon=maybe,
    speed_kn=maybe,
    course_deg=maybe,
    status=st.none() | st.sampled_from([0, 5]),
    says=st.none() | st.builds(Says, maybe, st.none() | st.sampled_from(["ANGARA", "NEVA"])),
)


@given(st.sets(reports, max_size=4))
def test_a_set_of_reports_has_one_order(said: set[Heard]) -> None:
    orders = {tuple(sorted(row, key=by_time_and_content)) for row in itertools.permutations(said)}
    assert len(orders) == 1
    times = [heard.at for heard in orders.pop()]
    assert times == sorted(times)


def test_what_she_says_of_herself_is_kept_and_nothing_is_nothing() -> None:
    typed = angara.says(7.1, "ANGARA", call_sign="UBYT2", destination="RAJIN")
    assert Heard.of(typed.report(Origin("s", 1, 0))) == typed.heard
    assert Heard.of(angara.says().report(Origin("s", 1, 0))).says is None


def test_unknown_comes_before_known_and_time_before_all() -> None:
    known, unknown = angara.heard, angara.without_speed().heard
    later = angara.at("12:00:01").by("a").heard
    assert sorted([later, known, unknown], key=by_time_and_content) == [unknown, known, later]
    assert time("12:00") < later.at
