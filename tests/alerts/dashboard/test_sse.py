"""Resuming, and what becomes of a listener that is too slow."""

import asyncio
from itertools import islice

import pytest

from alerts.dashboard.sse import Broadcast, Message


async def take(broadcast: Broadcast, after: str | None, count: int) -> list[Message]:
    stream = broadcast.follow(after)
    got = [await asyncio.wait_for(anext(stream), 1) for _ in range(count)]
    await stream.aclose()
    return got


def numbered(count: int, **limits: int) -> Broadcast:
    broadcast = Broadcast("run", **limits)
    for number in range(1, count + 1):
        broadcast.publish("alert", str(number))
    return broadcast


async def test_a_listener_that_comes_back_gets_what_it_missed_and_only_that():
    assert [message.data for message in await take(numbered(10), "run-7", 3)] == ["8", "9", "10"]


@pytest.mark.parametrize(
    "after", ["run-3", "earlier-9", "run-11", "run--1", "run-x", "x", "", "run-" + "9" * 30, "run-٣"]
)
async def test_a_listener_that_we_cannot_serve_from_the_log_starts_anew(after):
    broadcast = numbered(10, log_length=5)
    if after == "":
        broadcast.publish("alert", "11")
        after = "run-1"
    (message,) = await take(broadcast, after, 1)
    assert message.event == "reset"
    assert message.id == broadcast.cursor


async def test_what_is_published_between_the_log_and_live_comes_once():
    broadcast = numbered(3)
    stream = broadcast.follow("run-0")
    got = [(await anext(stream)).data]
    broadcast.publish("alert", "4")
    got += [(await anext(stream)).data for _ in range(3)]
    assert got == ["1", "2", "3", "4"]
    await stream.aclose()
    assert broadcast.listeners == 0


async def test_a_slow_listener_is_dropped_and_the_others_are_not():
    broadcast = Broadcast("run", queue_length=4)
    slow, quick = broadcast.follow(None), broadcast.follow(None)
    waiting = [asyncio.ensure_future(anext(stream)) for stream in (slow, quick)]
    await asyncio.sleep(0)
    for number in range(20):
        broadcast.publish("alert", str(number))
        await waiting[1]
        waiting[1] = asyncio.ensure_future(anext(quick))
        await asyncio.sleep(0)
    await waiting[0]
    assert broadcast.dropped == 1
    assert broadcast.listeners == 1
    assert [message async for message in slow] == []
    waiting[1].cancel()


async def test_closing_ends_every_stream():
    broadcast = Broadcast("run")
    waiting = [asyncio.ensure_future(anext(broadcast.follow(None), None)) for _ in range(3)]
    await asyncio.sleep(0)
    broadcast.close()
    assert list(islice(await asyncio.gather(*waiting), 3)) == [None, None, None]
