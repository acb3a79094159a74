"""A folder comes into force on a real broker, also when the apply before was cut off anywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import UnknownError

from alerts.core.frozen import replace
from alerts.core.hull import Hull
from alerts.core.intervals import Announced, Versions, Watched
from alerts.core.learned import Silences, Source, learned
from alerts.core.reports import Origin
from alerts.core.thresholds import Thresholds
from alerts.core.zones import ZoneIndex
from streams.codec import decode, encode
from streams.config import Config, ConfigError, load_config
from streams.settings import DEFAULT_FOLDER
from streams.topics import Topic, Topics, partition_of
from streams.versions import Difference, VersionReader, announced, contents, publish, read_versions

A, B, C, D = (Hull(name, mmsi=201_000_000 + n, name=name) for n, name in enumerate("abcd"))
ANGARA = load_config(DEFAULT_FOLDER)
FIRST = replace(ANGARA, watchlist=(A, B, C))
LEARNED = learned(Source(0, 1, ("roof",), 1, 2.0), Silences(), ())
SECOND = Config((replace(A, name="renamed"), B, D), (), Thresholds(20.0))


async def all_of(kafka: str, topic: Topic) -> list[Any]:
    """Records of every partition, one partition after the other."""
    async with AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        found = []
        for number in range(topic.partitions):
            partition = TopicPartition(topic.name, number)
            consumer.assign([partition])
            end = (await consumer.end_offsets([partition]))[partition]
            while await consumer.position(partition) < end:
                found += (await consumer.getmany(timeout_ms=100)).get(partition, [])
        return found


async def watched(kafka: str, topics: Topics) -> dict[str, Hull]:
    """Those that the engines watch, each from its own partition."""
    now: dict[str, Hull] = {}
    for record in await all_of(kafka, topics.reports):
        entry: Watched = decode(record.value)
        assert record.key == entry.id.encode()
        assert record.partition == partition_of(entry.id, topics.reports.partitions)
        now |= {entry.id: entry.hull} if entry.hull else {}
        if entry.hull is None:
            now.pop(entry.id, None)
    return now


async def told_to_the_clock(kafka: str, topics: Topics) -> list[Versions]:
    return [decode(record.value).versions for record in await all_of(kafka, topics.clock)]


def by_id(config: Config) -> dict[str, Hull]:
    return {hull.id: hull for hull in config.watchlist}


async def test_before_the_first_apply_there_is_nothing(kafka: str, topics: Topics) -> None:
    assert await announced(kafka, topics) is None
    assert await read_versions(kafka, topics) == {}


async def test_topics_that_are_not_there_are_not_made_by_reading(kafka: str) -> None:
    nowhere = Topics(prefix="never-made")
    assert await announced(kafka, nowhere) is None
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        assert not any(name.startswith("never-made") for name in await consumer.topics())


async def test_a_folder_comes_into_force(kafka: str, topics: Topics) -> None:
    done = await publish(kafka, topics, ANGARA)
    versions = contents(ANGARA).versions
    assert done.versions == versions == await announced(kafka, topics)
    assert done.written
    assert done.hulls.added == tuple(sorted(by_id(ANGARA)))
    published = await read_versions(kafka, topics)
    assert published.keys() == contents(ANGARA).values.keys()
    assert published[versions.rules] == ANGARA.thresholds
    zones = published[versions.zones]
    assert isinstance(zones, ZoneIndex)
    assert zones.at(34.5, 129.0)[0].id == "korea-strait"
    assert await watched(kafka, topics) == by_id(ANGARA)
    assert await told_to_the_clock(kafka, topics) == [versions]


async def test_the_same_folder_again_writes_nothing(kafka: str, topics: Topics) -> None:
    await publish(kafka, topics, FIRST)
    before = [len(await all_of(kafka, topic)) for topic in topics.all()]
    done = await publish(kafka, topics, replace(FIRST, watchlist=(C, A, B)))
    assert (done.written, done.resumed, done.rules) == (False, False, False)
    assert not done.hulls
    assert [len(await all_of(kafka, topic)) for topic in topics.all()] == before
    assert (await publish(kafka, topics, FIRST, again=True)).written
    assert len(await all_of(kafka, topics.reports)) == 6


async def test_only_what_has_changed_is_written(kafka: str, topics: Topics) -> None:
    await publish(kafka, topics, FIRST)
    done = await publish(kafka, topics, SECOND)
    assert done.hulls == Difference(("d",), ("a",), ("c",))
    assert done.zones == Difference(removed=tuple(sorted(zone.id for zone in ANGARA.zones)))
    assert done.rules
    entries = [decode(record.value) for record in await all_of(kafka, topics.reports)]
    assert sorted(entry.id for entry in entries) == ["a", "a", "b", "c", "c", "d"]
    assert await watched(kafka, topics) == by_id(SECOND)


async def test_versions_once_published_stay_and_can_come_back(kafka: str, topics: Topics) -> None:
    await publish(kafka, topics, FIRST)
    await publish(kafka, topics, SECOND)
    await publish(kafka, topics, FIRST)
    assert await announced(kafka, topics) == contents(FIRST).versions
    assert len(await read_versions(kafka, topics)) == 6
    written = [record.key for record in await all_of(kafka, topics.versions) if b"/" in record.key]
    assert len(written) == len(set(written)) == 6
    assert await watched(kafka, topics) == by_id(FIRST)


async def test_a_cover_comes_into_force_and_goes_again(kafka: str, topics: Topics) -> None:
    await publish(kafka, topics, FIRST)
    with_cover = replace(FIRST, cover=LEARNED)
    done = await publish(kafka, topics, with_cover)
    assert (done.cover, done.rules, done.written) == (True, False, True)
    versions = contents(with_cover).versions
    assert versions.cover == done.versions.cover != ""
    assert await announced(kafka, topics) == versions
    assert (await read_versions(kafka, topics))[versions.cover] == LEARNED.curve
    assert not (await publish(kafka, topics, with_cover)).written
    again = await publish(kafka, topics, FIRST)
    assert (again.cover, again.versions.cover) == (True, "")
    assert [one.cover for one in await told_to_the_clock(kafka, topics)] == ["", versions.cover, ""]


class CutOffError(Exception):
    """The process ends here."""


class Sent:
    """What the producer was given, in its order; after `most` of it nothing goes out any more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most = 1_000_000
        self.order: list[tuple[str, str]] = []
        real = AIOKafkaProducer.send

        async def send(producer: AIOKafkaProducer, topic: str, value: bytes, **rest: Any) -> Any:
            if len(self.order) == self.most:
                raise CutOffError
            self.order.append((topic.partition(".")[2], rest["key"].decode()))
            return await real(producer, topic, value, **rest)

        monkeypatch.setattr(AIOKafkaProducer, "send", send)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    return Sent(monkeypatch)


async def test_first_the_contents_then_the_entries_then_the_announcement_then_removals(
    kafka: str, topics: Topics, sent: Sent
) -> None:
    await publish(kafka, topics, FIRST)
    sent.order.clear()
    await publish(kafka, topics, SECOND)
    versions = contents(SECOND).versions
    assert set(sent.order[:3]) == {
        ("versions", version) for version in (versions.zones, versions.rules, versions.watchlist)
    }
    assert sent.order[3:] == [
        ("versions", "applying"),
        ("reports", "a"),
        ("reports", "d"),
        ("versions", "announced"),
        ("clock", "announced"),
        ("reports", "c"),
        ("versions", "applied"),
    ]


@pytest.mark.parametrize("then", ["the same", "the one before", "another"])
async def test_an_apply_that_was_cut_off_anywhere_is_ended_by_the_next(
    kafka: str, topics: Topics, sent: Sent, then: str
) -> None:
    await publish(kafka, topics, FIRST)
    for cut in range(9):
        hulls = (replace(A, name=f"renamed {cut}"), B, replace(D, id=f"d{cut}"))
        second = replace(FIRST, watchlist=hulls, thresholds=Thresholds(20.0 + cut))
        third = {"the same": second, "the one before": FIRST, "another": Config((A,))}[then]
        sent.most = len(sent.order) + cut
        with pytest.raises(CutOffError):
            await publish(kafka, topics, second)
        sent.most = 1_000_000
        resumed = await publish(kafka, topics, third)
        assert resumed.resumed == (cut > 2)
        assert await watched(kafka, topics) == by_id(third), cut
        assert await announced(kafka, topics) == contents(third).versions
        assert (await told_to_the_clock(kafka, topics))[-1] == contents(third).versions
        assert not (await publish(kafka, topics, third)).written
        await publish(kafka, topics, FIRST)


async def test_records_that_are_no_versions_are_nobodys(kafka: str, topics: Topics) -> None:
    versions = contents(FIRST).versions
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        with suppress(UnknownError):  # Apache Kafka takes no record without key here, others do
            await producer.send_and_wait(topics.versions.name, b"x")
        for key, value in [
            (b"\xff\xfe", b"\x00"),
            (b"announced", b"nonsense"),
            (b"announced", None),
            (b"announced", b"report/1 {}"),
            (versions.watchlist.encode(), b"watchlist/1 []"),
        ]:
            await producer.send_and_wait(topics.versions.name, value, key=key)
    assert await announced(kafka, topics) is None
    await publish(kafka, topics, FIRST)
    assert (await read_versions(kafka, topics))[versions.watchlist] == FIRST.watchlist


@pytest.fixture
async def reader(kafka: str, topics: Topics) -> AsyncIterator[VersionReader]:
    reader = VersionReader(kafka, topics)
    await reader.start()
    yield reader
    await reader.stop()


async def changed(reader: VersionReader) -> bool:
    """Whether it has changed within some polls."""
    return any([await reader.poll() or await _moment() for _ in range(40)])


async def _moment() -> bool:
    await asyncio.sleep(0.02)
    return False


async def test_a_reader_follows_the_announced_watchlist(kafka: str, topics: Topics, reader: VersionReader) -> None:
    assert reader.watchlist == ()
    assert not await reader.poll()
    await publish(kafka, topics, FIRST)
    assert await changed(reader)
    assert reader.watchlist == FIRST.watchlist
    await publish(kafka, topics, replace(FIRST, thresholds=Thresholds(16.0)))
    assert not await changed(reader)
    late = VersionReader(kafka, topics)
    await late.start()
    assert late.watchlist == FIRST.watchlist
    await late.stop()


async def test_a_reader_does_not_go_on_with_a_list_that_is_not_there(kafka: str, topics: Topics) -> None:
    gone = Announced(Origin("apply", 0, 0), Versions(watchlist="watchlist/0123456789abcdef"))
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        await producer.send_and_wait(topics.versions.name, encode(gone), key=b"announced")
    reader = VersionReader(kafka, topics)
    with pytest.raises(ConfigError, match="watchlist/0123456789abcdef: expected its content"):
        await reader.start()
    await reader.stop()
    await publish(kafka, topics, FIRST)
    assert await announced(kafka, topics) == contents(FIRST).versions


async def test_a_list_of_many_hulls_is_one_record(kafka: str, topics: Topics) -> None:
    many = tuple(Hull(f"mmsi-{n}", mmsi=n, name="A NAME OF A SHIP", reason="r" * 60) for n in range(30_000))
    await publish(kafka, topics, Config(many))
    assert (await read_versions(kafka, topics))[contents(Config(many)).versions.watchlist] == tuple(
        sorted(many, key=lambda hull: hull.id)
    )
