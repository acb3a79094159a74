"""Of two values of a key the one with the higher source offset wins, whoever wrote it and in whatever order."""

from hypothesis import given
from hypothesis import strategies as st

from streams.detect.kept import Kept, Span

OLD, NEW = (7).to_bytes(8, "big") + b"old", (8).to_bytes(8, "big") + b"new"


def span(*records: tuple[bytes, bytes | None], start: int = 0) -> Span:
    """What reading these changelog records finds, from `start` on."""
    found = Span(start + len(records))
    for key, value in records:
        found.add(key, value)
    return found


def test_a_paused_worker_cannot_take_the_state_back() -> None:
    kept = Kept()
    again, _ = kept.take(span((b"angara", NEW), (b"angara", OLD)))
    assert kept.rows == {b"angara": NEW}
    assert again == {b"angara": NEW}, "the old value stands last in the log: ours must be put after it"


def test_what_stands_last_needs_no_repair() -> None:
    kept = Kept()
    again, changed = kept.take(span((b"angara", OLD), (b"angara", NEW)))
    assert (again, changed, kept.position) == ({}, True, 2)


def test_a_value_older_than_ours_is_put_right() -> None:
    kept = Kept({b"angara": NEW}, position=5)
    again, changed = kept.take(span((b"angara", OLD), start=5))
    assert (again, changed, kept.rows) == ({b"angara": NEW}, False, {b"angara": NEW})


def test_a_newer_value_of_another_owner_replaces_ours() -> None:
    kept = Kept({b"angara": OLD}, position=5)
    again, changed = kept.take(span((b"angara", NEW), start=5))
    assert (again, changed, kept.rows) == ({}, True, {b"angara": NEW})


def test_a_tombstone_deletes_nothing() -> None:
    kept = Kept({b"angara": NEW}, position=5)
    again, _ = kept.take(span((b"angara", None), start=5))
    assert (again, kept.rows) == ({b"angara": NEW}, {b"angara": NEW})


def test_own_records_in_a_row_leave_no_hole() -> None:
    kept = Kept(position=3)
    assert [kept.acknowledged(offset) for offset in (3, 4, 5)] == [False, False, False]
    assert kept.position == 6


def test_own_records_acknowledged_out_of_order_leave_a_hole_only_meanwhile() -> None:
    kept = Kept(position=3)
    assert [kept.acknowledged(offset) for offset in (4, 3)] == [True, False]


def test_a_record_of_somebody_else_is_a_hole_until_it_is_read() -> None:
    kept = Kept(position=3)
    assert [kept.acknowledged(offset) for offset in (3, 5)] == [False, True]
    kept.take(span((b"angara", OLD), (b"maia", OLD), start=4))
    assert not kept.acknowledged(6)
    assert kept.position == 7


records = st.tuples(st.sampled_from([b"angara", b"maia"]), st.integers(0, 9).map(lambda n: n.to_bytes(8, "big")))


@given(st.lists(records), st.data())
def test_any_log_read_in_any_pieces_leaves_the_highest_and_can_be_mended(
    log: list[tuple[bytes, bytes]], data: st.DataObject
) -> None:
    kept, log = Kept(), list(log)
    while kept.position < len(log):
        end = data.draw(st.integers(kept.position + 1, len(log)))
        again, _ = kept.take(span(*log[kept.position : end], start=kept.position))
        log += again.items()
    highest = {key: max(value for k, value in log if k == key) for key, _ in log}
    assert kept.rows == highest
    assert dict(log) == highest, "compaction keeps the last record of a key"
