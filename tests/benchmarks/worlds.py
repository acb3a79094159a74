"""`python -m tests.benchmarks.worlds FOLDER [--seed 1] [--seeds 1] [--hours 24] [--ships 0.3]`: generated waters as
recordings for tests/benchmarks/dark.py, with fewer or more ships than the scenarios have.

One file for each of the three waters and each seed; `--ships` is the share of the usual fleet of 66 that sails there.
All that is in range is heard.
"""

import argparse
from itertools import count, islice
from pathlib import Path
from random import Random

from rich.progress import track as shown_while

from alerts.core.instants import HOUR, Instant, parse_rfc3339
from streams.scenario.ships import Ship, fleet
from streams.scenario.waters import KOREA_STRAIT, RAJIN, ZHOUSHAN, Waters
from streams.scenario.worlds import Scene, World

WATERS = (KOREA_STRAIT, RAJIN, ZHOUSHAN)
BEGIN = parse_rfc3339("2024-05-14T04:00:00Z")


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.benchmarks.worlds")
    parser.add_argument("folder", type=Path, help="where the files are written")
    parser.add_argument("--seed", type=int, default=1, help="another number, other ships (default 1)")
    parser.add_argument("--seeds", type=int, default=1, help="so many, from that one on (default 1)")
    parser.add_argument("--hours", type=float, default=24.0, help="how long each is (default 24)")
    parser.add_argument("--ships", type=float, default=0.3, metavar="SHARE", help="of the usual fleet (default 0.3)")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    seeds = range(args.seed, args.seed + args.seeds)
    wanted = [(waters, seed) for waters in WATERS for seed in seeds]
    for waters, seed in shown_while(wanted, "worlds", transient=True):
        world = world_of(waters, round(args.hours * HOUR), args.ships)
        path = args.folder / f"{waters.name}_{args.ships:g}_seed{seed}.nmea"
        with path.open("wb") as file:
            file.writelines(world.lines(seed, lost=0.0))


def world_of(waters: Waters, ms: int, share: float) -> World:
    """So long in one of the waters, with so many of its ships."""
    end = BEGIN + ms
    scene = Scene("a working day", BEGIN, end, 300.0, waters)
    return World(waters.name, "", (scene,), (waters,), lambda seed: some(waters, seed, end, share))


def some(waters: Waters, seed: int, end: Instant, share: float) -> tuple[Ship, ...]:
    """A share of the fleet, drawn from the seed; of more than one fleet, one after the other."""
    size = len(tuple(fleet(waters, seed, BEGIN, end, 1)))
    wanted = round(share * size)
    ships = (ship for first in count(1, size) for ship in fleet(waters, seed, BEGIN, end, first))
    whole = list(islice(ships, -(-wanted // size) * size))
    return tuple(Random(f"{seed}/{waters.name}").sample(whole, wanted))


if __name__ == "__main__":
    main()
