"""The parts of the exactly-restarting loop that need no broker."""

import pytest

from streams.exact_loop import portions
from streams.snapshots import Snapshot


def test_rows_are_cut_by_their_size_and_none_is_lost() -> None:
    rows = [(n, b"x" * size) for n, size in enumerate((4, 4, 4, 20, 1, 1))]
    cut = list(portions(rows, 10))
    assert [[offset for offset, _ in part] for part in cut] == [[0, 1], [2], [3], [4, 5]]
    assert list(portions([], 10)) == []


def test_a_snapshot_of_another_version_is_not_read() -> None:
    snapshot = Snapshot("ais.sentences:g:0", 12, b"state")
    assert Snapshot.load(snapshot.dump()) == snapshot
    with pytest.raises(ValueError, match=r"snapshot/1, found b'snapshot/9 s'"):
        Snapshot.load(b"snapshot/9 " + snapshot.dump())
    with pytest.raises(ValueError, match="missing required field"):
        Snapshot.load(b"snapshot/1 \x80")
