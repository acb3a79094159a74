"""`make bench`: how fast, as ratios measured in one run on this machine.

    python -m tests.benchmarks [NAME...] [--count N]

On the broker of KAFKA_BOOTSTRAP_SERVERS, else on the embedded one, which is slower.  Nothing here is a test: a figure
that is not reached is printed as such.
"""

import argparse
import asyncio
import gc
import os
import platform
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

import uvloop
from rich.console import Console
from rich.table import Table

from streams import embedded
from tests.benchmarks.chain import latency
from tests.benchmarks.measures import Bench, Measure, detect, feed, getmany, getmany_lines, ingest, pyais_alone, replay
from tests.benchmarks.recovery import recovery
from tests.benchmarks.snapshots import snapshots
from tests.benchmarks.zones import zones

ALL: dict[str, Callable[[Bench], Awaitable[list[Measure]]]] = {
    "pyais": pyais_alone,
    "getmany lines": getmany_lines,
    "feed": feed,
    "getmany records": getmany,
    "ingest": ingest,
    "snapshots": snapshots,
    "detect": detect,
    "replay": replay,
    "zones": zones,
    "latency": latency,
    "recovery": recovery,
}


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", choices=[[], *ALL], help="all of them unless given")
    parser.add_argument("--count", type=int, default=300_000, help="sentences (default 300,000)")
    args = parser.parse_args()
    with ExitStack() as stack:
        kafka = os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or stack.enter_context(embedded.broker())
        redis = stack.enter_context(embedded.redis_server())
        bench = Bench(kafka, redis, args.count)
        for name in args.names or ALL:
            gc.collect()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                bench.done += runner.run(ALL[name](bench))
    shown(bench)


def shown(bench: Bench) -> None:
    broker = "the broker given" if os.environ.get("KAFKA_BOOTSTRAP_SERVERS") else "the embedded broker"
    title = f"{bench.count:,} sentences, {broker}, Python {platform.python_version()}, {os.cpu_count()} cores"
    table = Table("what", "a core", "unit", "wall", "against", "ratio", "to reach now", "", title=title)
    for measure in bench.done:
        against = next((other for other in bench.done if other.name == measure.against), None)
        ratio = f"{measure.figure / against.figure:.2f}" if against else ""
        goal = "" if measure.reach is None else f"{'<=' if measure.low_is_good else '>='} {measure.reach:,g}"
        table.add_row(
            measure.name,
            f"{measure.figure:,.3g}" if measure.low_is_good else f"{measure.figure:,.0f}",
            measure.unit,
            "" if measure.wall is None else f"{measure.wall:,.0f}",
            measure.against,
            ratio,
            goal,
            measure.verdict,
        )
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
