"""Reception: what each station was heard saying; few messages one by one or many in columns, it is the same."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.core.instants import MINUTE, Instant
from alerts.core.intervals import Reception, StationCount, StationRun
from alerts.core.reports import Origin
from streams.ingest import heard as heard_module
from streams.ingest.heard import ON_SHORE, Heard, Interval, OpenHeard
from streams.ingest.ticks import RECEPTION_N
from streams.sentences import TimeRecord
from tests.streams.ingest.air import ANGARA, OTHER, batch, heard, position, reached, receptions, run, ticks, zeros
from tests.streams.lines import at

ORIGIN = Origin("s", 7, 0)


def counted(*said: tuple[str, str, str]) -> OpenHeard:
    opened = OpenHeard(Heard())
    for feed, station, clock in said:
        opened.count(feed, [(station, at(clock), ANGARA)])
    return opened


def written(
    opened: OpenHeard, clock: str, feed: str = "coast", ended: bool = False, before: str = "07:00:00"
) -> list[tuple[Instant, dict[str, int]]]:
    """Of each run its first end, and how many messages each station heard."""
    out = opened.written(TimeRecord(feed, at(clock), ended=ended), at(before), ORIGIN)
    assert [record.origin for record in out] == [Origin("s", 7, RECEPTION_N + k) for k in range(len(out))]
    assert all(record.feed == feed for record in out)
    return [(run.first, {c.station: c.messages for c in run.stations}) for record in out for run in record.runs]


def test_messages_of_each_station_in_each_minute():
    opened = counted(
        ("coast", "b", "08:00:10"), ("coast", "a", "08:00:20"), ("coast", "b", "08:00:30"), ("coast", "b", "08:01:10")
    )
    assert written(opened, "08:02:00") == [(at("08:01:00"), {"a": 1, "b": 2}), (at("08:02:00"), {"b": 1})]


def test_ships_and_who_is_on_shore_are_counted_once_each():
    opened = OpenHeard(Heard())
    for sender in (ANGARA, ANGARA, OTHER, ANGARA | ON_SHORE, 4310101 | ON_SHORE, 4310101 | ON_SHORE):
        opened.count("coast", [("a", at("08:00:10"), sender)])
    (record,) = opened.written(TimeRecord("coast", at("08:01:00")), None, ORIGIN)
    assert record.runs == (StationRun(at("08:01:00"), at("08:01:00"), (StationCount("a", 6, 2, 2),)),)


def test_minutes_that_are_alike_are_one_run():
    opened = counted(*(("coast", "a", f"08:0{minute}:{second}") for minute in (0, 1, 2, 4) for second in (10, 20)))
    (record,) = opened.written(TimeRecord("coast", at("08:06:00")), None, ORIGIN)
    assert [(run.first, run.last) for run in record.runs] == [
        (at("08:01:00"), at("08:03:00")),
        (at("08:05:00"), at("08:05:00")),
    ]


def test_an_end_belongs_to_the_interval_that_it_ends():
    opened = counted(("coast", "a", "08:01:00"), ("coast", "a", "08:01:01"))
    assert written(opened, "08:01:00") == [(at("08:01:00"), {"a": 1})]


def test_an_interval_that_is_not_passed_waits():
    opened = counted(("coast", "a", "08:00:10"))
    assert written(opened, "08:00:59") == []
    assert written(opened, "08:01:00") == [(at("08:01:00"), {"a": 1})]
    assert written(opened, "08:05:00") == []


def test_each_feed_by_its_own_time():
    opened = counted(("coast", "a", "08:00:10"), ("satellite", "s", "08:00:10"))
    assert written(opened, "08:01:00") == [(at("08:01:00"), {"a": 1})]
    assert written(opened, "08:01:00", "satellite") == [(at("08:01:00"), {"s": 1})]


def test_the_end_of_a_file_writes_all_that_is_left():
    assert written(counted(("coast", "a", "08:00:10")), "08:00:10", ended=True) == [(at("08:01:00"), {"a": 1})]


def test_what_is_heard_after_its_interval_was_written_comes_with_the_next_record_and_judges_nobody():
    opened = counted(("coast", "a", "08:00:10"))
    written(opened, "08:01:00")
    opened.count("coast", [("a", at("08:00:50"), ANGARA), ("a", at("08:01:50"), ANGARA)])
    late, prompt = opened.written(TimeRecord("coast", at("08:02:00")), at("08:01:00"), ORIGIN)
    assert (late.late, prompt.late) == (True, False)
    assert (late.runs[0].first, prompt.runs[0].first) == (at("08:01:00"), at("08:02:00"))


def test_many_stations_are_written_in_parts(monkeypatch):
    monkeypatch.setattr(heard_module, "_ROWS_A_RECORD", 2)
    opened = counted(*(("coast", f"s{n}", "08:00:10") for n in range(5)), ("coast", "s0", "08:01:10"))
    out = opened.written(TimeRecord("coast", at("08:02:00")), None, ORIGIN)
    assert [[len(run.stations) for run in record.runs] for record in out] == [[2], [2], [1, 1]]


def test_reception_is_a_value():
    before = counted(("coast", "a", "08:00:10")).closed()
    kept = Heard({"coast": {at("08:01:00"): Interval(("a",), before.intervals["coast"][at("08:01:00")].pieces)}})
    opened = OpenHeard(before)
    opened.count("coast", [("a", at("08:00:20"), ANGARA)])
    opened.written(TimeRecord("coast", at("08:01:00")), None, ORIGIN)
    assert before == kept
    assert opened.closed() == Heard()


SAID = st.tuples(st.sampled_from("abc"), st.sampled_from([1, 2, 3, 1 | ON_SHORE, 2 | ON_SHORE, (1 << 30) - 1]))


@given(st.lists(SAID, max_size=40))
def test_in_columns_or_one_by_one_the_same_is_counted(said):
    opened = OpenHeard(Heard())
    opened.count("coast", [(station, MINUTE, sender) for station, sender in said])
    interval = opened.closed().intervals.get("coast", {}).get(MINUTE, Interval())
    text = b"".join(interval.pieces)
    plain = [
        StationCount(
            station,
            sum(1 for at, _ in said if at == station),
            len({who for at, who in said if at == station and not who & ON_SHORE}),
            len({who for at, who in said if at == station and who & ON_SHORE}),
        )
        for station in sorted({station for station, _ in said})
    ]
    for count in (heard_module._counted, heard_module._counted_in_columns):
        assert sorted(count(interval.stations, text)) == plain


def test_all_traffic_counts_copies_too_but_nothing_spoilt():
    her = position(ANGARA)
    _, out = run(
        batch(heard(her, "08:00:05", "busan"), heard(her, "08:00:05", "tsushima"), heard(her[:-1], "08:00:05", "x")),
        batch(heard(position(351000001), "08:00:06", "busan")),
        reached("08:01:00"),
    )
    (record,) = receptions(out)
    assert record.runs[0].stations == (StationCount("busan", 2, 2, 0), StationCount("tsushima", 1, 1, 0))


def test_base_stations_and_aids_are_heard_on_shore():
    _, out = run(batch(*(heard(zeros(kind, 4310101), "08:00:05") for kind in (4, 21, 1))), reached("08:01:00"))
    (record,) = receptions(out)
    assert record.runs[0].stations == (StationCount("busan", 3, 1, 1),)


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
