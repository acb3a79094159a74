"""What an interval record teaches: measured as silences that are judged are, and the same for every engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.cells import cell_of
from alerts.core.cover import CLASS_A
from alerts.core.curve import SHIPPED
from alerts.core.ended import Ended
from alerts.core.engine import Engine
from alerts.core.fallen import AreaOutage
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.instants import DAY, HOUR, INTERVAL, MINUTE, SECOND, Instant
from alerts.core.intervals import Cover, CoverRun, IntervalClosed, Outage, Versions
from alerts.core.lessons import alone, grown, taught
from alerts.core.reports import Origin
from alerts.core.thresholds import Thresholds
from alerts.core.water import BLOCK_MS, LEAST_HULL_DAYS, Water
from alerts.core.world import World, closed
from alerts.rules import RULES
from streams.memories import StoredEngine
from tests.alerts.core.test_learning import END, KN, learned, records, silent
from tests.fleet import OPEN_SEA, WATERS, Watch, east_of, sea, ship, time

WAY = 90.0


def row(minutes: float = 8, made_kn: float = KN, since: str = "08:00", **more: object) -> Ended:
    """Under way eastward at 12 kn past OPEN_SEA; heard again so many minutes later."""
    last = time(since)
    back_at = last + round(minutes * MINUTE)
    lat, lon = east_of(OPEN_SEA, made_kn * minutes / 60)
    known = back_at - back_at % INTERVAL + INTERVAL
    one = Ended(known, 7, CLASS_A, last, *OPEN_SEA, KN, 0.0, KN, 60.0, 60, back_at, lat, lon)
    return one._replace(**more)  # type: ignore[arg-type]


def world(*outages: Outage, waters: tuple[Fix, ...] = WATERS) -> World:
    record = IntervalClosed(Origin("c", 0, 0), END, outages)
    return closed(World(clock=time("06:00")), 1, record, tuple(sea(time("06:01"), END, waters)))


@pytest.mark.parametrize("minutes", [4, 5, 8, 10])
def test_it_is_measured_as_the_learner_measures_and_as_it_would_be_judged(minutes: int) -> None:
    natural = next(one for one in learned(records(silent(minutes))) if one.fate == "sailed on")
    last, back = natural.since, silent(minutes)[60].heard
    assert natural.vigil.witnessed_min > 0
    known = back.at - back.at % INTERVAL + INTERVAL
    way = (KN, 0.0, KN, 60.0, 60)
    one = Ended(known, 7, CLASS_A, last.at, *last.where, *way, back.at, *back.where)
    assert grown(one, world()) == pytest.approx(natural.vigil.witnessed_min, abs=0.01)


def test_longer_silences_grow_further() -> None:
    lengths = [grown(row(minutes), world()) for minutes in (4, 6, 8)]
    assert None not in lengths
    assert lengths == sorted(set(lengths))  # type: ignore[type-var]


@pytest.mark.parametrize("made_kn", [0.0, 0.24 * KN, 200.0])
def test_who_stopped_in_it_or_is_where_she_cannot_have_sailed_teaches_nothing(made_kn: float) -> None:
    assert grown(row(made_kn=made_kn), world()) is None
    assert grown(row(made_kn=0.26 * KN), world()) is not None


def test_a_ship_that_was_switched_off_teaches_nothing() -> None:
    """No reception fails for ten witnessed minutes."""
    assert grown(row(9), world()) is not None
    assert grown(row(55), world()) is None


def test_nor_does_a_silence_with_others() -> None:
    three = replace(world(), covers=tuple(_fallen(world().covers)))
    assert grown(row(), world()) is not None
    assert grown(row(), three) is None


def _fallen(covers: Iterable[CoverRun]) -> Iterable[CoverRun]:
    for run in covers:
        yield replace(run, cells={cell: count._replace(fell=1) for cell, count in run.cells.items()})


@pytest.mark.parametrize(
    ("since", "until", "teaches"),
    [("08:02", "08:05", False), ("06:30", "07:30", True), ("07:30", "08:02", False), ("07:30", None, False),
     ("06:30", None, True), ("08:10", None, True), ("08:08", None, False)],
)  # fmt: skip
def test_a_feed_that_may_have_heard_her_and_was_out_in_it_teaches_nothing(
    since: str, until: str | None, teaches: bool
) -> None:
    outage = Outage("hill", time(since), None if until is None else time(until))
    assert (grown(row(), world(outage)) is not None) is teaches
    assert (grown(row(), world(replace(outage, kind="ended"))) is not None) is teaches
    assert grown(row(), world(replace(outage, station="mast"))) is not None


# one cause, many silences


def together(ships: int, minutes: float = 8) -> list[Ended]:
    """So many that fall silent at once past OPEN_SEA, and come back at once."""
    return [row(minutes, mmsi=n) for n in range(1, ships + 1)]


def learned_by(rows: Iterable[Ended], known: World) -> int:
    return taught(known, sorted(rows), SHIPPED, 10.0).water.silences


def under_way_here(ships: int) -> World:
    known = world()
    cells = {cell: count._replace(heard=0) for cell, count in known.covers[0].cells.items()}
    cells[cell_of(*OPEN_SEA)] = cells[cell_of(*OPEN_SEA)]._replace(heard=ships)
    return replace(known, covers=tuple(replace(run, cells=cells) for run in known.covers), news=())


@pytest.mark.parametrize("ships", [4, 30, 1_000])
def test_ships_that_one_cause_silences_for_minutes_and_gives_back_together_teach_nothing(ships: int) -> None:
    """None of them is counted as fallen, nor an area: that takes ten minutes."""
    assert learned_by(together(ships), under_way_here(2 * ships)) == 0


def test_three_may_be_chance_and_so_may_be_four_of_many() -> None:
    assert learned_by(together(3), under_way_here(6)) == 3
    assert learned_by(together(4), under_way_here(15)) == 0
    assert learned_by(together(4), under_way_here(16)) == 4


def test_so_may_be_silences_that_began_or_ended_at_other_times_or_elsewhere() -> None:
    known, (first, *others) = under_way_here(8), together(4)
    for minutes, alike in ((2, True), (2.1, False)):
        earlier = first._replace(at=first.at - round(minutes * MINUTE))
        assert (learned_by([earlier, *others], known) == 0) is alike
    later = first._replace(known=first.known + INTERVAL, back_at=first.back_at + INTERVAL)
    assert learned_by([later, *others], known) == 4
    far = first._replace(lat=first.lat + 1, back_lat=first.back_lat + 1)
    assert list(alone([far, *others], known)) == [far, *others]


@pytest.mark.parametrize("until", ["08:20", None])
def test_an_area_outage_teaches_nothing_of_a_thousand_ships(until: str | None) -> None:
    """Also where they come back one after the other, and nobody was counted as fallen."""
    area = AreaOutage("area_outage.1", time("08:00"), until and time(until), ((cell_of(*OPEN_SEA), time("08:11")),))
    rows = [row(12 + n % 20, mmsi=n, lat=OPEN_SEA[0] + n % 7 / 1_000) for n in range(1_000)]
    known = replace(under_way_here(4_000), areas=(area,))
    assert learned_by(rows, known) == 0
    assert learned_by(rows, replace(known, areas=(replace(area, until=area.at),))) > 0


def test_a_feed_outage_teaches_nothing_of_a_thousand_ships() -> None:
    rows = [row(6 + n % 3, mmsi=n) for n in range(1_000)]
    outage = Outage("hill", time("08:00"), time("08:06"))
    known = under_way_here(100_000)
    assert learned_by(rows, replace(known, outages=(outage,))) == 0
    assert learned_by(rows, known) == 1_000


# engines

BEGIN = time("00:00")


def some_rows(dice: Random, days: int) -> list[Ended]:
    """Ships are silent for up to an hour, each time another."""
    rows = []
    for _ in range(400 * days):
        known = BEGIN + dice.randrange(70, days * 1440) * MINUTE
        back_at = known - dice.randrange(1, INTERVAL)
        minutes = dice.choice([4, 5, 6, 7, 9, 30])
        last = back_at - minutes * MINUTE
        there = east_of(OPEN_SEA, KN * minutes / 60)
        way = (KN, 0.0, KN, 60.0, 60)
        rows.append(Ended(known, dice.randrange(200), CLASS_A, last, *OPEN_SEA, *way, back_at, *there))
    return sorted(rows)


def told(rows: Sequence[Ended], ends: Sequence[Instant], version: str = "", in_parts: bool = False) -> list[object]:
    """Interval records that end so; in parts: all but the last row of each stand before it."""
    out, clock = list[object](), BEGIN
    for n, end in enumerate(ends):
        mine, origin = tuple(one for one in rows if clock < one.known <= end), Origin("c", n, 0)
        covers = tuple(sea(clock + INTERVAL, end, (OPEN_SEA,)))
        if in_parts:
            out += [Cover(origin, covers, ended=mine[:1]), Cover(replace(origin, n=1), (), ended=mine[1:-1])]
            origin, covers, mine = replace(origin, n=2), (), mine[1:][-1:]
        versions = Versions(cover=version)
        out.append(IntervalClosed(origin, end, versions=versions, covers=covers, ended=mine))
        clock = end
    return out


def water_of(log: Sequence[object], dice: Random | None = None) -> Water:
    """After these records; with dice, the engine dies now and then, and one that takes over reads what was stored."""
    contents = {"v": replace(SHIPPED, careful=1.2)}
    engine, table = StoredEngine(Engine(contents, RULES)), dict[str, bytes]()
    at = 0
    while at < len(log):
        step = engine.apply(at, log[at])  # type: ignore[arg-type]
        table.update(step.writes)
        engine.commit(step)
        at += 1
        if dice is not None and dice.random() < 0.1:
            engine = StoredEngine(Engine(contents, RULES))
            engine.load(table.items())
            at = engine.resume_at
    return engine.engine.world.water


def hourly(days: int) -> list[Instant]:
    return list(range(BEGIN + HOUR, BEGIN + days * DAY + 1, HOUR))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**9).map(Random))
def test_which_records_bring_it_and_who_reads_them_changes_nothing(dice: Random) -> None:
    rows, ends = some_rows(dice, 2), hourly(2)
    once = water_of(told(rows, ends))
    assert once.curve is not None
    cuts = sorted({*dice.sample(range(1, 2880), 60), 2880})
    assert water_of(told(rows, [BEGIN + cut * MINUTE for cut in cuts]), dice) == once
    assert water_of(told(rows, ends, in_parts=True), dice) == once


def test_a_new_version_of_the_cover_begins_anew() -> None:
    rows = some_rows(Random(1), 2)
    log = told(rows, hourly(2), version="v")
    first, second = (water_of(log[:n]) for n in (30, 48))
    assert (first.seed, second.silences > first.silences) == ("v", True)
    mixed = [replace(one, versions=Versions(cover="v" if n > 24 else "")) for n, one in enumerate(log)]  # type: ignore[type-var]
    assert water_of(mixed).silences < second.silences
    assert water_of(mixed).seed == "v"


def test_hull_days_are_those_of_ships_that_are_heard_or_missed() -> None:
    (run,) = sea(BEGIN + INTERVAL, BEGIN + BLOCK_MS, (OPEN_SEA,))
    hulls = sum(cell.ships for cell in run.cells.values())
    water = water_of(told([], [BEGIN + BLOCK_MS - INTERVAL]))
    assert water.fresh_min == hulls * (BLOCK_MS // MINUTE - 1)
    missed = {cell: cell_sum._replace(expected=cell_sum.heard + 1) for cell, cell_sum in run.cells.items()}
    record = IntervalClosed(Origin("c", 0, 0), run.last, covers=(replace(run, last=run.last, cells=missed),))
    assert water_of([record]).fresh_min == 0
    assert water_of([record]).hull_days == pytest.approx((hulls + len(run.cells)) / 4, rel=0.01)


# what is said


def test_a_curve_that_comes_into_force_judges_what_was_not_told_and_leaves_what_was() -> None:
    """Silences of 7 to 8 witnessed minutes are common here, and the limit grows."""
    watch = Watch(thresholds=Thresholds())
    her = ship(273210440)
    heard = [her._with(at=BEGIN + n * MINUTE + SECOND, lat=lat, lon=lon)
             for n in range(330) for lat, lon in [east_of(OPEN_SEA, KN * (n - 330) / 60)]]  # fmt: skip
    watch.hears(*heard)
    watch.until("05:58")
    (opened,) = [alert for alert in watch.told if alert.rule == "went_dark"]
    assert (opened.evidence["limit_from"], watch.engine.world.water.curve) == ("shipped", None)
    rows = [row(9, since=f"05:{20 + n}", mmsi=n) for n in range(12)]
    watch.takes(replace(watch.closing("06:10"), ended=tuple(rows)))
    curve = watch.engine.world.water.curve
    assert curve is not None
    assert curve.threshold_min(10.0) > SHIPPED.threshold_min(10.0) + 1
    assert [alert.rule for alert in watch.told].count("went_dark") == 1
    again = [her._with(at=time("06:11") + n * MINUTE + SECOND, lat=lat, lon=lon)
             for n in range(60) for lat, lon in [east_of(OPEN_SEA, KN * n / 60)]]  # fmt: skip
    watch.hears(*again)
    watch.until("07:50")
    _, closed_one, second = (alert for alert in watch.told if alert.rule == "went_dark")
    assert closed_one.evidence["limit_from"] == "shipped"
    assert closed_one.evidence["witnessed_limit_min"] == opened.evidence["witnessed_limit_min"]
    assert second.evidence["limit_from"] == "learned"
    assert second.evidence["witnessed_limit_min"] == curve.threshold_min(10.0)


def test_all_silent_hulls_are_asked_again_when_the_curve_changes_and_only_then() -> None:
    water, turns = list[Water](), list[int]()
    engine = Engine({}, RULES)
    for offset, record in enumerate(told(some_rows(Random(3), 2), hourly(2))):
        engine.commit(engine.apply(offset, record))  # type: ignore[arg-type]
        water.append(engine.world.water)
        turns.append(engine.world.turned)
    changed = [n for n in range(1, len(water)) if water[n].curve != water[n - 1].curve]
    assert changed
    assert [n for n in range(1, len(turns)) if turns[n] != turns[n - 1]] == changed
    assert water[changed[0]].hull_days >= LEAST_HULL_DAYS
