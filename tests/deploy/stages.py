"""The stages, and how the deployment files start them: each command is read by the parser of the stage itself."""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path

from streams.cli import COMMANDS

ROOT = Path(__file__).parents[2]
STAGES = ("feed", "ingest", "clock", "detect", "dispatch", "dashboard")


def read_command(words: Sequence[str]) -> argparse.Namespace:
    """What `hullwatch WORDS` is told; raises SystemExit where it does not know an option, KeyError a command."""
    command = {command.name: command for command in COMMANDS}[words[0]]
    parser = argparse.ArgumentParser(f"hullwatch {command.name}")
    importlib.import_module(command.module.partition(":")[0]).add_arguments(parser)
    return parser.parse_args(list(words[1:]))
