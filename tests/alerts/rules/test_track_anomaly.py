"""Anomalies of a track, as an engine tells them: in which step, and what else is not told of the same cause."""

from __future__ import annotations

import pytest

from alerts.core.alert import Alert
from alerts.core.geo import Fix
from alerts.core.instants import MINUTE
from tests.fleet import Ship, Watch, east_of, ship, time

angara = ship(273210440)
HERE: Fix = (0.0, 85.0)


def says(minute: float, nm: float, speed_kn: float = 14.0) -> Ship:
    """So many minutes after 08:00, so many miles east; she says an eastward course."""
    her = angara.near(east_of(HERE, nm)).moving(speed_kn)
    return her._with(at=time("08:00") + round(minute * MINUTE), course_deg=90.0)


def frozen(first: int, last: int, nm: float = 0.0) -> list[Ship]:
    return [says(minute, nm) for minute in range(first, last + 1)]


def sailing(first: int, last: int, nm: float = 0.0) -> list[Ship]:
    return [says(minute, nm + 14 * (minute - first) / 60) for minute in range(first, last + 1)]


def anomalies(alerts: list[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.rule == "track_anomaly"]


def test_it_is_told_in_the_step_of_the_fix_that_makes_half_an_hour() -> None:
    watch = Watch()
    watch.follows(*frozen(0, 29))
    assert anomalies(watch.told) == []
    (opened,) = anomalies(watch.follows(*frozen(30, 30)))
    assert (opened.happened_at, opened.known_at) == (time("08:00"), time("08:30"))
    assert opened.evidence["first_fix"]["at"] == "2024-02-03T08:00:00Z"
    assert opened.evidence["said_speed_kn"] == 14.0
    assert anomalies(watch.follows(*frozen(31, 300))) == [], "it is told once"


def test_a_fix_that_lies_is_another_rules() -> None:
    """She sails, and every fourth minute she is said to be far away; then her positions are."""
    track = [says(n, 300) if n % 4 == 2 else ship for n, ship in enumerate(sailing(0, 60))]
    watch = Watch()
    watch.follows(*track)
    assert anomalies(watch.told) == []
    jumping = Watch()
    jumping.follows(*sailing(0, 60), *sailing(61, 120, nm=300))
    assert [alert.rule for alert in jumping.told] == ["position_jump"]


@pytest.mark.parametrize("settles", [True, False])
def test_a_late_fix_that_says_no_speed_takes_it_back(settles: bool) -> None:
    """What she said meanwhile is not known: 25 minutes are left."""
    watch = Watch()
    watch.hears(*frozen(0, 31))
    if settles:
        watch.until("08:31")
    watch.hears(says(17.5, 0.0).without_speed(), says(32, 0.0))
    events = [alert.event for alert in anomalies(watch.told)]
    assert events == (["opened"] if settles else ["opened", "retracted"])


def test_it_goes_on_over_what_is_settled_and_forgotten() -> None:
    ships = [*sailing(0, 20), *frozen(21, 100, nm=14 / 3), *sailing(101, 130, nm=14 / 3 + 14 / 60)]
    patient, watch = Watch(), Watch()
    patient.hears(*ships)
    watch.follows(*ships)
    said = [[alert.published() for alert in anomalies(each.told)] for each in (patient, watch)]
    assert said[0] == said[1]
    assert [row["event"] for row in said[0]] == ["opened", "closed"]
