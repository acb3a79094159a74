"""A stage that waits for Kafka, begins again, and ends where it is stuck or cannot stop."""

import asyncio
import logging
import re
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaTimeoutError, MessageSizeTooLargeError

from streams import lasting, needs
from streams.embedded import free_port
from streams.health import unready
from streams.metrics import READY
from streams.needs import Need, missing, there
from streams.progress import PROGRESS


def failing_with(*errors: Exception) -> tuple[Any, list[int]]:
    """A stage that meets these, one after the other, and then ends; and how often it began."""
    begun: list[int] = []

    async def stage() -> None:
        begun.append(1)
        if len(begun) <= len(errors):
            raise errors[len(begun) - 1]

    def begin() -> Coroutine[Any, Any, None]:
        return stage()

    return begin, begun


@pytest.mark.parametrize(("address", "asked"), [("127.0.0.1", ("127.0.0.1", 9092)), ("[::1]", ("::1", 9092))])
async def test_an_address_without_a_port_is_asked_at_kafkas_own(
    address: str, asked: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = list[tuple[str, int]]()

    async def refused(*where: Any) -> None:
        found.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncio, "open_connection", refused)
    assert not await lasting.answers(address)
    assert found == [asked]


async def test_a_stage_begins_again_where_kafka_went_away(kafka: str) -> None:
    stage, begun = failing_with(KafkaConnectionError(), KafkaTimeoutError())
    await lasting.lasting(stage, kafka)
    assert len(begun) == 3


async def test_a_stage_that_a_library_cancelled_begins_again_and_one_that_was_told_to_stop_does_not(kafka: str) -> None:
    stage, begun = failing_with(asyncio.CancelledError())  # type: ignore[arg-type]
    await lasting.lasting(stage, kafka)
    assert len(begun) == 2
    task = asyncio.create_task(lasting.lasting(asyncio.Event().wait, kafka))  # type: ignore[arg-type]
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_a_mistake_of_ours_is_not_tried_again(kafka: str) -> None:
    stage, begun = failing_with(MessageSizeTooLargeError())
    with pytest.raises(MessageSizeTooLargeError):
        await lasting.lasting(stage, kafka)
    assert len(begun) == 1


async def test_what_accepts_and_says_nothing_is_no_kafka() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        assert not await lasting.answers(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert not await lasting.answers(f"127.0.0.1:{free_port()}")


async def test_what_is_missing_is_said_once_and_once_when_it_is_there(caplog: pytest.LogCaptureFixture) -> None:
    READY.set(1)
    with caplog.at_level(logging.INFO, "needs"):
        for _ in range(3):
            missing(Need.REDIS, "refused")
        assert unready() == ["waits for redis: refused"]
        for _ in range(3):
            there(Need.REDIS)
    assert caplog.messages == ["waits for redis: refused", "redis is there"]
    assert unready() == []
    assert needs.all_missing() == {}


async def test_a_stuck_stage_ends_with_its_reason(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "ASK_EVERY_S", 0.05)
    PROGRESS.applied("t.stuck", 0, 7, 10, now_s=time.monotonic() - 301)
    try:
        with pytest.raises(lasting.StuckError, match=r"t\.stuck\[0\]"):
            async with asyncio.timeout(20), lasting.watched(kafka):
                await asyncio.Event().wait()
    finally:
        PROGRESS.forget()


DEAF = """
import asyncio, sys, time
from streams import cli, lasting
from streams.progress import PROGRESS
from streams.settings import Settings

cli.STOP_WITHIN_S, lasting.ASK_EVERY_S = 1.0, 0.05
if len(sys.argv) > 1:
    PROGRESS.applied("t.stuck", 0, 7, 10, now_s=time.monotonic() - 301)

async def stage():
    print("at work", flush=True)
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            pass

raise SystemExit(cli.run_stage(stage, Settings(*sys.argv[1:]), waits=False))
"""


def test_a_stage_that_cannot_stop_in_time_is_left() -> None:
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as stage:
        try:
            assert stage.stdout is not None
            assert stage.stdout.readline() == b"at work\n"
            stage.send_signal(signal.SIGTERM)
            _, said = stage.communicate(timeout=5)
        finally:
            stage.kill()
    assert stage.returncode == 1
    assert b"not finished within 1.0 s" in said
    assert re.search(rb"task .*: __main__:\d+ stage > asyncio.tasks:\d+ sleep", said), "where it stands"


def test_a_stuck_stage_that_cannot_stop_is_left_too(kafka: str) -> None:
    done = subprocess.run([sys.executable, "-c", DEAF, kafka], capture_output=True, timeout=20)
    assert done.returncode == 1
    assert b"ends, it is stuck: t.stuck[0] " in done.stderr
    assert b"not finished within 1.0 s" in done.stderr


LEFT_BEHIND = """
import asyncio, sys, threading
from streams import cli
from streams.lasting import StuckError
from streams.settings import Settings

async def stage():
    threading.Thread(target=threading.Event().wait, name="deaf").start()
    raise StuckError

sys.exit(cli.run_stage(stage, Settings(), waits=False))
"""


def test_a_stuck_stage_does_not_wait_for_a_thread_that_does_not_end() -> None:
    done = subprocess.run([sys.executable, "-c", LEFT_BEHIND], capture_output=True, timeout=20)
    assert done.returncode == 1
    assert re.search(rb"thread deaf: .* > threading:\d+ Event.wait", done.stderr)


CRASHES = """
import faulthandler
from streams import cli
from streams.settings import Settings

async def stage():
    faulthandler._sigsegv()

cli.run_stage(stage, Settings(), waits=False)
"""


def test_a_crash_of_the_interpreter_says_where() -> None:
    done = subprocess.run([sys.executable, "-c", CRASHES], capture_output=True, timeout=20)
    assert done.returncode == -signal.SIGSEGV
    assert re.search(rb"Segmentation fault.*in stage", done.stderr, re.DOTALL)
