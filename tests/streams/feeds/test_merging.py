"""Records of several partitions in one order: the same whenever they are read again, and none runs ahead."""

import random
from collections import deque

from streams.feeds.merging import Row, portion_of, ripe


def row(offset: int, at: int | None, value: bytes = b"line") -> Row:
    return Row(offset, at, value)


def test_what_another_partition_may_still_go_before_is_left() -> None:
    buffers = {0: deque([row(0, 10), row(1, 50)]), 1: deque([row(0, 20), row(1, 30)])}
    taken = ripe(buffers, (), 100)
    assert {number: [one.at for one in rows] for number, rows in taken.items()} == {0: [10], 1: [20, 30]}
    assert [one.at for one in buffers[0]] == [50]


def test_a_partition_with_nothing_is_waited_for_unless_it_is_idle() -> None:
    buffers = {0: deque([row(0, 10)]), 1: deque[Row]()}
    assert ripe(buffers, (), 100) == {}
    assert ripe(buffers, (1,), 100) == {0: [row(0, 10)]}
    assert ripe(buffers, (0, 1), 100) == {}


def test_a_partition_keeps_its_own_order_whatever_its_times_say() -> None:
    taken = {0: [row(5, 30, b"c"), row(6, 10, b"d")], 1: [row(8, 20, b"b"), row(9, None, b"x")]}
    portion = portion_of(taken)
    assert [line for _, lines in portion.runs for line in lines] == [b"b", b"x", b"c", b"d"]
    assert portion.place == ((0, 5, 7), (1, 8, 10))


def test_lines_of_one_record_and_of_one_moment_stay_together() -> None:
    portion = portion_of({0: [row(0, 5, b"a\r\nb\r\n"), row(1, 5, b"c"), row(2, 6, b"d")]})
    assert portion.runs == ((5, [b"a\r", b"b\r", b"c"]), (6, [b"d"]))


def test_all_is_taken_in_the_end_and_time_never_goes_back() -> None:
    dice = random.Random(5)
    whole = {
        n: [row(offset, at) for offset, at in enumerate(sorted(dice.choices(range(500), k=200)))] for n in range(3)
    }
    rest = {n: deque(rows) for n, rows in whole.items()}
    buffers = {n: deque[Row]() for n in whole}
    times: list[int] = []
    while any(rest.values()) or any(buffers.values()):
        for n in buffers:
            for _ in range(dice.randrange(20)):
                if rest[n]:
                    buffers[n].append(rest[n].popleft())
        taken = ripe(buffers, [n for n in buffers if not rest[n] and not buffers[n]], 30)
        if taken:
            times += [at for at, lines in portion_of(taken).runs for _ in lines if at is not None]
    assert len(times) == 600
    assert times == sorted(times)
