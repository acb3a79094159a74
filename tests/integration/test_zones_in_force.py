"""`hullwatch apply` while the stages run: zones and numbers take hold in the same processes, and on the open page."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from alerts.core.alert import Alert
from alerts.core.instants import MINUTE, SECOND, Instant
from alerts.core.intervals import IntervalClosed, Versions
from streams.codec import decode, decode_alert
from streams.config import load_config
from streams.demo.stages import running
from streams.embedded import free_port
from streams.settings import Settings
from streams.topics import Topic
from streams.versions import contents
from tests.integration.feeds import process
from tests.integration.stages import environ_of
from tests.streams.ingest.air import ANGARA, batch, heard, position, reached
from tests.streams.lines import at

HER_OWN = "mmsi,name\n273210440,ANGARA\n"
BEGIN, NORTH_A_MINUTE = at("08:00:00"), 0.2 / 60
FAR = (50.0, 140.0)
AHEAD = (41.0 + 13 * NORTH_A_MINUTE, 131.0)
"""She is within a mile of it after eight minutes."""
TOKEN = "a-token-for-the-tests-0123456789"


def folder_with(folder: Path, ports: dict[str, tuple[float, float]], rules: str = "", watched: str = HER_OWN) -> Path:
    """A configuration folder with round ports of a mile."""
    folder.mkdir(exist_ok=True)
    (folder / "watchlist.csv").write_text(watched)
    (folder / "rules.toml").write_text(rules)
    features = [_port(name, lat, lon) for name, (lat, lon) in ports.items()]
    (folder / "zones.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return folder


def _port(name: str, lat: float, lon: float) -> dict[str, Any]:
    where = {"type": "Point", "coordinates": [lon, lat]}
    properties = {"id": name, "name": name.title(), "kind": "port", "flag": "warning", "radius_nm": 1.0}
    more = {"uncertainty_nm": 0.5, "source": "nobody: it is made up"}
    return {"type": "Feature", "properties": properties | more, "geometry": where}


async def applied(settings: Settings, folder: Path) -> Versions:
    """By the command, as an operator does it."""
    assert await (await process(settings, "apply", str(folder))).wait() == 0
    return contents(load_config(folder)).versions


class Sea:
    """What a coast station hears of her, minute after minute: she sails north at 12 kn, or lies where she is."""

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self._topic, self._producer = settings.topics.sentences, producer
        self._now, self._lat = BEGIN, 41.0

    async def passes(self, minutes: int, knots: float = 12.0) -> Instant:
        """Until when."""
        for _ in range(2 * minutes):
            fix = position(ANGARA, self._lat, 131.0, speed=knots, course=0.0, heading=0)
            await self._write(batch(heard(fix, self._now)), [1])
            self._now += 30 * SECOND
            self._lat += NORTH_A_MINUTE / 2 * (knots > 1)
            await self._write(reached(self._now), range(self._topic.partitions))
        return self._now

    async def _write(self, value: bytes, partitions: Any) -> None:
        for number in partitions:
            await self._producer.send_and_wait(self._topic.name, value, partition=number)


@asynccontextmanager
async def tail(settings: Settings, topic: Topic) -> AsyncIterator[AIOKafkaConsumer]:
    async with AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest") as consumer:
        consumer.assign([TopicPartition(topic.name, number) for number in range(topic.partitions)])
        yield consumer


async def in_force(settings: Settings, versions: Versions) -> None:
    """Returns once an interval was closed under them, on every partition."""
    topic = settings.topics.reports
    waiting = set(range(topic.partitions))
    async with asyncio.timeout(60), tail(settings, topic) as consumer:
        while waiting:
            record = await consumer.getone()
            what = decode(record.value or b"")
            if isinstance(what, IntervalClosed) and what.versions == versions:
                waiting.discard(record.partition)


async def alerts_until(settings: Settings, what: str) -> list[Alert]:
    """All, up to the one of which the place says so."""
    said: list[Alert] = []
    async with asyncio.timeout(60), tail(settings, settings.topics.alerts) as consumer:
        while not said or said[-1].place is None or said[-1].place.what != what:
            said.append(decode_alert((await consumer.getone()).value or b""))
    return said


def shown(alert: Alert) -> tuple[str, str, str, str]:
    assert alert.place is not None
    return alert.rule, alert.event.value, alert.place.zone, alert.place.what


@pytest.mark.timeout(240)
async def test_another_zone_and_another_number_take_hold_while_the_stages_run(
    settings: Settings, tmp_path: Path
) -> None:
    folder, chain = tmp_path / "config", {"ingest": (), "clock": (), "detect": ()}
    first = await applied(settings, folder_with(folder, {"far": FAR}))
    async with (
        running(chain, environ_of(settings), tmp_path) as stages,
        AIOKafkaProducer(bootstrap_servers=settings.kafka) as producer,
    ):
        sea = Sea(settings, producer)
        await sea.passes(minutes=3)
        await in_force(settings, first)
        await in_force_after(settings, sea, folder_with(folder, {"far": FAR, "ahead": AHEAD}))
        await sea.passes(minutes=4)
        entered = await alerts_until(settings, "entered")
        await sea.passes(minutes=2, knots=0.8)
        slower = folder_with(folder, {"far": FAR, "ahead": AHEAD}, "[places]\nstopped_below_kn = 1.0\n")
        await in_force_after(settings, sea, slower, knots=0.8)
        await sea.passes(minutes=1, knots=0.8)
        said = await alerts_until(settings, "arrived")
        assert [stage.process.returncode for stage in stages] == [None] * 3
    assert [shown(alert) for alert in entered] == [("port_call", "opened", "ahead", "entered")]
    assert entered[0].happened_at == BEGIN + 8 * MINUTE + 30 * SECOND
    assert [shown(alert) for alert in said] == [shown(entered[0]), ("port_call", "amended", "ahead", "arrived")]
    assert said[1].known_at > BEGIN + 11 * MINUTE, "she was so slow for two minutes under the old number"


async def in_force_after(settings: Settings, sea: Sea, folder: Path, knots: float = 12.0) -> None:
    """It is published; then two minutes more pass, of which one is closed under it."""
    versions = await applied(settings, folder)
    await sea.passes(2, knots)
    await in_force(settings, versions)


class OpenPage:
    """What an open page is told, by the stage's own stream."""

    def __init__(self, told: aiohttp.ClientResponse) -> None:
        self._told = told

    async def until(self, event: str, holds: Any) -> dict[str, Any]:
        """The first of these events of which that is so."""
        name = ""
        async with asyncio.timeout(30):
            async for line in self._told.content:
                kind, _, value = line.decode().rstrip("\n").partition(": ")
                name = value if kind == "event" else name
                if kind == "data" and name == event and holds(said := json.loads(value)):
                    return dict(said)
        raise AssertionError("the stream has ended")


@pytest.mark.timeout(120)
async def test_an_open_page_shows_other_zones_and_hulls_as_soon_as_they_are_published(
    settings: Settings, tmp_path: Path
) -> None:
    folder, port = tmp_path / "config", free_port()
    await applied(settings, folder_with(folder, {"far": FAR}))
    page, key = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {TOKEN}"}
    arguments = ("--port", str(port), "--token", TOKEN)
    nowhere = environ_of(settings) | {"HULLWATCH_CONFIG": str(tmp_path / "no such folder")}
    async with running({"dashboard": arguments}, nowhere, tmp_path), aiohttp.ClientSession(headers=key) as session:
        state = await (await session.get(f"{page}/api/state")).json()
        assert zones_of(state["zones"]) == ["far"]
        assert [hull["name"] for hull in state["hulls"]] == ["ANGARA"]
        async with session.get(f"{page}/api/stream?after={state['cursor']}", timeout=None) as told:
            stream = OpenPage(told)
            await applied(settings, folder_with(folder, {"ahead": AHEAD, "far": FAR}))
            assert zones_of(await stream.until("zones", lambda _: True)) == ["ahead", "far"]
            await applied(settings, folder_with(folder, {"far": FAR}, watched="mmsi,name\n273334120,MARIA\n"))
            assert zones_of(await stream.until("zones", lambda _: True)) == ["far"]
        state = await (await session.get(f"{page}/api/state")).json()
        assert zones_of(state["zones"]) == ["far"]
        assert [hull["name"] for hull in state["hulls"]] == ["MARIA"]


def zones_of(collection: dict[str, Any]) -> list[str]:
    return [feature["properties"]["id"] for feature in collection["features"]]
