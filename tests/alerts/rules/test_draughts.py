"""draught_change: what is told of a hull whose draught is another, and what is not."""

from __future__ import annotations

import pytest

from alerts.core.alert import Alert, Position
from alerts.core.heard import Says
from tests.crews import IN_BALLAST, LADEN, OFF, a_call, her, lay_still, out_of_the_dark, typing, under_way, unheard
from tests.fleet import HAVEN, OPEN_SEA, Watch, east_of, haven, time


def draughts(watch: Watch) -> list[Alert]:
    return [alert for alert in watch.told if alert.rule == "draught_change"]


def test_a_hull_that_lights_up_in_ballast_is_told_in_the_step_that_says_so() -> None:
    watch = out_of_the_dark()
    assert draughts(watch) == []
    (told,) = watch.hears(her.at("15:02").says(4.0))
    assert (told.rule, told.event, told.severity) == ("draught_change", "opened", "warning")
    assert told.summary == "ANGARA has a draught of 4.0 m, 3.0 m less: she was dark for 8 h 00 min"
    assert told.evidence == {
        "before_m": 7.0,
        "after_m": 4.0,
        "before_since": "2024-02-03T06:00:06Z",
        "before_until": "2024-02-03T07:00:06Z",
        "after_since": "2024-02-03T15:02:00Z",
        "between": "dark",
        "dark_since": "2024-02-03T07:00:06Z",
        "dark_until": "2024-02-03T15:01:00Z",
    }
    assert told.position == Position(round(OFF[0], 5), round(OFF[1], 5))
    assert (told.happened_at, told.place) == (time("15:02"), None)


def test_nothing_more_is_said_when_it_stands() -> None:
    watch = out_of_the_dark()
    watch.follows(*typing("15:02", "17:00", IN_BALLAST, her.near(OFF)))
    watch.until("17:10")
    assert [str(alert.event) for alert in draughts(watch)] == ["opened"]


@pytest.mark.parametrize(("clock", "until"), [("15:08", "15:08:00"), ("16:00", "16:00:00")])
def test_it_is_taken_back_when_she_says_the_old_one_again(clock: str, until: str) -> None:
    watch = out_of_the_dark()
    watch.hears(her.at("15:02").says(4.0))
    watch.follows(her.at(clock).says(7.0))
    opened, closed = draughts(watch)
    assert (closed.id, closed.event) == (opened.id, "closed")
    assert closed.summary == "ANGARA has a draught of 7.0 m again; 4.0 m is taken back"
    assert closed.evidence == {**opened.evidence, "taken_back_at": f"2024-02-03T{until}Z"}


def test_the_same_draught_after_the_dark_is_no_news_nor_is_none() -> None:
    watch = out_of_the_dark()
    assert watch.hears(her.at("15:02").says(6.4), her.at("15:03").says(None, name="ANGARA")) == []


def test_a_third_value_amends_what_was_told() -> None:
    watch = out_of_the_dark()
    watch.hears(her.at("15:02").says(4.0), her.at("15:08").says(5.5))
    assert [(str(a.event), a.evidence["after_m"]) for a in draughts(watch)] == [("opened", 4.0), ("amended", 5.5)]


def test_a_late_report_that_shows_the_old_draught_in_the_light_takes_it_back() -> None:
    watch = out_of_the_dark()
    watch.hears(her.at("15:02").says(4.0))
    (told,) = watch.hears(her.at("15:01:30").says(7.0).by("hill"))
    assert (told.rule, told.event) == ("draught_change", "retracted")


def test_what_is_typed_under_way_is_told_after_an_hour_for_information() -> None:
    watch = Watch()
    watch.follows(*typing("06:00", "07:00", LADEN), *typing("07:06", "08:00", IN_BALLAST))
    assert draughts(watch) == []
    (told,) = draughts(under_way())
    assert (told.severity, told.evidence["between"]) == ("info", "under way")
    assert told.summary == "ANGARA has a draught of 4.0 m, 3.0 m less than at 2024-02-03T07:00:06Z"
    assert (told.happened_at, told.known_at) == (time("07:06:06"), time("08:06:06"))


def test_a_slip_of_the_hand_is_not_told() -> None:
    watch = Watch()
    watch.follows(*typing("06:00", "07:00", LADEN), *typing("07:06", "08:00", Says(17.0)))
    watch.follows(*typing("08:06", "10:00", LADEN))
    assert draughts(watch) == []


@pytest.mark.parametrize(("flag", "severity"), [("info", "info"), ("caution", "caution"), ("critical", "caution")])
def test_after_a_call_it_is_as_grave_as_the_port_but_caution_at_most(flag: str, severity: str) -> None:
    (told,) = draughts(a_call(flag))
    assert (told.severity, told.evidence["between"], told.evidence["port"]) == (severity, "call", "haven")
    assert told.summary == "ANGARA has a draught of 4.0 m, 3.0 m less: she called at Haven"
    assert told.place is not None
    assert (told.place.zone, told.place.what) == ("haven", "draught changed")
    assert told.evidence["call_since"] == "2024-02-03T07:00:00Z"


def test_dark_in_a_port_is_a_call_there() -> None:
    watch = Watch((haven,))
    watch.follows(*typing("06:00", "07:00", LADEN, her.near(HAVEN).moving(0)))
    watch.until("15:00")
    watch.follows(*typing("15:01", "16:01", IN_BALLAST, her.near(HAVEN).moving(0)))
    (told,) = draughts(watch)
    assert ("dark_in_port", "closed") in watch.events
    assert (told.severity, told.evidence["between"]) == ("caution", "call")
    assert told.evidence["dark_until"] == "2024-02-03T15:01:00Z"


def test_a_stop_elsewhere_is_for_information() -> None:
    (told,) = draughts(lay_still())
    assert (told.severity, told.summary) == (
        "info",
        "ANGARA has a draught of 4.0 m, 3.0 m less: she lay still at 2024-02-03T06:36:00Z",
    )


def test_hours_unheard_are_not() -> None:
    (told,) = draughts(unheard())
    assert (told.severity, told.summary) == (
        "caution",
        "ANGARA has a draught of 4.0 m, 3.0 m less: she was unheard for 4 h 35 min",
    )


def test_while_two_ships_use_her_numbers_nobody_knows_whose_draught_it_is() -> None:
    watch = Watch()
    watch.follows(*typing("06:00", "07:00", LADEN))
    far = typing("07:03", "09:03", IN_BALLAST, her.near(east_of(OPEN_SEA, 300)))
    watch.follows(*sorted([*far, *typing("07:06", "09:06", IN_BALLAST)], key=lambda one: one.heard.at))
    assert ("identity_conflict", "opened") in watch.events
    assert draughts(watch) == []


def test_a_change_that_was_told_is_measured_from_then_on() -> None:
    watch = under_way()
    watch.follows(*typing("08:12", "09:00", IN_BALLAST), *typing("09:06", "11:00", LADEN))
    watch.until("11:10")
    assert [(a.evidence["before_m"], a.evidence["after_m"]) for a in draughts(watch)] == [(7.0, 4.0), (4.0, 7.0)]
    assert len({alert.id for alert in draughts(watch)}) == 2
    assert {str(alert.event) for alert in draughts(watch)} == {"opened"}
