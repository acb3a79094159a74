"""Loitering, as an engine tells it: what is said of it, in which step, and what lies are not counted."""

from __future__ import annotations

import pytest

from alerts.core.alert import Alert
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.instants import MINUTE
from alerts.core.zones import Circle
from tests.fleet import HAVEN, Ship, Watch, east_of, haven, ship, time

angara = ship(273210440)
HERE: Fix = (0.0, 85.0)
"""In the Indian Ocean, 900 nm west of Haven."""


def drifting(minutes: int, nm: float = 0.0, start: Fix = HERE) -> Ship:
    """So many minutes after 08:00."""
    her = angara.near(east_of(start, nm)).moving(0.5)
    return her._with(at=time("08:00") + minutes * MINUTE)


def heard(*ships: Ship) -> list[Alert]:
    return loitering(Watch((haven,)).follows(*ships))


def loitering(alerts: list[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.rule == "loitering"]


def slow(until: int, every: int = 10) -> list[Ship]:
    return [drifting(n, n / 120) for n in range(0, until + 1, every)]


def test_it_is_told_with_what_was_seen() -> None:
    (opened,) = heard(*slow(120))
    assert opened.happened_at == time("08:00")
    assert opened.known_at == time("10:00")
    assert opened.severity == "info"
    assert opened.position is not None
    assert (opened.position.lat, opened.position.lon) == pytest.approx(east_of(HERE, 1.0), abs=1e-4)
    evidence = opened.evidence
    assert evidence["first_fix"]["at"] == "2024-02-03T08:00:00Z"
    assert (evidence["seen_min"], evidence["unseen_min"]) == (120, 0)
    assert (evidence["mean_speed_kn"], evidence["drift_nm"], evidence["shore_nm_at_least"]) == (0.5, 1.0, 50.0)
    assert evidence["nearest_port"]["zone"] == "haven"
    assert evidence["nearest_port"]["distance_nm"] == pytest.approx(15 * 60.04 - 1 - 3, abs=0.2)


def test_it_is_caution_from_eight_hours_on() -> None:
    assert [alert.severity for alert in heard(*slow(479))] == ["info", "info"]
    assert [alert.severity for alert in heard(*slow(480))] == ["info", "info", "caution"]


def test_it_is_over_when_she_sails_up_to_her_last_slow_fix() -> None:
    sails = [drifting(130 + n, 1 + n / 4).moving(15) for n in (10, 20)]
    opened, closed = heard(*slow(130), *sails)
    assert (closed.id, closed.event) == (opened.id, "closed")
    assert closed.known_at == time("10:20")
    assert (closed.evidence["until"], closed.evidence["ended"]) == ("2024-02-03T10:10:00Z", "under way")
    assert closed.evidence["seen_min"] == 130


def test_a_fix_that_lies_is_not_counted() -> None:
    """Neither ends it, nor adds to it, what is nobody's."""
    lie = drifting(65, 300).moving(12)
    (opened,) = heard(*slow(60), lie, *slow(120)[7:])
    assert opened.evidence["drift_nm"] == 1.0
    lies = [drifting(n, 300) for n in (61, 63)]
    assert heard(*slow(60), *lies, *(drifting(n, 300) for n in range(70, 111, 10))) == []


def test_of_two_ships_on_her_number_the_other_does_not_end_hers() -> None:
    other = [drifting(n, 300 + n / 5).moving(12) for n in range(5, 180, 10)]
    told = heard(*sorted([*slow(180), *other], key=lambda ship: ship.heard.at))
    assert [alert.event for alert in told] == ["opened"]
    assert told[0].evidence["drift_nm"] == 1.0


def test_it_goes_on_over_what_is_settled_and_forgotten() -> None:
    """An engine that settles every half hour says the same as one that settles nothing."""
    ships = [*slow(300), drifting(310, 5).moving(12), drifting(320, 7).moving(12)]
    patient, watch = Watch((haven,)), Watch((haven,))
    patient.hears(*ships)
    watch.follows(*ships)
    said = [[alert.published() for alert in loitering(each.told)] for each in (patient, watch)]
    assert said[0] == said[1]
    assert [row["event"] for row in said[0]] == ["opened", "amended", "closed"]


def test_nobody_loiters_in_a_flagged_port() -> None:
    far = replace(haven, id="far", shape=Circle(*HERE, 3.0))
    assert loitering(Watch((far,)).follows(*slow(180))) == []
    assert loitering(Watch((haven,)).follows(*slow(180))) != []
    assert loitering(Watch((haven,)).follows(*(drifting(n, start=HAVEN) for n in range(0, 180, 10)))) == []


def test_class_b_loiters_too() -> None:
    assert [alert.event for alert in heard(*(ship.class_b() for ship in slow(120)))] == ["opened"]
