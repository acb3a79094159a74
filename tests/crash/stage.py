"""A stage as a process of its own, and what this suite changes in it: nothing, unless it is told.

Processes are forked from one that has imported everything, also what Faust imports when it is first asked for: on two
cores, 60 starts of Python would be most of the work.
What is changed is changed from outside; the product has no switch for it.
"""

import ctypes
import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

_PRELOADED = (
    "faust.assignor.partition_assignor",
    "faust.tables.sets",
    "numpy.ma",
    "streams.cli",
    "streams.clock",
    "streams.detect.app",
    "streams.dispatch",
    "streams.feed",
    "streams.health",
    "streams.ingest.loop",
    "tests.crash.changes",
    "tests.crash.leash",
    "tests.crash.ports",
    "tests.crash.worlds",
    "tests.integration.paced_feed",
)
_PR_SET_PDEATHSIG = 1
forked = multiprocessing.get_context("forkserver")
forked.set_forkserver_preload(list(_PRELOADED))


@dataclass(frozen=True, slots=True)
class Changes:
    """What is not as in production: see tests/crash/changes.py.

    `strike` is the place at which the process kills itself, when it comes there for the `after`-th time; it writes the
    name of the place to `struck` before.  `session_s`: how long the group waits for a dead member.
    """

    strike: str = ""
    after: int = 0
    struck: Path = Path(os.devnull)
    session_s: float | None = None
    save_every_s: float | None = None
    changelog: Mapping[str, str] = field(default_factory=dict)
    cures: bool = True


@dataclass(frozen=True, slots=True)
class Command:
    """What a stage is started with; `module` has a `main(arguments)`, or is the command line's."""

    name: str
    arguments: tuple[str, ...]
    environ: Mapping[str, str]
    log: Path
    module: str = "streams.cli"


class Process:
    """One running stage."""

    def __init__(self, command: Command, changes: Changes = Changes()) -> None:
        self.command = command
        self._process: ForkServerProcess = forked.Process(target=_run, args=(command, changes))
        self._process.start()

    @property
    def ended(self) -> int | None:
        """Its exit status; minus the number of the signal that killed it; None while it runs."""
        return self._process.exitcode

    def send(self, number: signal.Signals) -> None:
        if self.ended is None:
            assert self._process.pid is not None
            os.kill(self._process.pid, number)

    def wait(self, within_s: float) -> int | None:
        self._process.join(within_s)
        return self.ended

    def end(self, number: signal.Signals = signal.SIGTERM, within_s: float = 15.0) -> int | None:
        """By a signal, and by SIGKILL where that did not do; its exit status, None if it had to be killed."""
        self.send(number)
        status = self.wait(within_s)
        if status is None:
            self._process.kill()
            self._process.join()
        return status


def _run(command: Command, changes: Changes) -> None:
    dies_with_its_parent()
    os.setsid()
    out = os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.update(command.environ)
    importlib.import_module("tests.crash.changes").make(command.name, changes)
    main: Callable[[Sequence[str]], int] = importlib.import_module(command.module).main
    sys.exit(main([command.name, *command.arguments]))


def dies_with_its_parent() -> None:
    """By SIGKILL; prctl(2) counts the thread that forked as the parent."""
    if sys.platform == "linux":
        libc: Any = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
