"""How much a minute counts in a cell: by who was expected and who was heard there, of all ships."""

import pytest

from alerts.core.cells import Cell, around, cell_of, farther
from alerts.core.cover import (
    BEACON,
    CLASS_A,
    CLASS_B,
    FAST_A,
    NO_GAPS,
    CellCount,
    CellCover,
    added_up,
    bucket_of,
    cover_of,
    kind_at,
    learned,
    sums_of,
    usual_gap_s,
)

HERE = cell_of(42.13, 130.52)
USUAL = 10.0


def covers(counts: list[CellCount], usual_s: float) -> dict[Cell, CellCover]:
    """Of the cell, those around it, and those around them."""
    sums, asked = sums_of(counts, usual_s), {far for near in around(HERE) for far in around(near)}
    return {cell: cover for cell in asked if (cover := cover_of(sums, cell))}


def count(expected: int, heard: int, ships: int | None = None, gap_s: float = 2.0, kind: int = CLASS_A) -> CellCount:
    n = heard if ships is None else ships
    return CellCount(HERE, kind, expected, heard, n, 6 * n, ((bucket_of(gap_s), heard),) if heard else ())


@pytest.mark.parametrize(
    ("expected", "heard", "witnessed"),
    [
        (2, 2, 80),
        (3, 3, 86),
        (5, 5, 91),
        (3, 2, 80),
        (4, 2, 57),
        (6, 2, 36),
        (5, 0, 0),
        (2, 1, 15),
        (1, 1, 15),
        (3, 1, 0),
        (1, 0, 0),
    ],
)
def test_the_share_that_was_heard_without_her_who_asks(expected: int, heard: int, witnessed: int) -> None:
    found = covers([count(expected, heard)], USUAL).get(HERE)
    assert (found.witnessed if found else 0) == witnessed


def test_a_ship_at_anchor_is_a_witness_but_nobody_who_is_expected_nor_one_to_judge_reception_by() -> None:
    assert covers([count(1, 1, ships=2)], USUAL)[HERE].witnessed == 67
    assert covers([count(1, 1, ships=20)], USUAL)[HERE].witnessed == 67
    assert covers([count(0, 0, ships=2)], USUAL)[HERE] == CellCover(0, 2, 12)


@pytest.mark.parametrize(("gap_s", "witnessed"), [(9, 91), (12, 68), (26, 34), (100, 9)])
def test_witnesses_who_are_hardly_heard_themselves_prove_little(gap_s: float, witnessed: int) -> None:
    assert covers([count(5, 5, gap_s=gap_s)], USUAL)[HERE].witnessed == pytest.approx(witnessed, abs=3)


@pytest.mark.parametrize(("kind", "gap_s", "witnessed"), [(CLASS_B, 25, 91), (CLASS_A, 9, 91), (FAST_A, 9, 57)])
def test_each_is_measured_by_the_rate_of_her_class_and_speed(kind: int, gap_s: float, witnessed: int) -> None:
    assert covers([count(5, 5, gap_s=gap_s, kind=kind)], 2.0)[HERE].witnessed == pytest.approx(witnessed, abs=2)


def test_a_thinned_feed_is_measured_by_what_it_lets_through() -> None:
    assert covers([count(5, 5, gap_s=60)], 60.0)[HERE].witnessed == pytest.approx(91, abs=16)


def test_class_a_above_fourteen_knots_reports_more_often() -> None:
    kinds = [kind_at(CLASS_A, 14.0), kind_at(CLASS_A, 14.1), kind_at(CLASS_B, 30.0)]
    assert kinds == [CLASS_A, FAST_A, CLASS_B]


def test_a_beacon_proves_that_a_receiver_lives_and_is_no_witness() -> None:
    assert covers([CellCount(HERE, BEACON, 0, 0, 1, 6)], USUAL)[HERE] == CellCover(0, 0, 0, 1)


def test_a_cell_and_those_around_it_are_one_neighbourhood() -> None:
    found = covers([count(2, 2)], USUAL)
    assert set(found) == set(around(HERE))
    assert {cover.witnessed for cover in found.values()} == {80}


def test_where_nobody_was_heard_there_is_no_cover() -> None:
    assert sums_of([count(5, 0)], USUAL) == {}


def test_who_is_missing_beside_those_who_are_heard_counts() -> None:
    missing = count(5, 0)._replace(cell=around(HERE)[0])
    assert covers([count(2, 2), missing], USUAL)[HERE].witnessed == 31


def test_counts_of_partitions_are_added_up_before_anything_else() -> None:
    parts = [
        count(1, 1, gap_s=3)._replace(fell=1, some=(7,)),
        count(2, 1, gap_s=20)._replace(some=(3,)),
        count(1, 1, gap_s=3)._replace(fell=2, some=(5,)),
    ]
    whole = CellCount(HERE, CLASS_A, 4, 3, 3, 18, ((bucket_of(3), 2), (bucket_of(20), 1)), 3, (3, 5))
    assert added_up(parts) == [whole]
    assert covers(parts, USUAL) == covers([whole], USUAL)


def test_who_fell_silent_around_is_counted_and_a_few_who_are_heard_are_named_her_own_cell_first() -> None:
    beside = count(2, 2)._replace(cell=around(HERE)[0], fell=2, some=(1, 2))
    other_class = count(1, 1, kind=CLASS_B)._replace(some=(8,))
    found = covers([count(3, 2)._replace(fell=1, some=(7, 9)), other_class, beside], USUAL)[HERE]
    assert (found.fell, found.moving, found.some) == (3, 5, (7, 8, 1, 2))


def test_in_the_wider_block_of_cells_only_those_under_way_and_those_fallen_silent_are_counted() -> None:
    corner = farther(HERE)[0]
    beyond = min(cell for cell in farther(corner) if cell not in farther(HERE))
    there = [count(4, 3)._replace(cell=cell, fell=2) for cell in (corner, beyond)]
    found = covers([count(3, 2)._replace(fell=1), *there], USUAL)[HERE]
    assert (found.moving, found.fell, found.wider_moving, found.wider_fell) == (2, 1, 5, 3)


def gaps(seconds: float, n: int) -> tuple[int, ...]:
    return tuple(n * (b == bucket_of(seconds)) for b in range(16))


def test_before_anything_is_heard_a_minute_is_usual() -> None:
    assert usual_gap_s(NO_GAPS) == pytest.approx(60, abs=10)


def test_the_usual_gap_is_that_of_the_best_quarter() -> None:
    assert usual_gap_s(learned(NO_GAPS, [gaps(10, 300)])) == pytest.approx(10, rel=0.2)
    assert usual_gap_s(learned(NO_GAPS, [gaps(10, 30), gaps(100, 60)])) == pytest.approx(10, rel=0.2)
    assert usual_gap_s(learned(NO_GAPS, [gaps(10, 10), gaps(100, 60)])) == pytest.approx(100, rel=0.5)


def test_what_was_usual_is_forgotten_in_days() -> None:
    known = learned(NO_GAPS, [gaps(10, 1000)])
    for _ in range(1000):
        known = learned(known, [gaps(60, 10)])
    assert usual_gap_s(known) == pytest.approx(60, rel=0.2)
