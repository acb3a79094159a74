"""What a crew types: when another value is believed, what is the same, and what is said of it first."""

from __future__ import annotations

from itertools import pairwise
from operator import attrgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.frozen import replace
from alerts.core.heard import Says
from alerts.core.instants import HOUR, MINUTE
from alerts.core.statics import Between, Call, Past, Span, Statics, between, changes, heeded
from alerts.core.thresholds import Thresholds
from tests.fleet import ship, time

THRESHOLDS = Thresholds()
DRAUGHT = attrgetter("draught")
her = ship(273210440)


def said(*draughts: tuple[str, float], past: Past = Past(), thresholds: Thresholds = THRESHOLDS) -> list[Statics]:
    """What is known after each of these was said."""
    known = [Statics()]
    for clock, draught_m in draughts:
        heard = her.at(clock).says(draught_m).heard
        known.append(heeded(known[-1], heard, past, None, thresholds))
    return known


def changed(known: list[Statics]) -> list[tuple[object, object, bool]]:
    """From what to what, and whether it was taken back."""
    found = [one for a, b in pairwise(known) for one in changes(a, b, DRAUGHT)]
    return [(one.before.what, one.after.what, one.taken_back) for one in found]


def test_another_draught_holds_when_it_was_said_for_an_hour() -> None:
    assert changed(said(("08:00", 7.0), ("09:00", 4.0), ("09:30", 4.0), ("09:59", 4.0))) == []
    assert changed(said(("08:00", 7.0), ("09:00", 4.0), ("10:00", 4.0))) == [(7.0, 4.0, False)]


def test_once_is_not_enough_however_late() -> None:
    assert changed(said(("08:00", 7.0), ("20:00", 4.0))) == []


def test_a_flicker_there_and_back_is_no_change_nor_what_alternates() -> None:
    assert changed(said(("08:00", 7.0), ("09:00", 4.0), ("09:06", 7.0), ("12:00", 7.0))) == []
    to_and_fro = [(f"{8 + n // 2:02}:{30 * (n % 2):02}", (7.0, 4.0)[n % 2]) for n in range(30)]
    assert changed(said(*to_and_fro)) == []


def test_of_two_at_one_moment_neither_is_the_later() -> None:
    assert changed(said(("08:00", 7.0), ("08:00", 4.0), ("09:00", 7.0), ("10:00", 7.0))) == []


def test_a_third_value_begins_the_hour_anew() -> None:
    slip = [("08:00", 7.0), ("09:00", 40.0), ("09:06", 4.0), ("10:00", 4.0)]
    assert changed(said(*slip)) == []
    assert changed(said(*slip, ("10:06", 4.0))) == [(7.0, 4.0, False)]


@pytest.mark.parametrize(("after_m", "told"), [(6.1, []), (6.0, [(7.0, 6.0, False)]), (8.0, [(7.0, 8.0, False)])])
def test_less_than_a_metre_is_the_same(after_m: float, told: list[object]) -> None:
    assert changed(said(("08:00", 7.0), ("09:00", after_m), ("10:00", after_m))) == told


def test_fuel_burnt_on_the_way_adds_up_against_the_draught_that_holds() -> None:
    burnt = [(f"{8 + n}:00".zfill(5), round(7.0 - n / 10, 1)) for n in range(10)]
    assert changed(said(*burnt, ("18:00", 6.0), ("18:30", 5.9), ("19:00", 5.9))) == [(7.0, 5.9, False)]


def test_a_value_between_the_two_proves_neither() -> None:
    known = said(("08:00", 7.0), ("09:00", 5.9), ("09:30", 6.4))
    assert known[-1].draught == known[-2].draught


DARK = Past(dark=Span(time("08:10"), time("12:00")))


def test_out_of_the_dark_the_first_word_counts_and_can_be_taken_back() -> None:
    first = said(("08:00", 7.0), ("12:06", 4.0), past=DARK)
    (pending,) = changes(first[-1], None, DRAUGHT)
    assert (pending.before.what, pending.after.what) == (7.0, 4.0)
    assert changed(said(("08:00", 7.0), ("12:06", 4.0), ("12:12", 7.0), past=DARK)) == [(7.0, 4.0, True)]
    stood = said(("08:00", 7.0), ("12:06", 4.0), ("13:06", 4.0), past=DARK)
    assert changed(stood) == [(7.0, 4.0, False)]
    assert changes(stood[-1], None, DRAUGHT) == ()


def test_of_another_value_out_of_the_dark_the_newest_is_told() -> None:
    known = said(("08:00", 7.0), ("12:06", 4.0), ("12:12", 5.5), past=DARK)
    assert changed(known) == []
    assert [one.after.what for one in changes(known[-1], None, DRAUGHT)] == [5.5]


def test_what_was_said_again_after_the_dark_waits_for_its_hour() -> None:
    known = said(("08:00", 7.0), ("12:06", 7.0), ("12:12", 4.0), past=DARK)
    assert changes(known[-1], None, DRAUGHT) == ()


CALL = Call("haven", time("08:05"), time("12:06"))


@pytest.mark.parametrize(
    ("past", "lay"),
    [
        (DARK, Between.DARK),
        (DARK._replace(call=CALL), Between.CALL),
        (DARK._replace(call=CALL._replace(until=time("08:09"))), Between.DARK),
        (DARK._replace(call=CALL._replace(since=time("12:01"))), Between.DARK),
        (Past(unheard=Span(time("08:10"), time("12:00"))), Between.UNHEARD),
        (Past(unheard=Span(time("08:10"), time("11:00")), stop=Span(time("11:00"), time("12:00"))), Between.STOP),
        (Past(stop=Span(time("07:00"), time("07:59"))), Between.UNKNOWN),
    ],
)
def test_what_lay_between_is_the_newest_but_a_dark_in_which_nothing_was_said_comes_first(
    past: Past, lay: Between
) -> None:
    known = said(("08:00", 7.0), ("12:06", 4.0), ("13:06", 4.0), past=past)
    (one,) = changes(known[-2], known[-1], DRAUGHT)
    assert between(one) is lay


def test_under_way_is_what_was_typed_while_she_sailed() -> None:
    fix = her.at("12:00").moving(12).heard
    known = said(("08:00", 7.0))[-1]
    for clock in ("12:06", "13:06"):
        before, known = known, heeded(known, her.at(clock).says(4.0).heard, Past(), fix, THRESHOLDS)
    (one,) = changes(before, known, DRAUGHT)
    assert (between(one), one.after.where) == (Between.UNDER_WAY, fix.where)


def test_a_fix_of_more_than_an_hour_ago_is_not_where_she_says_it() -> None:
    fix = her.at("10:00").moving(12).heard
    known = heeded(said(("08:00", 7.0))[-1], her.at("12:06").says(4.0).heard, Past(), fix, THRESHOLDS)
    assert known.draught is not None
    assert known.draught.other is not None
    assert (known.draught.other.where, known.draught.other.under_way) == (None, False)


def test_a_silence_counts_from_the_hours_that_a_call_takes() -> None:
    begun = time("08:00")
    long, short = Span(begun, begun + 3 * HOUR), Span(begun, begun + 3 * HOUR - 1)
    assert Past().silent(long, False, 3 * HOUR).unheard == long
    assert Past().silent(short, False, 3 * HOUR) == Past()
    assert Past().silent(short, True, 3 * HOUR).dark == short


def test_a_stop_goes_on_until_she_moves() -> None:
    eight, nine = time("08:00"), time("09:00")
    stopped = Past().still(None, eight)
    assert stopped.stop == Span(eight, eight)
    assert stopped.still(eight, nine) == stopped
    assert stopped.still(nine, None).stop == Span(eight, nine)
    assert Past().still(eight, None) == Past()


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from([4.0, 4.5, 5.5, 7.0, 8.2])), max_size=12))
def test_a_change_is_always_of_a_metre_and_was_said_for_an_hour(rows: list[tuple[int, float]]) -> None:
    at, known = time("08:00"), [Statics()]
    for minutes, draught_m in rows:
        at += minutes * MINUTE
        heard = her._with(at=at, says=Says(draught_m)).heard
        known.append(heeded(known[-1], heard, Past(), None, THRESHOLDS))
    for before, after in pairwise(known):
        for one in changes(before, after, DRAUGHT):
            assert isinstance(one.before.what, float)
            assert isinstance(one.after.what, float)
            assert one.after.last - one.after.first >= HOUR
            assert one.before.last < one.after.first


def test_hours_and_metres_are_settings() -> None:
    quick = replace(THRESHOLDS, stands_min=5, draught_change_m=0.3)
    rows = (("08:00", 7.0), ("09:00", 6.7), ("09:05", 6.7))
    assert changed(said(*rows)) == []
    assert changed(said(*rows, thresholds=quick)) == [(7.0, 6.7, False)]
