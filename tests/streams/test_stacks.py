"""Where tasks stand, of whatever loop, and threads."""

import asyncio
import re
import threading

from streams.stacks import stacks


async def outer(reached: threading.Event, done: asyncio.Event) -> None:
    await inner(reached, done)


async def inner(reached: threading.Event, done: asyncio.Event) -> None:
    reached.set()
    await done.wait()


async def test_a_task_of_another_threads_loop_is_told_with_all_that_it_awaits() -> None:
    loop, reached, done = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(outer(reached, done)), name="fetches")
    thread.start()
    assert await asyncio.to_thread(reached.wait, 5)
    await asyncio.sleep(0.05)
    said = stacks()
    loop.call_soon_threadsafe(done.set)
    await asyncio.to_thread(thread.join, 5)
    loop.close()
    assert re.search(r"task Task-\d+: \S+:\d+ outer > \S+:\d+ inner > asyncio.locks:\d+ Event.wait", said), said
    assert re.search(r"thread fetches: .* > asyncio.base_events:\d+ BaseEventLoop.run_until_complete", said), said
    assert re.search(r"thread MainThread: .* > streams.stacks:\d+ stacks\n", said), said
