"""A silence by the intervals that were listened to: its class, its limits, and how soon it is worth asking again."""

from __future__ import annotations

import pytest

from alerts.core.cells import around, cell_of
from alerts.core.cover import CellCover
from alerts.core.geo import destination
from alerts.core.going import Going
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, INTERVAL, MINUTE, Instant
from alerts.core.intervals import Cover, LateTick, Outage
from alerts.core.reports import Origin
from alerts.core.silence import Kind, Limits, State, kind_of, limits_of, next_look, silence, watched_over
from alerts.core.thresholds import Thresholds
from alerts.core.track import Track, Vigil
from alerts.core.world import World
from tests.fleet import OPEN_SEA, ship, time

angara = ship(273210440).at("08:00")
TIMER = Thresholds(silence_floor_min=30, silence_ceiling_min=30)
WELL = Going(angara.heard.at, *OPEN_SEA, 12.0, 0.0, 12.0, 12.0, 100.0, 10.0, 50)
"""Eastward at 12 kn, heard every ten seconds."""


def heard_by(*feeds: tuple[str, Instant], last: Heard = angara.heard, going: Going = WELL) -> Track:
    return Track(last, last, feeds or ((last.feed, last.at),), going=going._replace(at=last.at))


def at_clock(
    clock: str, *outages: Outage, late: tuple[LateTick, ...] = (), until: str | None = None, witnessed: int = 80
) -> World:
    """Ships are heard along her way for four hours, or until a time."""
    cells = {cell for nm in range(-6, 30) for cell in around(cell_of(*destination(OPEN_SEA, 90, nm)))}
    ends = range(time("08:00"), min(time(until or "12:00"), time(clock)) + 1, INTERVAL)
    covers = {
        end: Cover(Origin("c", 0, 0), end, 10.0, dict.fromkeys(cells, CellCover(witnessed, 5, 60))) for end in ends
    }
    return World(0, time(clock), outages, late, covers=covers)


def state(world: World, until: Heard | None = None, track: Track | None = None) -> tuple[State, Instant] | None:
    found = silence(track or heard_by(), until, None, world, TIMER)
    return found and (found.state, found.at)


@pytest.mark.parametrize(
    ("last", "dark"), [("08:00", "08:30"), ("08:00:00.001", "08:31"), ("07:59:59.999", "08:30"), ("08:00:59", "08:31")]
)
def test_she_is_dark_at_the_first_interval_end_at_or_after_the_limit(last: str, dark: str) -> None:
    assert state(at_clock("09:00"), track=heard_by(last=angara.at(last).heard)) == (State.DARK, time(dark))


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
def test_an_interval_in_which_her_feed_was_out_is_not_counted(since: str, until: str, dark: str) -> None:
    assert state(at_clock("12:00", Outage("coast", time(since), time(until)))) == (State.DARK, time(dark))


def test_gaps_that_overlap_are_not_counted_twice() -> None:
    track = heard_by(("coast", time("08:00")), ("hill", time("07:50")))
    gaps = (Outage("coast", time("08:05"), time("08:15")), Outage("hill", time("08:10"), time("08:25")))
    assert state(at_clock("12:00", *gaps), track=track) == (State.DARK, time("08:50"))


@pytest.mark.parametrize(("heard", "dark"), [("07:00", "08:40"), ("06:59:59.999", "08:30")])
def test_a_gap_counts_only_of_a_feed_that_heard_her_in_her_last_hour(heard: str, dark: str) -> None:
    track = heard_by(("coast", time("08:00")), ("hill", time(heard)))
    world = at_clock("12:00", Outage("hill", time("08:10"), time("08:20")))
    assert state(world, track=track) == (State.DARK, time(dark))


@pytest.mark.parametrize("kind", ["outage", "ended"])
def test_while_the_gap_lasts_she_is_neither_dark_nor_lost(kind: str) -> None:
    assert state(at_clock("12:00", Outage("coast", time("08:29:59"), None, kind))) is None


def test_a_silence_is_known_when_its_interval_is_closed() -> None:
    assert state(at_clock("08:29")) is None
    assert state(at_clock("08:30")) == (State.DARK, time("08:30"))


@pytest.mark.parametrize(("again", "dark"), [("08:29:59.999", False), ("08:30", True), ("08:31", True)])
def test_a_report_before_the_limit_ends_a_silence_that_never_was_dark(again: str, dark: bool) -> None:
    assert (state(at_clock("09:00"), angara.at(again).heard) is not None) == dark


def test_a_hull_heard_only_by_a_late_feed_is_silent_on_that_feeds_time() -> None:
    for tick, dark in (("08:29", False), ("08:30", True)):
        late = (LateTick("coast", time(tick), HOUR),)
        assert (state(at_clock("09:00", late=late)) is not None) == dark


def test_before_the_first_report_and_before_any_interval_there_is_no_silence() -> None:
    assert silence(Track(), None, None, at_clock("09:00"), TIMER) is None
    assert state(World()) is None


@pytest.mark.parametrize(("until", "lost"), [("08:59", True), ("09:00", True), ("09:01", False)])
def test_half_of_two_hours_without_cover_is_out_of_cover(until: str, lost: bool) -> None:
    found = silence(heard_by(), None, None, at_clock("10:00", until=until, witnessed=1), Thresholds())
    assert (found is not None) == lost
    assert found is None or (found.state, found.at) == (State.LOST, time("10:00"))


@pytest.mark.parametrize(
    ("speed", "before", "kind"),
    [(12.0, 12.0, Kind.MOVING), (3.0, 3.0, Kind.MOVING), (2.9, 2.9, Kind.STOPPED), (4.7, 12.0, Kind.STOPPED)],
)
def test_ships_that_lie_still_or_slow_down_are_another_class(speed: float, before: float, kind: Kind) -> None:
    track = heard_by(going=WELL._replace(speed_kn=speed, before_kn=before))
    assert kind_of(track, None) is kind
    assert kind_of(track, "haven") is Kind.IN_PORT


def test_one_who_is_where_she_was_silent_before_has_stopped() -> None:
    track = heard_by()
    for nm, kind in ((0.24, Kind.STOPPED), (0.26, Kind.MOVING)):
        rests = Track(track.last, track.fix, track.feeds, going=WELL, rests=(destination(OPEN_SEA, 0, nm),))
        assert kind_of(rests, None) is kind


def test_evidence_counts_from_when_she_is_late_for_two_hours() -> None:
    limits = Limits(0, 10**12, 10**6)
    vigil = watched_over(heard_by(), limits, at_clock("12:00"))
    assert vigil.witnessed_min == pytest.approx(119 * 0.8)
    assert vigil.covered_ms == 240 * MINUTE


def test_of_one_who_was_heard_twice_nobody_knows_how_well_she_is_heard() -> None:
    limits = Limits(0, 10**12, 10**6)
    assert watched_over(heard_by(going=WELL._replace(reports=2)), limits, at_clock("09:00")).witnessed_min == 0
    assert watched_over(heard_by(going=WELL._replace(reports=3)), limits, at_clock("09:00")).witnessed_min > 0


def test_it_goes_on_where_the_vigil_that_was_kept_ended() -> None:
    whole = watched_over(heard_by(), limits_of(Kind.MOVING, Thresholds(silence_budget=0.01)), at_clock("09:00"))
    limits = limits_of(Kind.MOVING, Thresholds(silence_budget=0.01))
    half = watched_over(heard_by(), limits, at_clock("08:05"))
    track = heard_by()
    kept = Track(track.last, track.fix, track.feeds, going=track.going, vigil=half)
    assert watched_over(kept, limits, at_clock("09:00")) == whole


def test_no_state_changes_before_the_next_look() -> None:
    limits = limits_of(Kind.MOVING, Thresholds())
    for clock in range(1, 150):
        world = at_clock(f"{8 + clock // 60:02}:{clock % 60:02}", witnessed=10)
        vigil = watched_over(heard_by(), limits, world)
        look = next_look(vigil, limits)
        assert look > vigil.upto
        later = watched_over(heard_by(), limits, at_clock("11:00", witnessed=10))
        if vigil.state == State.LATE:
            assert look <= later.upto
    assert later.state == State.DARK


def test_a_first_vigil_has_listened_to_nothing() -> None:
    assert watched_over(heard_by(), limits_of(Kind.MOVING, TIMER), World()) == Vigil(time("08:00"), time("08:00"))
