"""Overdue at the far gate: when, who not, what ends it, and where she is then."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from alerts.core.alert import Alert
from alerts.core.engine import terms_of
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.intervals import LateTick, Outage, Versions
from alerts.core.memory import wakes_at
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Gate, Polygon, Zone
from alerts.rules import RULES
from tests.fleet import Ship, Watch, east_of, narrows, ship, time

angara = ship(273210440)
SLOW_NARROWS = replace(narrows, transit_h=8.0)
WEST: Fix = (0.5, 120.0)
OUTSIDE, HALFWAY = east_of(WEST, -2), (0.5, 120.5)
quay = Zone("quay", "Quay", "port", Circle(0.5, 120.5, 0.5), 0.1, (), "info", "made up", 0.0)


def watched(*ships: Ship, zones: Iterable[Zone] = (SLOW_NARROWS,)) -> Watch:
    """In by the west gate at 08:10, and at 10:50 halfway to the east gate, at 12 kn, unless otherwise said."""
    watch = Watch(zones)
    way = (angara.at("08:00").near(OUTSIDE), angara.at("08:10").near(east_of(WEST, 0.1)))
    watch.follows(*way, *(ships or (angara.at("10:49").near((0.5, 120.4967)), angara.at("10:50").near(HALFWAY))))
    return watch


def late(alerts: Iterable[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.rule == "overdue"]


def what(alerts: Iterable[Alert]) -> list[tuple[str, str]]:
    return [(str(alert.event), alert.place.what) for alert in late(alerts) if alert.place]


@pytest.mark.parametrize(("clock", "count"), [("14:49", 0), ("14:50", 1), ("20:00", 1)])
def test_overdue_when_half_of_a_passage_should_be_over_and_told_once(clock: str, count: int) -> None:
    watch = watched()
    told = late(watch.until(clock))
    assert len(told) == count
    for alert in told:
        assert (alert.event, alert.severity, alert.happened_at) == ("opened", "caution", time("14:50"))
        assert alert.id == "imo-9179842.overdue.narrows.20240203T105000Z"
        assert alert.evidence["gate"] == "west gate"
        assert (alert.evidence["bound"], alert.evidence["due_at"]) == ("east", "2024-02-03T14:50:00Z")
        assert (alert.evidence["to_go_nm"], alert.evidence["takes_min"], alert.evidence["deaf_min"]) == (30.0, 240, 0)
    assert late(watch.until("23:00")) == [] or count == 0


@pytest.mark.parametrize(
    ("fix", "where"),
    [
        ((0.5, 121.2), "beyond the far gate"),
        ((0.5, 119.8), "turned back"),
        ((0.5, 120.9), "still inside"),
        ((-0.2, 120.5), "elsewhere"),
    ],
)
def test_her_next_report_ends_it_and_says_where_and_how_late(fix: Fix, where: str) -> None:
    watch = watched()
    watch.until("20:00")
    (closed,) = late(watch.hears(angara.at("20:20").near(fix)))
    assert (closed.event, closed.place and closed.place.what) == ("closed", where)
    assert (closed.evidence["late_min"], closed.happened_at) == (330, time("14:50"))
    assert "is heard 5 h 30 min after she was due" in closed.summary
    assert closed.position is not None
    assert (closed.position.lat, closed.position.lon) == (fix[0], fix[1])
    assert late(watch.until("20:30")) == []


def test_a_report_without_a_position_ends_it_too() -> None:
    watch = watched()
    watch.until("20:00")
    (closed,) = late(watch.hears(angara.at("20:20").without_position()))
    assert (closed.event, closed.place and closed.place.what) == ("closed", "heard")
    assert closed.position == late(watch.told)[0].position


def test_a_place_off_her_track_is_not_where_she_is() -> None:
    watch = watched()
    watch.until("20:00")
    assert what(watch.hears(angara.at("20:20").near((60.0, 10.0)))) == [("closed", "heard")]


def test_from_so_far_away_no_straight_leg_is_taken_for_her_way() -> None:
    watch = watched()
    watch.until("20:00", day=3)
    assert what(watch.hears(angara.at("20:00", day=3).near((0.5, 133.0)))) == [("closed", "elsewhere")]


def test_who_is_heard_inside_is_late_but_not_missed_and_her_silence_counts_anew() -> None:
    fixes = [angara.at(f"{hour:02}:00").near(east_of(WEST, hour)).moving(3.0) for hour in range(9, 24)]
    watch = watched(*fixes)
    watch.until("23:59")
    assert late(watch.told) == []
    assert len(late(watch.until("20:00", day=1))) == 1


def test_heard_again_inside_she_can_be_overdue_again() -> None:
    watch = watched()
    watch.until("15:00")
    watch.hears(angara.at("15:00").near((0.5, 120.75)))
    watch.until("18:00")
    assert what(watch.told) == [("opened", "overdue"), ("closed", "still inside"), ("opened", "overdue")]
    assert [alert.id[-16:] for alert in late(watch.told)] == ["20240203T105000Z"] * 2 + ["20240203T150000Z"]


def test_never_before_she_can_be_there_at_her_own_speed() -> None:
    """Thirty miles at five knots."""
    watch = watched(angara.at("10:49").near((0.5, 120.4967)).moving(5), angara.at("10:50").near(HALFWAY).moving(5))
    assert late(watch.until("16:49")) == []
    assert len(late(watch.until("16:51"))) == 1


def test_where_no_time_is_given_it_is_three_times_as_long_as_at_her_speed() -> None:
    watch = watched(zones=(narrows,))
    assert late(watch.until("18:20")) == []
    (told,) = late(watch.until("18:21"))
    assert (told.evidence["transit_given"], told.evidence["takes_min"]) == (False, 450)


def test_nobody_is_overdue_within_a_quarter_of_an_hour() -> None:
    before = (0.5, 120.99)
    watch = watched(angara.at("13:05").near((0.5, 120.985)), angara.at("13:10").near(before))
    assert late(watch.until("13:24")) == []
    assert len(late(watch.until("13:25"))) == 1


def test_she_is_asked_in_time_however_patient_the_other_rules_are() -> None:
    patient = Thresholds(silence_floor_min=240, silence_ceiling_min=240, port_silence_min=240, stopped_silence_min=240)
    watch = Watch((SLOW_NARROWS,), patient)
    for minute in range(5):
        watch.follows(angara.at(f"13:{minute:02}").near((0.5, 120.97 + 0.003 * minute)))
        watch.until(f"13:{minute:02}")
    watch.until("13:18")
    assert what(watch.until("13:19")) == [("opened", "overdue")]


@pytest.mark.parametrize(("speed_kn", "told"), [(0.9, 0), (1.0, 1)])
def test_who_lies_still_is_on_no_passage(speed_kn: float, told: int) -> None:
    still = angara.near(HALFWAY).moving(speed_kn)
    watch = watched(still.at("10:49"), still.at("10:50"))
    watch.until("20:00", day=2)
    assert len(late(watch.told)) == told


def test_who_is_in_a_flagged_port_is_on_no_passage() -> None:
    watch = watched(angara.at("10:50").near(HALFWAY).moving(2.0), zones=(SLOW_NARROWS, quay))
    watch.until("20:00", day=2)
    assert late(watch.told) == []


def test_after_a_call_her_passage_goes_on() -> None:
    there = angara.near(HALFWAY)
    way = (there.at("10:50").moving(0.0), there.at("18:00").moving(0.0), angara.at("18:30").near((0.5, 120.55)))
    watch = watched(*way, zones=(SLOW_NARROWS, quay))
    assert len(late(watch.until("23:00"))) == 1


@pytest.mark.parametrize(("course_deg", "told"), [(270.0, 0), (225.0, 0), (180.0, 1), (90.0, 1)])
def test_who_goes_away_from_the_far_gate_is_not_expected_there(course_deg: float, told: int) -> None:
    last = angara.at("10:50").near(HALFWAY)
    watch = watched(*(last._with(at=time(f"10:{minute}"), course_deg=course_deg) for minute in range(30, 51, 2)))
    watch.until("20:00")
    assert len(late(watch.told)) == told


def test_first_seen_inside_she_is_overdue_as_soon_as_it_is_known_which_way_she_goes() -> None:
    one = Watch((SLOW_NARROWS,))
    one.hears(angara.at("10:50").near(HALFWAY))
    assert late(one.until("23:00")) == []
    two = Watch((SLOW_NARROWS,))
    two.hears(angara.at("10:50").near(HALFWAY), angara.at("10:51").near(east_of(HALFWAY, -0.2)))
    (told,) = late(two.until("15:00"))
    assert told.summary.startswith("ANGARA is overdue at the west end of The Narrows: last heard at ")
    assert "gate" not in told.evidence
    assert what(two.hears(angara.at("15:10").near((0.5, 121.1)))) == [("closed", "turned back")]


def test_out_of_the_gate_she_is_not_overdue_though_within_the_margin() -> None:
    watch = watched(angara.at("13:28").near((0.5, 120.99)), angara.at("13:33").near((0.5, 121.01)))
    assert late(watch.until("23:00")) == []


def test_over_the_side_of_the_strait_she_is_no_longer_in_it() -> None:
    aside = (-0.02, 120.5)
    watch = watched(angara.at("10:40").near((0.02, 120.47)), angara.at("10:50").near(aside))
    assert late(watch.until("23:00")) == []


def test_a_jump_is_no_leg_that_she_sailed() -> None:
    far = [angara.at(f"10:{51 + n}").near((0.5, 122.0 + n / 100)) for n in range(2)]
    watch = watched(angara.at("10:49").near((0.5, 120.4967)), angara.at("10:50").near(HALFWAY), *far)
    watch.until("16:00")
    assert what(watch.hears(angara.at("16:10").near((0.5, 122.1)))) == [("closed", "elsewhere")]


def test_once_it_is_told_she_is_not_asked_again_for_it() -> None:
    watch = watched()
    watch.until("20:00", day=1)
    terms = terms_of(Versions("zones", "rules", ""), watch.contents)
    assert len(late(watch.told)) == 1
    assert wakes_at(watch.engine.memory("imo-9179842"), watch.engine.world, terms, RULES) is None


def test_what_nobody_listened_to_does_not_count() -> None:
    watch = watched()
    assert late(watch.until("15:20", Outage("coast", time("12:00"), time("13:00")))) == []
    assert late(watch.until("15:49")) == []
    (told,) = late(watch.until("15:50"))
    assert told.evidence["deaf_min"] == 60
    assert told.summary.endswith("4 h 00 min allowed for the rest of the passage, 1 h 00 min of outage not counted")


@pytest.mark.parametrize(("station", "told"), [("mast", "15:50"), ("hill", "14:50")])
def test_an_outage_of_the_station_that_heard_her_does_not_count(station: str, told: str) -> None:
    watch = watched()
    watch.until("14:49", Outage("coast", time("12:00"), time("13:00"), station=station))
    watch.until("20:00")
    assert [alert.happened_at for alert in late(watch.told)] == [time(told)]


def test_while_an_outage_lasts_nobody_is_overdue() -> None:
    watch = watched()
    assert late(watch.until("23:00", Outage("coast", time("12:00"), None))) == []
    assert late(watch.until("23:30", Outage("satellite", time("12:00"), None))) == []


def test_an_outage_that_is_found_late_takes_it_back_and_it_opens_again() -> None:
    watch = watched()
    watch.until("15:00")
    watch.until("15:10", Outage("coast", time("12:00"), time("13:00")))
    watch.until("16:00")
    told = late(watch.told)
    assert [str(alert.event) for alert in told] == ["opened", "retracted", "opened"]
    assert [alert.revision for alert in told] == [0, 1, 2]


def test_a_late_report_that_shows_that_she_came_out_takes_it_back() -> None:
    watch = Watch((SLOW_NARROWS,), late=(LateTick("sky", time("08:00"), 4 * 3_600_000),))
    watch.hears(angara.at("08:00").near(OUTSIDE), angara.at("08:10").near(east_of(WEST, 0.1)))
    watch.hears(angara.at("10:49").near((0.5, 120.4967)), angara.at("10:50").near(HALFWAY))
    assert len(late(watch.until("15:00"))) == 1
    told = late(watch.hears(angara.at("14:00").near((0.5, 121.2)).by("sky").received("15:05")))
    assert [str(alert.event) for alert in told] == ["retracted"]


def test_of_three_ends_the_way_behind_her_is_from_where_she_came() -> None:
    side = Gate("south gate", ((0.4, 120.45), (0.4, 120.55)), "south")
    ring = Polygon(((0.0, 120.0), (0.0, 121.0), (1.0, 121.0), (1.0, 120.0), (0.0, 120.0)))
    watch = watched(zones=(replace(SLOW_NARROWS, shape=ring, gates=(*narrows.gates, side)),))
    (told,) = late(watch.until("16:00"))
    assert (told.evidence["bound"], told.evidence["takes_min"]) == ("east", 240)
