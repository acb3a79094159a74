"""area, strait and port_call, as one engine tells them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest

from alerts.core.alert import Alert, Place, Position, Severity
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.instants import MINUTE
from alerts.core.intervals import IntervalClosed, Versions
from alerts.core.reports import Origin
from alerts.core.zones import Circle, Polygon, Zone, ZoneIndex
from tests.fleet import (
    HAVEN,
    HAVEN_MARGIN_NM,
    HAVEN_NM,
    SHOAL,
    SHOAL_MARGIN_NM,
    SHOAL_NM,
    Ship,
    Watch,
    east_of,
    events,
    haven,
    narrows,
    ship,
    shoal,
    time,
)

angara = ship(273210440).at("08:00")
off_shoal = angara.near(east_of(SHOAL, SHOAL_NM + SHOAL_MARGIN_NM + 1))
off_haven = angara.near(east_of(HAVEN, HAVEN_NM + HAVEN_MARGIN_NM + 1))


def only(alerts: list[Alert]) -> Alert:
    assert len(alerts) == 1
    return alerts[0]


def in_shoal(nm: float = SHOAL_NM - 0.01) -> Ship:
    return angara.near(east_of(SHOAL, nm))


def in_haven(nm: float = 1.0) -> Ship:
    return angara.near(east_of(HAVEN, nm))


def what(alert: Alert) -> str:
    assert alert.place is not None
    return alert.place.what


# areas


def test_an_area_is_entered_at_its_border() -> None:
    watch = Watch()
    assert watch.hears(off_shoal, in_shoal(SHOAL_NM + 0.01).at("08:05")) == []
    told = only(watch.hears(in_shoal(SHOAL_NM - 0.01).at("08:06")))
    assert (told.rule, told.event, told.severity) == ("area", "opened", Severity.WARNING)
    assert told.id == "imo-9179842.area.shoal.20240203T080600Z"
    assert told.happened_at == time("08:06")
    assert told.place == Place("shoal", "Shoal", "area", "entered")
    assert told.summary == "ANGARA entered Shoal"
    assert told.evidence["seen_entering"] is True
    assert told.evidence["first_fix"]["at"] == "2024-02-03T08:06:00Z"
    assert told.position == Position(told.evidence["first_fix"]["lat"], told.evidence["first_fix"]["lon"])


def test_the_first_fix_of_all_inside_counts_and_is_marked() -> None:
    told = only(Watch().hears(in_shoal()))
    assert (what(told), told.summary) == (
        "first seen inside",
        "ANGARA was first seen inside Shoal, unconfirmed position",
    )
    assert told.evidence["seen_entering"] is False


@pytest.mark.parametrize(("at", "told"), [("08:30", "entered"), ("08:30:00.001", "first seen inside")])
def test_she_was_seen_entering_when_the_fix_before_is_no_older_than_her_limit(at: str, told: str) -> None:
    watch = Watch()
    watch.hears(off_shoal)
    assert [what(alert) for alert in watch.hears(in_shoal().at(at)) if alert.rule == "area"] == [told]


def test_an_area_is_left_only_beyond_its_margin() -> None:
    watch = Watch()
    watch.hears(in_shoal(), in_shoal().at("08:01"))
    assert watch.hears(in_shoal(SHOAL_NM + SHOAL_MARGIN_NM - 0.01).at("08:10")) == []
    told = only(watch.hears(in_shoal(SHOAL_NM + SHOAL_MARGIN_NM + 0.01).at("08:20")))
    assert (told.event, what(told), told.summary) == ("closed", "left", "ANGARA left Shoal")
    assert (told.happened_at, told.evidence["until"]) == (time("08:00"), "2024-02-03T08:20:00Z")


def test_in_the_band_between_border_and_margin_nobody_enters_and_nobody_leaves() -> None:
    watch = Watch()
    band = in_shoal(SHOAL_NM + SHOAL_MARGIN_NM / 2)
    watch.hears(off_shoal, band.at("08:05"))
    assert watch.told == []
    watch.hears(in_shoal().at("08:10"), band.at("08:15"), in_shoal().at("08:20"), band.at("08:25"))
    assert watch.events == [("area", "opened")]


@pytest.mark.parametrize(("swing_nm", "told"), [(1.9, ["opened"]), (2.1, ["opened", "closed", "opened"])])
def test_a_ship_that_swings_at_anchor_on_the_border_for_a_week_enters_once(swing_nm: float, told: list[str]) -> None:
    """Her margin is 2 nm: of a longer chain she leaves and enters with every tide."""
    anchor = angara.moored(0.2)
    week = [anchor._with(at=time("08:00") + n * 10 * MINUTE).near(swung(n, swing_nm)) for n in range(1008)]
    alerts = [alert for alert in Watch().follows(*week) if alert.event != "amended"]
    assert {alert.rule for alert in alerts} == {"area"}
    assert [str(alert.event) for alert in alerts[:3]] == told


def swung(n: int, swing_nm: float) -> Fix:
    """Where the tide has her: from one side of the border to the other in six hours, and back."""
    return east_of(SHOAL, SHOAL_NM + swing_nm * math.sin(math.pi * n / 36))


def test_a_second_visit_is_another_episode() -> None:
    watch = Watch()
    watch.hears(in_shoal(), off_shoal.at("08:10"), in_shoal().at("08:20"))
    assert watch.events == [("area", "opened"), ("area", "closed"), ("area", "opened")]
    assert watch.told[0].id != watch.told[2].id


def test_a_report_without_a_position_moves_her_nowhere() -> None:
    watch = Watch()
    watch.hears(in_shoal())
    assert watch.hears(angara.at("08:10").without_position()) == []


def test_a_zone_that_is_no_longer_flagged_takes_its_visit_back() -> None:
    watch = Watch()
    watch.hears(in_shoal())
    watch.contents["fewer"] = ZoneIndex.of((haven,))
    versions = Versions("fewer", "rules")
    told = watch.takes(IntervalClosed(Origin("clock-log", watch.offset + 1, 0), time("08:01"), versions=versions))
    assert events(told) == [("area", "retracted")]


def edited(watch: Watch, *zones: Zone, at: str = "08:02") -> list[Alert]:
    """Another version of the zones takes hold, or is in force still."""
    watch.contents["edited"] = ZoneIndex.of(zones)
    versions = Versions("edited", "rules")
    return watch.takes(IntervalClosed(Origin("clock-log", watch.offset + 1, 0), time(at), versions=versions))


@pytest.mark.parametrize("radius_nm", [SHOAL_NM + 5, SHOAL_NM - 1])
def test_a_zone_that_is_edited_around_her_is_not_entered_again(radius_nm: float) -> None:
    watch = Watch()
    watch.hears(in_shoal(2), in_shoal(2).at("08:00:30"))
    assert edited(watch, replace(shoal, shape=Circle(*SHOAL, radius_nm))) == []
    assert watch.hears(in_shoal(2.1).at("08:03")) == []


@pytest.mark.parametrize(("moved_nm", "told"), [(-0.01, "entered"), (0.01, "first seen inside")])
def test_a_border_that_is_moved_over_her_was_not_entered(moved_nm: float, told: str) -> None:
    """Her report of 07:50 is settled when the border moves; that of 08:00 is told by the new one."""
    watch = Watch()
    near = in_shoal(SHOAL_NM + 1)
    watch.hears(near.at("07:50"))
    watch.until("07:55")
    watch.hears(near)
    moved = edited(watch, replace(shoal, shape=Circle(*SHOAL, SHOAL_NM + 1 + moved_nm)))
    assert what(only([*moved, *watch.hears(in_shoal().at("08:03"))])) == told


SETTLED = pytest.mark.parametrize("settled", [True, False])
WEST, EAST = narrows.gates


def narrows_to(lon: float) -> Zone:
    """The strait with its east gate there."""
    ring = Polygon(((0.0, 120.0), (0.0, lon), (1.0, lon), (1.0, 120.0), (0.0, 120.0)))
    return replace(narrows, shape=ring, gates=(WEST, replace(EAST, line=((0.2, lon), (0.8, lon)))))


def is_there(ships: Iterable[Ship], settled: bool, *zones: Zone) -> Watch:
    """Heard at 07:30, 07:40, 07:50 and 08:00: all but the last is settled, or nothing."""
    first, second, third, last = ships
    watch = Watch(zones or (haven, shoal, narrows))
    watch.hears(first.at("07:30"), second.at("07:40"), third.at("07:50"))
    if settled:
        watch.until("07:59")
    watch.hears(last.at("08:00"))
    assert len(watch.engine.memory("imo-9179842").recent) == (1 if settled else 4)
    return watch


def in_by_the_west_gate() -> list[Ship]:
    return [angara.near((0.5, lon)) for lon in (119.98, 120.02, 120.06, 120.09)]


@SETTLED
@pytest.mark.parametrize("radius_nm", [HAVEN_NM + 5, HAVEN_NM - 1, 0.99])
def test_in_a_port_that_is_edited_around_her_she_does_not_arrive_again(radius_nm: float, settled: bool) -> None:
    """By the smallest border she is outside, within the margin: not settled, she never was in."""
    moored = in_haven(1.0).moored(0.0)
    watch = is_there([moored] * 4, settled)
    told = edited(watch, replace(haven, shape=Circle(*HAVEN, radius_nm)))
    told += watch.hears(moored.at("08:03"), moored.at("08:13"))
    assert events(told) == ([] if settled or radius_nm > 1 else [("port_call", "retracted")])


@SETTLED
@pytest.mark.parametrize(
    ("zone", "place"), [(haven, east_of(HAVEN, 2.5)), (shoal, east_of(SHOAL, 8)), (narrows, (0.5, 120.9))]
)
def test_a_border_that_is_drawn_away_from_her_takes_her_visit_back_and_she_did_not_leave(
    zone: Zone, place: Fix, settled: bool
) -> None:
    there = angara.near(place).moored(0.0)
    watch = is_there([there] * 4, settled)
    away = narrows_to(120.5).shape if zone is narrows else Circle(*east_of(place, -5), 1.0)
    assert events(edited(watch, replace(zone, shape=away))) == [(watch.told[0].rule, "retracted")]
    assert watch.hears(there.at("08:03"), there.at("08:13")) == []


@pytest.mark.parametrize(("settled", "told"), [(True, "left"), (False, "transited")])
def test_a_gate_that_is_drawn_behind_her_was_not_passed(settled: bool, told: str) -> None:
    """She is in the band outside of it; what is not settled is told as it is drawn now."""
    watch = is_there(in_by_the_west_gate(), settled)
    edited(watch, narrows_to(120.05))
    out = only(watch.hears(angara.at("08:10").near((0.5, 120.12))))
    assert (out.event, what(out)) == ("closed", told)


@SETTLED
def test_a_gate_that_is_drawn_further_on_is_passed_there(settled: bool) -> None:
    watch = is_there(in_by_the_west_gate(), settled, narrows_to(120.1))
    assert edited(watch, narrows_to(120.18)) == []
    assert watch.hears(*(angara.at(at).near((0.5, lon)) for at, lon in (("08:10", 120.13), ("08:20", 120.17)))) == []
    out = only(watch.hears(angara.at("08:40").near((0.5, 120.24))))
    assert (out.event, what(out), out.evidence["exit_gate"]) == ("closed", "transited", "east gate")


@SETTLED
def test_of_a_gate_and_an_end_that_a_strait_no_longer_has_her_visit_knows_nothing(settled: bool) -> None:
    """Settled, that she came by one of them is forgotten; and she is overdue at no end that is not there."""
    watch = is_there(in_by_the_west_gate(), settled)
    assert watch.told[-1].evidence["bound"] == "east"
    renamed = replace(narrows, gates=(replace(WEST, name="Quay", end="upper"), replace(EAST, name="Bar", end="lower")))
    told = only(edited(watch, renamed))
    assert (told.event, told.evidence["bound"]) == ("amended", "lower")
    assert told.evidence.get("gate") == (None if settled else "Quay")
    overdue = [alert for alert in edited(watch, renamed, at="23:00") if alert.rule == "overdue"]
    assert [alert.evidence["bound"] for alert in overdue] == ["lower"]


RULES_OF = {"area": "area", "port": "port_call", "strait": "strait"}
KINDS = {kind: replace(narrows, kind=kind, gates=()) for kind in ("area", "port")} | {"strait": narrows}


@SETTLED
@pytest.mark.parametrize("before", KINDS)
@pytest.mark.parametrize("after", KINDS)
def test_a_zone_of_another_kind_is_told_as_such_and_keeps_nothing_of_the_old_one(
    before: str, after: str, settled: bool
) -> None:
    """She came by a gate, lay still, and goes for the other."""
    first, second, third, last = in_by_the_west_gate()
    watch = is_there([first, second.moving(0.0), third, last], settled, KINDS[before])
    told = {alert.rule: (str(alert.event), set(alert.evidence)) for alert in edited(watch, KINDS[after])}
    if before == after:
        assert told == {}
        return
    assert {rule: event for rule, (event, _) in told.items()} == {
        RULES_OF[before]: "retracted",
        RULES_OF[after]: "closed" if after == "port" and not settled else "opened",
    }
    if settled:
        assert told[RULES_OF[after]][1] <= {"first_fix", "seen_entering", "confirmed", "confidence", "bound"}
    edited(watch, KINDS[after], at="23:00")


# straits


def sailing(*fixes: tuple[str, float, float]) -> list[Alert]:
    watch = Watch()
    return watch.hears(*(angara.at(at).near((lat, lon)) for at, lat, lon in fixes))


@pytest.mark.parametrize(
    ("lat", "lon", "gate", "words"),
    [
        (0.5, 119.9, "west gate", " by west gate, eastbound"),
        (0.5, 121.1, "east gate", " by east gate, westbound"),
        (0.1, 119.9, None, ""),
        (1.1, 120.1, None, ""),
    ],
)
def test_a_strait_is_entered_by_a_gate_or_over_its_side(lat: float, lon: float, gate: str | None, words: str) -> None:
    inside = (lat if lat < 1 else 0.9, 120.1 if lon < 120.5 else 120.9)
    told = only(sailing(("08:00", lat, lon), ("08:20", *inside)))
    assert (told.rule, told.event, what(told), told.severity) == ("strait", "opened", "entered", Severity.CRITICAL)
    assert told.evidence.get("gate") == gate
    assert told.summary == "ANGARA entered The Narrows" + words


def test_first_seen_inside_a_strait_she_came_by_no_gate() -> None:
    told = only(sailing(("08:00", 0.5, 120.5)))
    assert (what(told), told.summary) == (
        "first seen inside",
        "ANGARA was first seen inside The Narrows, unconfirmed position",
    )
    assert "gate" not in told.evidence


def test_after_a_dark_silence_no_gate_is_made_up() -> None:
    told = [alert for alert in sailing(("08:00", 0.5, 119.9), ("12:00", 0.5, 120.1)) if alert.rule == "strait"]
    assert what(only(told)) == "first seen inside"
    assert "gate" not in told[0].evidence


@pytest.mark.parametrize(("nm", "told"), [(2.99, []), (3.01, ["closed"])])
def test_a_strait_is_left_beyond_its_margin(nm: float, told: list[str]) -> None:
    watch = Watch()
    watch.hears(angara.near((0.5, 120.9)), angara.at("08:10").near((0.5, 120.95)))
    out = watch.hears(angara.at("08:20").near(east_of((0.5, 121.0), nm)))
    assert [str(alert.event) for alert in out] == told
    assert [alert.summary for alert in out] == ["ANGARA left The Narrows by east gate"] * len(told)


# ports


def test_a_port_is_entered_then_she_arrives_and_departs() -> None:
    watch = Watch()
    watch.hears(off_haven)
    entered = only(watch.hears(in_haven().at("08:10").moving(6)))
    assert (entered.rule, what(entered), entered.severity) == ("port_call", "entered", Severity.CAUTION)
    arrived = only(watch.hears(in_haven().at("08:20").moving(0.1)))
    assert (arrived.event, what(arrived), arrived.summary) == ("amended", "arrived", "ANGARA arrived at Haven")
    assert arrived.evidence["arrived_at"] == "2024-02-03T08:20:00Z"
    assert arrived.happened_at == time("08:10")
    departed = only(watch.hears(in_haven().at("08:30").moving(3)))
    assert (departed.event, what(departed), departed.summary) == ("closed", "departed", "ANGARA departed Haven")
    assert departed.evidence["until"] == "2024-02-03T08:30:00Z"
    assert {entered.id, arrived.id, departed.id} == {"imo-9179842.port_call.haven.20240203T081000Z"}


@pytest.mark.parametrize(("speed_kn", "told"), [(0.49, "arrived"), (0.5, "first seen inside")])
def test_she_has_arrived_when_slower_than_half_a_knot(speed_kn: float, told: str) -> None:
    assert what(only(Watch().hears(in_haven().moving(speed_kn)))) == told


@pytest.mark.parametrize(("speed_kn", "told"), [(2.0, []), (2.01, ["departed"])])
def test_she_departs_when_faster_than_two_knots(speed_kn: float, told: list[str]) -> None:
    watch = Watch()
    watch.hears(in_haven().moving(0), in_haven().at("08:05").moving(0))
    assert [what(alert) for alert in watch.hears(in_haven().at("08:10").moving(speed_kn))] == told


def test_moored_without_a_speed_is_stopped_but_under_way_without_one_is_not() -> None:
    assert what(only(Watch().hears(in_haven().moored()))) == "arrived"
    assert what(only(Watch().hears(in_haven().without_speed()))) == "first seen inside"


def test_moored_at_five_knots_is_not_stopped() -> None:
    assert what(only(Watch().hears(in_haven().moored(5)))) == "first seen inside"


def test_without_a_speed_nobody_departs() -> None:
    watch = Watch()
    watch.hears(in_haven().moving(0), in_haven().at("08:05").moving(0))
    assert watch.hears(in_haven().at("08:10").without_speed()) == []


def test_never_stopped_she_leaves_but_does_not_depart() -> None:
    watch = Watch()
    watch.hears(in_haven().moving(9))
    told = only(watch.hears(off_haven.at("08:10")))
    assert (told.event, what(told)) == ("closed", "left")


def test_once_arrived_and_out_without_a_fix_under_way_she_departed() -> None:
    watch = Watch()
    watch.hears(in_haven().moving(0))
    told = only(watch.hears(off_haven.at("08:10").moving(1)))
    assert (told.event, what(told), told.evidence["until"]) == ("closed", "departed", "2024-02-03T08:10:00Z")


def test_shifting_berth_goes_on_with_the_call() -> None:
    watch = Watch()
    watch.hears(in_haven().moving(0), in_haven().at("08:10").moving(3))
    told = only(watch.hears(in_haven().at("08:20").moving(0)))
    assert (told.event, what(told), told.revision) == ("amended", "arrived", 2)
    assert told.evidence["arrived_at"] == "2024-02-03T08:00:00Z"
    assert "until" not in told.evidence


def test_departed_and_then_out_is_told_once_at_the_fix_under_way() -> None:
    watch = Watch()
    watch.hears(in_haven().moving(0), in_haven(2).at("08:10").moving(3), in_haven(2.5).at("08:20").moving(9))
    watch.hears(off_haven.at("08:25"))
    assert watch.events == [("port_call", "opened"), ("port_call", "closed")]
    assert watch.told[-1].position == Position(0.0, round(east_of(HAVEN, 2)[1], 5))


def test_vanishing_inside_is_not_leaving() -> None:
    watch = Watch()
    watch.hears(in_haven().moving(0))
    watch.until("00:00", day=30)
    assert watch.events == [("port_call", "opened"), ("dark_in_port", "opened")]


def test_stopping_in_an_area_is_no_arrival() -> None:
    assert what(only(Watch().hears(in_shoal().moving(0)))) == "first seen inside"


def test_each_zone_tells_its_own_severity() -> None:
    for flag in Severity:
        watch = Watch(zones=(replace(shoal, flag=str(flag)),))
        assert only(watch.hears(in_shoal())).severity is flag


# how sure


def test_what_rests_on_one_fix_alone_says_so_until_the_next_one_inside() -> None:
    watch = Watch()
    opened = only(watch.hears(in_shoal()))
    assert (opened.evidence["confirmed"], opened.summary[-22:]) == (False, ", unconfirmed position")
    amended = only(watch.hears(in_shoal(9.95).at("08:00:10")))
    assert (amended.event, amended.evidence["confirmed"]) == ("amended", True)
    assert amended.summary == "ANGARA was first seen inside Shoal"


def test_a_fix_that_follows_another_shortly_after_is_confirmed_by_it() -> None:
    assert only(Watch().hears(off_shoal, in_shoal().at("08:10"))).evidence["confirmed"] is True


def test_one_fix_inside_and_the_next_outside_is_never_confirmed() -> None:
    closed = Watch().hears(in_shoal(), off_shoal.at("08:20"))[-1]
    assert (closed.event, closed.evidence["confirmed"]) == ("closed", False)


@pytest.mark.parametrize(
    ("seen", "confidence"),
    [
        ((off_haven, in_haven().at("08:10").moving(6), in_haven().at("08:20").moving(0)), "high"),
        ((off_haven, in_haven().at("08:10").moving(6)), "medium"),
        ((in_haven().at("08:20").moving(0),), "medium"),
        ((in_haven().moving(6),), "low"),
    ],
)
def test_a_call_is_as_sure_as_it_was_seen(seen: tuple[Ship, ...], confidence: str) -> None:
    assert Watch().hears(*seen)[-1].evidence["confidence"] == confidence


def test_a_departure_says_how_long_she_stayed() -> None:
    stopped, gone = in_haven().at("08:20").moving(0), in_haven().at("11:50").moving(3)
    watch = Watch()
    watch.hears(off_haven, in_haven().at("08:10").moving(6), *(stopped.at(f"{hour:02}:20") for hour in range(8, 12)))
    assert watch.hears(gone)[-1].evidence["stay_min"] == 210


# swinging at anchor


@pytest.mark.parametrize(("swing_nm", "calls"), [(HAVEN_MARGIN_NM - 0.01, 1), (HAVEN_MARGIN_NM + 0.01, 337)])
def test_a_ship_that_swings_at_anchor_on_the_border_for_a_week_makes_one_entry(swing_nm: float, calls: int) -> None:
    """Every half hour she is just inside, every other one outside, within the margin or beyond it."""
    watch = Watch()
    for n in range(2 * 7 * 48 + 1):
        day, minutes = divmod(n * 15, 1440)
        fix = in_haven(HAVEN_NM + (swing_nm if n % 2 else -0.05)).moving(0.1)
        watch.follows(fix.at(f"{minutes // 60:02}:{minutes % 60:02}", day=day))
    opened = [alert for alert in watch.told if alert.rule == "port_call" and alert.event == "opened"]
    assert len(opened) == calls
