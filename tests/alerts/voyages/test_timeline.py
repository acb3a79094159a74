"""Calls, gaps and known fixes of a hull, from what an engine says of her, and from sightings."""

from __future__ import annotations

from alerts.core.alert import Alert, Event, Place, Position, Severity
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.instants import MINUTE
from alerts.voyages.timeline import SIGHTING, Timeline, finally_told, timeline
from tests.fleet import ANGARA, HAVEN, HAVEN_NM, Watch, east_of, ship, time

angara = ship(ANGARA.mmsi or 0)
OFF_HAVEN = east_of(HAVEN, HAVEN_NM + 5)
AWAY: Fix = (0.0, 101.5)


def sighting(clock: str, fix: Fix, zone: str | None = None) -> Alert:
    place = zone and Place(zone, zone.title(), "port", "sighted")
    told = "seen from space"
    at = time(clock)
    return Alert(
        f"s.{clock}",
        0,
        Event.OPENED,
        SIGHTING,
        Severity.INFO,
        ANGARA,
        at,
        at,
        Position(*fix),
        place or None,
        None,
        told,
    )


def called(watch: Watch, *more: Alert) -> Timeline:
    return timeline([*watch.told, *more], ANGARA.id)


def stays(seen: Timeline) -> list[tuple[str, str, str, bool]]:
    minutes = [((call.since - time("00:00")) // MINUTE, (call.until - time("00:00")) // MINUTE) for call in seen.calls]
    clock = [tuple(f"{m // 60:02d}:{m % 60:02d}" for m in pair) for pair in minutes]
    return [(call.zone, *pair, call.left) for call, pair in zip(seen.calls, clock, strict=True)]


def a_day_in_port() -> Watch:
    """In at 08:00, stopped, out at 10:00."""
    watch = Watch()
    watch.hears(angara.at("07:50").near(OFF_HAVEN), angara.at("08:00").near(HAVEN).moving(5))
    watch.hears(angara.at("08:10").near(HAVEN).moored(0.0), angara.at("08:40").near(HAVEN).moored(0.0))
    watch.hears(angara.at("09:20").near(HAVEN).moored(0.0), angara.at("10:00").near(OFF_HAVEN).moving(9))
    return watch


def vanished_in_port(back_at: Fix, back: str = "20:00") -> Watch:
    """In at 08:00, stopped, last heard at 08:40; heard again somewhere."""
    watch = Watch()
    watch.hears(angara.at("07:50").near(OFF_HAVEN), angara.at("08:00").near(HAVEN).moving(5))
    watch.hears(angara.at("08:10").near(HAVEN).moored(0.0), angara.at("08:40").near(HAVEN).moored(0.0))
    watch.until("12:00")
    watch.hears(angara.at(back).near(back_at).moving(9))
    return watch


def test_a_call_from_entry_to_departure() -> None:
    assert stays(called(a_day_in_port())) == [("haven", "08:00", "10:00", True)]


def test_who_vanished_in_port_was_there_until_her_last_report() -> None:
    seen = called(vanished_in_port(AWAY))
    assert stays(seen) == [("haven", "08:00", "08:40", False)]
    (gap,) = seen.gaps
    assert (gap.since, gap.until, gap.before, gap.after) == (time("08:40"), time("20:00"), HAVEN, AWAY)


def test_who_is_heard_again_where_she_vanished_is_taken_to_have_stayed() -> None:
    (only,) = called(vanished_in_port(HAVEN)).calls
    assert (only.zone, only.since, only.left) == ("haven", time("08:00"), False)


def test_a_sighting_prolongs_a_call_and_cuts_a_gap() -> None:
    seen = called(vanished_in_port(AWAY), sighting("15:00", HAVEN, "haven"))
    assert stays(seen) == [("haven", "08:00", "15:00", False)]
    assert [(gap.since, gap.until) for gap in seen.gaps] == [
        (time("08:40"), time("15:00")),
        (time("15:00"), time("20:00")),
    ]


def test_a_sighting_elsewhere_ends_a_call() -> None:
    seen = called(vanished_in_port(HAVEN), sighting("15:00", AWAY))
    assert stays(seen) == [("haven", "08:00", "08:40", False)]
    assert [gap.after for gap in seen.gaps] == [AWAY, HAVEN]


def test_a_sighting_elsewhere_cuts_a_call_of_which_no_end_was_heard() -> None:
    seen = called(moored_again(), sighting("15:00", AWAY))
    assert stays(seen) == [("haven", "08:00", "08:40", False), ("haven", "20:00", "20:00", False)]


def moored_again() -> Watch:
    """Last heard at 08:40, and at 20:00 at her berth: the port call goes on."""
    watch = Watch()
    watch.hears(angara.at("07:50").near(OFF_HAVEN))
    watch.hears(*(angara.at(clock).near(HAVEN).moored(0.0) for clock in ("08:00", "08:10", "08:40")))
    watch.until("12:00")
    watch.hears(angara.at("20:00").near(HAVEN).moored(0.0))
    return watch


def test_a_sighting_was_not_heard() -> None:
    assert [(one.fix, one.heard) for one in called(Watch(), sighting("15:00", HAVEN, "haven")).known] == [
        (HAVEN, False)
    ]


def test_only_the_last_revision_counts_and_a_retracted_one_does_not() -> None:
    watch = vanished_in_port(AWAY)
    newest = max(watch.told, key=lambda alert: (alert.rule == "dark_in_port", alert.revision))
    taken_back = replace(newest, revision=newest.revision + 1, event=Event.RETRACTED)
    assert not called(watch, taken_back).gaps
    shuffled = [*reversed(watch.told), *watch.told]
    assert timeline(shuffled, ANGARA.id) == called(watch)
    assert len({alert.id for alert in finally_told(shuffled)}) == len(finally_told(shuffled))


def test_another_hull_is_not_hers() -> None:
    assert timeline(a_day_in_port().told, "imo-9999999") == Timeline()
