"""Live and replay of the same input finally say the same: every stage a process, on a real broker.

Two prompt feeds that hear the same ships in part, one of them out for a while, and a satellite feed up to forty
minutes late; and a recording, its ships the watchlist.  What is finally said: tests/properties/chain.py.
"""

import csv
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path
from random import Random

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pyais.encode import encode_dict

from alerts.core.alert import Alert
from alerts.core.curve import SHIPPED
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant, parse_rfc3339
from alerts.core.learned import Silences, Source, learned
from streams import feed
from streams.chain import Chain, values
from streams.codec import decode_alert
from streams.config import load_config
from streams.coverage import json_of
from streams.demo.stages import running
from streams.feed_records import batches
from streams.ingest import pipeline
from streams.ingest.watch_index import WatchIndex
from streams.nmea import FeedRules, Reject
from streams.recordings import Arrived, Recording, merged
from streams.settings import DEFAULT_FOLDER, FeedSettings, Settings
from streams.topics import Topics
from streams.topics_admin import ensure_topics
from streams.versions import publish
from tests.properties.chain import finally_said
from tests.streams.lines import checked, tagged

BEGIN = parse_rfc3339("2024-02-03T06:00:00Z")
LASTS = 6 * HOUR
SHIPS = range(440_000_100, 440_000_140)
FEEDS = (
    FeedRules("north"),
    FeedRules("south", lateness_ms=20 * SECOND),
    FeedRules("satellite", late=True, lateness_ms=40 * MINUTE, outage_limit_ms=None),
)
NORTH_IS_OUT = range(BEGIN + 3 * HOUR, BEGIN + 3 * HOUR + 12 * MINUTE)


def heard(ship: int, dice: Random) -> Iterator[tuple[Instant, bytes, bool]]:
    """One ship under way between a strait and the open sea: when, what, and whether a coast station is in range.

    She is out of range or silent for spans on both sides of half an hour.
    """
    at, lat = BEGIN + dice.randrange(MINUTE), dice.uniform(33.2, 35.4)
    while at < BEGIN + LASTS:
        north = dice.choice([-1, 1])
        for _ in range(dice.randrange(5, 60)):
            lat += north * dice.uniform(0.001, 0.006)
            yield at, position(ship, lat, at), True
            at += dice.randrange(20, 70) * SECOND
        end = at + dice.choice([1, 20, 29, 31, 33, 45, 90]) * MINUTE
        if dice.random() < 0.3:
            for seen in range(at + 5 * MINUTE, end, 11 * MINUTE):
                yield seen, position(ship, lat, seen), False
        at = end


def position(ship: int, lat: float, at: Instant) -> bytes:
    fields = {"type": 1, "mmsi": ship, "lat": lat, "lon": 129.0, "speed": 12.0, "second": at // SECOND % 60}
    return encode_dict(fields, talker_id="AI", radio_channel="A")[0].encode()


def satellite_line(at: Instant, sentence: bytes, arrives: Instant) -> bytes:
    """Heard and arrival time, as satellite providers write them: before the line, and behind both."""
    seconds = at // SECOND
    hour, minute, second = seconds // 3600 % 24, seconds // 60 % 60, seconds % 60
    stamp = b"$PGHP,1,2024,2,3,%d,%d,%d,%d,0,,sat,1,%s" % (hour, minute, second, at % SECOND, sentence[-2:])
    return b"%s,%d\n%s,%d\n" % (checked(stamp), arrives, sentence, arrives)


def three_feeds(folder: Path, seed: int) -> list[Recording]:
    """Their files; north and south share a third of the ships.

    Each begins with a ship of no interest: a feed counts from its first time record, what it says before is promised
    by none.
    """
    dice, early = Random(seed), BEGIN - MINUTE
    nobody = position(440_999_999, 34.0, early)
    rows = {
        "north": [(early, tagged(nobody, early, "n0") + b"\n")],
        "south": [(early, tagged(nobody, early, "s0") + b"\n")],
        "satellite": [(early, satellite_line(early - 30 * MINUTE, nobody, early))],
    }
    for n, ship in enumerate(SHIPS):
        for at, sentence, in_range in heard(ship, dice):
            if in_range and n < 26 and at not in NORTH_IS_OUT:
                rows["north"].append((at, tagged(sentence, at, f"n{n % 3}") + b"\n"))
            if in_range and n >= 14:
                rows["south"].append((at + 300, tagged(sentence, at + 300, f"s{n % 3}") + b"\n"))
            if not in_range or dice.random() < 0.04:
                arrives = at + dice.randrange(2, 39) * MINUTE
                rows["satellite"].append((arrives, satellite_line(at, sentence, arrives)))
    for name, lines in rows.items():
        (folder / name).write_bytes(b"".join(line for _, line in sorted(lines)))
    return [Recording(rules, [str(folder / rules.name)]) for rules in FEEDS]


def watching(folder: Path, ships: Iterable[int]) -> Path:
    """A configuration folder with the shipped zones, these ships, and half an hour of covered time for all of them.

    And with a curve of its own, by which evidence says how rare a silence is.
    """
    folder.mkdir()
    with (folder / "watchlist.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["mmsi"], *([ship] for ship in sorted(ships))])
    (folder / "zones.geojson").write_bytes((DEFAULT_FOLDER / "zones.geojson").read_bytes())
    (folder / "rules.toml").write_text("[silence]\nfloor_min = 30\nceiling_min = 30\nstopped_min = 30\n")
    silences = Silences(moving=[900, 90, 30, 10, 5, 3, 2, 1, 1, *[0] * 6])
    (folder / "cover.json").write_text(json_of(learned(Source(0, 1, ("x",), 9, 40.0), silences, ())))
    return folder


async def fed(settings: Settings, arrivals: Iterable[Arrived]) -> None:
    """The feeds' outputs into the log, in the order of their arrival."""
    topic = settings.topics.sentences
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer:
        for name, some in groupby(arrivals, key=lambda arrived: arrived.feed):
            items = [arrived.item for arrived in some]
            outputs = [item for item in items if not isinstance(item, Reject)]
            for partition, cut in enumerate(batches(outputs, name, topic.partitions)):  # type: ignore[arg-type]
                for value in (value for batch in cut for value in batch):
                    await producer.send(topic.name, value, partition=partition)
        await producer.flush()


async def alerts_until(settings: Settings, expected: list[str], within_s: float = 90.0) -> list[Alert]:
    """All that is published until it finally says what is expected, and three seconds more."""
    said: list[Alert] = []
    async with AIOKafkaConsumer(
        settings.topics.alerts.name, bootstrap_servers=settings.kafka, auto_offset_reset="earliest"
    ) as consumer:
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                said += [decode_alert(record.value) for record in records]
            if finally_said(said) == expected:
                break
        for records in (await consumer.getmany(timeout_ms=3000)).values():
            said += [decode_alert(record.value) for record in records]
    return said


@asynccontextmanager
async def detecting(settings: Settings, folder: Path) -> AsyncIterator[None]:
    """Ingest, clock and detect on topics that are made and configured first."""
    await ensure_topics(settings.kafka, settings.topics)
    await publish(settings.kafka, settings.topics, load_config(settings.config_dir))
    environ = {
        "HULLWATCH_KAFKA": settings.kafka,
        "HULLWATCH_PREFIX": settings.topics.prefix,
        "HULLWATCH_CONFIG": str(settings.config_dir),
        "HULLWATCH_SOURCE_PARTITIONS": str(settings.topics.source_partitions),
        "HULLWATCH_REPORT_PARTITIONS": str(settings.topics.report_partitions),
    }
    async with running({"ingest": (), "clock": (), "detect": ()}, environ, folder):
        yield


def of(settings: Settings, config_dir: Path) -> Settings:
    """On 4 source and 3 report partitions."""
    topics = Topics(settings.topics.prefix + "x", source_partitions=4, report_partitions=3)
    return Settings(settings.kafka, settings.redis, config_dir, topics)


@pytest.mark.timeout(240)
async def test_two_prompt_feeds_and_a_late_one(settings: Settings, tmp_path: Path) -> None:
    config_dir = watching(tmp_path / "config", SHIPS)
    recordings = three_feeds(tmp_path, seed=7)
    replayed = list(Chain(load_config(config_dir)).run(merged([r.arrivals() for r in recordings])))
    expected = finally_said(replayed)
    rules = {alert.rule for alert in replayed}
    assert {"went_dark", "lit_up", "strait", "outage"} <= rules
    limits = {alert.evidence.get("witnessed_limit_min") for alert in replayed}
    assert limits - {None, SHIPPED.threshold_min(10)}, "the folder's curve was not used"
    assert "retracted" in {str(alert.event) for alert in replayed}, "the satellite never corrected anything"
    live = of(settings, config_dir)
    async with detecting(live, tmp_path):
        await fed(live, merged([r.arrivals() for r in recordings]))
        said = await alerts_until(live, expected)
    assert finally_said(said) == expected


@pytest.mark.timeout(300)
async def test_a_recording(settings: Settings, data_dir: Path, tmp_path: Path) -> None:
    file = data_dir / "nmea" / "opencpn_Go_to_Guernesey_2011-07-26.txt.gz"
    rules = FeedRules("yacht")
    config_dir = watching(tmp_path / "config", ships_of(Recording(rules, [str(file)])))
    replayed = list(Chain(load_config(config_dir)).run(Recording(rules, [str(file)]).arrivals()))
    expected = finally_said(replayed)
    assert len(expected) > 50
    live = of(settings, config_dir)
    async with detecting(live, tmp_path):
        await feed.run(live, [FeedSettings("yacht", "file", path=str(file))])
        said = await alerts_until(live, expected, within_s=150)
    assert finally_said(said) == expected
    ids = [{alert.id for alert in alerts if alert.event != "retracted"} for alerts in (said, replayed)]
    assert ids[0] == ids[1], "one prompt feed: ids agree too"


def ships_of(recording: Recording) -> set[int]:
    state, ships = pipeline.State(), set()
    for offset, value in enumerate(values(recording.arrivals())):
        state, outputs = pipeline.step(state, [(offset, value)], "look", WatchIndex.all_ships())
        ships |= {report.mmsi for report in outputs.reports}
    return ships


def test_nothing_is_left_to_chance(tmp_path: Path) -> None:
    """The three feeds are the same each time."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    three_feeds(tmp_path / "a", 7)
    three_feeds(tmp_path / "b", 7)
    assert all((tmp_path / "a" / f.name).read_bytes() == (tmp_path / "b" / f.name).read_bytes() for f in FEEDS)
