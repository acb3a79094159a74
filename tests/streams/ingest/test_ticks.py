"""Ticks and outages of one source partition: every edge of the diagram, and what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from alerts.core.frozen import replace
from alerts.core.instants import HOUR, MINUTE, Instant
from alerts.core.intervals import LateTick, Outage, OutageFound, Tick
from alerts.core.reports import Origin
from streams.ingest.ticks import RECEPTION_N, TICK_N, TickState, on_time_record, tick
from streams.sentences import TimeRecord
from tests.fleet import time

LIMIT = 5 * MINUTE
coast, hill = (TimeRecord(feed, 0, outage_limit_ms=LIMIT) for feed in ("coast", "hill"))
space = TimeRecord("space", 0, late=True, lateness_ms=2 * HOUR, outage_limit_ms=None)


@dataclass
class Partition:
    """One source partition, reading its time records."""

    state: TickState = field(default_factory=TickState)
    offset: int = -1

    def reads(self, feed: TimeRecord, clock: str, ended: bool = False) -> list[OutageFound | Tick]:
        self.offset += 1
        record = replace(feed, reached=time(clock), ended=ended)
        self.state, out = on_time_record(self.state, record, Origin("s:g:0", self.offset, 0))
        return list(out)

    def tick(self, feed: TimeRecord, clock: str, ended: bool = False) -> Instant | None:
        """The prompt tick after this record; None where it made none."""
        return next((r.prompt for r in self.reads(feed, clock, ended) if isinstance(r, Tick)), None)

    def outages(self, feed: TimeRecord, clock: str, ended: bool = False) -> list[tuple[str, Instant, Instant | None]]:
        out = self.reads(feed, clock, ended)
        return [(r.outage.feed, r.outage.since, r.outage.until) for r in out if isinstance(r, OutageFound)]


# ticks


def test_a_feed_counts_from_its_first_time_record() -> None:
    p = Partition()
    assert p.tick(coast, "08:00") == time("08:00")
    assert p.tick(coast, "08:01") == time("08:01")
    p.tick(hill, "08:00:30")
    assert p.tick(coast, "08:02") is None
    assert p.tick(hill, "08:01:30") == time("08:01:30")


def test_the_tick_is_the_lowest_of_the_prompt_feeds_and_never_goes_back() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    assert p.tick(hill, "07:59") is None
    assert p.state.prompt == time("08:00")
    assert p.tick(hill, "08:03") is None
    assert p.tick(coast, "08:02") == time("08:02")


def test_a_tick_names_the_last_time_of_each_feed() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    p.reads(space, "06:00")
    (told,) = p.reads(coast, "08:01")
    assert told == Tick(
        Origin("s:g:0", 2, TICK_N),
        time("08:01"),
        (LateTick("space", time("06:00"), 2 * HOUR),),
        (("coast", time("08:01")), ("space", time("06:00"))),
        limits=(("coast", LIMIT),),
    )


def test_a_late_feed_ticks_for_itself_and_holds_nothing_back() -> None:
    p = Partition()
    (told,) = p.reads(space, "06:00")
    assert isinstance(told, Tick)
    assert (told.prompt, told.late) == (None, (LateTick("space", time("06:00"), 2 * HOUR),))
    assert p.tick(coast, "08:00") == time("08:00")
    assert p.tick(coast, "08:05") == time("08:05")
    (told,) = p.reads(space, "06:10")
    assert isinstance(told, Tick)
    assert (told.prompt, told.late[0].tick) == (time("08:05"), time("06:10"))


def test_a_time_record_that_comes_again_or_lies_behind_says_nothing() -> None:
    p = Partition()
    p.reads(coast, "08:01")
    before = p.state
    assert p.reads(coast, "08:01") == p.reads(coast, "08:00:59.999") == []
    assert p.state is before


def test_the_same_time_with_an_end_is_news_once() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    assert p.outages(coast, "08:00", ended=True) == [("coast", time("08:00"), None)]
    assert p.reads(coast, "08:00", ended=True) == []


def test_the_tick_repeated_by_the_wall_clock_moves_nothing() -> None:
    p = Partition()
    (told,) = p.reads(coast, "08:00")
    assert tick(p.state, told.origin, read_to_end=True) == replace(told, read_to_end=True)


# gaps


@pytest.mark.parametrize(("clock", "gap"), [("08:05", False), ("08:05:00.001", True)])
def test_a_gap_wider_than_its_limit_is_an_outage(clock: str, gap: bool) -> None:
    p = Partition()
    p.reads(coast, "08:00")
    assert p.outages(coast, clock) == [("coast", time("08:00"), time(clock))] * gap


def test_a_feed_without_a_limit_is_never_out() -> None:
    p = Partition()
    patient = replace(hill, outage_limit_ms=None)
    p.reads(patient, "08:00")
    p.reads(coast, "08:00")
    assert [p.outages(coast, clock) for clock in ("08:04", "08:08", "08:12")] == [[], [], []]
    assert p.outages(patient, "10:00")[:1] == [("coast", time("08:12"), None)]


def test_a_late_feed_with_a_limit_shows_its_gaps_but_lags_behind_nobody() -> None:
    p = Partition()
    limited = replace(space, outage_limit_ms=LIMIT)
    p.reads(limited, "06:00")
    assert p.outages(coast, "08:00") == []
    assert p.outages(limited, "06:06") == [("space", time("06:00"), time("06:06"))]


def test_outages_come_before_the_tick_that_passes_them() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    found, told = p.reads(coast, "08:10")
    assert isinstance(found, OutageFound)
    assert isinstance(told, Tick)
    assert found.origin < Origin("s:g:0", 1, RECEPTION_N) < told.origin
    assert told.origin == Origin("s:g:0", 1, TICK_N)


def test_the_outages_of_one_record_are_numbered() -> None:
    p = Partition()
    p.reads(hill, "08:00")
    p.reads(coast, "08:00")
    out = p.reads(coast, "08:10")
    assert [r.origin.n for r in out] == [0, 1, TICK_N]


# early


def lagging(front: str = "08:05:00.001") -> Partition:
    """hill stands at 08:00, coast runs ahead."""
    p = Partition()
    p.reads(hill, "08:00")
    for clock in ("08:00", "08:04", front):
        p.reads(coast, clock)
    return p


@pytest.mark.parametrize(("front", "out"), [("08:05", False), ("08:05:00.001", True)])
def test_a_feed_further_behind_than_its_limit_is_out_and_no_longer_waited_for(front: str, out: bool) -> None:
    p = Partition()
    p.reads(hill, "08:00")
    p.reads(coast, "08:00")
    p.reads(coast, "08:04")
    found = p.reads(coast, front)
    assert [r.outage for r in found if isinstance(r, OutageFound)] == [Outage("hill", time("08:00"), None)] * out
    assert p.state.prompt == (time(front) if out else time("08:00"))


def test_an_early_outage_is_told_once() -> None:
    assert lagging().outages(coast, "08:08") == []


def test_caught_up_without_a_gap_of_its_own_it_is_withdrawn_and_waited_for_again() -> None:
    p = lagging("08:08")
    assert p.outages(hill, "08:02") == [], "still too far behind"
    assert p.outages(hill, "08:03") == [("hill", time("08:00"), time("08:00"))]
    assert p.tick(coast, "08:07:59.999") is None
    assert p.tick(hill, "08:08") is None
    assert p.tick(coast, "08:09") is None
    assert p.tick(hill, "08:08:30") == time("08:08:30")


def test_a_gap_of_its_own_tells_the_outage_whole_and_it_is_not_withdrawn() -> None:
    p = lagging("08:08")
    assert p.outages(hill, "08:07") == [("hill", time("08:00"), time("08:07"))]
    assert p.tick(coast, "08:09") is None
    assert p.tick(hill, "08:08:30") == time("08:08:30")


def test_a_gap_that_still_lags_stays_one_outage_each() -> None:
    p = lagging("08:04")
    for clock in ("08:08", "08:12", "08:16", "08:20"):
        p.reads(coast, clock)
    assert p.outages(hill, "08:06") == [("hill", time("08:00"), time("08:06"))]
    assert p.outages(hill, "08:14") == [("hill", time("08:06"), time("08:14"))]
    assert p.outages(hill, "08:15") == []
    assert p.outages(hill, "08:20") == []


def test_a_gap_later_than_the_early_outage_leaves_that_to_be_withdrawn() -> None:
    p = lagging("08:04")
    for clock in ("08:08", "08:12", "08:16"):
        p.reads(coast, clock)
    assert p.outages(hill, "08:01") == []
    assert p.outages(hill, "08:14") == [("hill", time("08:01"), time("08:14")), ("hill", time("08:00"), time("08:00"))]


def test_others_falling_back_do_not_bring_a_feed_back() -> None:
    p = lagging("08:05:00.001")
    assert p.outages(coast, "08:05:00.001", ended=True) == [("coast", time("08:05:00.001"), None)]
    assert p.state.feeds["hill"].out


def test_a_late_feed_or_a_file_played_to_its_end_leaves_nobody_behind() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    assert p.outages(space, "09:00") == []
    p.reads(hill, "08:00")
    assert p.outages(hill, "09:00", ended=True) == [("hill", time("09:00"), None)]
    assert p.outages(coast, "08:01") == []


def test_no_feed_is_early_out_alone() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    assert p.outages(coast, "08:04") == p.outages(coast, "08:08") == []


# ended


def test_a_file_played_to_its_end_is_neither_out_nor_waited_for() -> None:
    p = Partition()
    p.reads(hill, "08:00")
    p.reads(coast, "08:00")
    found = p.reads(hill, "08:00:10", ended=True)
    assert [r.outage for r in found if isinstance(r, OutageFound)] == [Outage("hill", time("08:00:10"), None, "ended")]
    assert p.tick(coast, "08:04") == time("08:04")
    assert p.outages(coast, "08:08") == []


def test_the_last_record_of_the_last_file_still_ticks() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    assert p.tick(coast, "08:00:10", ended=True) == time("08:00:10")


def test_the_end_of_one_file_ticks_no_further_than_another_feed() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    p.reads(hill, "08:00")
    assert p.tick(hill, "08:03", ended=True) is None
    assert p.tick(coast, "08:01") == time("08:01")


def test_an_end_after_a_long_gap_is_an_end() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    assert p.outages(coast, "09:00", ended=True) == [("coast", time("09:00"), None)]


def test_a_feed_that_ended_and_goes_on_was_ended_in_between() -> None:
    p = Partition()
    p.reads(coast, "08:00")
    p.reads(coast, "08:00:10", ended=True)
    found, told = p.reads(coast, "08:10")
    assert isinstance(found, OutageFound)
    assert found.outage == Outage("coast", time("08:00:10"), time("08:10"), "ended")
    assert isinstance(told, Tick)
    assert told.prompt == time("08:10")


def test_an_ended_late_file_moves_no_prompt_tick_even_where_no_prompt_feed_is_left() -> None:
    p = Partition()
    p.reads(coast, "08:00", ended=True)
    (found, told) = p.reads(space, "09:00", ended=True)
    assert isinstance(found, OutageFound)
    assert isinstance(told, Tick)
    assert told.prompt == time("08:00")
