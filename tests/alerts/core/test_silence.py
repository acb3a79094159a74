"""One silence, `heard -> late -> dark | lost coverage`: what counts, what does not, and how soon it is worth asking.

Angara sails east at 12 kn and says so every ten seconds, until 08:00.  Five ships keep her company, each heard every
minute, unless a test says otherwise: all that is known of them comes from their reports.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import pytest

from alerts.core.cells import cell_of
from alerts.core.cover import CLASS_B
from alerts.core.curve import SHIPPED
from alerts.core.fallen import AreaOutage
from alerts.core.frozen import replace
from alerts.core.geo import Fix, destination
from alerts.core.going import KNOWN_FROM, MOVING_KN, RECKONED_MS, Going, sailed
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from alerts.core.intervals import CoverRun, LateTick, Outage
from alerts.core.silence import Kind, Limits, State, kind_of, limits_of, next_look, silence, watched_over
from alerts.core.thresholds import Thresholds
from alerts.core.track import REST_NM, Track, Vigil
from alerts.core.world import World
from tests.fleet import OPEN_SEA, ship, time
from tests.witnesses import Said, beacon, company, covers

angara = ship(273210440).at("08:00")
FIVE = covers(company(5))
NEVER = 10**12
LOOKS_ON = Limits(Kind.MOVING, 0, NEVER, float(NEVER))
"""Nothing is ever dark: shows what is counted."""
TIMER = Thresholds(silence_floor_min=30, silence_ceiling_min=30)


def going(last: Instant, every_s: int = 10, speed_kn: float = 12.0, reports: int = 120) -> Going:
    """How she goes after so many reports, the last of them at `last`, in the open sea."""
    times = range(last - (reports - 1) * every_s * SECOND, last + 1, every_s * SECOND)
    ways = ((at, destination(OPEN_SEA, 270, speed_kn * (last - at) / HOUR)) for at in times)
    found = reduce(lambda known, row: sailed(known, row[0], *row[1], speed_kn, 90.0), ways, None)
    assert found is not None
    return found


def heard_by(
    *feeds: tuple[str, Instant], last: Heard = angara.heard, every_s: int = 10, reports: int = 120, speed_kn: float = 12
) -> Track:
    """Her track: heard by feed `coast` unless others are named."""
    return Track(
        last, last, feeds or ((last.feed, last.at),), going=going(last.at, every_s, speed_kn=speed_kn, reports=reports)
    )


def at_clock(
    clock: str, *outages: Outage, late: tuple[LateTick, ...] = (), sea: Iterable[CoverRun] = FIVE, day: int = 0
) -> World:
    """What is known at this time of those around her."""
    now = time(clock, day)
    known = (replace(run, last=min(run.last, now)) for run in sea if run.first <= now)
    return World(0, now, outages, late, covers=tuple(known))


def among(*fleets: list[Said], clock: str = "12:00") -> World:
    """The same, with other ships than the five."""
    return at_clock(clock, sea=covers(*fleets, until=clock))


def vigil(world: World, track: Track | None = None, limits: Limits = LOOKS_ON) -> Vigil:
    return watched_over(track or heard_by(), limits, world)


def state(
    world: World, until: Heard | None = None, track: Track | None = None, terms: Thresholds = TIMER
) -> tuple[State, Instant] | None:
    track = track or heard_by()
    found = silence(track, until, None, world, limits_of(kind_of(track, None), terms, SHIPPED))
    return found and (found.state, found.at)


def at_each_minute(clock: str, limits: Limits, sea: Iterable[CoverRun] = FIVE) -> list[Vigil]:
    """Her vigil as it was known at the end of every minute from 08:00 up to this time."""
    ends = range(time("08:00"), time(clock) + 1, MINUTE)
    clocks = [f"{8 + (end - ends[0]) // HOUR:02}:{(end - ends[0]) % HOUR // MINUTE:02}" for end in ends]
    return [watched_over(heard_by(), limits, at_clock(at, sea=sea)) for at in clocks]


# late -> dark: the floor, the witnesses, the ceiling


@pytest.mark.parametrize(
    ("last", "dark"), [("08:00", "08:30"), ("08:00:00.001", "08:31"), ("07:59:59.999", "08:30"), ("08:00:59", "08:31")]
)
def test_she_is_dark_at_the_first_interval_end_at_or_after_the_floor(last: str, dark: str) -> None:
    assert state(at_clock("09:00"), track=heard_by(last=angara.at(last).heard)) == (State.DARK, time(dark))


def test_never_before_the_floor_however_good_the_witnesses() -> None:
    limits = Limits(Kind.MOVING, 15 * MINUTE, NEVER, 0.01)
    found = at_each_minute("08:20", limits)
    assert found[2].witnessed_min > limits.witnessed_min
    assert [one.state for one in found] == [State.LATE] * 15 + [State.DARK] * 6


def test_after_the_floor_in_the_minute_in_which_witnessed_time_passes_the_threshold() -> None:
    limits = Limits(Kind.MOVING, 5 * MINUTE, NEVER, 20.0)
    for one in at_each_minute("08:40", limits):
        assert (one.state == State.DARK) == (one.witnessed_min >= limits.witnessed_min)
    assert one.state == State.DARK
    assert time("08:20") < one.upto < time("08:40")


def test_at_the_ceiling_of_covered_time_whatever_the_curve_says() -> None:
    """The others lie at anchor: they are heard, so we are not deaf, but nobody who moves is."""
    limits, sea = Limits(Kind.MOVING, 15 * MINUTE, 45 * MINUTE, 1.0), covers(company(5, speed_kn=0.0))
    found = at_each_minute("09:00", limits, sea)
    assert {one.witnessed_min for one in found} == {0.0}
    assert next(one.upto for one in found if one.state == State.DARK) == time("08:45")


def test_a_base_station_alone_is_cover_and_no_witness() -> None:
    found = vigil(among(beacon(), clock="08:30"))
    assert (found.covered_ms, found.witnessed_min, found.ships) == (30 * MINUTE, 0.0, 0)


def test_where_nobody_is_heard_time_counts_for_nothing() -> None:
    found = vigil(at_clock("09:00", sea=()))
    assert (found.listened_ms, found.covered_ms, found.witnessed_min) == (HOUR, 0, 0.0)


def test_a_floor_that_is_the_ceiling_makes_a_timer_that_stops_where_we_are_deaf() -> None:
    """The others are heard for twenty minutes, and again from 08:40 on: she is dark half an hour of them later."""
    sea = covers(company(5, first="07:30", last="08:20"), company(5, first="08:40"))
    found = vigil(at_clock("09:30", sea=sea), limits=Limits(Kind.MOVING, 30 * MINUTE, 30 * MINUTE, float(NEVER)))
    deaf_ms = found.listened_ms - found.covered_ms
    assert found.state == State.DARK
    assert 15 * MINUTE < deaf_ms < 21 * MINUTE
    assert found.upto == time("08:30") + deaf_ms


@pytest.mark.parametrize("thresholds", [Thresholds(), TIMER, Thresholds(silence_floor_min=900)])
def test_the_limits_are_the_operators(thresholds: Thresholds) -> None:
    moving, stopped, in_port = (limits_of(kind, thresholds, SHIPPED) for kind in Kind)
    assert moving.floor_ms == thresholds.silence_floor_min * MINUTE
    assert moving.ceiling_ms == max(moving.floor_ms, thresholds.silence_ceiling_min * MINUTE)
    assert in_port.ceiling_ms == in_port.floor_ms == thresholds.port_silence_min * MINUTE
    assert stopped.ceiling_ms == thresholds.stopped_silence_min * MINUTE


def test_a_smaller_budget_of_false_alarms_takes_more_witnessed_time() -> None:
    budgets = [Thresholds(silence_budget=budget) for budget in (100, 10, 1)]
    limits = [limits_of(Kind.MOVING, thresholds, SHIPPED).witnessed_min for thresholds in budgets]
    assert None not in limits
    assert limits == sorted(set(limits))  # type: ignore[type-var]


# what a minute is worth


def test_witnessed_time_counts_from_when_she_herself_is_late() -> None:
    for every_s, first in ((10, 2), (120, 5), (240, 9)):
        track = heard_by(every_s=every_s, reports=30)
        known = [vigil(at_clock(f"08:{minute:02}"), track).witnessed_min for minute in range(12)]
        assert next(minute for minute in range(12) if known[minute] > 0) == first
        assert track.going is not None
        assert (first - 1) * MINUTE == track.going.late_ms


def test_it_counts_for_two_hours_as_long_as_she_is_reckoned_to_sail_on() -> None:
    """And from then on she stands still where the others have gone on, out of hearing."""
    evidence = [vigil(at_clock(clock)).witnessed_min for clock in ("09:58", "09:59", "10:00", "10:01", "12:00")]
    assert evidence[0] < evidence[1] < evidence[2] == evidence[3] == evidence[4]
    assert time("10:00") - angara.heard.at == RECKONED_MS


def test_a_single_witness_proves_little() -> None:
    one, two = (vigil(among(company(ships), clock="09:00")) for ships in (1, 2))
    assert (one.ships, one.covered_ms, two.ships, two.covered_ms) == (1, HOUR, 2, HOUR)
    assert one.witnessed_min / two.witnessed_min == pytest.approx(0.15 / (2 / 2.5), rel=0.05)


def test_others_that_fell_silent_themselves_make_the_minutes_count_less() -> None:
    """Three of six are missing: perhaps it is we who do not hear."""
    silent = company(3, last="08:00", mmsi=100)
    whole, half = (vigil(among(company(n), silent[:k], clock="08:50")) for n, k in ((6, 0), (3, len(silent))))
    assert half.witnessed_min == pytest.approx(whole.witnessed_min / 2, rel=0.25)


def test_others_who_are_far_away_prove_nothing() -> None:
    near, far = (vigil(among(company(5, near=destination(OPEN_SEA, 0, nm)), clock="08:50")) for nm in (4, 40))
    assert near.witnessed_min > 30
    assert (far.witnessed_min, far.covered_ms) == (0.0, 0)


def test_ships_are_witnesses_where_she_should_be_and_not_where_she_was() -> None:
    """The five are sixteen miles ahead of her, and slower; where she was last heard there is nobody."""
    ahead = company(5, near=destination(OPEN_SEA, 90, 16), speed_kn=4.0)
    known = [vigil(among(ahead, clock=clock)).covered_ms for clock in ("08:20", "09:30")]
    assert known[0] == 0
    assert known[1] > 20 * MINUTE


def test_one_who_is_hardly_heard_proves_her_silence_the_later() -> None:
    """A weak antenna is no crime: half as often heard is half the evidence."""
    known = {
        every_s: [
            vigil(at_clock(clock), heard_by(every_s=every_s, reports=40)).witnessed_min for clock in ("08:20", "09:20")
        ]
        for every_s in (10, 60, 120, 240)
    }
    hour = {every_s: after - before for every_s, (before, after) in known.items()}
    assert hour[10] >= hour[60] > hour[120]
    assert hour[240] == pytest.approx(hour[120] / 2, rel=0.01)


def test_a_class_b_ship_is_measured_by_the_rate_of_her_class() -> None:
    """Where the best are heard every ten seconds, thirty of hers are no sign of a weak antenna."""
    sea = at_clock("09:00", sea=covers(company(5, every_s=10, first="07:50", last="09:00"), until="09:00"))
    a, b = (heard_by(last=said.heard, every_s=30) for said in (angara, angara.class_b()))
    assert vigil(sea, b).witnessed_min > 2 * vigil(sea, a).witnessed_min


def test_class_b_ships_bear_witness_too() -> None:
    assert vigil(among(company(5, kind=CLASS_B), clock="09:00")).witnessed_min > 50


@pytest.mark.parametrize("reports", [1, 2, 3])
def test_of_one_who_was_heard_once_or_twice_nobody_knows_how_well_she_is_heard(reports: int) -> None:
    found = vigil(at_clock("09:00"), heard_by(reports=reports))
    assert (found.witnessed_min > 0) == (reports >= KNOWN_FROM)
    assert found.covered_ms == HOUR


# what a ship does before she falls silent


@pytest.mark.parametrize(
    ("speed", "before", "kind"),
    [
        (12.0, 12.0, Kind.MOVING),
        (MOVING_KN, MOVING_KN, Kind.MOVING),
        (MOVING_KN - 0.1, MOVING_KN, Kind.STOPPED),
        (MOVING_KN + 0.1, 12.0, Kind.STOPPED),
    ],
)
def test_ships_that_lie_still_or_slow_down_are_another_class(speed: float, before: float, kind: Kind) -> None:
    track = replace(heard_by(), going=going(angara.heard.at)._replace(speed_kn=speed, before_kn=before))
    assert kind_of(track, None) is kind
    assert kind_of(track, "haven") is Kind.IN_PORT


@pytest.mark.parametrize("every_s", [10, 60, 100])
@pytest.mark.parametrize(("bearing", "ahead"), [(90, True), (0, False), (270, False)])
def test_one_who_is_where_she_was_silent_before_has_stopped(every_s: int, bearing: float, ahead: bool) -> None:
    """Or passes it by her next report, a minute later at most: archives end so far from the berth.  She sails east."""
    within_nm = REST_NM + ahead * 12.0 * min(every_s, 60) / 3600
    for nm, kind in ((within_nm - 0.01, Kind.STOPPED), (within_nm + 0.01, Kind.MOVING)):
        track = replace(heard_by(every_s=every_s), rests=(destination(OPEN_SEA, bearing, nm),))
        assert kind_of(track, None) is kind


@pytest.mark.parametrize("kind", [Kind.STOPPED, Kind.IN_PORT])
def test_ships_at_rest_power_down_so_witnesses_prove_nothing_but_that_we_hear(kind: Kind) -> None:
    limits = limits_of(kind, Thresholds(port_silence_min=50, stopped_silence_min=50), SHIPPED)
    found = vigil(at_clock("10:00"), limits=limits)
    assert (found.state, found.upto, found.witnessed_min) == (State.DARK, time("08:50"), 0.0)


# late -> lost coverage


@pytest.mark.parametrize("heard_min", [0, 30, 50, 55, 58, 59, 60, 61, 62, 65, 90])
def test_two_hours_half_of_them_without_cover_are_out_of_cover(heard_min: int) -> None:
    last = f"{8 + heard_min // 60:02}:{heard_min % 60:02}"
    found = vigil(among(company(5, last=last), clock="10:00"))
    assert abs(found.covered_ms - heard_min * MINUTE) <= 2 * MINUTE
    lost = 2 * found.covered_ms <= found.listened_ms
    assert (found.state, lost) == ((State.LOST, True) if lost else (State.LATE, False))
    assert found.listened_ms == RECKONED_MS


def test_not_before_two_hours_and_later_where_there_was_more_cover() -> None:
    """Of 80 minutes of cover, 160 are the double."""
    silent = vigil(at_clock("12:00", sea=()))
    assert (silent.state, silent.upto) == (State.LOST, time("10:00"))
    longer = vigil(among(company(5, last="09:20"), clock="12:00"))
    assert (longer.state, longer.upto) == (State.LOST, time("08:00") + 2 * longer.covered_ms)
    assert longer.upto > time("10:30")


def test_what_is_lost_stays_lost_and_what_is_dark_stays_dark() -> None:
    """Said once: those who come later prove nothing of what was before, those who go take nothing back."""
    come, gone = covers(company(5, first="10:10")), covers(company(5, last="08:40"))
    assert state(at_clock("12:00", sea=come), terms=Thresholds()) == (State.LOST, time("10:00"))
    for clock in ("08:30", "09:00", "12:00"):
        assert state(at_clock(clock, sea=gone)) == (State.DARK, time("08:30"))


# spans in which we were deaf


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


def test_it_brings_no_evidence_and_no_loss_either() -> None:
    out = Outage("coast", time("08:10"), time("10:10"))
    found = vigil(at_clock("10:30", out))
    assert (found.listened_ms, found.state) == (30 * MINUTE, State.LATE)
    assert found.witnessed_min <= 30
    alone = [vigil(at_clock(clock, out, sea=())).state for clock in ("11:59", "12:00")]
    assert alone == [State.LATE, State.LOST]


def test_gaps_that_overlap_are_not_counted_twice() -> None:
    track = heard_by(("coast", time("08:00")), ("hill", time("07:50")))
    gaps = (Outage("coast", time("08:05"), time("08:15")), Outage("hill", time("08:10"), time("08:25")))
    assert state(at_clock("12:00", *gaps), track=track) == (State.DARK, time("08:50"))


def test_two_gaps_add_up_and_the_second_counts_once_the_first_has_brought_it_near() -> None:
    gaps = (Outage("coast", time("08:10"), time("08:20")), Outage("coast", time("08:39"), time("08:49")))
    assert state(at_clock("12:00", *gaps)) == (State.DARK, time("08:50"))


@pytest.mark.parametrize(("heard", "dark"), [("07:00", "08:40"), ("06:59:59.999", "08:30")])
def test_a_gap_counts_only_of_a_feed_that_heard_her_in_her_last_hour(heard: str, dark: str) -> None:
    track = heard_by(("coast", time("08:00")), ("hill", time(heard)))
    world = at_clock("12:00", Outage("hill", time("08:10"), time("08:20")))
    assert state(world, track=track) == (State.DARK, time(dark))


def test_a_gap_of_a_feed_that_never_heard_her_does_not_count() -> None:
    assert state(at_clock("12:00", Outage("hill", time("08:10"), time("08:20")))) == (State.DARK, time("08:30"))


@pytest.mark.parametrize("kind", ["outage", "ended"])
def test_while_the_gap_lasts_she_is_neither_dark_nor_lost(kind: str) -> None:
    assert state(at_clock("12:00", Outage("coast", time("08:29:59"), None, kind))) is None
    assert state(at_clock("12:00", Outage("coast", time("08:30"), None, kind))) == (State.DARK, time("08:30"))


# when it is known


def test_a_silence_is_known_when_its_interval_is_closed() -> None:
    assert state(at_clock("08:29")) is None
    assert state(at_clock("08:30")) == (State.DARK, time("08:30"))


@pytest.mark.parametrize(("again", "dark"), [("08:29:59.999", False), ("08:30", True), ("08:31", True)])
def test_a_report_before_the_limit_ends_a_silence_that_never_was_dark(again: str, dark: bool) -> None:
    assert (state(at_clock("09:00"), angara.at(again).heard) is not None) == dark


def test_a_silence_of_the_limit_that_no_interval_end_saw_was_not_dark() -> None:
    track = heard_by(last=angara.at("08:00:30").heard)
    for again, dark in (("08:30:59", False), ("08:31", True)):
        assert (state(at_clock("09:00"), angara.at(again).heard, track) is not None) == dark


def test_a_hull_heard_only_by_a_late_feed_is_silent_on_that_feeds_time() -> None:
    for tick, dark in (("08:29", False), ("08:30", True)):
        late = (LateTick("coast", time(tick), HOUR),)
        assert (state(at_clock("09:00", late=late)) is not None) == dark


def test_a_prompt_feed_that_heard_her_too_lets_the_clock_judge() -> None:
    track = heard_by(("coast", time("08:00")), ("space", time("07:30")))
    world = at_clock("08:30", late=(LateTick("space", time("08:00"), HOUR),))
    assert state(world, track=track) is not None


def test_of_two_late_feeds_the_slower_judges() -> None:
    track = heard_by(("coast", time("08:00")), ("space", time("07:30")))
    for slower, dark in (("08:29", False), ("08:30", True)):
        late = (LateTick("coast", time("09:00"), HOUR), LateTick("space", time(slower), HOUR))
        assert (state(at_clock("10:00", late=late), track=track) is not None) == dark


def test_a_late_feeds_time_ahead_of_the_clock_counts_no_further_than_the_clock() -> None:
    assert state(at_clock("08:29", late=(LateTick("coast", time("09:00"), HOUR),))) is None


def test_before_the_first_report_and_before_any_interval_there_is_no_silence() -> None:
    assert silence(Track(), None, None, at_clock("09:00"), LOOKS_ON) is None
    assert state(World()) is None


def test_one_who_never_said_where_she_is_is_out_of_cover_after_two_hours() -> None:
    track = Track(angara.without_position().heard, None, (("coast", time("08:00")),))
    assert state(at_clock("12:00"), track=track) == (State.LOST, time("10:00"))


# what is kept, and when it is looked at again


@pytest.mark.parametrize("clock", ["08:00", "08:01", "08:05", "08:59", "09:58", "10:00", "11:00"])
def test_it_goes_on_where_the_vigil_that_was_kept_ended(clock: str) -> None:
    """The covers up to there may be forgotten."""
    whole = vigil(at_clock("12:00"))
    kept = replace(heard_by(), vigil=vigil(at_clock(clock)))
    later = at_clock("12:00", sea=[run for run in FIVE if run.last > time(clock)])
    assert vigil(later, kept) == whole


@pytest.mark.parametrize(
    "limits",
    [
        Limits(Kind.MOVING, 15 * MINUTE, NEVER, 40.0),
        Limits(Kind.MOVING, 15 * MINUTE, 90 * MINUTE, 1000.0),
        Limits(Kind.STOPPED, 50 * MINUTE, 50 * MINUTE, None),
        Limits(Kind.MOVING, 15 * MINUTE, NEVER, 1000.0),
    ],
)
@pytest.mark.parametrize("sea", [FIVE, covers(company(2, last="08:40")), ()], ids=["all the time", "at first", "none"])
def test_no_state_changes_before_the_next_look(limits: Limits, sea: tuple[CoverRun, ...]) -> None:
    found = at_each_minute("11:30", limits, sea)
    for one in found:
        if one.state == State.LATE:
            assert one.upto < next_look(one, limits)
            assert next_look(one, limits) <= found[-1].upto or found[-1].state == State.LATE


def test_a_first_vigil_has_listened_to_nothing() -> None:
    assert vigil(World()) == Vigil(time("08:00"), time("08:00"))


# others fall silent with her


@pytest.mark.parametrize(
    ("others", "last", "shared"),
    [(3, "08:00", True), (2, "07:57", False), (3, "07:57", True), (3, "08:10", False), (3, "07:45", False)],
)
def test_who_falls_silent_with_others_is_no_dark_ship(others: int, last: str, shared: bool) -> None:
    """Five go on; she herself is one of the traffic, as in life."""
    hers = company(1, mmsi=900, last="08:00")
    sea = covers(hers, company(5), company(others, mmsi=100, last=last))
    found = vigil(at_clock("08:40", sea=sea), limits=Limits(Kind.MOVING, 15 * MINUTE, NEVER, 3.0))
    assert found.shared is shared
    assert (found.state == State.LATE) is shared


def test_three_of_many_are_not_all() -> None:
    sea = covers(company(1, mmsi=900, last="08:00"), company(20), company(3, mmsi=100, last="08:00"))
    assert vigil(at_clock("08:40", sea=sea), limits=Limits(Kind.MOVING, 15 * MINUTE, NEVER, 3.0)).state == State.DARK


@pytest.mark.parametrize(
    ("others", "last", "heard", "shared"),
    [
        (2, "08:00", 10, True),
        (2, "08:01", 10, True),
        (2, "07:59", 10, True),
        (2, "08:03", 10, False),
        (2, "07:57", 10, False),
        (1, "08:00", 2, False),
        (2, "08:00", 11, False),
        (3, "08:00", 16, True),
        (3, "08:00", 17, False),
    ],
)
def test_two_that_fall_silent_in_the_same_minute_are_one_cause(
    others: int, last: str, heard: int, shared: bool
) -> None:
    """Fourteen miles north; of those who are heard two are beside her.  A seventh of all that were there."""
    there = destination(OPEN_SEA, 0, 14)
    sea = covers(
        company(1, mmsi=900, last="08:00"),
        company(2),
        company(heard - 2, mmsi=200, near=there),
        company(others, mmsi=100, last=last, near=there),
    )
    assert vigil(at_clock("08:40", sea=sea), limits=Limits(Kind.MOVING, 15 * MINUTE, NEVER, 3.0)).shared is shared


def test_who_comes_later_does_not_make_it_her_own_doing() -> None:
    """Three of eight at once; the rush of an hour later, twenty ships, says nothing of then."""
    fleets = company(1, mmsi=900, last="08:00"), company(5), company(3, mmsi=100, last="08:00")
    for others in (), (company(20, mmsi=200, first="08:20"),):
        found = vigil(among(*fleets, *others, clock="10:00"), limits=Limits(Kind.MOVING, 15 * MINUTE, NEVER, 3.0))
        assert (found.moving, found.shared, found.state) == (9, True, State.LATE)


@pytest.mark.parametrize(
    ("known", "withdrawn", "dark", "cause"),
    [
        ("08:11", False, None, None),
        ("08:15", False, None, None),
        ("08:16", False, "08:15", "area"),
        ("08:11", True, "08:15", None),
    ],
)
def test_from_when_an_area_is_known_to_be_out_witnesses_prove_nothing(
    known: str, withdrawn: bool, dark: str | None, cause: str | None
) -> None:
    """What was dark before stays so, and names it: however many intervals a record closes."""
    since = time("08:00")
    area = AreaOutage("area", since, since if withdrawn else None, ((cell_of(*OPEN_SEA), time(known)),))
    world = replace(at_clock("08:40"), areas=(area,))
    found = silence(heard_by(), None, None, world, Limits(Kind.MOVING, 15 * MINUTE, NEVER, 3.0))
    assert (found and (found.at, found.cause)) == (dark and (time(dark), cause))


def test_her_time_under_cover_goes_on_where_an_area_is_out() -> None:
    area = AreaOutage("area", time("08:00"), time("08:20"), ((cell_of(*OPEN_SEA), time("08:11")),))
    world = replace(at_clock("08:40"), areas=(area,))
    found = silence(heard_by(), None, None, world, Limits(Kind.MOVING, 15 * MINUTE, 30 * MINUTE, 3.0))
    assert found is not None
    assert (found.state, found.at, found.cause, found.vigil.shared) == (State.DARK, time("08:30"), "area", True)


def test_what_they_share_stays_theirs_when_the_others_are_heard_again() -> None:
    back = company(3, mmsi=100, first="08:25")
    sea = covers(company(1, mmsi=900, last="08:00"), company(5), company(3, mmsi=100, last="08:00"), back)
    assert vigil(at_clock("10:00", sea=sea), limits=Limits(Kind.MOVING, 15 * MINUTE, NEVER, 3.0)).state == State.LATE


def test_even_then_the_ceiling_holds() -> None:
    sea = covers(company(1, mmsi=900, last="08:00"), company(5), company(3, mmsi=100, last="08:00"))
    assert vigil(at_clock("10:00", sea=sea), limits=Limits(Kind.MOVING, 15 * MINUTE, HOUR, 3.0)).state == State.DARK


def test_the_ships_heard_last_are_named_those_of_her_own_cell_first() -> None:
    """Ship 1 sails in the cell south of hers."""
    assert vigil(at_clock("08:10")).some == (2, 3, 1)


# far from land, where nobody is heard


MID_ATLANTIC, OFF_BUSAN = (30.0, -40.0), (34.9, 129.3)


def far_out(place: Fix = MID_ATLANTIC, positions: tuple[int, ...] = (7, 7)) -> Track:
    last = angara.near(place).heard
    return replace(heard_by(last=last), hourly=positions, going=sailed(None, last.at, *place, 12.0, 90.0))


@pytest.mark.parametrize(
    ("track", "day", "found"),
    [
        (far_out(), 0, (State.LOST, time("10:00"))),
        (far_out(), 1, (State.DARK, time("20:00"))),
        (far_out(positions=(6, 7)), 1, (State.LOST, time("10:00"))),
        (far_out(OFF_BUSAN), 1, (State.LOST, time("10:00"))),
        (replace(far_out(), going=far_out().going._replace(speed_kn=0.0)), 1, (State.LOST, time("10:00"))),
    ],
)
def test_twelve_hours_far_from_land_after_fourteen_positions(
    track: Track, day: int, found: tuple[State, Instant]
) -> None:
    assert state(at_clock("19:59" if day == 0 else "08:00", sea=(), day=day), track=track, terms=Thresholds()) == found


def test_an_outage_far_out_does_not_count() -> None:
    out = Outage("coast", time("12:00"), time("15:00"))
    world = at_clock("08:00", out, sea=(), day=1)
    assert state(world, track=far_out(), terms=Thresholds()) == (State.DARK, time("23:00"))


def test_who_is_heard_before_the_twelve_hours_are_over_was_out_of_cover() -> None:
    back = angara.near(MID_ATLANTIC).at("19:30").heard
    assert state(at_clock("08:00", sea=(), day=1), back, far_out(), Thresholds()) == (State.LOST, time("10:00"))
