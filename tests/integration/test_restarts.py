"""Every stage stopped by SIGTERM in the middle of the re-enactment, and started again: nothing lost, nothing changed.

The truth is the undisturbed replay of the same lines.
"""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import takewhile
from pathlib import Path
from shutil import copytree

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from alerts.core.alert import Alert
from alerts.core.frozen import replace
from streams import scenario
from streams.chain import Chain
from streams.codec import decode_alert
from streams.config import load_config
from streams.nmea import FeedRules
from streams.recordings import Recording
from streams.sentences import BATCH, TIME, TimeRecord, decode
from streams.settings import DEFAULT_FOLDER, Settings
from streams.versions import publish
from tests.integration import paced_feed
from tests.integration.feeds import expected, heard_at, log_of
from tests.integration.logs import values_of
from tests.integration.stages import Stages, stages
from tests.properties.chain import last_revisions
from tests.receivers import HttpReceiver, http_receiver

FASTER = 9.0
"""Than the demo: about 19 s in all."""
STOPPED = (
    ("feed", "off Rajin"),
    ("ingest", "off Rajin: silence"),
    ("clock", "went_dark"),
    ("detect", "lit_up"),
    ("dispatch", "port_call"),
)
"""Which stage is stopped when: in the middle of a scene as the feed tells it, or once a rule has spoken."""


LAST = "Zhoushan: silence"
"""The scene with which it ends here: three weeks more would show nothing else."""


def told_until(scene: str, path: Path) -> list[bytes]:
    """Writes the story up to the end of a scene; its lines."""
    end = next(one.end for one in scenario.SCENES if one.name == scene)
    rows = [row.rstrip(b"\n") for row in takewhile(lambda row: heard_at(row) < end, scenario.lines("angara", 0))]
    path.write_bytes(b"\n".join([*rows, b""]))
    return rows


def told_to(receiver: HttpReceiver, folder: Path) -> Path:
    """The shipped configuration, with everything routed to the receiver."""
    copytree(DEFAULT_FOLDER, folder)
    destination = f'[destinations.hook]\nchannel = "webhook"\nurl = "{receiver.url}/alerts"\n'
    (folder / "routes.toml").write_text(f'{destination}[[routes]]\nname = "everything"\nto = ["hook"]\n')
    return folder


MIDDLES = {scene.name: (scene.begin + scene.end) // 2 for scene in scenario.SCENES}


class Tail:
    """How far the feed's time has come in `ais.sentences`, and which rules have spoken in `ais.alerts`."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer, self._reached, self._said = consumer, 0, set[str]()
        self.ended = False

    async def until(self, point: str, within_s: float = 240.0) -> None:
        """Returns when the feed has come to the middle of the scene, or the rule has spoken."""
        async with asyncio.timeout(within_s):
            while point not in self._said and self._reached < MIDDLES.get(point, self._reached + 1):
                self._take((await self._consumer.getone()).value)

    def _take(self, value: bytes) -> None:
        if value.startswith(TIME):
            told = decode(value)
            assert isinstance(told, TimeRecord)
            self._reached, self.ended = told.reached, told.ended
        elif not value.startswith(BATCH):
            self._said.add(decode_alert(value).rule)


@asynccontextmanager
async def tail(settings: Settings) -> AsyncIterator[Tail]:
    topics = (settings.topics.sentences, settings.topics.alerts)
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic.name, 0) for topic in topics])
        yield Tail(consumer)


async def disturbed(chain: Stages, settings: Settings) -> None:
    """Each stage is stopped at its point of the story, and started again."""
    async with tail(settings) as story:
        for name, point in STOPPED:
            await story.until(point)
            assert not (story.ended and name == "feed"), "the story was told before it was disturbed"
            assert await chain.stop(name) == 0, f"{name} did not end as it was told to"
            await chain.start_again(name)


async def published(settings: Settings) -> list[Alert]:
    return [decode_alert(value) for value in (await values_of(settings, settings.topics.alerts))[0]]


def said(alerts: Iterable[Alert]) -> dict[str, Alert]:
    """Last revisions by id; when we knew, and how often it was told, are left out: that a report was read before its
    interval shows in them.
    """
    return {key: replace(alert, known_at=0, revision=0) for key, alert in last_revisions(list(alerts)).items()}


def sendings(receiver: HttpReceiver) -> dict[tuple[str, int], set[tuple[str, bytes]]]:
    """Of each revision of an episode: the idempotency keys and the bodies it was sent with."""
    found: dict[tuple[str, int], set[tuple[str, bytes]]] = defaultdict(set)
    for request in receiver.requests:
        record = json.loads(request.body)
        found[record["id"], record["revision"]].add((request.headers["Idempotency-Key"], request.body))
    return found


async def until_sent(receiver: HttpReceiver, truth: dict[str, Alert], within_s: float = 360.0) -> None:
    """Returns, in the end also without it, so that the test can say what is missing; and waits for what is wrong."""
    until, wanted = (
        time.monotonic() + within_s,
        {(alert.id, str(alert.event), alert.summary) for alert in truth.values()},
    )
    while time.monotonic() < until and not wanted <= heads(receiver):
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.0)


def heads(receiver: HttpReceiver) -> set[tuple[str, str, str]]:
    records = (json.loads(request.body) for request in receiver.requests)
    return {(record["id"], record["event"], record["summary"]) for record in records}


def replayed(path: Path) -> dict[str, Alert]:
    arrivals = Recording(FeedRules(paced_feed.FEED), [str(path)]).arrivals()
    return said(Chain(load_config(DEFAULT_FOLDER)).run(arrivals))


@pytest.mark.timeout(900)
async def test_stages_that_are_stopped_and_started_again_change_nothing(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "angara.nmea"
    rows = told_until(LAST, path)
    async with http_receiver() as receiver:
        live = Settings(settings.kafka, settings.redis, told_to(receiver, tmp_path / "config"), settings.topics)
        await publish(live.kafka, live.topics, load_config(live.config_dir))
        undisturbed = asyncio.create_task(asyncio.to_thread(replayed, path))
        async with stages(live, tmp_path, feed=paced_feed.__name__) as chain:
            await asyncio.gather(*(chain.start(name) for name in ("ingest", "clock", "detect", "dispatch")))
            await chain.start("feed", str(path), str(FASTER))
            await disturbed(chain, live)
            await until_sent(receiver, await undisturbed)
    alerts = await published(live)
    assert said(alerts) == await undisturbed
    sent, last = sendings(receiver), {(alert.id, alert.revision) for alert in last_revisions(alerts).values()}
    assert last <= sent.keys()
    assert all(len(repeats) == 1 for repeats in sent.values()), "a repeat is the same, under the same key"
    assert len({key for ((key, _),) in sent.values()}) == len(sent)
    assert await log_of(live) == expected(rows, live, FeedRules(paced_feed.FEED)), "lost by the feed, or written twice"
