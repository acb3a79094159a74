"""`make crash [SECONDS_PER_CASE=n] [SEED=n] [CASES="name ..."] [CURES=off]`: exit status 1 where anything is lost.

    python -m tests.crash --seconds 20 --seed 1 detect-paused angara

Each case says in one line what was done to whom, how often, and what came of it.
"""

import argparse
import asyncio
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random, SystemRandom

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.crash import chain, changes, delivery, detect
from tests.crash.bench import Bench
from tests.crash.outcome import Outcome
from tests.crash.stage import forked
from tests.crash.worlds import STORIES, Story
from tests.servers import CannotServeError, Servers

CASES: dict[str, Callable[[Bench], Awaitable[Outcome]]] = {
    "detect-killed": detect.killed,
    "detect-paused": detect.paused,
    "detect-joined": detect.joined,
    "detect-broker": detect.broker,
    "detect-compacted": detect.compacted,
    "angara": chain.angara,
    "crowd": chain.crowd,
    "struck": chain.struck,
    "unserved": chain.unserved,
    "redis": delivery.redis,
}
NEEDS = {"angara": ("angara",), "crowd": ("crowd",), "struck": ("crowd",), "unserved": ("crowd",), "redis": ("crowd",)}
"""Stories, by case."""
BROKER_SETTINGS = {"group_min_session_timeout_ms": "500", "log_cleaner_backoff_ms": "500"}


def main(arguments: Sequence[str]) -> int:
    args = _parser().parse_args(arguments)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # that the broker is away is what we do to it
    if not args.cures:
        changes.without_cures()  # this process reads the table as a worker without them would
    folder = Path(tempfile.mkdtemp(prefix="hullwatch-crash-"))
    try:
        good = _run(args, folder)
    except CannotServeError as error:
        print(f"make crash: {error}", file=sys.stderr)  # noqa: T201
        return 2
    if good and not args.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"make crash: the logs are in {folder}; again with SEED={args.seed}")  # noqa: T201
    return 0 if good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.crash")
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], help="all of them unless given")
    parser.add_argument("--seconds", type=float, default=5.0, help="under blows, of each case (default 5)")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10_000))
    parser.add_argument("--keep", action="store_true", help="the logs of stages and servers, also where all went well")
    parser.add_argument("--no-cures", dest="cures", action="store_false", help="it must fail then")
    return parser


def _run(args: argparse.Namespace, folder: Path) -> bool:
    names = args.cases or list(CASES)
    print(f"seed {args.seed}, {args.seconds:.0f} s a case, cures {'on' if args.cures else 'OFF'}", flush=True)  # noqa: T201
    good = True
    with _stories(names, args, folder / "stories") as stories, Servers(broker_settings=BROKER_SETTINGS) as servers:
        for name in _shown(names):
            (folder / name).mkdir()
            dice = Random(f"{name}/{args.seed}")
            good &= _case(name, Bench(servers, args.seed, args.seconds, folder / name, args.cures, dice, stories))
    return good


@contextmanager
def _stories(cases: Sequence[str], args: argparse.Namespace, folder: Path) -> Iterator[dict[str, "Future[Story]"]]:
    """They are told while the first cases run."""
    folder.mkdir()
    wanted = {name for case in cases for name in NEEDS.get(case, ())}
    with ProcessPoolExecutor(1, forked, initializer=os.nice, initargs=(5,)) as pool:
        yield {
            name: pool.submit(tell, folder, args.seed, args.seconds) for name, tell in STORIES.items() if name in wanted
        }


def _shown(names: Sequence[str]) -> Iterator[str]:
    """The same, with a bar on a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=len(names))
        for name in names:
            progress.update(task, description=name)
            yield name
            progress.advance(task)


def _case(name: str, bench: Bench) -> bool:
    began = time.monotonic()
    outcome = asyncio.run(CASES[name](bench))
    print(f"{'ok ' if outcome.good else 'BAD'} {outcome.line()} ({time.monotonic() - began:.0f} s)")  # noqa: T201
    for detail in outcome.details():
        print(f"      {detail}")  # noqa: T201
    sys.stdout.flush()
    return outcome.good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
