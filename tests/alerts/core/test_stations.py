"""Stations that are out, and all that only looks like it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from alerts.core.instants import HOUR, MINUTE
from alerts.core.intervals import StationCount
from alerts.core.stations import KNOWN_FROM, Found, Hearing, judged


@dataclass
class Feed:
    """A feed, minute after minute: `hears(60, mast=(30, 12, 0))` is messages, ships, senders on shore in each."""

    hearing: Hearing = field(default_factory=Hearing)
    minute: int = 1_000
    found: list[Found] = field(default_factory=list)

    def hears(self, minutes: int = 1, **stations: tuple[int, int, int]) -> list[Found]:
        found: list[Found] = []
        for _ in range(minutes):
            self.minute += 1
            counts = [StationCount(station, *said) for station, said in stations.items()]
            self.hearing, new = judged(self.hearing, self.minute * MINUTE, counts)
            found += new
        self.found += found
        return found

    def silent(self, minutes: int) -> None:
        self.minute += minutes


BUSY, OTHERS, SHORE, QUIET = (60, 12, 0), (60, 12, 1), (6, 0, 1), (12, 2, 0)


def known(**stations: tuple[int, int, int]) -> Feed:
    feed = Feed()
    feed.hears(KNOWN_FROM, others=OTHERS, **stations)
    return feed


@pytest.mark.parametrize("said", [BUSY, SHORE, (4, 4, 0), (1, 0, 1)])
def test_a_station_that_stops_is_out_after_five_minutes(said: tuple[int, int, int]) -> None:
    feed = known(mast=said)
    assert feed.hears(4, others=OTHERS) == []
    (found,) = feed.hears(30, others=OTHERS)
    since = (1_000 + KNOWN_FROM) * MINUTE
    assert found == Found("mast", since, None, since + 5 * MINUTE, said[0], said[1])


def test_it_is_over_when_the_station_is_heard_again() -> None:
    feed = known(mast=BUSY)
    feed.hears(40, others=OTHERS)
    (found,) = feed.hears(60, others=OTHERS, mast=(1, 1, 0))
    assert (found.station, found.until, found.at) == ("mast", feed.found[0].since + 41 * MINUTE, found.until)
    assert (found.since, found.ships) == (feed.found[0].since, 12)


def test_its_own_outage_teaches_a_station_no_patience() -> None:
    feed = known(mast=SHORE)
    feed.hears(600, others=OTHERS)
    feed.hears(10, others=OTHERS, mast=SHORE)
    assert feed.hears(4, others=OTHERS) == []
    assert len(feed.hears(1, others=OTHERS)) == 1


def test_two_ships_that_sail_out_of_range_are_no_outage() -> None:
    feed = known(mast=QUIET)
    assert feed.hears(600, others=OTHERS) == []


def test_a_fleet_that_sails_out_of_range_one_after_the_other_is_no_outage() -> None:
    feed = known(mast=BUSY)
    for ships in range(12, 0, -1):
        feed.hears(3, others=OTHERS, mast=(5 * ships, ships, 0))
    assert feed.hears(600, others=OTHERS) == []


def test_three_ships_at_once_may_have_gone_four_have_not() -> None:
    for ships, out in ((3, 0), (4, 1)):
        feed = known(mast=(18, ships, 0))
        assert len(feed.hears(600, others=OTHERS)) == out


def test_a_station_of_which_little_is_known_is_not_missed() -> None:
    feed = Feed()
    feed.hears(KNOWN_FROM - 1, others=OTHERS, mast=BUSY)
    assert feed.hears(600, others=OTHERS) == []


def test_a_station_that_is_silent_now_and_then_is_given_three_times_as_long() -> None:
    feed = known(mast=SHORE)
    feed.hears(9, others=OTHERS)  # out for a while: not learned
    for _ in range(KNOWN_FROM):
        feed.hears(1, others=OTHERS, mast=SHORE)
        feed.hears(4, others=OTHERS)
    feed.found.clear()
    feed.hears(1, others=OTHERS, mast=SHORE)
    assert feed.hears(11, others=OTHERS) == []
    assert len(feed.hears(1, others=OTHERS)) == 1


def test_a_station_that_slows_down_without_stopping_is_not_out() -> None:
    feed = known(mast=BUSY)
    for _ in range(100):
        feed.hears(3, others=OTHERS)
        feed.hears(1, others=OTHERS, mast=(1, 1, 0))
    assert feed.found == []


def test_where_the_whole_feed_slows_down_no_station_is_out() -> None:
    feed = known(mast=BUSY)
    assert feed.hears(600, others=(19, 12, 1)) == [], "a third less one"
    feed = known(mast=BUSY)
    assert len(feed.hears(600, others=(20, 12, 1))) == 1


def test_where_the_whole_feed_stops_no_station_is_out() -> None:
    feed = known(mast=BUSY)
    feed.silent(40)
    assert feed.hears(600, others=OTHERS) == [], "its ships may have sailed out of its range"
    assert known(mast=BUSY).hearing.lived == KNOWN_FROM


def test_after_the_feed_was_out_a_beacon_is_still_missed() -> None:
    feed = known(mast=SHORE)
    feed.silent(40)
    assert feed.hears(4, others=OTHERS) == []
    (found,) = feed.hears(1, others=OTHERS)
    assert found.since == (1_000 + KNOWN_FROM + 40) * MINUTE, "the feed's outage is the feed's"


def test_the_others_go_on_only_in_intervals_in_which_they_are_heard() -> None:
    feed = Feed()
    for _ in range(KNOWN_FROM):
        feed.hears(1, others=(1, 0, 1), mast=(1, 0, 1))
        feed.silent(3)
    for _ in range(4):
        assert feed.hears(1, others=(1, 0, 1)) == []
        feed.silent(3)
    assert len(feed.hears(1, others=(1, 0, 1))) == 1


def test_a_feed_of_one_station_is_never_out_in_part() -> None:
    feed = Feed()
    feed.hears(100, mast=BUSY)
    feed.silent(30)
    assert feed.hears(100, mast=BUSY) == []
    assert feed.hears(100, others=OTHERS) == [], "nothing was learned of it while it was alone"


def test_what_partitions_heard_is_added_up_first() -> None:
    whole, parts = Feed(), Feed()
    for minute in range(100):
        there = (60, 12, 1) if minute < 50 else (30, 6, 0)
        whole.hears(1, mast=there, **({"roof": BUSY} if minute < 60 else {}))
        half = (there[0] // 2, there[1] // 2, 0)
        counts = [StationCount("mast", *half), StationCount("mast", *(a - b for a, b in zip(there, half, strict=True)))]
        counts += [StationCount("roof", *BUSY)] if minute < 60 else []
        parts.minute += 1
        parts.hearing, new = judged(parts.hearing, parts.minute * MINUTE, counts)
        parts.found += new
    assert parts.found == whole.found
    assert parts.hearing == whole.hearing
    assert [found.station for found in whole.found] == ["roof"]


def test_a_station_is_forgotten_a_week_after_it_was_heard_last_and_sooner_where_little_is_known() -> None:
    feed = known(mast=QUIET)
    feed.hears(1, others=OTHERS, mast=QUIET, stray=QUIET)
    feed.hears(61, others=OTHERS)
    assert set(feed.hearing.ears) == {"others", "mast"}
    later = feed.minute + 7 * 24 * HOUR // MINUTE
    while feed.minute < later:
        feed.hears(1, others=OTHERS)
        feed.silent(4)
    assert set(feed.hearing.ears) == {"others"}
