"""One record of `ais.reports`: alerts are acknowledged before the memory knows of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from alerts.core.alert import Alert
from alerts.core.intervals import Tick
from alerts.core.reports import Origin
from streams.codec import encode
from streams.detect.agent import Detective
from streams.detect.engines import Engines, MissingRecordsError
from tests.streams.detect.hands import DARK, rows_after, watched


@dataclass
class Message:
    """A record of the source."""

    offset: int
    value: bytes | None
    partition: int = 0


class BrokerDownError(Exception):
    """Kafka does not take the alert."""


@dataclass
class Desk:
    """A detective with one partition, who notes in which order things happen."""

    happened: list[str] = field(default_factory=list)
    table: dict[bytes, bytes] = field(default_factory=dict)
    meanwhile: Any = None

    def __post_init__(self) -> None:
        self.engines = Engines({}, self.fetch)
        self.engines.own(0, {})
        self.detective = Detective(self.engines, self, self.publish, self.refuse)  # type: ignore[arg-type]

    async def fetch(self, version: str) -> object:
        raise AssertionError(version)

    async def publish(self, alerts: Iterable[Alert]) -> None:
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        self.happened += [f"alert {alert.rule}" for alert in alerts]

    async def refuse(self, message: Message, reason: str) -> None:
        self.happened.append(f"refused {message.offset}: {reason}")

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.table[key] = value
        self.happened.append(f"write {key.decode()!r}")

    async def takes(self, *records: Any) -> None:
        for offset, record in enumerate(records):
            await self.detective.take(Message(offset, encode(record)))


async def test_the_alert_is_acknowledged_before_the_memory_and_the_world_comes_last() -> None:
    desk = Desk()
    await desk.takes(*DARK)
    assert desk.happened[-3:] == ["alert lost_coverage", "write 'angara'", r"write '\x00world'"]
    assert desk.table == rows_after(*DARK)


async def test_an_alert_that_is_not_acknowledged_leaves_the_memory_as_it_was() -> None:
    desk = Desk()
    await desk.takes(*DARK[:3])
    before = dict(desk.table)

    def down() -> None:
        raise BrokerDownError

    desk.meanwhile = down
    with pytest.raises(BrokerDownError):
        await desk.detective.take(Message(3, encode(DARK[3])))
    assert desk.table == before
    await desk.detective.take(Message(3, encode(DARK[3])))
    assert desk.happened[-3] == "alert lost_coverage"


async def test_a_partition_that_moves_while_the_alert_is_on_its_way_is_not_written() -> None:
    desk = Desk()
    await desk.takes(*DARK[:3])
    before = dict(desk.table)
    desk.meanwhile = lambda: desk.engines.drop(0)
    await desk.detective.take(Message(3, encode(DARK[3])))
    assert desk.table == before


async def test_an_engine_exchanged_while_the_alert_is_on_its_way_applies_the_record_itself() -> None:
    desk = Desk()
    await desk.takes(*DARK[:3])
    desk.meanwhile = lambda: desk.engines.own(0, dict(desk.table))
    await desk.detective.take(Message(3, encode(DARK[3])))
    assert desk.happened[-4:] == ["alert lost_coverage", "alert lost_coverage", "write 'angara'", r"write '\x00world'"]
    assert desk.table == rows_after(*DARK)


async def test_records_that_were_passed_over_are_loud() -> None:
    desk = Desk()
    desk.engines.resume_at(0, committed=0, begin=0, end=500)
    await desk.takes(*DARK[:2])
    with pytest.raises(MissingRecordsError, match="expected offset 2, got 8151"):
        await desk.detective.take(Message(8151, encode(DARK[2])))


async def test_repeats_say_and_write_nothing() -> None:
    desk = Desk()
    await desk.takes(*DARK)
    happened = len(desk.happened)
    await desk.takes(*DARK)
    assert len(desk.happened) == happened


@pytest.mark.parametrize(
    "value", [None, b"", b"\x00\xff", b"report/1 {", b"report/99 {}", encode(Tick(Origin("s:0", 1, 0), 5))]
)
async def test_what_cannot_be_used_is_a_dead_letter_and_the_next_record_is_taken(value: bytes | None) -> None:
    desk = Desk()
    await desk.detective.take(Message(0, value))
    await desk.detective.take(Message(1, encode(watched())))
    assert [what.split(":")[0] for what in desk.happened] == ["refused 0", "write 'angara'"]
