from alerts.core.intervals import Reception
from alerts.core.reports import Origin
from streams.ingest import heard as heard_module
from streams.ingest.heard import Heard, OpenHeard
from streams.ingest.ticks import RECEPTION_N
from streams.sentences import TimeRecord
from tests.streams.ingest.air import ANGARA, batch, heard, position, reached, receptions, run, ticks
from tests.streams.lines import at

ORIGIN = Origin("s", 7, 0)


def counted(*said: tuple[str, str, str]) -> OpenHeard:
    opened = OpenHeard(Heard())
    for feed, station, clock in said:
        opened.count(feed, station, at(clock))
    return opened


def written(opened: OpenHeard, clock: str, feed: str = "coast", ended: bool = False) -> list[tuple[str, tuple]]:
    out = opened.written(TimeRecord(feed, at(clock), ended=ended), ORIGIN)
    assert [record.origin for record in out] == [Origin("s", 7, RECEPTION_N + k) for k in range(len(out))]
    assert all(record.feed == feed for record in out)
    return [(record.end, record.stations) for record in out]


def test_messages_of_each_station_in_each_minute():
    opened = counted(
        ("coast", "b", "08:00:10"), ("coast", "a", "08:00:20"), ("coast", "b", "08:00:30"), ("coast", "b", "08:01:10")
    )
    assert written(opened, "08:02:00") == [(at("08:01:00"), (("a", 1), ("b", 2))), (at("08:02:00"), (("b", 1),))]


def test_an_end_belongs_to_the_interval_that_it_ends():
    opened = counted(("coast", "a", "08:01:00"), ("coast", "a", "08:01:01"))
    assert written(opened, "08:01:00") == [(at("08:01:00"), (("a", 1),))]


def test_an_interval_that_is_not_passed_waits():
    opened = counted(("coast", "a", "08:00:10"))
    assert written(opened, "08:00:59") == []
    assert written(opened, "08:01:00") == [(at("08:01:00"), (("a", 1),))]
    assert written(opened, "08:05:00") == []


def test_each_feed_by_its_own_time():
    opened = counted(("coast", "a", "08:00:10"), ("satellite", "s", "08:00:10"))
    assert written(opened, "08:01:00") == [(at("08:01:00"), (("a", 1),))]
    assert written(opened, "08:01:00", "satellite") == [(at("08:01:00"), (("s", 1),))]


def test_the_end_of_a_file_writes_all_that_is_left():
    assert written(counted(("coast", "a", "08:00:10")), "08:00:10", ended=True) == [(at("08:01:00"), (("a", 1),))]


def test_what_is_heard_after_its_interval_was_written_comes_with_the_next_record():
    opened = counted(("coast", "a", "08:00:10"))
    written(opened, "08:01:00")
    opened.count("coast", "a", at("08:00:50"))
    assert written(opened, "08:01:10") == [(at("08:01:00"), (("a", 1),))]


def test_many_stations_are_written_in_parts(monkeypatch):
    monkeypatch.setattr(heard_module, "_STATIONS_A_RECORD", 2)
    opened = counted(*(("coast", f"s{n}", "08:00:10") for n in range(5)))
    assert [len(stations) for _, stations in written(opened, "08:01:00")] == [2, 2, 1]


def test_reception_is_a_value():
    before = counted(("coast", "a", "08:00:10")).closed()
    opened = OpenHeard(before)
    opened.count("coast", "a", at("08:00:20"))
    opened.written(TimeRecord("coast", at("08:01:00")), ORIGIN)
    assert before.feeds == {"coast": {at("08:01:00"): {"a": 1}}}
    assert opened.closed() == Heard()


def test_all_traffic_counts_copies_too_but_nothing_spoilt():
    her = position(ANGARA)
    _, out = run(
        batch(heard(her, "08:00:05", "busan"), heard(her, "08:00:05", "tsushima"), heard(her[:-1], "08:00:05", "x")),
        batch(heard(position(351000001), "08:00:06", "busan")),
        reached("08:01:00"),
    )
    assert [record.stations for record in receptions(out)] == [(("busan", 2), ("tsushima", 1))]


def test_reception_is_written_before_the_tick_that_passes_it():
    _, out = run(
        reached("07:59:00", "coast"),
        reached("07:59:00", "harbour"),
        batch(*(heard(position(ANGARA, second=s), f"08:00:{s:02}") for s in (5, 15, 25))),
        reached("08:01:00", "harbour"),
        reached("08:01:00", "coast"),
    )
    kinds = [type(record).__name__ for record in out.clock]
    assert kinds == ["Tick", "Reception", "CellsHeard", "Tick"]
    assert ticks(out)[-1].prompt == at("08:01:00")
    assert out.clock[1].origin < out.clock[2].origin < out.clock[3].origin
    assert isinstance(out.clock[1], Reception)


def test_a_late_feed_is_written_with_its_own_tick():
    _, out = run(
        batch(heard(position(ANGARA), "08:00:05", "sat-1"), feed="satellite"),
        reached("09:00:00", "coast"),
        reached("08:01:00", "satellite", late=True, lateness_ms=7_200_000),
    )
    assert [(record.feed, record.origin.offset) for record in receptions(out)] == [("satellite", 2)]
