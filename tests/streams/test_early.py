"""Outages by the clock on the wall: only when everything is read, and nothing of the feed has come for its limit."""

from alerts.core.clock import ClockState, step
from alerts.core.instants import MINUTE, SECOND
from alerts.core.intervals import BY_CLOCK, Outage, OutageFound, Tick
from alerts.core.reports import Origin
from streams.early import Watch, early, seen

START = 1_706_918_400_000
LIMIT_S = 300.0


class Wall:
    """Ticks of two partitions, each at its second on the wall."""

    def __init__(self) -> None:
        self.watch, self.state, self.offset = Watch(), ClockState(), 0

    def tick(self, partition: int, at: int, now_s: float, read_to_end: bool = True, ended: bool = False) -> None:
        self.offset += 1
        limits = () if ended else (("north", 5 * MINUTE),)
        tick = Tick(Origin(f"s:{partition}", self.offset, 0), at, (), (("north", at),), read_to_end, limits)
        self.watch = seen(self.watch, tick, now_s)
        self.state, _ = step(self.state, self.offset, tick, "log", 2)

    def silent(self, until_s: int, at: int = START, begin_s: int = 0, ended: bool = False) -> None:
        for now_s in range(begin_s, until_s + 1, 30):
            self.tick(0, at, float(now_s), ended=ended)
            self.tick(1, at, float(now_s), ended=ended)

    def early(self, now_s: float) -> tuple[Outage, ...]:
        return early(self.watch, self.state, now_s, 2)


def test_out_once_the_limit_has_passed_and_not_before() -> None:
    wall = Wall()
    wall.silent(300)
    assert wall.early(LIMIT_S - 1) == ()
    assert wall.early(LIMIT_S) == (Outage("north", START, None),)


def test_not_while_a_partition_may_have_something_to_read() -> None:
    wall = Wall()
    wall.silent(180)
    for now_s in range(210, 600, 30):
        wall.tick(0, START, float(now_s))
    assert wall.early(570.0) == ()
    wall.tick(1, START, 571.0)
    assert wall.early(571.0) == (Outage("north", START, None),)


def test_a_feed_that_goes_on_begins_anew() -> None:
    wall = Wall()
    wall.silent(270)
    wall.tick(0, START + 10 * SECOND, 280.0)
    wall.silent(570, START + 10 * SECOND, 300)
    assert wall.early(579.0) == ()
    assert wall.early(580.0) == (Outage("north", START + 10 * SECOND, None),)


def test_said_once() -> None:
    wall = Wall()
    wall.silent(330)
    (outage,) = wall.early(330.0)
    wall.state, alerts = step(wall.state, 99, OutageFound(Origin(BY_CLOCK, 0, 0), outage), "log", 2)
    assert [alert.rule for alert in alerts if hasattr(alert, "rule")] == ["outage"]
    assert wall.early(900.0) == wall.early(331.0) == ()


def test_a_file_that_has_ended_is_not_out() -> None:
    wall = Wall()
    wall.silent(600, ended=True)
    assert wall.early(600.0) == ()
