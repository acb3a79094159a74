"""What a feed reads of its own log after a death."""

import pytest

from streams.feed_journal import HEADER, FeedSnapshot, Mark, flushes
from streams.feeds.portions import after
from streams.nmea_state import ReaderState
from streams.sentences import TIME

PLACE = ((0, 10, 20),)


def row(partition: int, value: bytes, mark: Mark | None = None) -> tuple[int, list[tuple[str, bytes]], bytes]:
    return partition, [] if mark is None else [(HEADER, mark.dump())], value


def test_flushes_are_told_by_the_header_of_their_first_record() -> None:
    seven, eight = Mark("north", 7, 0, (PLACE,)), Mark("north", 8, 0, (((0, 20, 30),),), True)
    found = flushes(
        "north",
        [
            row(0, b"HWS1", seven),
            row(0, TIME + b"a"),
            row(0, b"HWS1", eight),
            row(1, TIME + b"a", seven),
            row(1, b"HWS1", Mark("south", 7, 0)),
            row(1, TIME + b"south"),
        ],
    )
    assert [flushed.mark for flushed in found] == [seven, eight]
    assert found[0].parts == {(0, 0), (1, 0)}
    assert found[1].parts == {(0, 0)}
    assert found[0].times == {0: [TIME + b"a"], 1: [TIME + b"a"]}


def test_what_one_partition_lacks_of_the_times_is_known() -> None:
    mark = Mark("mast", 3, 0)
    (flushed,) = flushes("mast", [row(0, TIME + b"a", mark), row(0, TIME + b"b"), row(1, TIME + b"a", mark)])
    assert [flushed.missing_times(number) for number in range(3)] == [[], [TIME + b"b"], [TIME + b"a", TIME + b"b"]]


def test_a_snapshot_of_another_version_is_not_read() -> None:
    snapshot = FeedSnapshot("g", "file a.nmea", "ab", 4, {0: 5}, {0: 100}, ReaderState())
    assert FeedSnapshot.load(snapshot.dump()) == snapshot
    with pytest.raises(ValueError, match="feed/1, found b'feed/9 "):
        FeedSnapshot.load(b"feed/9 " + snapshot.dump())


def test_a_position_lies_behind_the_places_that_were_had() -> None:
    assert after({0: 3, 1: 4}, ((1, 4, 9), (-1, 77, 77))) == {0: 3, 1: 9}
