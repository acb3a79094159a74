"""When a silence is dark: its limit, and the spans in which nobody listened."""

from __future__ import annotations

import pytest

from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE, Instant
from alerts.core.intervals import LateTick, Outage
from alerts.core.silence import Silence, dark_by, dark_silence, limit_ms
from alerts.core.thresholds import Thresholds
from alerts.core.track import Track
from alerts.core.world import World
from tests.fleet import Ship, ship, time

angara = ship(273210440).at("08:00")
LIMIT = 30 * MINUTE


def heard_by(*feeds: tuple[str, Instant], last: Heard = angara.heard) -> Track:
    return Track(last, last, feeds or ((last.feed, last.at),))


def at_clock(clock: str, *outages: Outage, late: tuple[LateTick, ...] = ()) -> World:
    return World(0, time(clock), outages, late)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        (angara.moving(12), 30),
        (angara.moored(0), 60),
        (angara.class_b().moving(2), 60),
        (angara.class_b().moving(2.1), 30),
        (angara.moving(30), 30),
    ],
)
def test_the_limit_is_the_floor_or_twenty_times_her_interval(said: Ship, minutes: int) -> None:
    assert limit_ms(said.heard, False, Thresholds()) == minutes * MINUTE


def test_without_any_fix_she_may_be_silent_for_two_hours() -> None:
    assert limit_ms(None, False, Thresholds()) == 2 * HOUR


@pytest.mark.parametrize(("floor_min", "minutes"), [(9.9, 10), (10.0, 10), (10.1, 10.1)])
def test_floor_and_factor_are_the_operators(floor_min: float, minutes: float) -> None:
    assert limit_ms(angara.moving(12).heard, False, Thresholds(floor_min, 60.0)) == minutes * MINUTE


def test_a_port_has_a_floor_of_its_own_but_the_same_factor() -> None:
    terms = Thresholds(silence_floor_min=30, port_silence_min=45)
    assert limit_ms(angara.moving(12).heard, True, terms) == 45 * MINUTE
    assert limit_ms(angara.moored(0).heard, True, terms) == 60 * MINUTE


@pytest.mark.parametrize(
    ("last", "dark"), [("08:00", "08:30"), ("08:00:00.001", "08:31"), ("07:59:59.999", "08:30"), ("08:00:59", "08:31")]
)
def test_she_is_dark_at_the_first_interval_end_at_or_after_the_limit(last: str, dark: str) -> None:
    assert dark_by(heard_by(last=angara.at(last).heard), LIMIT, at_clock("09:00")) == time(dark)


@pytest.mark.parametrize(
    ("since", "until", "dark"),
    [
        ("08:10", "08:20", "08:40"),
        ("07:50", "08:00", "08:30"),
        ("07:50", "08:01", "08:31"),
        ("08:29:59", "08:59", "09:00"),
        ("08:30", "08:59", "08:30"),
        ("07:00", "07:30", "08:30"),
    ],
)
def test_a_gap_of_her_feed_is_not_counted(since: str, until: str, dark: str) -> None:
    world = at_clock("12:00", Outage("coast", time(since), time(until)))
    assert dark_by(heard_by(), LIMIT, world) == time(dark)


def test_gaps_that_overlap_are_not_counted_twice() -> None:
    feeds = (("coast", time("08:00")), ("hill", time("07:50")))
    world = at_clock(
        "12:00", Outage("coast", time("08:05"), time("08:15")), Outage("hill", time("08:10"), time("08:25"))
    )
    assert dark_by(heard_by(*feeds), LIMIT, world) == time("08:50")


def test_two_gaps_add_up_and_the_second_counts_once_the_first_has_brought_it_near() -> None:
    world = at_clock(
        "12:00", Outage("coast", time("08:10"), time("08:20")), Outage("coast", time("08:39"), time("08:49"))
    )
    assert dark_by(heard_by(), LIMIT, world) == time("08:50")


@pytest.mark.parametrize(("heard", "dark"), [("07:00", "08:40"), ("06:59:59.999", "08:30")])
def test_a_gap_counts_only_of_a_feed_that_heard_her_in_her_last_hour(heard: str, dark: str) -> None:
    feeds = (("coast", time("08:00")), ("hill", time(heard)))
    world = at_clock("12:00", Outage("hill", time("08:10"), time("08:20")))
    assert dark_by(heard_by(*feeds), LIMIT, world) == time(dark)


def test_a_gap_of_a_feed_that_never_heard_her_does_not_count() -> None:
    world = at_clock("12:00", Outage("hill", time("08:10"), time("08:20")))
    assert dark_by(heard_by(), LIMIT, world) == time("08:30")


@pytest.mark.parametrize("kind", ["outage", "ended"])
def test_while_the_gap_lasts_she_is_not_dark(kind: str) -> None:
    before, after = (at_clock("12:00", Outage("coast", time(at), None, kind)) for at in ("08:29:59", "08:30"))
    assert dark_by(heard_by(), LIMIT, before) is None
    assert dark_by(heard_by(), LIMIT, after) == time("08:30")


def silence(clock: str, until: Heard | None = None, **late: Instant) -> Silence | None:
    ticks = tuple(LateTick(feed, tick, HOUR) for feed, tick in late.items())
    return dark_silence(heard_by(), until, None, LIMIT, at_clock(clock, late=ticks))


def test_a_silence_is_known_when_its_interval_is_closed() -> None:
    assert silence("08:29") is None
    assert silence("08:30") == Silence(angara.heard, None, LIMIT, time("08:30"), None)


@pytest.mark.parametrize(("again", "dark"), [("08:29:59.999", False), ("08:30", True), ("08:31", True)])
def test_a_report_before_the_limit_ends_a_silence_that_never_was_dark(again: str, dark: bool) -> None:
    assert (silence("09:00", angara.at(again).heard) is not None) == dark


def test_a_silence_of_the_limit_that_no_interval_end_saw_was_not_dark() -> None:
    track = heard_by(last=angara.at("08:00:30").heard)
    for again, dark in (("08:30:59", False), ("08:31", True)):
        found = dark_silence(track, angara.at(again).heard, None, LIMIT, at_clock("09:00"))
        assert (found is not None) == dark


def test_a_hull_heard_only_by_a_late_feed_is_silent_on_that_feeds_time() -> None:
    assert silence("09:00", coast=time("08:29")) is None
    assert silence("09:00", coast=time("08:30")) is not None


def test_a_prompt_feed_that_heard_her_too_lets_the_clock_judge() -> None:
    track = heard_by(("coast", time("08:00")), ("space", time("07:30")))
    world = at_clock("08:30", late=(LateTick("space", time("08:00"), HOUR),))
    assert dark_silence(track, None, None, LIMIT, world) is not None


def test_of_two_late_feeds_the_slower_judges() -> None:
    track = heard_by(("coast", time("08:00")), ("space", time("07:30")))
    for slower, dark in (("08:29", False), ("08:30", True)):
        late = (LateTick("coast", time("09:00"), HOUR), LateTick("space", time(slower), HOUR))
        assert (dark_silence(track, None, None, LIMIT, at_clock("10:00", late=late)) is not None) == dark


def test_a_late_feeds_time_ahead_of_the_clock_counts_no_further_than_the_clock() -> None:
    assert silence("08:29", coast=time("09:00")) is None


def test_before_the_first_report_and_before_any_interval_there_is_no_silence() -> None:
    assert dark_silence(Track(), None, None, LIMIT, at_clock("09:00")) is None
    assert dark_silence(heard_by(), None, None, LIMIT, World()) is None
