"""The cases, in lanes that run side by side: most of a case is waiting, so that two keep two cores at work.

A lane is a process with a broker and a Redis of its own, in which cases run one after the other.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.crash import chain, changes, delivery, detect
from tests.crash.bench import Bench
from tests.crash.outcome import Outcome
from tests.crash.stage import dies_with_its_parent, forked
from tests.crash.worlds import Story
from tests.servers import Servers

CASES: dict[str, Callable[[Bench], Coroutine[Any, Any, Outcome]]] = {
    "detect-killed": detect.killed,
    "detect-paused": detect.paused,
    "angara": chain.angara,
    "detect-broker": detect.broker,
    "crowd": chain.crowd,
    "struck": chain.struck,
    "unserved": chain.unserved,
    "detect-compacted": detect.compacted,
    "detect-joined": detect.joined,
    "redis": delivery.redis,
}
"""In the order in which they are taken: first what needs no story, last what is short."""
NEEDS = {"angara": ("angara",), "crowd": ("crowd",), "struck": ("crowd",), "unserved": ("crowd",), "redis": ("crowd",)}
"""Stories, by case."""
LANES = 2
BROKER_SETTINGS = {"group_min_session_timeout_ms": "500", "log_cleaner_backoff_ms": "500"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the whole run was asked for; what it leaves is in the folder."""

    folder: Path
    seed: int
    seconds: float
    cures: bool


@dataclass(frozen=True, slots=True)
class Played:
    """What a case came to, in lines to print."""

    good: bool
    text: str


class Lane:
    """Until the block ends."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._process = ProcessPoolExecutor(1, forked, initializer=dies_with_its_parent)

    def __enter__(self) -> "Lane":
        self._process.submit(_begin, self._asked.cures).result()
        return self

    def play(self, name: str, stories: Mapping[str, Story]) -> Played:
        """Raises whatever the case does."""
        return self._process.submit(_play, name, self._asked, stories).result()

    def __exit__(self, *exc_info: object) -> None:
        self._process.submit(_end)
        self._process.shutdown()


_serving: list[Servers] = []
"""In the process of a lane, its one."""


def _begin(cures: bool) -> None:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that the broker is away is what we do to it
    if not cures:
        changes.without_cures()  # this process reads the table as a worker without them would
    _serving.append(Servers(broker_settings=BROKER_SETTINGS).__enter__())


def _end() -> None:
    _serving.pop().__exit__()


def _play(name: str, asked: Asked, stories: Mapping[str, Story]) -> Played:
    folder, dice, began = asked.folder / name, Random(f"{name}/{asked.seed}"), time.monotonic()
    folder.mkdir()
    bench = Bench(_serving[0], asked.seed, asked.seconds, folder, asked.cures, dice, stories)
    outcome = asyncio.run(CASES[name](bench))
    first = f"{'ok ' if outcome.good else 'BAD'} {outcome.line()} ({time.monotonic() - began:.0f} s)"
    return Played(outcome.good, "\n      ".join([first, *outcome.details()]))
