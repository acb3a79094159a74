"""Transit times of straits, from what was said of them."""

from __future__ import annotations

import pytest

from alerts.core.alert import Alert, Event, Place, Severity
from alerts.core.frozen import replace
from alerts.voyages.transits import LEAST, transit_h, transits, within
from tests.fleet import ANGARA, time

NARROWS = Place("narrows", "Narrows", "strait", "transited")


def told(name: str, revision: int = 0, event: Event = Event.CLOSED, place: Place = NARROWS, **evidence: int) -> Alert:
    at = time("08:00")
    return Alert(
        name, revision, event, "strait", Severity.INFO, ANGARA, at, at, None, place, None, "passed", dict(evidence)
    )


def test_minutes_by_strait_the_shortest_first() -> None:
    other = replace(NARROWS, zone="kyle")
    said = [told("a", transit_min=300), told("b", transit_min=200), told("c", transit_min=20, place=other)]
    assert transits(said) == {"kyle": (20,), "narrows": (200, 300)}


def test_only_what_was_said_last_of_a_passage_counts() -> None:
    opened, closed = told("a", event=Event.OPENED), told("a", 1, transit_min=300)
    longer, taken_back = told("a", 2, transit_min=310), told("a", 3, Event.RETRACTED, transit_min=310)
    assert transits([opened]) == {}
    assert transits([closed, opened]) == {"narrows": (300,)}
    assert transits([longer, opened, closed]) == {"narrows": (310,)}
    assert transits([opened, closed, longer, taken_back]) == {}


def test_who_turned_back_or_crossed_unseen_or_was_told_of_by_another_rule_has_made_no_transit() -> None:
    turned, crossed = told("a", could_have_sailed_nm=80), told("b")
    call = replace(told("c", transit_min=300), rule="port_call")
    assert transits([turned, crossed, call]) == {}


@pytest.mark.parametrize(("share", "minutes"), [(0.0, 1), (0.05, 1), (0.051, 2), (0.5, 10), (0.95, 19), (1.0, 20)])
def test_so_many_minutes_a_share_of_them_took_at_most(share: float, minutes: int) -> None:
    assert within(range(1, 21), share) == minutes


@pytest.mark.parametrize(
    ("slowest_min", "hours"), [(1, 0.5), (30, 0.5), (31, 1.0), (600, 10.0), (601, 10.5), (60 * 1_000, 1_000.0)]
)
def test_a_time_is_told_in_half_hours_and_not_below_one(slowest_min: int, hours: float) -> None:
    assert transit_h([slowest_min] * LEAST) == hours


def test_the_one_in_twenty_that_anchored_on_her_way_does_not_count() -> None:
    assert transit_h([*[300] * 19, 4_000]) == 5.0
    assert transit_h([*[300] * 18, 4_000, 4_000]) == 67.0


def test_of_few_transits_nothing_is_learned() -> None:
    assert transit_h([300] * (LEAST - 1)) is None
