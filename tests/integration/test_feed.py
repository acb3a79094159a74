"""The feed stage on a real broker: every way in, killed and stopped in the middle, and nothing lost or twice."""

import asyncio
import gzip
import itertools
import random
import signal
import socket
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.embedded import free_port
from streams.feed import run
from streams.feed_journal import FeedSnapshot, Mark
from streams.feed_log import FeedLog
from streams.feed_settings import FeedSettings
from streams.nmea import FeedRules
from streams.nmea_state import ReaderState
from streams.scenario import lines
from streams.sentences import Sentence, TimeRecord, encode_time
from streams.settings import ConfigError, Settings
from streams.snapshots import Snapshots
from tests.integration.feeds import expected, feeding, log_of, log_once, process, sentences, times

BUSY = b"!AIVDM,1,1,,B,16TNIe@01i9?GE6CpSDQK181QoTm,0*0F"
QUIET = b"!AIVDM,1,1,,A,16UKKwP01m9>ksJCwV10sPh1PIGV,0*7B"


def harbour(count: int) -> list[bytes]:
    """Lines of a generated harbour, groups of several lines among them."""
    return [line.rstrip(b"\n") for line in itertools.islice(lines("harbour"), count)]


def written(path: Path, rows: list[bytes]) -> str:
    path.write_bytes(b"".join(row + b"\n" for row in rows))
    return str(path)


async def test_a_file_becomes_sentences_by_ship_and_time_on_every_partition(settings: Settings, tmp_path: Path) -> None:
    rows = harbour(3_000)
    path = tmp_path / "harbour.nmea.gz"
    path.write_bytes(gzip.compress(b"\n".join(rows)))
    await run(settings, [FeedSettings("harbour", "file", path=str(path))])
    log = await log_of(settings)
    assert log == expected(rows, settings, FeedRules("harbour"))
    assert all(len(told) > 100 for told in log)
    first, *others = times(log)
    assert len(first) > 10
    assert first[-1].ended
    assert all(other == first for other in others)


@pytest.mark.timeout(120)
async def test_a_file_that_is_killed_and_stopped_again_and_again_is_written_exactly_once(
    settings: Settings, tmp_path: Path
) -> None:
    rows = harbour(25_000)
    path = written(tmp_path / "harbour.nmea", rows)
    dice = random.Random(11)
    deaths = [signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]
    for death in deaths:
        stage = await process(settings, "feed", "--file", path, "--speed", "100")
        before = len(sentences(await log_of(settings)))
        await log_once(settings, lambda log, least=before: len(sentences(log)) > least)
        await asyncio.sleep(dice.random())
        stage.send_signal(death)
        assert await stage.wait() == (0 if death is signal.SIGTERM else -death)
    disturbed = len(sentences(await log_of(settings)))
    stage = await process(settings, "feed", "--file", path)
    assert await stage.wait() == 0
    assert await log_of(settings) == expected(rows, settings, FeedRules("file"))
    assert disturbed < len(rows) * 0.8, "it was done before it was disturbed"


async def test_a_file_played_to_its_end_is_not_played_again(settings: Settings, tmp_path: Path) -> None:
    feed = FeedSettings("harbour", "file", path=written(tmp_path / "harbour.nmea", harbour(500)))
    await run(settings, [feed])
    log = await log_of(settings)
    await run(settings, [feed])
    assert await log_of(settings) == log


async def test_another_file_in_the_place_of_the_first_is_refused(settings: Settings, tmp_path: Path) -> None:
    rows = harbour(500)
    feed = FeedSettings("harbour", "file", path=written(tmp_path / "harbour.nmea", rows))
    await run(settings, [feed])
    written(tmp_path / "harbour.nmea", rows[100:])
    with pytest.raises(ConfigError, match="found another one in its place; give the feed a new name"):
        await run(settings, [feed])


async def test_a_snapshot_of_another_version_is_refused_and_kept(settings: Settings, tmp_path: Path) -> None:
    feed = FeedSettings("harbour", "file", path=written(tmp_path / "harbour.nmea", harbour(500)))
    await run(settings, [feed])
    log = await log_of(settings)
    async with Snapshots(settings.kafka, settings.topics) as snapshots:
        await snapshots.save("feed/harbour", b"feed/9 whatever it means")
        with pytest.raises(ConfigError, match=r"snapshot: feed/harbour: .* run the version that wrote it"):
            await run(settings, [feed])
        assert await snapshots.load(["feed/harbour"]) == {"feed/harbour": b"feed/9 whatever it means"}
    assert await log_of(settings) == log


async def test_a_log_that_was_made_anew_is_refused(settings: Settings, tmp_path: Path) -> None:
    feed = FeedSettings("harbour", "file", path=written(tmp_path / "harbour.nmea", harbour(500)))
    await run(settings, [feed])
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    await admin.delete_topics([settings.topics.sentences.name])
    while settings.topics.sentences.name in await admin.list_topics():
        await asyncio.sleep(0.1)
    await admin.close()
    with pytest.raises(ConfigError, match="found one that was made anew; take a new prefix"):
        await run(settings, [feed])


async def test_a_server_that_dies_and_returns_is_heard_again(settings: Settings) -> None:
    port = free_port()
    callers: list[asyncio.StreamWriter] = []

    async def called(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer)
        writer.write(BUSY + b"\r\n" if len(callers) == 1 else QUIET + b"\r\n")
        await writer.drain()

    server = await asyncio.start_server(called, "127.0.0.1", port)
    async with feeding(settings, FeedSettings("mast", "tcp", host="127.0.0.1", port=port)):
        await log_once(settings, lambda log: len(sentences(log)) == 1)
        server.close()
        callers[0].transport.abort()
        await asyncio.sleep(1)
        server = await asyncio.start_server(called, "127.0.0.1", port)
        log = await log_once(settings, lambda log: len(sentences(log)) == 2)
        server.close()
    heard = {row.text: row for row in sentences(log) if isinstance(row, Sentence)}
    assert set(heard) == {BUSY, QUIET}
    assert all(row.station == "mast" and row.heard_at == row.received_at for row in heard.values())


async def test_datagrams_are_heard_and_what_came_last_is_not_lost(settings: Settings) -> None:
    port = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        async with feeding(settings, FeedSettings("roof", "udp", host="127.0.0.1", port=port)):
            while not (await log_of(settings))[0] + (await log_of(settings))[1]:
                mouth.sendto(BUSY + b"\n", ("127.0.0.1", port))
                await asyncio.sleep(0.1)
            mouth.sendto(QUIET + b"\r\n" + BUSY[:-3], ("127.0.0.1", port))
            await asyncio.sleep(0.05)
        log = await log_of(settings)
    assert {row.text for row in sentences(log) if isinstance(row, Sentence)} >= {BUSY, QUIET}


async def test_after_a_death_every_partition_has_the_same_time_records(settings: Settings) -> None:
    told = [TimeRecord("roof", at) for at in (1_706_918_400_000, 1_706_918_410_000)]
    async with FeedLog(settings) as log, Snapshots(settings.kafka, settings.topics) as snapshots:
        await (await log.write(0, [encode_time(record) for record in told], Mark("roof", 1, 0).dump()))
        await (await log.write(1, [encode_time(told[0])], Mark("roof", 1, 0).dump()))
        begun = FeedSnapshot(log.generation, "udp", "", 0, {}, {}, ReaderState())
        await snapshots.save("feed/roof", begun.dump())
    async with feeding(settings, FeedSettings("roof", "udp", host="127.0.0.1", port=free_port())):
        log_now = await log_once(settings, lambda now: len(now[1]) == 2)
    assert times(log_now) == [told, told]


async def topic_with(settings: Settings, partitions: int) -> str:
    """Somebody's topic."""
    name = f"{settings.topics.prefix}-somebody.nmea"
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(name, partitions, 1)])
    await admin.close()
    return name


async def trickle(producer: AIOKafkaProducer, topic: str, rows: list[bytes], partitions: int) -> None:
    """Line by line; the lines of one group on one partition."""
    for n, row in enumerate(rows):
        await producer.send(topic, row, partition=0 if b"g:" in row else n % partitions)
        if n % 300 == 0:
            await asyncio.sleep(0.02)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("partitions", [1, 3])
async def test_somebodys_topic_is_read_exactly_once_whatever_dies(settings: Settings, partitions: int) -> None:
    topic, rows = await topic_with(settings, partitions), harbour(13_000)
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        for number, death in enumerate((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL)):
            stage = await process(settings, "feed", "--topic", topic)
            seen = len(sentences(await log_of(settings)))
            await trickle(producer, topic, rows[number * 3_000 : (number + 1) * 3_000], partitions)
            await log_once(settings, lambda log, least=seen: len(sentences(log)) > least + 10)
            stage.send_signal(death)
            await stage.wait()
        stage = await process(settings, "feed", "--topic", topic)
        await trickle(producer, topic, rows[12_000:], partitions)
    whole = expected(rows, settings, FeedRules("kafka"))
    log = await log_once(settings, lambda log: len(sentences(log)) >= len(sentences(whole)))
    stage.send_signal(signal.SIGTERM)
    assert await stage.wait() == 0
    text = [sorted(row.text for row in sentences([told]) if isinstance(row, Sentence)) for told in log]
    assert text == [sorted(row.text for row in sentences([told]) if isinstance(row, Sentence)) for told in whole]
    first, *others = times(log)
    assert all(other == first for other in others)


async def test_what_is_no_sentence_is_a_dead_letter_with_its_reason(settings: Settings, tmp_path: Path) -> None:
    path = written(tmp_path / "spoilt.nmea", [*harbour(50), b"!=IVDM,1,1,,B,16TNI", b"$GPGGA,is,no,AIS*00"])
    await run(settings, [FeedSettings("spoilt", "file", path=path)])
    async with AIOKafkaConsumer(
        settings.topics.rejects.name, bootstrap_servers=settings.kafka, auto_offset_reset="earliest"
    ) as consumer:
        record = await asyncio.wait_for(consumer.getone(), 10)
    assert record.value == b"!=IVDM,1,1,,B,16TNI"
    assert dict(record.headers) == {"stage": b"feed", "feed": b"spoilt", "reason": b"malformed"}


async def test_a_recording_is_played_as_fast_as_life_when_asked(settings: Settings, tmp_path: Path) -> None:
    rows = harbour(1_000)
    feed = FeedSettings("slow", "file", path=written(tmp_path / "slow.nmea", rows), speed=100.0)
    stage = asyncio.create_task(run(settings, [feed]))
    counts = []
    while not stage.done():
        counts.append(len(sentences(await log_of(settings))))
        await asyncio.sleep(0.1)
    await stage
    assert len(set(counts)) >= 5, f"expected the sentences one after the other, got {counts}"
    assert await log_of(settings) == expected(rows, settings, FeedRules("slow"))
