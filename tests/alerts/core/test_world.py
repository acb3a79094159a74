"""What an engine knows besides its hulls: outages replaced, gaps merged, repeats recognised."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core import world as world_module
from alerts.core.cells import Cell, cell_of, farther
from alerts.core.cover import CellSum, cover_of
from alerts.core.fallen import AreaOutage
from alerts.core.frozen import replace
from alerts.core.instants import HOUR, MINUTE
from alerts.core.intervals import CoverRun, Interference, IntervalClosed, LateTick, Outage, Versions
from alerts.core.reports import Origin
from alerts.core.world import World, closed, cover_at, explaining, gaps, had_after, is_repeat, with_covers

spans = st.tuples(st.sampled_from("AB"), st.integers(0, 9), st.none() | st.integers(1, 5)).map(
    lambda row: Outage(row[0], row[1], None if row[2] is None else row[1] + row[2])
)


def interval(end: int, *outages: Outage, n: int = 0) -> IntervalClosed:
    return IntervalClosed(Origin("clock-log", end, n), end, outages)


@given(st.lists(spans, max_size=6), st.sets(st.sampled_from("AB")))
def test_gaps_hold_exactly_the_moments_in_which_a_feed_was_out(outages: list[Outage], feeds: set[str]) -> None:
    found = list(gaps(World(outages=tuple(outages)), feeds))
    for at in range(16):
        out = any(o.feed in feeds and o.since <= at and (o.until is None or at < o.until) for o in outages)
        assert any(since <= at and (until is None or at < until) for since, until in found) == out


of_stations = st.tuples(st.sampled_from("st"), spans).map(lambda row: replace(row[1], station=row[0]))
heard_by = st.sets(st.tuples(st.sampled_from("AB"), st.sampled_from("st")), max_size=3)


@given(st.lists(st.one_of(spans, of_stations), max_size=8), st.sets(st.sampled_from("AB")), heard_by)
def test_gaps_hold_the_moments_too_in_which_all_of_her_stations_were_out(
    outages: list[Outage], feeds: set[str], stations: set[tuple[str, str]]
) -> None:
    found = list(gaps(World(outages=tuple(outages)), feeds, stations))
    for at in range(16):
        out = {(o.feed, o.station) for o in outages if o.since <= at and (o.until is None or at < o.until)}
        deaf = any((feed, "") in out for feed in feeds) or (bool(stations) and stations <= out)
        assert any(since <= at and (until is None or at < until) for since, until in found) == deaf


@pytest.mark.parametrize(
    ("outage", "explains"),
    [
        (Outage("A", 60 * MINUTE, None), True),
        (Outage("A", 55 * MINUTE, None), True),
        (Outage("A", 65 * MINUTE, 70 * MINUTE), True),
        (Outage("A", 54 * MINUTE, None), False),
        (Outage("A", 66 * MINUTE, None), False),
        (Outage("A", 55 * MINUTE, 60 * MINUTE), False),
        (Outage("A", 60 * MINUTE, None, "ended"), False),
        (Outage("B", 60 * MINUTE, None), False),
        (Outage("A", 60 * MINUTE, None, station="s"), True),
        (Outage("A", 60 * MINUTE, None, station="t"), False),
    ],
)
def test_an_outage_explains_what_fell_silent_within_minutes(outage: Outage, explains: bool) -> None:
    found = explaining(World(outages=(outage,)), 60 * MINUTE, ("A",), (("A", "s"),))
    assert found == (outage if explains else None)


def test_the_outage_of_the_whole_feed_is_named_before_that_of_a_station() -> None:
    both = Outage("A", 60 * MINUTE, None), Outage("A", 59 * MINUTE, None, station="s")
    assert explaining(World(outages=both), 60 * MINUTE, ("A",), (("A", "s"),)) == both[0]


def test_of_feeds_and_of_stations_the_newest_outages_are_kept_and_all_that_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(world_module, "OUTAGES_KEPT", 2)
    of_station = [Outage("A", n, n + 1, station="s") for n in range(5)]
    of_feed = [Outage("A", n, n + 1) for n in range(3, 7)]
    others = [Outage("B", 0, None), Outage("A", 0, None, station="t"), Outage("C", 0, None, "ended")]
    found = closed(World(), 1, interval(1, *of_station, *of_feed, *others)).outages
    assert set(found) == {*of_station[-2:], *of_feed[-2:], *others}


def test_a_feed_that_ends_where_it_was_out_has_both() -> None:
    world = closed(World(), 1, interval(1, Outage("A", 5, None)))
    world = closed(world, 2, interval(2, Outage("A", 5, 5), Outage("A", 5, None, "ended")))
    assert world.outages == (Outage("A", 5, None, "ended"),)


@given(st.lists(spans, max_size=6))
def test_gaps_come_in_order_and_apart(outages: list[Outage]) -> None:
    found = list(gaps(World(outages=tuple(outages)), "AB"))
    for (_, until), (since, _) in itertools.pairwise(found):
        assert until is not None
        assert until < since


def test_an_outage_replaces_what_was_known_of_it_and_a_withdrawn_one_goes() -> None:
    world = closed(World(), 1, interval(1, Outage("A", 5, None), Outage("B", 5, None)))
    world = closed(world, 2, interval(2, Outage("A", 5, 9)))
    assert world.outages == (Outage("A", 5, 9), Outage("B", 5, None))
    assert closed(world, 3, interval(3, Outage("B", 5, 5))).outages == (Outage("A", 5, 9),)


def test_of_interference_the_newest_are_kept_each_as_it_was_told_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_module, "INTERFERENCES_KEPT", 2)
    told = [Interference(name, since, None, (0.0, 0.0)) for since, name in enumerate("abc")]
    world = closed(World(), 1, replace(interval(1), interference=tuple(told)))
    assert world.interference == tuple(told[1:])
    over = replace(told[1], until=7)
    assert closed(world, 2, replace(interval(2), interference=(over,))).interference == (over, told[2])


def test_of_area_outages_the_newest_are_kept_also_those_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_module, "AREAS_KEPT", 2)
    told = [AreaOutage(name, at, None, ()) for at, name in enumerate("abc")]
    world = closed(World(), 1, replace(interval(1), areas=tuple(told)))
    withdrawn = replace(told[1], until=told[1].at)
    assert closed(world, 2, replace(interval(2), areas=(withdrawn,))).areas == (withdrawn, told[2])


def test_an_interval_brings_offset_clock_late_ticks_and_versions() -> None:
    late, versions = (LateTick("space", 3, 7),), Versions("z", "r", "w")
    record = IntervalClosed(Origin("clock-log", 4, 0), 60, (), late, versions)
    after = closed(World(), 8, record)
    assert after == World(
        8, 60, (), late, versions, (("clock-log", 4, 0),), turned=8, covered_from=60 - 3 * HOUR - 3 * 7
    )


AS_BEFORE = replace(interval(2), late=(LateTick("space", 3, 7),), versions=Versions("z", "r", "w"))
TURNS = [
    (AS_BEFORE, False),
    (replace(AS_BEFORE, late=(LateTick("space", 4, 7),)), False),
    (replace(AS_BEFORE, versions=Versions("z", "r", "another watchlist")), False),
    (replace(AS_BEFORE, late=(LateTick("space", 3, 8),)), True),
    (replace(AS_BEFORE, late=()), True),
    (replace(AS_BEFORE, versions=Versions("other zones", "r", "w")), True),
    (replace(AS_BEFORE, versions=Versions("z", "other rules", "w")), True),
    (replace(AS_BEFORE, versions=Versions("z", "r", "w", "learned")), True),
    (replace(AS_BEFORE, outages=(Outage("A", 5, None),)), True),
    (replace(AS_BEFORE, areas=(AreaOutage("area", 5, None, ()),)), True),
    (replace(AS_BEFORE, interference=(Interference("gnss", 5, None, (44.58, 38.01)),)), True),
]


@pytest.mark.parametrize(("record", "turned"), TURNS)
def test_the_world_turns_where_a_hull_may_be_dark_sooner_than_was_known(record: IntervalClosed, turned: bool) -> None:
    before = World(1, 1, (), AS_BEFORE.late, AS_BEFORE.versions)
    assert closed(before, 9, record).turned == (9 if turned else -1)


def test_the_clock_never_goes_back() -> None:
    assert closed(closed(World(), 1, interval(60)), 2, interval(30)).clock == 60


def test_the_lag_is_that_of_the_latest_feed() -> None:
    assert World().lag_ms == 0
    assert World(late=(LateTick("a", 0, 3), LateTick("b", 0, 7), LateTick("c", 0, 5))).lag_ms == 7


places = st.tuples(st.sampled_from("st"), st.integers(0, 3), st.integers(0, 2))


@given(st.lists(places))
def test_a_place_of_a_source_at_or_below_the_last_one_had_is_a_repeat(arrived: list[tuple[str, int, int]]) -> None:
    had: tuple[tuple[str, int, int], ...] = ()
    highest: dict[str, tuple[int, int]] = {}
    for source, offset, n in arrived:
        assert is_repeat(had, source, offset, n) == ((offset, n) <= highest.get(source, (-1, -1)))
        if not is_repeat(had, source, offset, n):
            had = had_after(had, source, offset, n)
            highest[source] = offset, n
        assert [row[0] for row in had] == sorted(highest)


HERE = cell_of(42.13, 130.52)
NEAR = tuple(farther(HERE))
sums = st.builds(CellSum, *[st.integers(0, 9)] * 4, heard_well=st.integers(0, 900), fell=st.integers(0, 3))
of_cells = st.dictionaries(st.sampled_from(NEAR), sums, max_size=9)


@given(of_cells, of_cells, st.booleans(), st.lists(st.sampled_from(NEAR), min_size=1, max_size=6))
def test_a_cover_is_that_of_all_cells_however_often_it_is_asked_and_in_how_many_parts_they_came(
    some: dict[Cell, CellSum], more: dict[Cell, CellSum], in_parts: bool, asked: list[Cell]
) -> None:
    whole = {**more, **some}
    parts = [some, {cell: row for cell, row in more.items() if cell not in some}] if in_parts else [whole]
    runs = [CoverRun(MINUTE, 2 * MINUTE, 10.0, cells) for cells in parts]
    world = with_covers(World(clock=2 * MINUTE), runs)
    for cell in asked * 2:
        found = cover_at(world, 2 * MINUTE, cell)
        assert (found and found[0]) == cover_of(whole, cell)
    assert cover_at(world, 3 * MINUTE, HERE) is None
