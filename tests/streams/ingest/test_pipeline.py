import pytest

from alerts.core.hull import Hull
from alerts.core.intervals import OutageFound, Tick
from alerts.core.reports import Origin
from streams.ingest.clean import SHIP_KINDS
from streams.ingest.pipeline import State, UnknownStateError, dump, load
from streams.ingest.tally import NoMessage, Rejected, Tally
from streams.ingest.ticks import TICK_N
from streams.ingest.watch_index import WatchIndex
from tests.streams.ingest.air import (
    ANGARA,
    ANGARA_IMO,
    HOMONYM_IMO,
    HULL,
    OTHER,
    SOURCE,
    armoured,
    batch,
    heard,
    position,
    reached,
    run,
    sent,
    ticks,
    voyage,
    zeros,
)
from tests.streams.lines import at


def types(outputs) -> list[int]:
    return [report.type for report in outputs.reports]


def test_a_report_of_a_watched_hull_with_its_provenance():
    _, out = run(batch(heard(position(OTHER), "08:00:04"), heard(position(ANGARA), "08:00:05")), first=7)
    (report,) = out.reports
    assert (report.hull, report.mmsi, report.feed, report.station) == ("imo-9179842", ANGARA, "coast", "busan")
    assert (report.heard_at, report.received_at) == (at("08:00:05"), at("08:00:06"))
    assert report.origin == Origin(SOURCE, 7, 1)
    assert (report.lat, report.lon, report.speed_kn, report.imo) == (42.2, 130.3, 12.0, None)


@pytest.mark.parametrize("kind", sorted(SHIP_KINDS))
def test_what_a_ship_sends_proves_her_transponder_on_with_a_position_or_without(kind):
    _, out = run(batch(heard(zeros(kind, ANGARA), "08:00:05")))
    assert [(report.hull, report.type) for report in out.reports] == [("imo-9179842", kind)]
    assert out.tally == Tally(accepted=1, reports=1)


@pytest.mark.parametrize("kind", [4, 16, 17, 20, 21, 22, 23])
def test_what_the_shore_sends_under_her_number_does_not(kind):
    _, out = run(batch(heard(zeros(kind, ANGARA), "08:00:05")))
    assert out.reports == ()
    assert out.tally == Tally(accepted=1)


def test_a_part_of_a_type_24_that_does_not_exist_says_only_that_she_is_on():
    payload = sent(type=24, mmsi=ANGARA, partno=0).split(b",")[5]
    _, out = run(batch(heard(armoured(payload[:6] + b"8" + payload[7:]), "08:00:05")))
    assert types(out) == [24]
    assert out.rejects == ()


def test_her_imo_number_on_a_new_mmsi_is_her_from_then_on():
    state, out = run(batch(heard(position(OTHER), "08:00:05"), heard(voyage(OTHER, ANGARA_IMO), "08:00:06")))
    assert [(report.hull, report.type) for report in out.reports] == [("imo-9179842", 5)]
    _, out = run(batch(heard(position(OTHER, second=15), "08:00:15")), state=load(dump(state)))
    assert [(report.hull, report.mmsi, report.type) for report in out.reports] == [("imo-9179842", OTHER, 1)]


def test_the_homonym_is_another_ship():
    _, out = run(batch(heard(voyage(OTHER, HOMONYM_IMO, "ANGARA"), "08:00:05"), heard(position(OTHER), "08:00:06")))
    assert out.reports == ()


def test_of_another_ship_on_her_mmsi_only_its_imo_number_is_told():
    _, out = run(batch(heard(voyage(ANGARA, HOMONYM_IMO), "08:00:05"), heard(position(ANGARA), "08:00:06")))
    assert [(report.type, report.another_imo) for report in out.reports] == [(5, HOMONYM_IMO), (1, None)]
    told = out.reports[0]
    assert {told.imo, told.name, told.call_sign, told.ship_type, told.destination, told.draught_m} == {None}


@pytest.mark.parametrize("imo", [0, ANGARA_IMO + 1])
def test_voyage_data_without_a_valid_imo_number_are_hers_by_the_mmsi(imo):
    _, out = run(batch(heard(voyage(ANGARA, imo), "08:00:05")))
    assert [(report.type, report.imo) for report in out.reports] == [(5, None)]


def test_every_ship_is_watched_where_all_are():
    her, base = position(OTHER), sent(type=4, mmsi=2190067)
    _, out = run(batch(heard(her, "08:00:05"), heard(base, "08:00:05")), watch=WatchIndex.all_ships())
    assert [report.hull for report in out.reports] == [f"mmsi-{OTHER}"]


def test_copies_are_one_message_and_each_feed_reports_it_once():
    her = position(ANGARA)
    _, out = run(
        batch(heard(her, "08:00:05", "busan"), heard(her, "08:00:06", "tsushima")),
        batch(heard(her, "08:00:25", "sat"), feed="satellite"),
        batch(heard(her, "08:00:36", "sat"), feed="satellite"),
    )
    assert [(report.feed, report.station, report.heard_at) for report in out.reports] == [
        ("coast", "busan", at("08:00:05")),
        ("satellite", "sat", at("08:00:25")),
    ]
    assert (out.tally.accepted, out.tally.duplicate) == (2, 2)


def test_who_hears_her_does_not_depend_on_which_feed_was_quicker():
    her = position(ANGARA)
    coast, sat = batch(heard(her, "08:00:05", "busan")), batch(heard(her, "08:00:05", "sat"), feed="satellite")
    for first, second in ((coast, sat), (sat, coast)):
        _, out = run(first, second)
        assert {(report.feed, report.station) for report in out.reports} == {("coast", "busan"), ("satellite", "sat")}
        assert (out.tally.accepted, out.tally.duplicate) == (2, 0)


def test_copies_of_ships_that_nobody_watches_are_not_told_apart():
    other = position(OTHER)
    state, out = run(batch(heard(other, "08:00:05", "busan"), heard(other, "08:00:06", "tsushima")))
    assert out.tally == Tally(accepted=2)
    assert not state.window.buckets


def test_a_late_copy_hours_later_is_a_copy_while_a_late_feed_may_bring_it():
    her = position(ANGARA)
    late = {"feed": "satellite", "late": True, "lateness_ms": 7_200_000}
    first = batch(heard(her, "08:00:05"), feed="satellite")
    state, _ = run(first, reached("06:00:00", **late), reached("10:00:00"))
    copy = batch(heard(her, "08:00:08"), feed="satellite")
    _, out = run(reached("08:00:00", **late), copy, state=state, first=3)
    assert out.tally == Tally(duplicate=1)
    _, out = run(reached("10:00:00", **late), copy, state=state, first=3)
    assert out.tally == Tally(accepted=1, reports=1)


def test_rejects_say_what_came_from_where_and_why():
    spoilt = position(ANGARA)[:-2] + b"ZZ"
    _, out = run(batch(heard(position(OTHER), "08:00:05"), heard(spoilt, "08:00:05")), first=3)
    assert out.rejects == (Rejected(NoMessage.CHECKSUM, "coast", "busan", spoilt, Origin(SOURCE, 3, 1)),)


UNREADABLE = [
    b"",
    b"HWS1",
    b"HWS1" + b"\xff" * 300,
    b"HWS2" + b"0" * 40,
    b"HWT1{}",
    b"HWT1[]",
    b'HWT1{"feed":"\xff","reached":5}',
    b'HWT1{"feed":"coast","reached":99999999999999999999999}',
    b"\xff" * 500,
]


@pytest.mark.parametrize("value", UNREADABLE)
def test_a_record_that_cannot_be_read_is_rejected(value):
    state, out = run(value, first=3)
    assert out.rejects == (Rejected(NoMessage.RECORD, "", "", value, Origin(SOURCE, 3, 0)),)
    assert out.tally == Tally(rejected={NoMessage.RECORD: 1})
    assert state == State()


def test_a_record_cut_short_anywhere_is_rejected_whole():
    value = batch(heard(position(ANGARA), "08:00:05"), heard(position(OTHER), "08:00:05"))
    for length in range(len(value)):
        _, out = run(value[:length])
        assert [reject.reason for reject in out.rejects] == [NoMessage.RECORD]
        assert out.reports == ()


def test_every_line_is_counted_once():
    two_parts = voyage(ANGARA, ANGARA_IMO)
    rows = [
        position(OTHER),
        two_parts,
        two_parts,
        position(ANGARA),
        armoured(b"l" * 28),
        armoured(b"1" * 27),
        b"!AIVDM",
    ]
    _, out = run(batch(*(heard(text, "08:00:05") for text in [*rows, two_parts[:-1]])))
    wanted = {NoMessage.TYPE: 1, NoMessage.LENGTH: 1, NoMessage.CHECKSUM: 3}
    assert out.tally == Tally(accepted=4, duplicate=2, rejected=wanted, reports=2)
    assert out.tally.lines == 11


def test_tallies_add_up():
    one = Tally(1, 2, {NoMessage.TYPE: 3}, 4)
    two = Tally(10, 20, {NoMessage.TYPE: 30, NoMessage.LENGTH: 5}, 40)
    assert one + two == Tally(11, 22, {NoMessage.TYPE: 33, NoMessage.LENGTH: 5}, 44)


def test_the_tally_does_not_depend_on_who_is_watched():
    rows = [position(OTHER), voyage(ANGARA, ANGARA_IMO), position(ANGARA), armoured(b"l" * 28)]
    value = batch(*(heard(text, "08:00:05") for text in rows))
    tallies = [run(value, watch=watch)[1].tally for watch in (WatchIndex.of([]), WatchIndex.all_ships())]
    assert tallies[0].accepted == tallies[1].accepted == 4
    assert tallies[0].rejected == tallies[1].rejected
    assert (tallies[0].reports, tallies[1].reports) == (0, 3)


def test_ticks_and_outages_come_from_time_records():
    _, out = run(reached("08:00:00"), reached("08:01:00"), reached("08:30:00"))
    assert [type(record) for record in out.clock] == [Tick, Tick, OutageFound, Tick]
    assert [record.prompt for record in ticks(out)] == [at("08:00:00"), at("08:01:00"), at("08:30:00")]
    assert [record.origin for record in out.clock[2:]] == [Origin(SOURCE, 2, 0), Origin(SOURCE, 2, TICK_N)]


def test_a_watchlist_may_change_between_two_steps():
    state, out = run(batch(heard(position(OTHER), "08:00:05")))
    assert out.reports == ()
    watch = WatchIndex.of([HULL, Hull("x", mmsi=OTHER)])
    _, out = run(batch(heard(position(OTHER, second=15), "08:00:15")), watch=watch, state=state)
    assert [report.hull for report in out.reports] == ["x"]


@pytest.mark.parametrize(("mmsi", "kept"), [(ANGARA, {}), (None, {OTHER: ANGARA_IMO})])
def test_who_says_another_imo_number_takes_back_what_she_said_where_the_hulls_own_mmsi_is_known(mmsi, kept):
    watch = WatchIndex.of([Hull("x", mmsi=mmsi, imo=ANGARA_IMO)])
    once = batch(heard(voyage(OTHER, ANGARA_IMO), "08:00:05"))
    state, _ = run(once, watch=watch)
    assert state.bindings == {OTHER: ANGARA_IMO}
    state, _ = run(batch(heard(voyage(OTHER, HOMONYM_IMO), "08:06:05")), watch=watch, state=state)
    assert state.bindings == kept


def test_a_state_survives_its_stored_form():
    state, _ = run(
        batch(heard(position(ANGARA), "08:00:05"), heard(voyage(OTHER, ANGARA_IMO), "08:00:06")), reached("08:00:00")
    )
    assert load(dump(state)) == state
    assert state.bindings == {OTHER: ANGARA_IMO}


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x02abc", b"\x01abc", b"\x01" + bytes(50), dump(State())[:-3]])
def test_a_stored_state_that_is_none_is_refused(data):
    with pytest.raises(UnknownStateError):
        load(data)
