"""Of every second ship off Busan nothing is heard for forty minutes: one area outage, and not one ship dark of it.

Through the real chain, every ship watched; beside it the same hours without the cut, and on two partitions.
"""

import pytest

from streams.chain import values
from streams.ingest.decode import mmsi_of
from streams.ingest.validity import message_of
from streams.recordings import Arrived
from streams.sentences import Sentence
from tests.streams.test_station_out import BACK, CUT, clocks_alerts, heard, key, part, replayed, uncut, without

__all__ = ["heard", "uncut"]
_DARK = ("went_dark", "dark_in_port")


def withheld(arrivals: list[Arrived]) -> list[Arrived]:
    """Without every second ship from CUT to BACK."""
    return [one for one in arrivals if not (CUT <= one.at < BACK and _number(one) % 2)]


def _number(one: Arrived) -> int:
    message = message_of(one.item.text) if isinstance(one.item, Sentence) else None
    return mmsi_of(message[1]) if isinstance(message, tuple) else 0


@pytest.fixture(scope="module")
def cut(heard: list[Arrived]) -> list[Arrived]:
    return withheld(heard)


def test_half_the_ships_that_fall_silent_are_one_area_and_none_is_dark(
    cut: list[Arrived], uncut: list[tuple[str, str, int]]
) -> None:
    new = [row for row in replayed(cut) if row not in uncut]
    assert [row[1] for row in new if row[0].startswith("area_outage.")] == ["closed", "opened"]
    assert [row for row in new if row[0].split(".")[1] in _DARK] == []


def test_two_partitions_and_one_tell_the_same_of_an_area(cut: list[Arrived]) -> None:
    log = list(values(cut))
    one, two = (clocks_alerts([list(part(log, n, count)) for n in range(count)]) for count in (1, 2))
    assert [key(alert)[1] for alert in one if alert.rule == "area_outage"] == ["opened", "closed"]
    assert one == two


def test_where_it_is_a_station_nothing_is_said_of_an_area(heard: list[Arrived]) -> None:
    log = list(values(without(heard, "busan")))
    assert {alert.rule for alert in clocks_alerts([list(part(log, 0, 1))])} == {"outage"}
