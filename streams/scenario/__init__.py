"""Generated worlds as NMEA with tag blocks: `hullwatch scenario NAME [--seed N] [--lost SHARE]`."""

import argparse
import os
import sys
from collections.abc import Iterator

from alerts.core.instants import Instant
from streams.scenario.angara import ANGARA, SCENES
from streams.scenario.harbour import HARBOUR
from streams.scenario.worlds import Scene, World
from streams.scenario.worlds import play_at as _play_at

SCENARIOS: tuple[World, ...] = (ANGARA, HARBOUR)

__all__ = ["SCENARIOS", "SCENES", "Scene", "World", "add_arguments", "lines", "main", "play_at"]


def lines(name: str, seed: int = 0, lost: float = 0.0) -> Iterator[bytes]:
    """The lines of a named world, in order of time, each ended by a newline; KeyError for an unknown name.

    `lost` is the share of the ships' reports left out at random; base stations are always heard.
    """
    return {world.name: world for world in SCENARIOS}[name].lines(seed, lost)


def play_at(at: Instant, scenes: tuple[Scene, ...] = SCENES) -> float:
    """Seconds on the wall at which the demo shows a moment: the scenes of light slowly, the dark weeks fast."""
    return _play_at(at, scenes)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hullwatch scenario`."""
    names = [world.name for world in SCENARIOS]
    parser.add_argument("name", choices=names, help="; ".join(f"{world.name}: {world.summary}" for world in SCENARIOS))
    parser.add_argument("--seed", type=int, default=0, help="another number, other ships and minutes (default 0)")
    parser.add_argument("--lost", type=_share, default=0.0, help="share of the ships' reports left out, 0 to 1")


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"expected a share from 0 to 1, got {text}")
    return share


def main(args: argparse.Namespace) -> int:
    """Writes the world to stdout; a reader who has had enough is no error."""
    try:
        sys.stdout.buffer.writelines(lines(args.name, args.seed, args.lost))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
