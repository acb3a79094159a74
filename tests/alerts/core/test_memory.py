"""What an engine keeps of one hull: skipped repeats, what is settled and when, and how large it may grow."""

from __future__ import annotations

from random import Random

import pytest

from alerts.core.alert import Alert, Event
from alerts.core.frozen import replace
from alerts.core.heard import Says
from alerts.core.instants import HOUR, MINUTE, SECOND
from alerts.core.intervals import LateTick, Outage, Watched
from alerts.core.memory import AT_MOST, Memory
from alerts.core.reports import Origin
from streams.memories import pack
from tests.fleet import ANGARA, HAVEN, OPEN_SEA, SHOAL, Ship, Watch, east_of, events, ship, time

angara = ship(273210440).at("08:00")
space = (LateTick("space", 0, HOUR),)


def memory(watch: Watch) -> Memory:
    return watch.engine.memory(ANGARA.id)


# repeats


def test_a_record_at_or_below_her_offset_changes_nothing() -> None:
    watch = Watch()
    watch.hears(angara)
    before = memory(watch)
    for record in (angara.at("08:10").report(Origin("s:g:1", 1, 0)), Watched(ANGARA.id, None)):
        watch.offset -= 1
        assert watch.takes(record) == []
        assert memory(watch) is before


def test_what_ingest_writes_twice_counts_once() -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("09:00")
    older = angara.at("07:00").report(watch.origin)
    watch.takes(older)
    watch.takes(older)
    assert memory(watch).older == 1


@pytest.mark.parametrize(
    ("offset", "n", "counted"), [(6, 9, 1), (7, 2, 1), (7, 3, 1), (7, 4, 2), (8, 0, 2)], ids=lambda value: str(value)
)
def test_a_source_has_been_had_up_to_an_offset_and_a_place_in_its_record(offset: int, n: int, counted: int) -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("09:00")
    for origin in (Origin("s:g:1", 7, 3), Origin("s:g:1", offset, n)):
        watch.takes(angara.at("07:00").report(origin))
    assert memory(watch).older == counted


def test_two_sources_have_places_of_their_own() -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("09:00")
    for source in ("s:g:1", "s:g:2", "s:h:1"):
        watch.takes(angara.at("07:00").report(Origin(source, 7, 3)))
    assert memory(watch).older == 3


# settled, and late


def test_a_report_is_settled_when_the_clock_has_passed_it() -> None:
    for clock, unsettled in (("08:00", 1), ("08:01", 0)):
        watch = Watch()
        watch.hears(angara)
        watch.until(clock)
        watch.hears(angara.at("08:05"))
        assert len(memory(watch).recent) - 1 == unsettled


def test_where_a_late_feed_lives_a_report_is_settled_when_the_clock_less_its_lag_has_passed_it() -> None:
    for clock, unsettled in (("09:00", 1), ("09:01", 0)):
        watch = Watch()
        watch.until("07:00", late=space)
        watch.hears(angara)
        watch.until(clock)
        watch.hears(angara.at("09:05"))
        assert len(memory(watch).recent) - 1 == unsettled


@pytest.mark.parametrize(("at", "older"), [("08:00:00.001", 0), ("08:00", 1), ("07:59", 1)])
def test_a_report_no_newer_than_the_settled_ones_is_too_late_and_counted(at: str, older: int) -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("08:20")
    watch.hears(angara.at("08:21"))
    watch.hears(angara.at(at))
    assert memory(watch).older == older


def test_the_order_of_arrival_does_not_matter_while_nothing_is_settled() -> None:
    outside, inside = angara.near(east_of(SHOAL, 14)), angara.near(east_of(SHOAL, 9))
    said = [outside, inside.at("08:10"), outside.at("08:20"), outside.at("08:20").by("hill")]
    one, other = Watch(), Watch()
    one.hears(*said)
    other.hears(*reversed(said))
    assert memory(one).recent == memory(other).recent
    keep = {(e.rule, e.zone, e.begin, e.said.summary) for e in memory(one).episodes if e.event is not Event.RETRACTED}
    assert keep == {(e.rule, e.zone, e.begin, e.said.summary) for e in memory(other).episodes}


def test_one_message_heard_by_two_ingests_is_one_report() -> None:
    watch = Watch()
    watch.hears(angara, angara)
    assert len(memory(watch).recent) == 1


# withdrawn and remembered


def test_a_withdrawn_id_is_remembered_while_its_moment_is_unsettled() -> None:
    watch = Watch()
    watch.until("07:00", late=space)
    watch.hears(angara.at("07:30:30"), angara.at("08:00"))
    opened = watch.until("08:30")
    assert events(opened) == [("went_dark", "opened")]
    assert events(watch.until("08:31", Outage("coast", time("08:10"), None))) == [("went_dark", "retracted")]
    assert len(memory(watch).recent) == 1, "something was settled meanwhile"
    (again,) = watch.until("08:32", Outage("coast", time("08:10"), time("08:10")))
    assert (again.id, again.event, again.revision) == (opened[0].id, "opened", 2)


def test_a_withdrawn_id_is_forgotten_once_its_moment_is_settled() -> None:
    watch = Watch()
    watch.until("07:00", late=space)
    watch.hears(angara)
    watch.until("08:30")
    watch.hears(angara.at("08:20").by("space"), angara.at("08:31"))
    assert [e.event for e in memory(watch).episodes] == [Event.RETRACTED]
    watch.until("10:00", Outage("coast", time("08:31"), None), late=(LateTick("space", time("09:00"), HOUR),))
    watch.hears(angara.at("10:01"))
    assert memory(watch).episodes == ()


def test_a_withdrawn_id_is_remembered_while_a_fix_that_is_settled_waits_for_others() -> None:
    """Found by the search: said as new with its first revision, it never passed the withdrawn one.

    The first of three fixes off her track is settled; a late one of hers withdraws the jump and the visit that began
    with it, and one later still, nearer to that one than she was, shows that it was not hers.
    """
    watch, inside = Watch(), angara.near(SHOAL)
    watch.hears(angara, inside.at("08:01"))
    watch.until("08:02")
    opened = watch.hears(inside.at("08:03"), inside.at("08:07"))
    assert events(opened) == [("position_jump", "opened"), ("area", "opened")]
    withdrawn = watch.hears(angara.at("08:06").near(east_of(OPEN_SEA, 5)))
    assert [row for row in events(withdrawn) if row[1] == "retracted"] == [
        ("position_jump", "retracted"),
        ("area", "retracted"),
    ]
    watch.until("08:04")
    again = watch.hears(angara.at("08:05:30").near(east_of(OPEN_SEA, 5.6)))
    told = {alert.rule: (alert.id, alert.event, alert.revision) for alert in again}
    assert [told[alert.rule] for alert in opened] == [(alert.id, "opened", 2) for alert in opened]
    assert all(heard.at > time("08:03") for heard in memory(watch).recent), "its first was not settled"


def test_a_silence_that_has_ended_is_kept_too_as_long_as_it_is_not_settled() -> None:
    """Found by the search: dark at 08:30, heard again before her vigil was kept, and looked at again hours later.

    The covers of 08:00 were forgotten by then, and she was said to have gone dark later than she had.
    """
    watch, lag_ms = Watch(), 16 * MINUTE
    for clock in (f"{hour:02}:{ten}0" for hour in range(8, 12) for ten in range(6)):
        watch.until(clock, late=(LateTick("space", time(clock) - lag_ms, lag_ms),))
        watch.hears(*{"08:00": [angara], "10:10": [angara.at("10:14")]}.get(clock, []))
        watch.waters = watch.waters if clock < "10:10" else ()
    watch.until("12:10")
    watch.until("12:11", Outage("hill", time("11:00"), time("11:30")))
    dark = [alert for alert in watch.told if alert.happened_at == time("08:00") and alert.rule == "went_dark"]
    assert [str(alert.event) for alert in dark] == ["opened", "closed"]
    assert all(alert.evidence["dark_at"] == "2024-02-03T08:30:00Z" for alert in dark)


def test_a_closed_silence_is_forgotten_once_settled() -> None:
    watch = Watch()
    watch.hears(angara)
    watch.until("09:00")
    watch.hears(angara.at("09:10"))
    assert {episode.rule for episode in memory(watch).episodes} == {"went_dark", "lit_up", "overdue_arrival"}
    watch.until("09:11")
    watch.hears(angara.at("09:12"))
    assert {episode.rule for episode in memory(watch).episodes} == {"overdue_arrival"}
    watch.follows(*(angara.at(f"{hour:02}:{minute}") for hour in range(9, 16) for minute in (15, 35, 55)))
    watch.until("15:56")
    watch.hears(angara.at("15:57"))
    assert memory(watch).episodes == ()


# watch entries


def test_a_hull_nobody_watches_is_not_followed() -> None:
    watch = Watch()
    watch.hears(angara.of("imo-8517839"))
    assert watch.engine.memory("imo-8517839") == Memory()


def test_a_hull_no_longer_watched_is_forgotten_and_her_open_alerts_are_withdrawn() -> None:
    watch = Watch()
    watch.hears(angara.near(SHOAL))
    watch.until("08:30")
    told = watch.takes(Watched(ANGARA.id, None))
    assert sorted(events(told)) == [("area", "retracted"), ("went_dark", "retracted")]
    assert {alert.known_at for alert in told} == {time("08:30")}
    assert {alert.hull for alert in told} == {ANGARA}
    kept = memory(watch)
    assert kept == Memory(offset=watch.offset, had=kept.had)
    assert list(watch.engine.hulls) == []
    watch.hears(angara.at("08:40").near(SHOAL))
    watch.until("12:00")
    assert watch.told[-2:] == told


def test_reports_from_before_her_removal_do_not_return_with_a_new_entry() -> None:
    watch = Watch()
    again = angara.report(watch.origin)
    watch.takes(again)
    watch.takes(Watched(ANGARA.id, None))
    watch.takes(Watched(ANGARA.id, ANGARA))
    watch.takes(again)
    assert memory(watch).recent == ()


def test_a_changed_entry_keeps_what_is_known_of_her() -> None:
    watch = Watch()
    watch.hears(angara.near(SHOAL))
    watch.until("08:10")
    renamed = replace(ANGARA, name="NEVA")
    before = memory(watch)
    assert watch.takes(Watched(ANGARA.id, renamed)) == []
    assert memory(watch) == replace(before, hull=renamed, offset=watch.offset)
    (told,) = watch.hears(angara.at("08:20").near(east_of(SHOAL, 15)))
    assert (told.event, told.hull, told.summary) == ("closed", renamed, "NEVA left Shoal, unconfirmed position")


# bounds


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&()*+,-./:;<=>?"


def seconds_after(start: Ship, n: int) -> Ship:
    return start._with(at=start.heard.at + n * SECOND)


def test_at_most_256_reports_wait_and_the_oldest_is_settled_early_and_counted() -> None:
    watch = Watch()
    for n in range(AT_MOST + 2):
        watch.hears(seconds_after(angara, n))
        assert len(memory(watch).recent) == min(n + 1, AT_MOST)
        assert memory(watch).early == max(0, n + 1 - AT_MOST)
    watch.hears(seconds_after(angara, 1).by("hill"))
    assert memory(watch).older == 1


@pytest.mark.parametrize("feed", ["coast", "a-feed-with-a-long-name"])
def test_a_full_memory_stays_under_16_kb(feed: str) -> None:
    watch = Watch()
    for n in range(AT_MOST):
        heard = seconds_after(angara, n).by(feed).near(east_of(OPEN_SEA, n / 10)).heard
        watch.hears(Ship(heard._replace(course_deg=n / 10, speed_kn=n / 10, station=f"r{n % 9}3669945", status=0)))
    assert len(pack(memory(watch))) < 16_384


def test_a_memory_full_of_texts_that_never_come_twice_stays_under_16_kb() -> None:
    watch, dice = Watch(), Random(7)
    for n in range(AT_MOST):
        name, bound, call_sign = ("".join(dice.choices(LETTERS, k=k)) for k in (20, 20, 7))
        typed = angara.says(round(dice.uniform(0.1, 25.5), 1), name, call_sign=call_sign, destination=bound)
        watch.hears(typed._with(at=angara.heard.at + 3 * n * SECOND + dice.randrange(SECOND)))
    assert len(pack(memory(watch))) < 16_384


def test_a_year_of_trade_stays_small() -> None:
    """Every three days from port to port by way of the area and the strait, dark at sea and in port, heard late too."""
    watch, largest, said = Watch(), 0, 0
    watch.until("00:00", late=(LateTick("space", 0, 2 * HOUR),))
    for day in range(0, 366, 3):
        for n, call in enumerate(a_voyage()):
            late = call.by("space") if n % 5 == 0 else call
            watch.hears(replace(late, heard=late.heard._replace(at=late.heard.at + time("00:00", day) - time("00:00"))))
            said += 1
            largest = max(largest, len(pack(memory(watch))))
            if n % 3 == 0:
                watch.offset += 1
                midnight = time("00:00", day + n // 16)
                watch.until("00:00", day=day + n // 16, late=(LateTick("space", midnight - 2 * HOUR, 2 * HOUR),))
    kinds = {alert.rule for alert in watch.told}
    places = {"area", "strait", "port_call", "position_jump"}
    silences = {"went_dark", "dark_in_port", "lost_coverage", "lit_up", "overdue_arrival"}
    assert kinds == {"draught_change", *silences, *places}
    assert said > 4000
    assert largest < 16_384
    assert len(pack(memory(watch))) < 4_096


def a_voyage() -> list[Ship]:
    places = [HAVEN, east_of(HAVEN, 60), SHOAL, east_of(SHOAL, 60), (0.5, 119.9), (0.5, 120.5), (0.5, 121.1), OPEN_SEA]
    places_named = ("RAJIN", "CN ZOS")
    calls = []
    for leg, place in enumerate(places * 2):
        here = angara._with(at=time("00:00") + leg * 4 * HOUR).near(place).moving(0 if place == HAVEN else 12)
        here = here._with(says=Says(7.0 if leg < 8 else 4.0, "ANGARA", "UBYT2", places_named[leg % 2]))
        calls += [here._with(at=here.heard.at + minute * 60 * SECOND) for minute in (0, 10, 25)]
    return calls


@pytest.mark.parametrize("report_first", [True, False])
def test_what_only_a_late_feed_heard_waits_for_its_own_tick(report_first: bool) -> None:
    """Its tick stood still for hours; then a report and the tick come, in either order."""
    watch = Watch()
    watch.until("08:00", late=(LateTick("space", time("07:50"), 16 * MINUTE),))
    her = ship(273210440).by("space")
    watch.hears(her.at("08:00"), her.at("08:40"))
    watch.until("12:00")
    news = [
        lambda: watch.hears(her.at("12:00:30")),
        lambda: watch.until("12:01", late=(LateTick("space", time("12:00"), 16 * MINUTE),)),
    ]
    for tell in news if report_first else reversed(news):
        tell()
    silence = [("went_dark", "opened"), ("went_dark", "closed"), ("lit_up", "opened")]
    told = [(alert.rule, str(alert.event)) for alert in watch.told if alert.rule != "overdue_arrival"]
    assert told == 2 * silence


# explained by an outage of stations


MAST, ROOF = Outage("coast", time("08:01"), None, station="mast"), Outage("coast", time("08:01"), None, station="roof")


def test_a_silence_does_not_count_while_all_her_stations_were_out() -> None:
    watch = Watch()
    watch.hears(angara.at("08:00").through("mast"), angara.at("08:00:10").through("roof"))
    assert watch.until("08:06", MAST, ROOF) == watch.until("10:00") == []
    assert watch.until("10:05", *(replace(one, until=time("10:00")) for one in (MAST, ROOF))) == []
    assert watch.until("10:29") == []
    assert events(watch.until("10:30")) == [("went_dark", "opened")]


def test_it_counts_while_the_one_hears_that_brings_most_of_her_reports() -> None:
    for out, dark in ((MAST, []), (ROOF, [("went_dark", "opened")])):
        watch = Watch()
        watch.hears(*(angara.at(f"08:00:{second}0").through("mast") for second in range(5)))
        watch.hears(angara.at("08:00:50").through("roof"))
        watch.until("08:06", out)
        assert events(watch.until("08:31")) == dark


def test_it_counts_again_when_another_station_has_taken_her_over() -> None:
    for minutes, dark in ((17, []), (20, [("went_dark", "opened")])):
        watch = Watch()
        watch.hears(*(angara.at(f"07:{n:02}").through("mast") for n in range(60)))
        watch.hears(*(angara.at(f"08:{n:02}").through("roof") for n in range(minutes)))
        watch.until("08:30", replace(MAST, since=time("08:00")))
        assert events(watch.until("09:00")) == dark


def test_a_station_that_heard_her_more_than_an_hour_before_her_last_report_is_not_asked() -> None:
    watch = Watch()
    watch.hears(angara.at("07:00").through("roof"), angara.at("08:00:01").through("mast"))
    watch.until("08:06", MAST)
    assert watch.until("10:00") == []


def explained(watch: Watch) -> list[Alert]:
    """A dark alert that was raised when the outage was found."""
    watch.hears(angara.at("08:00").through("mast"))
    return [*watch.until("08:30"), *watch.until("08:40", MAST)]


def test_a_dark_alert_that_an_outage_explains_names_it() -> None:
    opened, amended = explained(Watch())
    assert (opened.event, opened.cause) == ("opened", None)
    assert (amended.event, amended.cause) == ("amended", "outage.coast:mast.20240203T080100Z")
    assert (amended.id, amended.summary) == (opened.id, opened.summary)


def test_it_stands_until_she_is_heard_and_nothing_else_is_said() -> None:
    watch = Watch()
    explained(watch)
    assert watch.until("09:00") == []
    assert watch.until("09:10", replace(MAST, until=time("09:08"))) == []
    (alert,) = watch.hears(angara.at("09:10:30").through("mast"))
    assert (alert.rule, alert.event, alert.cause) == ("went_dark", "retracted", "outage.coast:mast.20240203T080100Z")


def test_it_is_raised_again_without_a_cause_on_new_evidence() -> None:
    watch = Watch()
    explained(watch)
    watch.until("09:10", replace(MAST, until=time("09:08")))
    assert watch.until("09:36") == []
    (alert,) = watch.until("09:37")
    assert (alert.rule, alert.event, alert.cause) == ("went_dark", "amended", None)
    closed, lit_up, _ = watch.hears(angara.at("09:40").through("mast"))
    assert (closed.event, closed.cause, lit_up.rule) == ("closed", None, "lit_up")


def test_nobody_is_lost_while_her_stations_are_out() -> None:
    for out, lost in (((), [("lost_coverage", "opened")]), ((MAST,), [])):
        watch = Watch(waters=())
        watch.hears(angara.at("08:00").through("mast"))
        watch.until("08:06", *out)
        assert events(watch.until("10:30")) == lost


def test_lost_coverage_that_an_outage_explains_names_it_and_is_taken_back() -> None:
    watch = Watch(waters=())
    watch.until("07:00", late=space)
    watch.hears(angara.at("08:00").through("mast"))
    (opened,) = watch.until("10:00")
    (amended,) = watch.until("10:20", MAST)
    assert (opened.rule, opened.cause) == ("lost_coverage", None)
    assert (amended.id, amended.event, amended.cause) == (opened.id, "amended", "outage.coast:mast.20240203T080100Z")
    assert events(watch.hears(angara.at("10:30").through("roof"))) == [("lost_coverage", "retracted")]


def test_who_was_called_dark_and_then_is_lost_is_no_longer_dark() -> None:
    watch = Watch()
    explained(watch)
    watch.waters = ()
    watch.until("09:10", replace(MAST, until=time("09:08")))
    assert watch.until("11:06") == []
    assert sorted(events(watch.until("11:07"))) == [("lost_coverage", "opened"), ("went_dark", "retracted")]


def test_what_is_explained_is_kept_when_it_is_settled() -> None:
    watch = Watch()
    watch.until("07:00", late=space)
    explained(watch)
    watch.until("09:30", replace(MAST, until=time("09:10")))
    assert len(memory(watch).recent) == 1, "settled with her next report"
    (alert,) = watch.hears(angara.at("09:31").through("mast"))
    assert (alert.rule, alert.event) == ("went_dark", "retracted")


def test_eight_stations_are_remembered_the_newest() -> None:
    watch = Watch()
    for n in range(12):
        watch.hears(angara.at(f"08:0{n // 6}:{n % 6}0").through(f"s{n}"))
    watch.until("08:10")
    watch.hears(angara.at("08:11").through("s11"))
    watch.until("08:20")
    watch.hears(angara.at("08:21").through("s11"))
    track = memory(watch).track
    assert [station for _, station, *_ in track.stations] == [f"s{n}" for n in range(4, 12)]
    assert track.stations_of_last_hour == tuple(("coast", f"s{n}") for n in (11, 10, 9, 8))
