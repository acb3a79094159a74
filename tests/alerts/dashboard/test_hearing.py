"""The reception of the last quarter of an hour: counted by the minute, once, in whatever order it comes."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from alerts.core.cells import cell_of, corners_of
from alerts.core.cover import CellSum
from alerts.core.instants import HOUR, MINUTE
from alerts.core.intervals import Cover, CoverRun, IntervalClosed
from alerts.core.reports import Origin
from alerts.dashboard.hearing import HEARD_MS, Heard, Hearing, heard_of_late, view
from alerts.dashboard.picture import Picture, with_cover, with_interval
from tests.alerts.dashboard.angara import DARK_SINCE

NOON = DARK_SINCE - DARK_SINCE % MINUTE
STRAIT, BEYOND = cell_of(34.6, 129.7), cell_of(35.3, 130.2)
TWO_OF_THREE = CellSum(expected=3, heard=2, ships=4, reports=50, heard_well=200)


def run(first: int, last: int, row: CellSum = TWO_OF_THREE, cell: int = STRAIT) -> CoverRun:
    """Of the intervals that end so many minutes after noon."""
    return CoverRun(NOON + first * MINUTE, NOON + last * MINUTE, 10.0, {cell: row})


def said(minute: int, *covers: CoverRun) -> IntervalClosed:
    return IntervalClosed(Origin("clock:1:0", minute, 1), NOON + minute * MINUTE, covers=covers)


def part(minute: int, *covers: CoverRun) -> Cover:
    """What comes before the interval record of that minute."""
    return Cover(Origin("clock:1:0", minute, 0), covers)


def shown(*records: IntervalClosed | Cover) -> Hearing:
    def taken(picture: Picture, record: IntervalClosed | Cover) -> Picture:
        return with_cover(picture, record) if isinstance(record, Cover) else with_interval(picture, record)

    return reduce(taken, records, Picture()).hearing


def test_nothing_is_known_before_the_first_interval():
    assert view(shown()) == {"minutes": 15, "upto": None, "cells": []}
    assert heard_of_late(shown(part(1, run(1, 1)))) == {}


def test_minutes_of_ships_under_way_are_added_up():
    hearing = shown(said(1, run(1, 1)), said(2, run(2, 2, CellSum(expected=1, heard=1, ships=9, beacons=2))))
    assert heard_of_late(hearing) == {STRAIT: Heard(expected=4, heard=3, ships=9, beacons=2)}
    assert view(hearing)["cells"] == [[34.6, 129.6826, 34.7, 129.8042, 4, 3, 9, 2]]


def test_a_run_counts_each_of_its_minutes_and_none_that_is_older_than_a_quarter_of_an_hour():
    assert heard_of_late(shown(said(10, run(1, 10))))[STRAIT].expected == 30
    assert heard_of_late(shown(said(60, run(1, 60))))[STRAIT].expected == 15 * 3
    assert heard_of_late(shown(said(46, run(1, 46)), said(60)))[STRAIT].expected == 3


def test_what_was_heard_is_forgotten_minute_by_minute():
    hearing = [shown(said(10, run(1, 10)), said(at)) for at in (10, 20, 24, 25)]
    assert [heard_of_late(one).get(STRAIT, Heard()).expected for one in hearing] == [30, 15, 3, 0]
    assert hearing[-1].runs == {}


def test_a_part_that_comes_before_its_interval_record_counts_from_then_on():
    assert heard_of_late(shown(said(1), part(2, run(2, 2, cell=BEYOND)), said(2, run(2, 2)))) == {
        STRAIT: Heard(3, 2, 4, 0),
        BEYOND: Heard(3, 2, 4, 0),
    }


def test_a_cell_that_only_lies_beside_one_in_which_somebody_was_heard_is_not_shown():
    assert heard_of_late(shown(said(1, run(1, 1, CellSum(fell=1))))) == {}
    assert heard_of_late(shown(said(1, run(1, 1, CellSum(expected=1))))) == {STRAIT: Heard(expected=1)}
    assert heard_of_late(shown(said(1, run(1, 1, CellSum(beacons=1))))) == {STRAIT: Heard(beacons=1)}


@given(st.permutations([said(n, run(n, n)) for n in range(1, 30)] + [part(n, run(n, n, cell=BEYOND)) for n in (3, 20)]))
def test_neither_order_nor_repeats_matter(records):
    in_order = shown(*sorted(records, key=lambda record: (record.origin.offset, record.origin.n)))
    assert heard_of_late(shown(*records, *records[:7])) == heard_of_late(in_order)
    assert shown(*records) == in_order


def test_a_week_of_one_run_is_as_little_work_as_a_quarter_of_an_hour():
    week = shown(said(7 * 24 * 60, run(1, 7 * 24 * 60)))
    assert heard_of_late(week)[STRAIT].expected == 3 * HEARD_MS // MINUTE
    assert HEARD_MS < HOUR


def test_the_corners_are_those_of_the_cell():
    (row,) = view(shown(said(1, run(1, 1))))["cells"]
    assert row[:4] == [round(corner, 4) for corner in corners_of(STRAIT)]
