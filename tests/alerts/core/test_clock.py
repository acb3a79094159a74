"""The clock: when an interval closes, what its record holds, and the alerts about our own feeds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from alerts.core import ended as ended_module
from alerts.core import runs as runs_module
from alerts.core.alert import Alert, Severity
from alerts.core.clock import KEPT_MS, ClockState, Output, step
from alerts.core.cover import CLASS_A, CellCount
from alerts.core.ended import Ended, SilencesEnded
from alerts.core.instants import DAY, HOUR, MINUTE, Instant
from alerts.core.intervals import (
    BY_APPLY,
    BY_CLOCK,
    Announced,
    CellsHeard,
    ClockRecord,
    CountRun,
    Cover,
    CoverRun,
    IntervalClosed,
    LateTick,
    Outage,
    OutageFound,
    Reception,
    StationCount,
    StationRun,
    Tick,
    Versions,
)
from alerts.core.outages import zone_of
from alerts.core.reports import Origin
from tests.fleet import events, time


@dataclass
class ClockLog:
    """The clock reading its log, of so many source partitions."""

    partitions: int = 2
    state: ClockState = field(default_factory=ClockState)
    offset: int = -1
    written: dict[int, int] = field(default_factory=dict)

    def takes(self, record: ClockRecord) -> list[Output]:
        self.offset += 1
        self.state, out = step(self.state, self.offset, record, "clock-log", self.partitions)
        return list(out)

    def origin(self, partition: int) -> Origin:
        self.written[partition] = self.written.get(partition, -1) + 1
        return Origin(f"s:g:{partition}", self.written[partition], 0)

    def tick(
        self, partition: int, clock: str | None, late: tuple[LateTick, ...] = (), day: int = 0, **newest: Instant
    ) -> list[Output]:
        """A partition says how far it is; feed `coast` too, unless told otherwise."""
        prompt = None if clock is None else time(clock, day)
        told = newest or ({} if prompt is None else {"coast": prompt})
        return self.takes(Tick(self.origin(partition), prompt, late, tuple(sorted(told.items()))))

    def both(self, clock: str, late: tuple[LateTick, ...] = (), day: int = 0) -> list[Output]:
        return [out for p in range(self.partitions) for out in self.tick(p, clock, late, day)]

    def outage(self, partition: int, since: str, until: str | None, kind: str = "outage", day: int = 0) -> list[Output]:
        end = None if until is None else time(until, day)
        return self.takes(OutageFound(self.origin(partition), Outage("hill", time(since), end, kind)))

    def early(self, since: str) -> list[Output]:
        """The clock's own stage: everything read, and nothing came."""
        return self.takes(OutageFound(Origin(BY_CLOCK, 0, 0), Outage("hill", time(since), None)))

    def hears(self, partition: int, feed: str, **stations: int) -> list[Output]:
        counts = tuple(StationCount(station, n, 1, 0) for station, n in sorted(stations.items()))
        return self.takes(Reception(self.origin(partition), feed, (StationRun(MINUTE, MINUTE, counts),)))

    def cells(self, partition: int, first: str, *counts: CellCount, last: str = "") -> list[Output]:
        run = CountRun(time(first), time(last or first), counts)
        return self.takes(CellsHeard(self.origin(partition), (run,)))


def ends(out: list[Output]) -> list[Instant]:
    return [record.end for record in out if isinstance(record, IntervalClosed)]


def only(out: list[Output]) -> IntervalClosed:
    (record,) = (o for o in out if isinstance(o, IntervalClosed))
    return record


def told(out: list[Output]) -> list[tuple[str, str]]:
    return events(alert for alert in out if isinstance(alert, Alert))


# closing


def test_it_starts_at_the_highest_of_the_first_ticks() -> None:
    log = ClockLog()
    assert log.tick(0, "08:00:30") == []
    assert log.tick(0, "08:10") == []
    assert log.tick(1, "08:05:30") == []
    assert log.state.clock == time("08:05")
    assert ends(log.tick(1, "08:06")) == [time("08:06")]


def test_a_partition_that_has_not_ticked_is_waited_for() -> None:
    log = ClockLog(partitions=3)
    for clock in ("08:00", "08:05", "08:10"):
        assert log.tick(0, clock) == log.tick(1, clock) == []
    assert log.tick(2, "08:00") == []
    assert ends(log.tick(2, "08:07")) == [time("08:07")]


def test_an_interval_closes_when_every_partition_has_passed_its_end() -> None:
    log = ClockLog()
    log.both("08:00")
    assert log.tick(0, "08:03") == []
    assert log.tick(1, "08:00:59.999") == []
    assert ends(log.tick(1, "08:01")) == [time("08:01")]


def test_a_run_of_intervals_closes_in_one_record() -> None:
    log = ClockLog()
    log.both("08:00")
    assert ends(log.both("08:59:59")) == [time("08:59")]


def test_each_interval_is_closed_once() -> None:
    log = ClockLog()
    log.both("08:00")
    log.both("08:01")
    assert log.tick(0, "08:01") == log.tick(1, "08:01:30") == []


def test_a_record_is_named_by_the_tick_that_closed_it() -> None:
    log = ClockLog()
    log.both("08:00")
    assert only(log.both("08:01")).origin == Origin("clock-log", log.offset, 0)


def test_a_partition_that_hears_only_late_feeds_waits_for_its_prompt_ones() -> None:
    log = ClockLog()
    late = (LateTick("space", time("06:00"), HOUR),)
    log.tick(0, "08:00")
    assert log.tick(1, None, late) == []
    assert log.tick(0, "08:10") == []
    log.tick(1, "08:00", late)
    assert ends(log.tick(1, "08:02", late)) == [time("08:02")]


def test_where_all_feeds_are_late_the_slowest_is_the_clock() -> None:
    log = ClockLog()

    def tick(partition: int, *clocks: str) -> list[Output]:
        feeds = zip(("moon", "space"), clocks, strict=True)
        return log.tick(partition, None, tuple(LateTick(feed, time(clock), HOUR) for feed, clock in feeds))

    tick(0, "08:00", "08:30")
    tick(1, "08:00", "08:30")
    assert tick(0, "08:10", "08:30") == []
    assert ends(tick(1, "08:05", "08:40")) == [time("08:05")]


# what an interval record holds


def test_late_feeds_tick_as_low_as_their_slowest_partition_and_lag_as_their_slowest_says() -> None:
    log = ClockLog()
    log.both("08:00")
    log.tick(0, "08:05", (LateTick("space", time("06:00"), HOUR),))
    record = only(log.tick(1, "08:05", (LateTick("space", time("05:00"), 2 * HOUR),)))
    assert record.late == (LateTick("space", time("05:00"), 2 * HOUR),)


def test_a_late_feed_that_one_partition_has_not_heard_of_has_not_begun() -> None:
    log = ClockLog()
    log.both("08:00")
    log.tick(0, "08:05", (LateTick("space", time("06:00"), HOUR),))
    assert only(log.tick(1, "08:05")).late == (LateTick("space", 0, HOUR),)


def test_reception_is_added_up_and_told_once() -> None:
    log = ClockLog()
    log.both("08:00")
    log.hears(0, "coast", mast=3)
    log.hears(1, "coast", mast=4, roof=1)
    log.hears(1, "hill", mast=9)
    assert only(log.both("08:01")).heard == (("coast", "mast", 7), ("coast", "roof", 1), ("hill", "mast", 9))
    log.hears(0, "coast", mast=1)
    assert only(log.both("08:02")).heard == (("coast", "mast", 1),)
    assert only(log.both("08:03")).heard == ()


def test_reception_waits_for_the_interval_that_closes() -> None:
    log = ClockLog()
    log.both("08:00")
    log.hears(0, "coast", mast=3)
    assert log.tick(0, "08:05") == []
    log.hears(1, "coast", mast=4)
    assert only(log.tick(1, "08:05")).heard == (("coast", "mast", 7),)


def test_versions_take_hold_with_the_next_interval_and_stay() -> None:
    log = ClockLog()
    log.both("08:00")
    for versions in (Versions("z1"), Versions("z2", "r2", "w2")):
        assert log.takes(Announced(Origin(BY_APPLY, 0, 0), versions)) == []
    assert only(log.both("08:01")).versions == Versions("z2", "r2", "w2")
    assert only(log.both("08:02")).versions == Versions("z2", "r2", "w2")


def test_a_changed_outage_is_told_in_one_record_whole() -> None:
    log = ClockLog()
    log.both("08:00")
    log.outage(0, "08:00", None)
    assert only(log.both("08:10")).outages == (Outage("hill", time("08:00"), None),)
    assert only(log.both("08:20")).outages == ()
    log.outage(0, "08:00", "08:19")
    log.outage(1, "08:00", "08:18")
    assert only(log.both("08:30")).outages == (Outage("hill", time("08:00"), time("08:19")),)


# repeats


def test_what_ingest_writes_twice_counts_once() -> None:
    log = ClockLog()
    log.both("08:00")
    reception = Reception(log.origin(0), "coast", (StationRun(MINUTE, MINUTE, (StationCount("mast", 3, 1, 0),)),))
    log.takes(reception)
    log.takes(reception)
    assert only(log.both("08:01")).heard == (("coast", "mast", 3),)
    log.takes(reception)
    assert only(log.both("08:02")).heard == ()


def test_a_tick_that_comes_again_takes_no_time_back_and_closes_nothing() -> None:
    log = ClockLog()
    log.both("08:00")
    old = Tick(log.origin(0), time("08:01"))
    for tick in (old, Tick(log.origin(0), time("08:10")), old):
        log.takes(tick)
    assert ends(log.tick(1, "08:09")) == [time("08:09")]


def test_an_outage_found_again_after_it_was_withdrawn_stays_withdrawn() -> None:
    log = ClockLog()
    log.both("08:00")
    found = OutageFound(log.origin(0), Outage("hill", time("08:00"), None))
    log.takes(found)
    log.outage(0, "08:00", "08:00")
    assert log.takes(found) == []
    assert told(log.both("08:10")) == []


@pytest.mark.parametrize("source", [BY_CLOCK, BY_APPLY])
def test_what_the_clock_and_apply_write_is_never_a_repeat(source: str) -> None:
    log = ClockLog()
    log.both("08:00")
    for zones in ("z1", "z2"):
        log.takes(Announced(Origin(source, 0, 0), Versions(zones)))
    assert only(log.both("08:01")).versions.zones == "z2"


# alerts about ourselves


def test_an_outage_is_told_at_once_and_closed_when_the_feed_is_back() -> None:
    log = ClockLog()
    log.tick(0, "08:00", coast=time("08:11"))
    (alert,) = log.outage(0, "08:00", None)
    assert isinstance(alert, Alert)
    assert (alert.id, alert.event, alert.severity) == (
        "outage.hill.20240203T080000Z",
        "opened",
        Severity.WARNING,
    )
    assert (alert.hull, alert.position, alert.place) == (None, None, None)
    assert (alert.happened_at, alert.known_at) == (time("08:00"), time("08:11"))
    assert alert.summary == "Nothing was heard from feed hill since 2024-02-03T08:00:00Z"
    assert alert.evidence == {"feed": "hill", "last_heard": "2024-02-03T08:00:00Z"}
    (alert,) = log.outage(0, "08:00", "09:05")
    assert isinstance(alert, Alert)
    assert (alert.event, alert.revision, alert.known_at) == ("closed", 1, time("09:05"))
    assert alert.summary == "Nothing was heard from feed hill for 1 h 05 min, until 2024-02-03T09:05:00Z"
    assert alert.evidence["heard_again"] == "2024-02-03T09:05:00Z"


def test_every_partition_finds_the_same_outage_and_it_is_told_once() -> None:
    log = ClockLog()
    assert told(log.outage(0, "08:00", None)) == [("outage", "opened")]
    assert told(log.outage(1, "08:00", None)) == []
    assert told(log.outage(0, "08:00", "09:00")) == [("outage", "closed")]
    assert told(log.outage(1, "08:00", "09:00")) == []


def test_an_outage_that_was_none_is_withdrawn() -> None:
    log = ClockLog()
    log.outage(0, "08:00", None)
    assert told(log.outage(0, "08:00", "08:00")) == [("outage", "retracted")]
    assert only([*log.both("08:00"), *log.both("08:01")]).outages == (Outage("hill", time("08:00"), time("08:00")),)


def test_an_outage_that_one_partition_still_sees_is_not_withdrawn_by_another() -> None:
    log = ClockLog()
    log.outage(0, "08:00", None)
    log.outage(0, "08:00", "08:20")
    assert told(log.outage(1, "08:00", "08:00")) == []


def test_a_file_played_to_its_end_is_no_alert_but_every_engine_hears_of_it() -> None:
    log = ClockLog()
    log.both("08:00")
    assert log.outage(0, "08:00", None, "ended") == []
    assert only(log.both("08:01")).outages == (Outage("hill", time("08:00"), None, "ended"),)


def test_an_early_outage_is_withdrawn_when_the_feed_goes_on() -> None:
    log = ClockLog()
    log.tick(0, "07:59", hill=time("08:00"))
    log.tick(1, "07:59", hill=time("08:00"))
    assert told(log.early("08:00")) == [("outage", "opened")]
    assert told(log.tick(0, "07:59", hill=time("08:00"))) == []
    assert told(log.tick(0, "07:59", hill=time("08:00:00.001"))) == [("outage", "retracted")]


def test_an_early_outage_that_the_feeds_own_records_show_is_closed_by_them() -> None:
    log = ClockLog()
    log.early("08:00")
    assert told(log.outage(0, "08:00", "09:00")) == [("outage", "closed")]
    assert told(log.tick(0, "09:00", hill=time("09:00"))) == []
    assert log.state.verdicts[0].outage == Outage("hill", time("08:00"), time("09:00"))


def test_an_early_outage_found_twice_is_told_once() -> None:
    log = ClockLog()
    assert told(log.early("08:00")) == [("outage", "opened")]
    assert log.early("08:00") == []


def test_a_feed_that_ends_where_it_was_out_early_is_out_no_more() -> None:
    log = ClockLog()
    assert told(log.early("08:00")) == [("outage", "opened")]
    assert told(log.outage(0, "08:00", "08:00")) == [("outage", "retracted")]
    assert told(log.outage(0, "08:00", None, "ended")) == []
    assert [verdict.outage.kind for verdict in log.state.verdicts if verdict.outage.until is None] == ["ended"]


def test_another_feeds_time_withdraws_nothing() -> None:
    log = ClockLog()
    log.early("08:00")
    assert told(log.tick(0, "09:00", coast=time("09:00"))) == []


def test_a_closed_outage_stands_after_a_week_and_is_forgotten() -> None:
    log = ClockLog()
    log.both("08:00")
    log.outage(0, "08:00", "09:00")
    week = KEPT_MS // DAY
    log.both("08:59", day=week)
    assert len(log.state.verdicts) == len(log.state.episodes) == 1
    log.both("09:00", day=week)
    assert log.state.verdicts == log.state.episodes == ()


def test_an_open_outage_is_never_forgotten() -> None:
    log = ClockLog()
    log.both("08:00")
    log.outage(0, "08:00", None)
    log.both("08:00", day=60)
    assert told(log.outage(0, "08:00", "08:00", day=60)) == [("outage", "closed")]


def test_two_outages_of_a_feed_are_two_episodes() -> None:
    log = ClockLog()
    log.outage(0, "08:00", "08:30")
    assert told(log.outage(0, "09:00", "09:30")) == [("outage", "opened"), ("outage", "closed")]
    assert len({alert.id for alert in log.state.episodes}) == 2


# reception


def ship_heard(cell: int, ships: int = 1) -> CellCount:
    return CellCount(cell, CLASS_A, ships, ships, ships, ships, ((0, ships),))


def covers(out: list[Output]) -> tuple[CoverRun, ...]:
    return only(out).covers


def test_what_partitions_heard_of_an_interval_is_added_up_and_told_with_its_record() -> None:
    log = ClockLog()
    log.both("08:00")
    log.cells(0, "08:01", ship_heard(4_000_000))
    log.cells(1, "08:01", ship_heard(4_000_000))
    (run,) = covers(log.both("08:01"))
    assert (run.first, run.last, run.cells[4_000_000].heard) == (time("08:01"), time("08:01"), 2)


def test_each_interval_has_its_own_cover_also_where_one_record_closes_many() -> None:
    log = ClockLog()
    log.both("08:00")
    for end in ("08:03", "08:01"):
        log.cells(0, end, ship_heard(4_000_000, 2))
    out = log.both("08:05")
    assert [(run.first, run.last) for run in covers(out)] == [(time(end), time(end)) for end in ("08:01", "08:03")]
    assert only(out).end == time("08:05")
    assert covers(log.both("08:10")) == ()


def test_intervals_that_are_alike_are_one_run_whatever_partitions_they_were_counted_on() -> None:
    log = ClockLog()
    log.both("08:00")
    log.cells(0, "08:01", ship_heard(4_000_000, 2), last="08:20")
    log.cells(1, "08:06", ship_heard(4_000_000), last="08:10")
    out = log.both("08:15")
    spans = [("08:01", "08:05"), ("08:06", "08:10"), ("08:11", "08:15")]
    assert [(run.first, run.last) for run in covers(out)] == [(time(a), time(b)) for a, b in spans]
    assert [run.cells[4_000_000].ships for run in covers(out)] == [2, 3, 2]
    assert [(run.first, run.last) for run in covers(log.both("08:30"))] == [(time("08:16"), time("08:20"))]


def test_what_is_said_twice_or_too_late_is_not_added() -> None:
    log = ClockLog(1)
    log.both("08:00")
    log.cells(0, "08:01", ship_heard(4_000_000))
    again = CountRun(time("08:01"), time("08:01"), (ship_heard(4_000_000),))
    assert log.takes(CellsHeard(Origin("s:g:0", log.written[0], 0), (again,))) == []
    log.cells(0, "07:50", ship_heard(4_000_000), last="08:00")
    (run,) = covers(log.both("08:02"))
    assert (run.first, run.cells[4_000_000].ships) == (time("08:01"), 1)


def test_a_cover_of_many_cells_comes_in_parts_before_its_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs_module, "CELLS_A_RECORD", 4)
    log = ClockLog(1)
    log.both("08:00")
    log.cells(0, "08:01", *(ship_heard(4_000_000 + n) for n in range(9)))
    out = log.both("08:01")
    assert [type(record) for record in out] == [Cover, Cover, IntervalClosed]
    parts = [record.covers for record in out if isinstance(record, Cover | IntervalClosed)]
    assert [len(run.cells) for part in parts for run in part] == [4, 4, 1]
    assert [record.origin.n for record in out if isinstance(record, Cover | IntervalClosed)] == [0, 1, 2]


def ended(known: str, mmsi: int) -> Ended:
    at = time(known)
    return Ended(at, mmsi, CLASS_A, at - HOUR, 10.0, 140.0, 12.0, 0.0, 12.0, 60.0, 9, at - 1, 10.0, 140.2)


def test_silences_that_ended_go_on_with_the_interval_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever partition told them; those of later intervals wait, those of earlier ones come too late."""
    log = ClockLog()
    log.both("08:00")
    for partition, rows in ((1, [ended("08:02", 5), ended("08:01", 9), ended("07:59", 3)]), (0, [ended("08:02", 4)])):
        log.takes(SilencesEnded(log.origin(partition), tuple(rows)))
    assert only(log.both("08:01")).ended == (ended("08:01", 9),)
    monkeypatch.setattr(ended_module, "ENDED_A_RECORD", 1)
    out = log.both("08:03")
    assert [type(record) for record in out] == [Cover, IntervalClosed]
    rows = [record.ended for record in out if isinstance(record, Cover | IntervalClosed)]
    assert rows == [(ended("08:02", 4),), (ended("08:02", 5),)]
    assert [record.origin.n for record in out if isinstance(record, Cover | IntervalClosed)] == [0, 1]
    assert log.state.ended == ()


def test_a_partition_that_is_weeks_ahead_costs_nothing_before_its_time() -> None:
    log = ClockLog()
    log.both("08:00")
    for minute in range(1, 50):
        log.cells(0, f"09:{minute:02}", ship_heard(4_000_000, minute))
    ahead = log.state.counted["s:g:0"]
    assert covers(log.both("08:30")) == ()
    assert log.state.counted["s:g:0"] == ahead
    assert [run.cells[4_000_000].ships for run in covers(log.both("09:02"))] == [1, 2]
    assert log.state.counted["s:g:0"] == ahead[2:]


# stations


def listens(log: ClockLog, first: int, last: int, late: bool = False, **stations: tuple[int, int, int]) -> list[Output]:
    """Both partitions hear, in the minutes after 08:00 that end from `first` to `last`, and tick past each."""
    out: list[Output] = []
    for minute in range(first, last + 1):
        end = time("08:00") + minute * MINUTE
        counts = tuple(StationCount(station, *said) for station, said in sorted(stations.items()))
        for partition in range(log.partitions):
            log.takes(Reception(log.origin(partition), "coast", (StationRun(end, end, counts),)))
        for partition in range(log.partitions):
            tick = (LateTick("coast", end, HOUR),) if late else ()
            out += log.takes(Tick(log.origin(partition), end, tick, (("coast", end),)))
    return out


def stations_of(out: list[Output]) -> list[Outage]:
    return [outage for record in out if isinstance(record, IntervalClosed) for outage in record.outages]


def test_a_station_that_is_out_is_told_to_people_and_engines_and_so_is_its_return() -> None:
    log = ClockLog()
    listens(log, 0, 40, mast=(30, 6, 0), roof=(30, 6, 1))
    out = listens(log, 41, 60, roof=(30, 6, 1))
    assert told(out) == [("outage", "opened")]
    (alert,) = (one for one in out if isinstance(one, Alert))
    assert (alert.id, alert.severity, alert.known_at) == (
        "outage.coast:mast.20240203T084000Z",
        Severity.WARNING,
        time("08:45"),
    )
    assert alert.evidence == {
        "feed": "coast",
        "station": "mast",
        "last_heard": "2024-02-03T08:40:00Z",
        "usual_a_minute": 60.0,
        "ships": 12,
    }
    assert stations_of(out) == [Outage("coast", time("08:40"), None, station="mast")]
    again = listens(log, 61, 70, mast=(30, 6, 0), roof=(30, 6, 1))
    assert told(again) == [("outage", "closed")]
    assert stations_of(again) == [Outage("coast", time("08:40"), time("09:01"), station="mast")]
    assert again[0].evidence["heard_again"] == "2024-02-03T09:01:00Z"  # type: ignore[union-attr]
    assert log.state.outs == {}


def test_a_feed_that_is_out_and_a_station_that_is_out_do_not_take_each_other_back() -> None:
    log = ClockLog()
    listens(log, 0, 40, mast=(30, 6, 0), roof=(30, 6, 1))
    assert told(listens(log, 41, 50, roof=(30, 6, 1))) == [("outage", "opened")]
    assert told(log.outage(0, "08:45", "08:50")) == [("outage", "opened"), ("outage", "closed")]
    assert told(listens(log, 51, 60, mast=(30, 6, 0), roof=(30, 6, 1))) == [("outage", "closed")]


def test_a_late_feeds_stations_are_judged_when_its_own_tick_has_passed() -> None:
    log = ClockLog()
    listens(log, 0, 40, late=True, mast=(30, 6, 0), roof=(30, 6, 1))
    end = time("08:00") + 60 * MINUTE
    said = (StationRun(time("08:41"), end, (StationCount("roof", 30, 6, 1),)),)
    log.takes(Reception(log.origin(0), "coast", said))
    held = (LateTick("coast", time("08:44:59"), HOUR),)
    assert told(log.both("09:00", held)) == []
    assert told(log.both("09:01", (LateTick("coast", time("08:45"), HOUR),))) == [("outage", "opened")]


def test_what_is_heard_late_is_counted_and_judges_no_station() -> None:
    log = ClockLog()
    listens(log, 0, 40, mast=(30, 6, 0), roof=(30, 6, 1))
    listens(log, 41, 44, roof=(30, 6, 1))
    for station, late in (("roof", False), ("mast", True)):
        said = StationRun(time("08:45"), time("08:45"), (StationCount(station, 30, 6, 0),))
        log.takes(Reception(log.origin(0), "coast", (said,), late=late))
    out = log.both("08:45")
    assert told(out) == [("outage", "opened")]
    assert only(out).heard == (("coast", "mast", 30), ("coast", "roof", 30))


def test_names_from_the_air_become_ids_of_their_own() -> None:
    def zone(station: str) -> str:
        return zone_of(Outage("coast", 0, None, station=station))

    assert zone("") == "coast"
    assert zone("r003669945") == "coast:r003669945"
    hostile = zone("<SCRIPT SRC=//X.CO> " * 9)
    assert hostile != zone("<SCRIPT SRC=//Y.CO> " * 9)
    assert re.fullmatch(r"coast:[A-Za-z0-9_-]{1,60}", hostile)
