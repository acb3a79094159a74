"""Where everything stands: what is said where a stage is left, so that the case explains itself."""

import asyncio
import gc
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import FrameType
from typing import Any


def stacks() -> str:
    """One line for each thread and each task of all loops: who calls or awaits whom, the innermost last."""
    frames = sys._current_frames()
    threads = [
        f"thread {one.name}: {_line(reversed(list(traceback.walk_stack(frames[one.ident]))))}"
        for one in threading.enumerate()
        if one.ident in frames
    ]
    return "\n".join(threads + [f"task {one.get_name()}: {_line(_awaits(one.get_coro()))}" for one in _tasks()])


def _tasks() -> "list[asyncio.Task[Any]]":
    """Of other threads' loops, too: asyncio tells only of a loop that one has at hand."""
    found = {one for one in gc.get_objects() if issubclass(type(one), asyncio.Task)}
    with suppress(RuntimeError):  # no loop runs here
        found |= asyncio.all_tasks()  # which the collector was told to leave alone (ingest/loop.py)
    return sorted((one for one in found if not one.done()), key=lambda one: one.get_name())


def _awaits(awaited: Any) -> Iterator[tuple[FrameType, int]]:
    """A task that waits knows one frame; the next is that of what it awaits."""
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is not None:
            yield frame, frame.f_lineno
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)


def _line(calls: Iterable[tuple[FrameType, int]]) -> str:
    return " > ".join(f"{_module(frame)}:{line} {frame.f_code.co_qualname}" for frame, line in calls)


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))
