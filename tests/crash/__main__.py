"""`make crash [SECONDS_PER_CASE=n] [SEED=n] [CASES="name ..."] [CURES=off]`: exit status 1 where anything is lost.

    python -m tests.crash --seconds 20 --seed 1 detect-paused angara

Each case says in one line what was done to whom, how often, and what came of it.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path
from random import SystemRandom

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.crash.lanes import CASES, LANES, NEEDS, Asked, Lane, Played
from tests.crash.stage import dies_with_its_parent, forked
from tests.crash.worlds import STORIES, Story
from tests.servers import CannotServeError, fetch_kafka

Stories = dict[str, "Future[Story]"]


def main(arguments: Sequence[str]) -> int:
    args = _parser().parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="hullwatch-crash-"))
    asked = Asked(folder, args.seed, args.seconds, args.cures)
    print(f"seed {args.seed}, {args.seconds:.0f} s a case, cures {'on' if args.cures else 'OFF'}", flush=True)  # noqa: T201
    forkserver.ensure_running()  # by the thread that outlives all others: it ends with it (leash.py)
    try:
        fetch_kafka()
        good = _run(args.cases or list(CASES), asked)
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


def _run(wanted: Sequence[str], asked: Asked) -> bool:
    """The lanes side by side, each driven by a thread; a lane that is free takes the next case."""
    cases = [name for name in CASES if name in wanted]
    waiting, lanes = iter(cases), min(LANES, len(cases))
    with _stories(cases, asked) as stories, _shown(len(cases)) as show, ThreadPoolExecutor(lanes) as threads:
        return all(list(threads.map(lambda _: _lane(waiting, asked, stories, show), range(lanes))))


def _lane(waiting: Iterator[str], asked: Asked, stories: Stories, show: Callable[[Played], None]) -> bool:
    good = True
    with Lane(asked) as lane:
        for name in waiting:  # a list's iterator gives each to one thread
            played = lane.play(name, {need: stories[need].result() for need in NEEDS.get(name, ())})
            show(played)
            good &= played.good
    return good


@contextmanager
def _stories(cases: Sequence[str], asked: Asked) -> Iterator[Stories]:
    """They are told while the first cases run."""
    folder = asked.folder / "stories"
    folder.mkdir()
    wanted = {name for case in cases for name in NEEDS.get(case, ())}
    with ProcessPoolExecutor(1, forked, initializer=dies_with_its_parent) as pool:
        yield {
            name: pool.submit(tell, folder, asked.seed, asked.seconds)
            for name, tell in STORIES.items()
            if name in wanted
        }


@contextmanager
def _shown(count: int) -> Iterator[Callable[[Played], None]]:
    """Prints what a case came to; with a bar on a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("cases", total=count)

        def show(played: Played) -> None:
            print(played.text, flush=True)  # noqa: T201
            progress.advance(task)

        yield show


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
