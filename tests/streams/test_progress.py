"""Behind, falling behind, stuck: what a stage says of the partitions that it reads."""

import pytest

from streams.metrics import APPLIED_OFFSET, LAG_RECORDS
from streams.progress import FEW, IN_VAIN_AFTER_S, LOOKS_BACK_S, STUCK_AFTER_S, Progress

TOPIC = "t.progress"


def lag() -> float:
    return float(LAG_RECORDS.labels(topic=TOPIC, partition="0")._value.get())


def test_the_lag_is_what_is_there_and_not_applied() -> None:
    progress = Progress()
    progress.applied(TOPIC, 0, 7, 10, 0.0)
    assert lag() == 3
    progress.applied(TOPIC, 0, 10, 10, 1.0)
    assert lag() == 0
    progress.applied(TOPIC, 0, 10, None, 2.0)
    assert lag() == 0
    assert APPLIED_OFFSET.labels(topic=TOPIC, partition="0")._value.get() == 10


@pytest.mark.parametrize(("steps", "behind"), [(0, True), (1, False)])
def test_a_partition_that_stands_for_a_minute_falls_behind(steps: int, behind: bool) -> None:
    progress = Progress()
    progress.applied(TOPIC, 0, 7, 10, 0.0)
    progress.applied(TOPIC, 0, 7 + steps, 10, LOOKS_BACK_S)
    assert bool(progress.falls_behind(LOOKS_BACK_S + 1)) is behind


@pytest.mark.parametrize(("grown", "behind"), [(-1, False), (0, False), (1, True)])
def test_a_lag_that_grows_falls_behind_and_one_that_falls_does_not(grown: int, behind: bool) -> None:
    progress = Progress()
    for second in range(90):
        progress.applied(TOPIC, 0, second, second + 10 * FEW + second * grown, float(second))
    assert bool(progress.falls_behind(90.0)) is behind


def test_a_few_records_more_than_a_minute_ago_are_nothing() -> None:
    progress = Progress()
    for second in range(90):
        progress.applied(TOPIC, 0, second, second + second * FEW // 90, float(second))
    assert not progress.falls_behind(90.0)


def test_stuck_is_what_stands_for_five_minutes_with_something_to_read() -> None:
    progress = Progress()
    progress.applied(TOPIC, 0, 7, 10, 0.0)
    progress.applied(TOPIC, 0, 7, 12, STUCK_AFTER_S)
    assert progress.stuck(STUCK_AFTER_S) is None
    progress.applied(TOPIC, 0, 7, 12, STUCK_AFTER_S + 1)
    assert progress.stuck(STUCK_AFTER_S + 1) == f"{TOPIC}[0] stands at 7 for 301 s, 5 behind"


def test_nothing_to_read_is_not_stuck() -> None:
    progress = Progress()
    progress.applied(TOPIC, 0, 7, 7, 0.0)
    progress.applied(TOPIC, 0, 7, 7, STUCK_AFTER_S + 1)
    assert progress.stuck(STUCK_AFTER_S + 1) is None


def test_a_loop_that_is_heard_of_no_more_is_stuck_unless_something_was_missing() -> None:
    progress = Progress()
    progress.applied(TOPIC, 0, 7, 7, 0.0)
    assert progress.stuck(STUCK_AFTER_S + 1) == f"{TOPIC}[0] was not looked at for 301 s"
    progress.excuse(STUCK_AFTER_S)
    assert progress.stuck(STUCK_AFTER_S + 1) is None


def test_what_has_moved_away_is_told_no_more() -> None:
    progress = Progress()
    progress.applied(TOPIC, 0, 7, 10, 0.0)
    progress.applied(TOPIC, 1, 7, 10, 0.0)
    progress.keep(TOPIC, {1})
    assert progress.falls_behind(LOOKS_BACK_S + 1) == [(TOPIC, 1)]
    progress.forget()
    assert progress.stuck(STUCK_AFTER_S + 1) is None


def test_what_kafka_owes_for_five_minutes_is_stuck_unless_kafka_was_away() -> None:
    progress = Progress()
    with progress.owed("flush 7 of feed coast", 0.0):
        assert progress.stuck(STUCK_AFTER_S) is None
        assert progress.stuck(STUCK_AFTER_S + 1) == "flush 7 of feed coast was not answered for 301 s"
        progress.excuse(STUCK_AFTER_S)
        assert progress.stuck(STUCK_AFTER_S + 1) is None
    assert progress.stuck(3 * STUCK_AFTER_S) is None


def test_who_is_not_loaded_and_hears_nothing_for_a_minute_loads_in_vain() -> None:
    progress = Progress()
    progress.loads(0.0)
    progress.loads(IN_VAIN_AFTER_S)
    assert not progress.loads_in_vain(IN_VAIN_AFTER_S)
    assert progress.loads_in_vain(IN_VAIN_AFTER_S + 1)


def test_a_long_load_of_which_something_comes_is_not_in_vain_nor_one_while_kafka_is_away() -> None:
    progress = Progress()
    progress.loads(0.0)
    for second in range(0, 600, 50):
        assert not progress.loads_in_vain(float(second))
        progress.gets_on(float(second))
    progress.excuse(600.0)
    assert not progress.loads_in_vain(600 + IN_VAIN_AFTER_S)
    assert progress.loads_in_vain(601 + IN_VAIN_AFTER_S)


def test_who_is_loaded_or_stands_by_owes_nothing() -> None:
    progress = Progress()
    progress.loads(0.0)
    progress.loaded()
    progress.gets_on(1.0)
    progress.excuse(2.0)
    assert not progress.loads_in_vain(2 * STUCK_AFTER_S)
