"""went_dark, dark_in_port, lost_coverage and lit_up, as one engine tells them."""

from __future__ import annotations

import pytest

from alerts.core.alert import Alert, Place, Position, Severity
from alerts.core.cells import cell_of
from alerts.core.cover import CellCover, cover_of
from alerts.core.curve import LEAST_SAID, SHIPPED
from alerts.core.frozen import replace
from alerts.core.geo import distance_nm
from alerts.core.hull import Hull
from alerts.core.instants import HOUR, MINUTE
from alerts.core.intervals import LateTick, Outage, Watched
from alerts.core.silence import Kind, limits_of
from alerts.core.thresholds import Thresholds
from tests.fleet import (
    ANGARA,
    HAVEN,
    HAVEN_NM,
    OPEN_SEA,
    SHOAL,
    SHOAL_NM,
    TIMER,
    Watch,
    east_of,
    events,
    haven,
    narrows,
    ship,
    shoal,
    time,
)
from tests.witnesses import busy

angara = ship(273210440).at("08:00")
in_haven = angara.near(east_of(HAVEN, HAVEN_NM - 0.01))


def only(alerts: list[Alert]) -> Alert:
    assert len(alerts) == 1
    return alerts[0]


def test_she_goes_dark_at_the_end_of_the_interval_and_is_told_once() -> None:
    watch = Watch()
    watch.hears(angara)
    assert watch.until("08:29") == []
    assert events(watch.until("08:30")) == [("went_dark", "opened")]
    assert watch.until("09:00") == []
    assert watch.until("09:00", day=21) == []


def dark_since_eight() -> tuple[Alert, CellCover]:
    """Heard by one station at 07:55, by another at 08:00; and who is heard around her in any minute."""
    watch = Watch()
    watch.hears(angara.at("07:55"), angara.without_position().by("hill"))
    near = cover_of(busy(OPEN_SEA)[1], cell_of(*OPEN_SEA))
    assert near is not None
    return only(watch.until("12:00")), near


def test_what_is_told_of_a_dark_ship() -> None:
    told, near = dark_since_eight()
    assert told.id == "imo-9179842.went_dark.20240203T080000Z"
    assert (told.severity, told.hull) == (Severity.WARNING, ANGARA)
    assert (told.happened_at, told.known_at) == (time("08:00"), time("12:00"))
    assert (told.position, told.place) == (Position(*OPEN_SEA), None)
    some = ", ".join(map(str, near.some))  # for 28 minutes: for two she was not late herself
    heard = f"{near.ships} ships within some 12 nm were heard {28 * near.reports} times meanwhile, at last {some}"
    assert told.summary == (
        "ANGARA has been silent since 2024-02-03T08:00:00Z, for more than 30 min. "
        f"30 reports expected. {heard}; she was silent under cover for 30 min"
    )


def test_the_evidence_of_a_dark_ship() -> None:
    told, near = dark_since_eight()
    fix = told.evidence.pop("last_fix")
    assert (fix["at"], fix["feed"], fix["lat"], fix["speed_kn"]) == ("2024-02-03T07:55:00Z", "coast", 10.0, 12.0)
    assert told.evidence.pop("last_report") == {
        "at": "2024-02-03T08:00:00Z",
        "feed": "hill",
        "station": "mast",
        "mmsi": 273210440,
        "message_type": 5,
    }
    assert told.evidence == {
        "class": "moving",
        "reports_expected": 30,
        "mean_interval_s": 60.0,
        "listened_s": 1800,
        "covered_s": 1800,
        "sparse_cover": False,
        "share_as_long": 1.0,
        "limit_from": "shipped",
        "ships_last_heard": list(near.some),
        "ships_fallen_silent": 0,
        "ships_heard": near.ships,
        "reports_heard": 28 * near.reports,
        "feeds": ["coast", "hill"],
        "witnessed_min": 0.0,
        "witnessed_limit_min": limits_of(Kind.MOVING, TIMER, SHIPPED).witnessed_min,
        "dark_at": "2024-02-03T08:30:00Z",
    }


def underway(watch: Watch) -> None:
    """Heard every minute for an hour, up to 08:00, eastward."""
    for minute in range(60):
        at = angara._with(at=time("07:01") + minute * MINUTE)
        watch.hears(at.near(east_of(OPEN_SEA, 12 * (minute - 59) / 60)))


def test_of_a_ship_that_was_well_heard_the_witnesses_and_the_odds_are_told() -> None:
    """In the shipped configuration, where ships are heard all around her."""
    watch, thresholds = Watch(thresholds=Thresholds()), Thresholds()
    underway(watch)
    minutes = [f"08:{minute:02}" for minute in range(60)]
    told = only([alert for clock in minutes for alert in watch.until(clock)])
    silent_min = (told.known_at - told.happened_at) // MINUTE
    assert (told.rule, told.severity, told.known_at % MINUTE) == ("went_dark", Severity.WARNING, 0)
    assert silent_min >= thresholds.silence_floor_min
    evidence, limit = told.evidence, limits_of(Kind.MOVING, thresholds, SHIPPED).witnessed_min
    assert evidence["witnessed_min"] >= evidence["witnessed_limit_min"] == limit
    assert (evidence["reports_expected"], evidence["mean_interval_s"]) == (silent_min, 60.0)
    share = max(LEAST_SAID, SHIPPED.share_as_long(evidence["witnessed_min"]))
    head, odds = told.summary.split(". Fewer than 1 in ")
    assert head == (
        f"ANGARA has been silent since 2024-02-03T08:00:00Z, for more than {silent_min} min. "
        f"{silent_min} reports expected. {evidence['ships_heard']} ships within some 12 nm were heard "
        f"{evidence['reports_heard']} times meanwhile, at last {', '.join(map(str, evidence['ships_last_heard']))}"
    )
    assert odds.endswith(" natural silences last as long under such witnesses")
    assert 0.9 / share < int(odds.split(" ")[0].replace(",", "")) <= 1 / share


def test_where_nobody_is_heard_she_is_out_of_cover_and_that_is_said_once() -> None:
    watch = Watch(waters=())
    watch.hears(angara)
    assert watch.until("09:59") == []
    told = only(watch.until("10:00"))
    assert (told.rule, told.event, told.severity, told.place) == ("lost_coverage", "opened", Severity.INFO, None)
    assert told.summary == "ANGARA was last heard at 2024-02-03T08:00:00Z, and is where little or nothing is heard"
    assert (told.happened_at, told.position) == (time("08:00"), Position(*OPEN_SEA))
    assert (told.evidence["listened_s"], told.evidence["covered_s"], told.evidence["ships_heard"]) == (7200, 0, 0)
    assert told.evidence["lost_at"] == "2024-02-03T10:00:00Z"
    watch.waters = (OPEN_SEA,)
    assert watch.until("12:00") == []
    assert watch.until("09:00", day=21) == []


def test_her_next_report_ends_a_lost_coverage_and_is_no_lighting_up() -> None:
    watch = Watch(waters=())
    watch.hears(angara)
    watch.until("10:00")
    closed = only(watch.hears(angara.at("11:30")))
    assert (closed.rule, closed.event) == ("lost_coverage", "closed")
    assert closed.summary == "ANGARA was not heard for 3 h 30 min, until 2024-02-03T11:30:00Z"


def test_a_ship_out_of_cover_in_a_flagged_port_is_not_dark_there() -> None:
    watch = Watch(waters=(OPEN_SEA,))
    watch.hears(in_haven.moored(0))
    watch.told.clear()
    watch.until("12:00", day=3)
    assert watch.events == [("lost_coverage", "opened")]


@pytest.mark.parametrize("every_min", [1, 7, 60, 120, 720])
def test_covered_time_adds_up_though_covers_are_forgotten_after_three_hours(every_min: int) -> None:
    """Her ceiling is ten hours: however often intervals close, she is dark ten hours after her last report."""
    watch = Watch(thresholds=replace(TIMER, silence_ceiling_min=600, stopped_silence_min=600))
    watch.until("08:00")
    watch.hears(angara.moored(0))
    for minute in range(every_min, 24 * 60, every_min):
        watch.until(f"{(8 + minute // 60) % 24:02}:{minute % 60:02}", day=(8 + minute // 60) // 24)
    (told,) = watch.told
    assert (told.rule, told.evidence["dark_at"]) == ("went_dark", "2024-02-03T18:00:00Z")
    assert told.evidence["covered_s"] == told.evidence["listened_s"] == 36_000


def test_a_dark_ship_heard_again_closes_her_silence_and_lights_up() -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("08:30")
    closed, lit, awaited = watch.hears(angara.at("10:06").received("10:07"))
    armed = ("overdue_arrival", "opened")
    assert events([closed, lit, awaited]) == [("went_dark", "closed"), ("lit_up", "opened"), armed]
    assert closed.summary == "ANGARA was silent for 2 h 06 min, until 2024-02-03T10:06:00Z"
    assert closed.evidence["first_report"]["at"] == "2024-02-03T10:06:00Z"
    assert (closed.revision, closed.happened_at, closed.known_at) == (1, time("08:00"), time("10:07"))
    assert lit.id == "imo-9179842.lit_up.20240203T080000Z"
    assert lit.summary == "ANGARA lit up after 2 h 06 min of silence"
    assert (lit.severity, lit.happened_at, lit.known_at) == (Severity.CRITICAL, time("10:06"), time("10:07"))
    assert lit.evidence["silent_min"] == 126
    assert lit.evidence["first_report"]["at"] == "2024-02-03T10:06:00Z"
    assert lit.evidence["last_report"]["at"] == lit.evidence["last_fix"]["at"] == "2024-02-03T08:00:00Z"


@pytest.mark.parametrize(
    ("again", "told"), [("08:29:59.999", []), ("08:30", ["went_dark", "lit_up", "overdue_arrival"])]
)
def test_only_a_dark_silence_lights_up(again: str, told: list[str]) -> None:
    watch = Watch()
    watch.hears(angara, angara.at(again))
    watch.until("08:40")
    assert [alert.rule for alert in watch.told if alert.event == "opened"] == told


def test_a_message_without_a_position_lights_her_up() -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("09:00")
    lit = watch.hears(angara.at("09:30").without_position())[-1]
    assert (lit.rule, lit.position, lit.place) == ("lit_up", None, None)


def test_a_second_report_after_the_dark_lights_nothing_up_again() -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("09:00")
    watch.hears(angara.at("09:30"))
    assert watch.hears(angara.at("09:31")) == []


def test_lighting_up_inside_a_strait_says_so() -> None:
    watch, before = Watch(), east_of((0.5, 121.0), 10)
    watch.hears(angara.near(before))
    watch.until("09:00")
    told = {alert.rule: alert for alert in watch.hears(angara.at("09:30").near((0.5, 120.5)))}
    lit = told["lit_up"]
    assert lit.place == Place("narrows", "The Narrows", "strait", "lit up inside")
    assert lit.evidence["distance_nm"] == pytest.approx(distance_nm(before, (0.5, 120.5)), abs=0.1)
    assert lit.evidence["implied_speed_kn"] == pytest.approx(40 / 1.5, abs=0.1)
    there = "40 nm from where she was"
    inside = "already inside The Narrows, unconfirmed position"
    assert lit.summary == f"ANGARA lit up after 1 h 30 min of silence, {there}, {inside}"
    assert told["strait"].place == Place("narrows", "The Narrows", "strait", "first seen inside")
    assert told["strait"].summary.endswith("The Narrows, unconfirmed position")


def test_lighting_up_in_a_strait_where_she_was_before_is_no_longer_in_doubt() -> None:
    watch = Watch()
    watch.hears(angara.near((0.5, 120.5)), angara.at("08:01").near((0.5, 120.5)))
    watch.until("09:00")
    (lit,) = [a for a in watch.hears(angara.at("09:30").near((0.5, 120.6))) if a.rule == "lit_up"]
    assert lit.summary.endswith("nm from where she was, inside The Narrows")


def test_lighting_up_where_she_cannot_have_sailed_to_is_told_but_not_the_place() -> None:
    far = east_of((0.5, 121.0), 60)
    watch = Watch(waters=(far,))
    watch.hears(angara.near(far))
    watch.until("09:00")
    told = [alert for alert in watch.hears(angara.at("09:30").near((0.5, 120.5))) if alert.event == "opened"]
    assert [(alert.rule, alert.place) for alert in told] == [("lit_up", None)]
    assert told[0].summary.endswith("90 nm from where she was, at a position off her track")


def test_of_zones_that_overlap_a_strait_is_named_before_a_port_before_an_area() -> None:
    def named(*kinds: str) -> Place | None:
        watch = Watch(
            zones=[replace(shoal, id=zone.id, kind=zone.kind) for zone in (haven, shoal, narrows) if zone.kind in kinds]
        )
        watch.hears(angara.near(east_of(SHOAL, SHOAL_NM + 5)))
        watch.until("09:00")
        return next(alert.place for alert in watch.hears(angara.at("09:30").near(SHOAL)) if alert.rule == "lit_up")

    for kinds, first in ((("area", "port", "strait"), "strait"), (("area", "port"), "port"), (("area",), "area")):
        place = named(*kinds)
        assert place is not None
        assert place.kind == first


def test_a_ship_silent_in_a_flagged_port_is_dark_in_port_after_an_hour() -> None:
    watch = Watch()
    watch.hears(in_haven.moving(1))
    watch.told.clear()
    assert watch.until("08:59") == []
    told = only(watch.until("09:00"))
    assert (told.rule, told.severity) == ("dark_in_port", Severity.CAUTION)
    assert told.place == Place("haven", "Haven", "port", "silent inside")
    since = "ANGARA has been silent in Haven since 2024-02-03T08:00:00Z, for more than 1 h 00 min. "
    assert told.summary.startswith(since)


@pytest.mark.parametrize(("nm", "rule"), [(HAVEN_NM - 0.01, "dark_in_port"), (HAVEN_NM + 0.01, "went_dark")])
def test_the_border_of_the_port_decides(nm: float, rule: str) -> None:
    watch = Watch()
    watch.hears(angara.near(east_of(HAVEN, nm)))
    watch.until("10:00")
    assert [alert.rule for alert in watch.told if "dark" in alert.rule] == [rule]


def test_a_silence_in_an_area_or_a_strait_is_one_at_sea() -> None:
    for place in (SHOAL, (0.5, 120.5)):
        watch = Watch()
        watch.hears(angara.near(place))
        assert events(watch.until("08:30")) == [("went_dark", "opened")]


def test_a_port_of_its_own_threshold() -> None:
    watch = Watch(thresholds=Thresholds(port_silence_min=10))
    watch.hears(in_haven)
    assert watch.until("08:09") == []
    assert events(watch.until("08:10")) == [("dark_in_port", "opened")]


def test_no_alert_because_our_own_feed_was_deaf() -> None:
    watch = Watch()
    watch.hears(angara)
    assert watch.until("08:29", Outage("coast", time("08:05"), None)) == []
    assert watch.until("12:00") == []
    assert watch.until("12:24", Outage("coast", time("08:05"), time("12:00"))) == []
    assert events(watch.until("12:25")) == [("went_dark", "opened")]


def test_an_outage_known_too_late_takes_the_alert_back() -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("08:30")
    told = only(watch.until("08:31", Outage("coast", time("08:20"), None)))
    assert (told.event, told.revision) == ("retracted", 1)
    told = only(watch.until("08:41", Outage("coast", time("08:20"), time("08:21"))))
    assert (told.event, told.revision) == ("opened", 2)


def test_a_late_report_inside_a_silence_takes_it_back_and_one_after_it_lights_her_up() -> None:
    watch = Watch()
    watch.until("08:00", late=(LateTick("space", time("07:00"), HOUR),))
    watch.hears(angara)
    watch.until("08:30")
    inside = watch.hears(angara.at("08:20").by("space"))
    assert events(inside) == [("went_dark", "retracted")]
    watch.until("08:50", late=(LateTick("space", time("08:10"), HOUR),))
    assert watch.events[-1] == ("went_dark", "opened")
    assert watch.told[-1].happened_at == time("08:20")
    lit = watch.hears(angara.at("09:40").by("space"))
    assert events(lit) == [("went_dark", "closed"), ("lit_up", "opened"), ("overdue_arrival", "opened")]


@pytest.mark.parametrize(
    ("late", "told"),
    [("13:29", ["opened", "retracted"]), ("13:30", ["opened", "closed"]), ("13:31", ["opened", "closed"])],
)
def test_so_does_one_that_comes_when_what_was_known_of_the_silence_is_kept(late: str, told: list[str]) -> None:
    """Two hours and the lag after her last report, and again as long after, her memory keeps what covers told."""
    watch = Watch(thresholds=replace(TIMER, silence_ceiling_min=330))
    for clock in ("07:59", "11:00", "13:30", "14:00"):
        watch.until(clock, late=(LateTick("space", time(clock) - HOUR, HOUR),))
        if clock == "07:59":
            watch.hears(angara)
    vigil = watch.engine.memory(ANGARA.id).track.vigil
    assert vigil is not None
    assert vigil.upto == time("13:30")
    watch.hears(angara.at(late).by("space").received("14:05"))
    assert [str(alert.event) for alert in watch.told if alert.rule == "went_dark"] == told
    assert len(lights(watch)) == (told[-1] == "closed")


def test_a_late_report_earlier_in_the_silence_amends_what_it_rests_on() -> None:
    watch = Watch()
    watch.until("08:00", late=(LateTick("space", time("07:00"), HOUR),))
    watch.hears(angara)
    watch.until("08:50")
    told = only(watch.hears(angara.at("08:10").by("space")))
    assert (told.event, told.revision) == ("amended", 1)
    assert told.id == "imo-9179842.went_dark.20240203T080000Z"
    assert told.happened_at == time("08:10")


def test_a_hull_without_a_name_is_called_by_number() -> None:
    hulls = {
        "ANGARA": ANGARA,
        "IMO 9179842": replace(ANGARA, name=None),
        "MMSI 273210440": replace(ANGARA, name=None, imo=None),
    }
    for name, hull in hulls.items():
        watch = Watch(hulls=(hull,))
        watch.hears(angara)
        assert only(watch.until("09:00")).summary.startswith(f"{name} has been silent")


def test_where_she_was_inside_before_she_is_not_already_there() -> None:
    watch = Watch()
    watch.hears(angara.near((0.5, 120.5)))
    watch.until("09:00")
    lit = next(a for a in watch.hears(angara.at("09:30").near((0.51, 120.5))) if a.rule == "lit_up")
    assert lit.summary == "ANGARA lit up after 1 h 30 min of silence, inside The Narrows"
    assert lit.evidence["distance_nm"] == 0.6


# habitually dark

SHADOW = replace(ANGARA, habitually_dark=True)


def lights(watch: Watch) -> list[Alert]:
    return [alert for alert in watch.told if alert.rule == "lit_up"]


@pytest.mark.parametrize(("hull", "told"), [(SHADOW, ["ANGARA lit up, first heard"]), (ANGARA, [])])
def test_the_first_report_ever_of_a_habitually_dark_hull_lights_her_up(hull: Hull, told: list[str]) -> None:
    watch = Watch(hulls=(hull,))
    watch.hears(angara, angara.at("08:01"))
    assert [alert.summary for alert in lights(watch)] == told
    assert [alert.evidence["last_report"] for alert in lights(watch)] == [None] * len(told)


@pytest.mark.parametrize(("at", "told"), [("07:59", 1), ("08:00", 2)])
def test_so_does_the_first_in_seven_days_though_nobody_could_hear_her(at: str, told: int) -> None:
    """The feed is out all the week: no silence is dark."""
    watch = Watch(hulls=(SHADOW,))
    watch.hears(angara)
    watch.until(at, Outage("coast", time("08:01"), time(at, day=7)), day=7)
    watch.hears(angara.at(at, day=7))
    assert len(lights(watch)) == told
    assert not [alert for alert in watch.told if alert.rule == "went_dark"]


@pytest.mark.parametrize(
    ("at", "told"), [("07:59", []), ("08:00", ["ANGARA lit up, first heard after 7 d 0 h of watch"])]
)
def test_any_hull_that_was_watched_in_vain_for_seven_days_lights_up(at: str, told: list[str]) -> None:
    watch = Watch(hulls=())
    watch.until("08:00")
    watch.takes(Watched(ANGARA.id, ANGARA))
    watch.hears(angara.at(at, day=7))
    assert [alert.summary for alert in lights(watch)] == told
    assert [alert.evidence["watched_since"] for alert in lights(watch)] == ["2024-02-03T08:00:00Z"] * len(told)


def test_a_changed_entry_begins_no_new_watch() -> None:
    watch = Watch(hulls=())
    watch.until("08:00")
    watch.takes(Watched(ANGARA.id, ANGARA))
    watch.until("08:00", day=6)
    watch.takes(Watched(ANGARA.id, replace(ANGARA, name="ANGARA II")))
    watch.hears(angara.at("08:00", day=7))
    assert len(lights(watch)) == 1
