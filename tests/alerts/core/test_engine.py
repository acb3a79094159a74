"""The engine of one partition: repeats, order of writes, versions, taking over, and who is asked."""

from __future__ import annotations

import pytest

from alerts.core.cover import CellSum
from alerts.core.curve import LEAST_SAID, Curve
from alerts.core.engine import MOST_UNWRITTEN, NOTHING, Engine, UnknownVersionError
from alerts.core.frozen import replace
from alerts.core.hull import Hull
from alerts.core.instants import HOUR, MINUTE
from alerts.core.intervals import Cover, CoverRun, IntervalClosed, LateTick, Outage, Versions, Watched
from alerts.core.memory import Memory
from alerts.core.reports import Origin
from alerts.core.thresholds import Thresholds
from alerts.core.world import WORLD_KEY, World, covers_at
from alerts.core.zones import ZoneIndex
from alerts.rules import RULES
from streams.memories import StoredEngine, pack
from tests.fleet import ANGARA, SHOAL, TIMER, Watch, east_of, events, sea, ship, shoal, time
from tests.witnesses import OPEN_SEA

angara = ship(273210440).at("08:00")
MARIA = Hull("imo-8517839", 8517839, 273211000, "MARIA")
maria = ship(273211000).of(MARIA.id).at("08:00")


# repeats


def test_an_interval_that_comes_again_later_brings_no_outage_back() -> None:
    watch = Watch()
    watch.hears(angara)
    out = watch.closing("08:10", Outage("coast", time("08:05"), None))
    back = watch.closing("08:20", Outage("coast", time("08:05"), time("08:05")), after="08:10")
    for record in (out, back, out, back):
        watch.takes(record)
    assert watch.engine.world.outages == ()
    assert events(watch.until("08:30")) == [("went_dark", "opened")]


def test_an_interval_that_comes_again_later_takes_no_time_back() -> None:
    watch = Watch()
    watch.late = (LateTick("space", time("07:00"), HOUR),)
    first = watch.closing("08:10")
    watch.takes(first)
    watch.until("08:20", late=(LateTick("space", time("08:00"), HOUR),))
    world = watch.engine.world
    watch.takes(first)
    assert watch.engine.world == world
    assert (world.clock, world.late[0].tick) == (time("08:20"), time("08:00"))


def test_an_interval_that_comes_again_later_takes_nothing_at_all() -> None:
    watch = Watch()
    record = watch.closing("08:10")
    watch.takes(record)
    assert watch.engine.apply(watch.offset + 1, record) == NOTHING


def test_a_record_at_or_below_the_worlds_offset_is_skipped() -> None:
    watch = Watch()
    watch.until("08:10")
    assert watch.engine.apply(watch.offset, watch.closing("08:20")) == NOTHING
    assert watch.engine.apply(watch.offset + 1, watch.closing("08:20")) != NOTHING


def test_a_repeated_report_takes_nothing() -> None:
    watch = Watch()
    report = angara.report(watch.origin)
    watch.takes(report)
    assert watch.engine.apply(watch.offset + 1, report) == NOTHING


# steps


def test_applying_changes_nothing_until_it_is_committed() -> None:
    watch = Watch()
    watch.hears(angara)
    record = watch.closing("09:00")
    one = watch.engine.apply(watch.offset + 1, record)
    assert watch.engine.apply(watch.offset + 1, record) == one
    assert one.alerts
    watch.engine.commit(one)
    assert watch.engine.apply(watch.offset + 1, record) == NOTHING


def test_memories_are_written_before_the_world_and_each_once() -> None:
    watch = Watch(hulls=(ANGARA, MARIA))
    watch.hears(maria, angara)
    step = watch.engine.apply(watch.offset + 1, watch.closing("09:00"))
    assert [key for key, _ in step.writes] == [MARIA.id, ANGARA.id, f"{WORLD_KEY}/256/1"]
    assert [alert.hull for alert in step.alerts] == [MARIA, ANGARA]


def test_an_interval_writes_no_memory_that_it_does_not_change() -> None:
    watch = Watch(waters=())
    watch.hears(angara)
    watch.until("08:00")
    assert [key for key, _ in watch.engine.apply(watch.offset + 1, watch.closing("08:01")).writes] == [WORLD_KEY]


def test_a_report_without_an_alert_is_written_with_the_next_interval_before_the_world() -> None:
    watch = Watch(waters=())
    step = watch.engine.apply(watch.offset + 1, angara.report(watch.origin))
    assert (step.writes, [key for key, _ in step.changed]) == ((), [ANGARA.id])
    watch.hears(angara)
    waiting = watch.engine.memory(ANGARA.id)
    step = watch.engine.apply(watch.offset + 1, watch.closing("08:00"))
    assert step.writes[0] == (ANGARA.id, waiting)
    assert [key for key, _ in step.writes] == [ANGARA.id, WORLD_KEY]
    assert [key for key, _ in step.changed] == [WORLD_KEY]


def test_a_report_with_an_alert_is_written_at_once_and_waits_no_more() -> None:
    watch = Watch()
    watch.hears(angara.near(east_of(SHOAL, 14)))
    step = watch.engine.apply(watch.offset + 1, angara.at("08:10").near(east_of(SHOAL, 9)).report(watch.origin))
    assert step.alerts
    assert step.writes == step.changed
    watch.engine.commit(step)
    assert list(watch.engine.unwritten) == []


def test_where_no_interval_comes_a_memory_is_written_all_the_same() -> None:
    watch = Watch()
    for second in range(MOST_UNWRITTEN):
        watch.hears(angara._with(at=angara.heard.at + second))
    last = angara._with(at=angara.heard.at + MOST_UNWRITTEN)
    step = watch.engine.apply(watch.offset + 1, last.report(watch.origin))
    assert [key for key, _ in step.writes] == [ANGARA.id]
    watch.engine.commit(step)
    assert watch.engine.apply(watch.offset + 2, last.at("08:20").report(watch.origin)).writes == ()


def test_a_watch_entry_is_written_at_once() -> None:
    watch = Watch()
    assert [key for key, _ in watch.engine.apply(watch.offset + 1, Watched(MARIA.id, MARIA)).writes] == [MARIA.id]


def test_an_engine_that_takes_the_place_of_another_keeps_what_was_not_written() -> None:
    watch = Watch()
    rows, world = {ANGARA.id: watch.engine.memory(ANGARA.id)}, watch.engine.world
    watch.hears(angara)
    before = watch.engine
    watch.engine = Engine(watch.contents, RULES)
    watch.engine.load(world, rows, ())
    watch.engine.keep(before)
    assert list(watch.engine.unwritten) == [(ANGARA.id, before.memory(ANGARA.id))]
    assert events(watch.until("08:30")) == [("went_dark", "opened")]


def test_an_engine_that_takes_the_place_of_another_keeps_what_is_newer() -> None:
    watch = Watch()
    watch.hears(angara)
    before = Engine(watch.contents, RULES)
    before.load(watch.engine.world, {ANGARA.id: watch.engine.memory(ANGARA.id)}, ())
    before.commit(before.apply(watch.offset + 1, angara.at("08:01").report(watch.origin)))
    watch.hears(angara.at("08:01"), angara.at("08:02"))
    newest = watch.engine.memory(ANGARA.id)
    watch.engine.keep(before)
    assert watch.engine.memory(ANGARA.id) == newest


KEPT = (("10:00", (MARIA.id,)), ("10:09", ()), ("10:10", (ANGARA.id,)), ("12:00", ()))
"""After two hours what is known of a silence is kept, before the covers are forgotten that tell it."""


def test_only_hulls_whose_time_has_come_are_asked() -> None:
    watch = Watch(hulls=(ANGARA, MARIA))
    watch.hears(maria, angara.at("08:10"))
    watch.until("08:10")
    perhaps_overdue = (("08:14", ()), ("08:15", (MARIA.id,)), ("08:24", ()), ("08:25", (ANGARA.id,)))
    due = (("08:29", ()), ("08:30", (MARIA.id,)), ("08:39", ()), ("08:40", (ANGARA.id,)), ("09:59", ()))
    for clock, asked in (*perhaps_overdue, *due, *KEPT):
        watch.offset += 1
        step = watch.engine.apply(watch.offset, watch.closing(clock))
        watch.engine.commit(step)
        assert tuple(key for key, _ in step.wakes) == asked


def test_a_report_puts_off_when_she_is_asked() -> None:
    watch = Watch()
    watch.hears(angara, angara.at("08:20"))
    assert watch.until("08:49") == []
    assert events(watch.until("08:50")) == [("went_dark", "opened")]


def test_an_outage_has_everybody_asked() -> None:
    watch = Watch(hulls=(ANGARA, MARIA))
    watch.hears(maria, angara)
    step = watch.engine.apply(watch.offset + 1, watch.closing("08:05", Outage("hill", time("08:00"), None)))
    assert [key for key, _ in step.wakes] == [MARIA.id, ANGARA.id]


def test_another_watchlist_alone_has_nobody_asked() -> None:
    watch = Watch(hulls=(ANGARA, MARIA))
    watch.hears(maria, angara)
    watch.until("08:04")
    named = replace(watch.closing("08:05"), versions=Versions("zones", "rules", "another"))
    assert watch.engine.apply(watch.offset + 1, named).wakes == ()


# taking over


def taken_over(watch: Watch) -> Watch:
    """The same watch after another engine has taken the partition over from what was written."""
    memories = {hull.id: watch.engine.memory(hull.id) for hull in watch.hulls}
    watch.engine, world = Engine(watch.contents, RULES), watch.engine.world
    watch.engine.load(world, memories, [(hull, 0) for hull in memories], world.covers)
    return watch


def test_a_new_owner_reads_on_after_the_last_interval() -> None:
    assert Engine({}, RULES).resume_at == 0
    watch = Watch()
    assert watch.engine.resume_at == watch.offset + 1
    watch.hears(angara, angara.at("08:01"))
    assert taken_over(watch).engine.resume_at == watch.offset - 1


def test_a_new_owner_knows_who_is_to_be_asked_and_skips_what_was_applied() -> None:
    watch = Watch()
    watch.hears(angara)
    report = angara.at("08:10").report(watch.origin)
    watch.takes(report)
    taken_over(watch)
    assert watch.engine.apply(watch.offset, report) == NOTHING
    assert watch.until("08:39") == []
    assert events(watch.until("08:40")) == [("went_dark", "opened")]


def test_a_new_owner_does_not_repeat_what_was_told() -> None:
    watch = Watch()
    watch.hears(angara.near(SHOAL))
    watch.until("08:30")
    assert taken_over(watch).until("12:00") == []
    assert events(watch.hears(angara.at("12:10").near(east_of(SHOAL, 60)))) == [
        ("area", "closed"),
        ("went_dark", "closed"),
        ("lit_up", "opened"),
        ("overdue_arrival", "opened"),
    ]


# versions


def test_versions_take_hold_with_the_interval_that_names_them() -> None:
    short = replace(TIMER, silence_floor_min=10, silence_ceiling_min=10)
    contents: dict[str, object] = {"zones": ZoneIndex.of((shoal,)), "short": short}
    watch = Watch()
    watch.contents.update(contents)
    watch.hears(angara)
    watch.until("08:15")
    assert watch.told == []
    named = replace(watch.closing("08:16"), versions=Versions("zones", "short", ""))
    assert events(watch.takes(named)) == [("went_dark", "opened")]


QUICK, SLOW = (Curve(((0.0, 1.0), (1.0, share)), 7.6) for share in (1e-5, 0.99))
"""A silence under ten witnessed minutes is long in one water, and nothing in the other."""


def in_water(curve: str) -> Watch:
    """She was under way for an hour, up to 08:00, where ships are heard all around."""
    watch = Watch(thresholds=Thresholds())
    watch.contents |= {"quick": QUICK, "slow": SLOW}
    watch.cover = curve
    for minute in range(60):
        at = angara._with(at=time("07:01") + minute * MINUTE)
        watch.hears(at.near(east_of(OPEN_SEA, 12 * (minute - 59) / 60)))
    watch.until("08:00")
    return watch


def each_minute(watch: Watch, first: str, last: str) -> list[tuple[str, str]]:
    """What is told while every minute closes by itself."""
    ends = range(time(first), time(last) + 1, MINUTE)
    clocks = (f"{8 + (end - time('08:00')) // HOUR:02}:{end % HOUR // MINUTE:02}" for end in ends)
    return [event for clock in clocks for event in events(watch.until(clock))]


def test_the_curve_of_the_water_says_when_she_is_dark_and_how_rare_that_is() -> None:
    quick, slow = in_water("quick"), in_water("slow")
    assert each_minute(quick, "08:01", "08:40") == [("went_dark", "opened")]
    assert each_minute(slow, "08:01", "08:40") == []
    evidence = quick.told[-1].evidence
    assert evidence["witnessed_limit_min"] == QUICK.threshold_min(10)
    assert evidence["share_as_long"] == LEAST_SAID
    assert "Fewer than 1 in 10,000 natural silences" in quick.told[-1].summary


@pytest.mark.parametrize("change", ["08:30", "09:55", "11:30"])
def test_a_silence_that_was_told_stands_whatever_curve_comes(change: str) -> None:
    """Whether what the covers say of it is still there, or is kept with her memory."""
    watch = in_water("quick")
    assert each_minute(watch, "08:01", "08:20") == [("went_dark", "opened")]
    told = watch.told[-1]
    watch.until(change)
    watch.cover = "slow"
    assert each_minute(watch, change, "12:10") == []
    assert events(watch.hears(angara.at("12:10").near(east_of(OPEN_SEA, 40)))) == [
        ("went_dark", "closed"), ("lit_up", "opened"), ("overdue_arrival", "opened")
    ]  # fmt: skip
    closed = next(alert for alert in watch.told if alert.event == "closed")
    assert (closed.id, closed.revision) == (told.id, 1)
    assert {**closed.evidence, "first_report": None} == {**told.evidence, "first_report": None}
    watch.cover = "quick"
    assert each_minute(watch, "12:11", "12:12") == []


def test_one_that_was_not_told_is_judged_by_the_curve_that_comes() -> None:
    watch = in_water("slow")
    assert each_minute(watch, "08:01", "08:40") == []
    watch.cover = "quick"
    assert each_minute(watch, "08:41", "08:41") == [("went_dark", "opened")]
    watch.cover = "slow"
    assert each_minute(watch, "08:42", "09:00") == []
    watch.cover = ""
    assert each_minute(watch, "09:01", "09:30") == []


def test_before_any_version_there_are_no_zones_and_the_default_thresholds() -> None:
    engine = Engine({}, RULES)
    for offset, record in enumerate((Watched(ANGARA.id, ANGARA), angara.near(SHOAL).report(Origin("s", 1, 0)))):
        step = engine.apply(offset, record)
        assert step.alerts == ()
        engine.commit(step)
    dark = time("08:00") + round(Thresholds().silence_ceiling_min * MINUTE)
    began, told = time("08:00"), []
    for offset, end in enumerate((began, dark - MINUTE, dark), 2):
        covers = tuple(sea(began + MINUTE, end))
        step = engine.apply(offset, IntervalClosed(Origin("c", offset, 0), end, covers=covers))
        told.append(events(step.alerts))
        engine.commit(step)
        began = end
    assert told == [[], [], [("went_dark", "opened")]]


def test_an_unknown_version_is_named_and_the_record_can_be_applied_again() -> None:
    watch = Watch()
    watch.hears(angara)
    record = replace(watch.closing("08:30"), versions=Versions("zones/new", "rules", ""))
    with pytest.raises(UnknownVersionError, match="zones/new"):
        watch.engine.apply(watch.offset + 1, record)
    watch.contents["zones/new"] = ZoneIndex.of(())
    assert events(watch.takes(record)) == [("went_dark", "opened")]


def test_an_unknown_version_of_an_earlier_owner_is_named() -> None:
    world = Watch().engine.world
    with pytest.raises(UnknownVersionError, match="zones"):
        Engine({}, RULES).load(world, {}, ())


def test_a_content_of_the_wrong_kind_is_a_bug() -> None:
    watch = Watch()
    watch.contents["zones/odd"] = Thresholds()
    record = replace(watch.closing("08:30"), versions=Versions("zones/odd", "rules", ""))
    with pytest.raises(AssertionError):
        watch.engine.apply(watch.offset + 1, record)


# cover


def run(first: str, last: str, *cells: int) -> CoverRun:
    return CoverRun(time(first), time(last), 10.0, {cell: CellSum(2, 2, 2, 12, 200) for cell in cells})


def covered(n: int, clock: str, *covers: CoverRun, part: int = 0) -> IntervalClosed:
    versions = Versions("zones", "rules", "")
    return IntervalClosed(Origin("clock-log", n, part), time(clock), versions=versions, covers=covers)


def test_the_covers_of_an_interval_record_are_written_with_the_world_in_one_row() -> None:
    watch = Watch()
    record = covered(100, "08:30", run("08:01", "08:20", 1), run("08:22", "08:30", 1, 2))
    step = watch.engine.apply(watch.offset + 1, record)
    ((key, row),) = step.writes
    assert key == f"{WORLD_KEY}/256/1"
    assert isinstance(row, World)
    assert (row.news, row.offset) == (record.covers, watch.offset + 1)
    watch.takes(record)
    assert [[c.first for c in covers_at(watch.engine.world, time(at))] for at in ("08:20", "08:21", "08:22")] == [
        [time("08:01")],
        [],
        [time("08:22")],
    ]


def test_parts_count_from_the_interval_record_on_that_follows() -> None:
    watch = Watch()
    watch.takes(Cover(Origin("clock-log", 100, 0), (run("08:00", "08:00", 1, 2),)))
    assert watch.engine.world.covers == ()
    watch.takes(Cover(Origin("clock-log", 100, 0), (run("08:00", "08:00", 1, 2),)))
    watch.takes(covered(100, "08:00", run("08:00", "08:00", 3), part=1))
    known = [sorted(one.cells) for one in covers_at(watch.engine.world, time("08:00"))]
    assert known == [[1, 2], [3]]


def test_parts_of_a_record_that_never_came_are_dropped() -> None:
    watch = Watch()
    watch.takes(Cover(Origin("clock-log", 100, 0), (run("08:00", "08:00", 1),)))
    watch.takes(covered(101, "08:00", run("08:00", "08:00", 2), part=1))
    assert [sorted(one.cells) for one in watch.engine.world.covers] == [[2]]
    watch.takes(covered(100, "08:01", part=1))
    assert len(watch.engine.world.covers) == 1


def test_an_engine_that_is_exchanged_keeps_the_parts_that_it_has_read() -> None:
    watch = Watch()
    watch.takes(Cover(Origin("clock-log", 100, 0), (run("08:00", "08:00", 1),)))
    other = Engine(watch.contents, RULES)
    other.load(watch.engine.world, {}, ())
    other.keep(watch.engine)
    other.commit(other.apply(watch.offset + 1, covered(100, "08:00", part=1)))
    assert len(other.world.covers) == 1


def test_covers_are_kept_for_three_hours_and_more_where_a_late_feed_lags() -> None:
    for lag_ms, kept in ((0, ["08:00"]), (HOUR, ["06:00", "08:00"])):
        watch = Watch(waters=())
        watch.late = (LateTick("space", 0, lag_ms),) if lag_ms else ()
        for clock in ("06:00", "08:00"):
            record = covered(watch.offset + 1, clock, run(clock, clock, 1))
            watch.takes(replace(record, late=watch.late))
        watch.until("09:30")
        watch.until("09:31")
        assert [one.last for one in watch.engine.world.covers] == [time(clock) for clock in kept]


def test_an_engine_that_takes_over_knows_the_covers_and_the_table_does_not_grow() -> None:
    watch = Watch()
    table: dict[str, Memory | World] = {}
    for n in range(600):
        clock = f"{n // 60:02}:{n % 60:02}"
        record = covered(n + 100, clock, run(clock, clock, n))
        table |= dict(watch.engine.apply(watch.offset + 1, record).writes)
        watch.takes(record)
    assert len(table) == 256
    rows = [(key, pack(value)) for key, value in table.items()]
    other = StoredEngine(Engine(watch.contents, RULES))
    other.load(rows)
    assert other.engine.world == watch.engine.world
    assert len(other.engine.world.covers) == 181
