"""Traffic of all ships per cell and interval: who is expected, who is heard, whatever the order and the partition."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.cells import cell_of
from alerts.core.cover import BEACON, CLASS_A, CLASS_B, CellCount, added_up
from alerts.core.geo import destination
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from alerts.core.intervals import CellsHeard, CountRun
from alerts.core.reports import Origin
from streams.feeds.decoded import DecodedRow
from streams.ingest import traffic as traffic_module
from streams.ingest.fixes import Fix, fix_key
from streams.ingest.rows import row_fix_key
from streams.ingest.traffic import CELLS_N, OpenTraffic, Traffic
from tests.streams.ingest.air import ANGARA, batch, heard, position, reached, run, sent

HERE = (42.15, 130.55)
CELL = cell_of(*HERE)
ORIGIN = Origin("s", 7, 0)
Said = tuple[Instant, bytes]


def sails(mmsi: int, begin_s: int, end_s: int, every_s: int = 10, speed_kn: float = 0.5, **row: str) -> list[Said]:
    """Reports of one ship that says `speed_kn` and stays where she is."""
    times = range(begin_s * SECOND, end_s * SECOND, every_s * SECOND)
    return [(t, row_fix_key(DecodedRow(mmsi, t, *HERE, speed_kn, 90.0, **row))) for t in times]


def counted(said: list[Said], tick: Instant, traffic: Traffic | None = None) -> tuple[dict[Instant, list], Traffic]:
    """What a partition says up to a tick: by interval."""
    opened = OpenTraffic(traffic or Traffic())
    for heard_at, key in said:
        opened.hear(key, heard_at)
    found: dict[Instant, list[CellCount]] = {}
    for counts in runs(opened.passed(tick, ORIGIN)):
        for end in range(counts.first, counts.last + 1, MINUTE):
            found.setdefault(end, []).extend(counts.cells)
    return found, opened.closed()


def runs(records: Iterable[object]) -> list[CountRun]:
    return [counts for record in records if isinstance(record, CellsHeard) for counts in record.runs]


def test_a_ship_counts_from_her_third_report_and_is_a_witness_wherever_she_lies() -> None:
    found, _ = counted(sails(1, 1, 21), 2 * MINUTE)
    assert found == {}
    found, _ = counted(sails(1, 1, 31), 2 * MINUTE)
    assert found[MINUTE] == [CellCount(CELL, CLASS_A, 0, 0, 1, 3, (), 0, (1,))]


def test_a_ship_that_moves_is_expected_and_counts_by_how_often_she_is_heard() -> None:
    found, _ = counted(sails(1, 1, 60, speed_kn=3.0), MINUTE)
    assert found[MINUTE][0][:7] == (CELL, CLASS_A, 1, 1, 1, 6, ((4, 1),))


def test_she_is_missing_when_twice_her_gap_has_passed_and_forgotten_after_an_hour() -> None:
    found, after = counted(sails(1, 1, 60, speed_kn=3.0), 2 * HOUR)
    state = {end: (rows[0].expected, rows[0].heard) for end, rows in found.items()}
    assert state[MINUTE] == (1, 1)
    assert state[2 * MINUTE] == (1, 0)
    assert max(state) == HOUR
    assert after.ships == b""


def test_a_missing_ship_is_missing_where_she_should_be() -> None:
    said = [
        (t * SECOND, row_fix_key(DecodedRow(1, t, *destination(HERE, 90, 12 * t / 3600), 12.0, 90.0)))
        for t in range(1, 600, 10)
    ]
    found, _ = counted(said, HOUR)
    assert found[HOUR - 5 * MINUTE][0].cell == cell_of(*destination(HERE, 90, 12 * 0.9))


def test_class_b_and_beacons_are_counted_apart() -> None:
    said = [*sails(1, 1, 60), *sails(2, 2, 60, ais_class="B")]
    found, _ = counted(said, MINUTE)
    assert [row.kind for row in found[MINUTE]] == [CLASS_A, CLASS_B]
    _, out = run(
        batch(
            *(heard(sent(type=4, mmsi=4450001, second=s, lat=42.24, lon=130.32), f"08:00:{s:02}") for s in (5, 15, 25))
        ),
        reached("08:01:00"),
    )
    rows = [row for counts in runs(out.clock) for row in counts.cells]
    assert [(row.kind, row.expected, row.ships) for row in rows] == [(BEACON, 0, 1)]


def test_copies_by_other_stations_and_feeds_are_one_report() -> None:
    hers = {s: position(ANGARA, second=s) for s in (5, 15, 25)}
    _, out = run(
        batch(*(heard(one, f"08:00:{s:02}", "busan") for s, one in hers.items()), heard(hers[5], "08:00:06", "north")),
        batch(*(heard(one, f"08:00:{s:02}", "x") for s, one in hers.items()), feed="harbour"),
        reached("08:01:00", "harbour"),
        reached("08:01:00", "coast"),
    )
    assert [row.reports for counts in runs(out.clock) for row in counts.cells] == [3]


def test_a_late_feed_is_no_witness() -> None:
    _, out = run(
        reached("07:00:00", "satellite", late=True),
        reached("07:59:00", "coast"),
        batch(heard(position(ANGARA), "08:00:05"), feed="satellite"),
        reached("08:02:00", "coast"),
    )
    assert [record for record in out.clock if isinstance(record, CellsHeard)] == []


def test_what_comes_after_its_interval_was_counted_is_not_counted() -> None:
    _, after = counted(sails(1, 1, 60), MINUTE)
    found, _ = counted(sails(2, 1, 130), 2 * MINUTE, after)
    assert [row.reports for rows in found.values() for row in rows] == [6]


def test_gaps_of_ships_that_move_are_told_once() -> None:
    opened = OpenTraffic(Traffic())
    said = [*sails(1, 0, 61, speed_kn=5.0), *sails(2, 0, 61, 30, 5.0, ais_class="B"), *sails(3, 0, 61)]
    said = [(heard_at + SECOND, key) for heard_at, key in said if heard_at < MINUTE]
    for heard_at, key in said:
        opened.hear(key, heard_at)
    gaps = [counts.gaps for counts in runs(opened.passed(MINUTE, ORIGIN))]
    assert [sum(told) for told in gaps] == [6]


def test_many_cells_are_written_in_parts_and_gaps_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_module, "_CELLS_A_RECORD", 2)
    opened = OpenTraffic(Traffic())
    for n in range(5):
        for t in (1, 11, 21):
            opened.hear(row_fix_key(DecodedRow(n, t, 10.05 + n, 0.0, 5.0, 90.0)), t * SECOND)
    records = opened.passed(MINUTE, ORIGIN)
    assert [len(counts.cells) for counts in runs(records)] == [2, 2, 1]
    assert [record.origin.n for record in records] == [CELLS_N, CELLS_N + 1, CELLS_N + 2]
    assert [bool(counts.gaps) for counts in runs(records)] == [True, False, False]


def test_hours_in_which_only_a_beacon_is_heard_are_one_run() -> None:
    opened = OpenTraffic(Traffic())
    for t in range(SECOND, 9 * HOUR, 4 * MINUTE):
        opened.hear(fix_key(t, Fix(4450001, BEACON, *HERE)), t)
    assert [(counts.first, counts.last) for counts in runs(opened.passed(8 * HOUR, ORIGIN))] == [(9 * MINUTE, 8 * HOUR)]
    assert [(counts.first, counts.last) for counts in runs(opened.passed(9 * HOUR, ORIGIN))] == [
        (8 * HOUR + MINUTE, 9 * HOUR)
    ]


def test_a_ship_that_lies_still_is_here_until_she_is_late_and_then_nobody_is() -> None:
    opened = OpenTraffic(Traffic())
    for heard_at, key in sails(1, 1, 600, 150):
        opened.hear(key, heard_at)
    opened.passed(8 * MINUTE, ORIGIN)
    assert [(counts.first, counts.last) for counts in runs(opened.passed(9 * HOUR, ORIGIN))] == [
        (9 * MINUTE, 12 * MINUTE)
    ]


fleets = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.integers(0, 300) | st.integers(300, 9_000),
        st.integers(10, 900),
        st.sampled_from([5, 10, 30, 60, 250]),
        st.sampled_from([0.5, 2.9, 3.0, 12.0]),
    ),
    max_size=8,
)


@settings(deadline=None)
@given(fleets, st.integers(0, 10**6))
def test_neither_order_nor_partitions_nor_ticks_change_what_is_counted(fleet: list[tuple], seed: int) -> None:
    parts: list[list[Said]] = [[], [], []]
    for mmsi, begin, lasts, every, kn in fleet:
        parts[mmsi % 3] += sails(mmsi, begin, begin + lasts, every, kn)
    whole, _ = counted(sorted(row for part in parts for row in part), 180 * MINUTE)
    dice = Random(seed)
    found: dict[Instant, list[CellCount]] = {}
    for part in parts:
        dice.shuffle(part)
        state = Traffic()
        for tick in [*sorted(dice.randrange(181) * MINUTE for _ in range(dice.randrange(3))), 180 * MINUTE]:
            some, state = counted([row for row in part if row[0] <= tick + dice.randrange(2) * MINUTE], tick, state)
            for end, rows in some.items():
                found.setdefault(end, []).extend(rows)
    assert {end: added_up(rows) for end, rows in found.items()} == {end: added_up(r) for end, r in whole.items()}
