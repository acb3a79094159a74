"""`hullwatch`: one command for every stage and tool.  Exit status 0 done, 2 bad arguments or settings, 130 Ctrl-C."""

import argparse
import asyncio
import faulthandler
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from streams.settings import ConfigError, Settings
from streams.stacks import stacks

Stage = Callable[[], Coroutine[Any, Any, None]]
"""Begins the stage; called again where it begins again."""


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `hullwatch`; its module has `add_arguments(parser)` and `main(args) -> int`."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command("feed", "streams.feed", "read a live or recorded AIS feed into Kafka"),
    Command("ingest", "streams.ingest.loop", "sentences to reports of watched hulls, ticks and reception"),
    Command("clock", "streams.clock", "close intervals and tell outages of feeds"),
    Command("detect", "streams.detect.app", "follow every watched hull and publish alerts"),
    Command("dispatch", "streams.dispatch", "send alerts to Slack, mail and webhooks"),
    Command("dashboard", "streams.dashboard", "serve the watch-floor page"),
    Command("replay", "streams.replay", "recorded files to alerts, without Kafka and Redis"),
    Command("scenario", "streams.scenario", "write a generated world as NMEA"),
    Command("demo", "streams.demo.command", "run all stages on embedded servers and tell the Angara case"),
    Command("check", "streams.apply:check", "validate a configuration folder"),
    Command("zones", "streams.zones", "list the flagged zones, draw them, or learn how long straits take"),
    Command("coverage", "streams.coverage", "learn how ships are heard on your water, and show it"),
    Command("hull", "streams.hull", "what a hull has done: timeline, map, deliveries"),
    Command("sighting", "streams.sighting", "tell that a hull was seen by other means"),
    Command("apply", "streams.apply:apply", "validate a configuration folder and publish it"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; a wrong setting is told in one line and exits with 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser("hullwatch", description="Real-time AIS alerts on watchlisted hulls.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, description=command.help)
        if command.name == next((word for word in arguments if not word.startswith("-")), None):
            _add_arguments(command, sub)
    args = parser.parse_args(arguments)
    try:
        return int(args.run(args))
    except ConfigError as error:
        told = str(error)
        by = "" if told.startswith("hullwatch ") else "hullwatch: "
        print(f"{by}{told}", file=sys.stderr)  # noqa: T201  the one line that the user is owed
        return 2
    except KeyboardInterrupt:
        return 130  # as a shell tells of SIGINT
    except BrokenPipeError:
        # The reader of our standard output has gone (`| head`): nothing is left to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _add_arguments(command: Command, parser: argparse.ArgumentParser) -> None:
    """Only the chosen command is imported: `replay` needs neither Kafka nor Faust."""
    module_name, _, function = command.module.partition(":")
    module = importlib.import_module(module_name)
    module.add_arguments(parser)
    parser.set_defaults(run=getattr(module, function or "main"))


def port(text: str) -> int:
    """An argument that is a port; 0: one that the system chooses."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text[:40]!r}")
    return int(text)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The options that every stage has; each has an environment variable, see README."""
    parser.add_argument("--kafka", metavar="HOST:PORT", help="bootstrap servers (HULLWATCH_KAFKA)")
    parser.add_argument("--redis", metavar="URL", help="redis://... (HULLWATCH_REDIS)")
    parser.add_argument("--config", metavar="DIR", type=Path, help="configuration folder (HULLWATCH_CONFIG)")
    parser.add_argument("--prefix", metavar="WORD", help="prefix of the topics (HULLWATCH_PREFIX)")
    parser.add_argument("--metrics-port", metavar="PORT", type=int, help="serve /metrics, /healthz, /readyz there")


def settings_of(args: argparse.Namespace) -> Settings:
    """The environment, overridden by options."""
    names = {"kafka": "KAFKA", "redis": "REDIS", "config": "CONFIG", "prefix": "PREFIX", "metrics_port": "METRICS_PORT"}
    given = {f"HULLWATCH_{env}": str(v) for name, env in names.items() if (v := getattr(args, name, None)) is not None}
    return Settings.from_env({**os.environ, **given})


STOP_WITHIN_S = 9.5
"""From SIGTERM; what is not finished by then is left, as by a death."""


def run_stage(stage: Stage, settings: Settings, waits: bool = True) -> int:
    """Runs one stage until it ends or SIGTERM or SIGINT cancels it; a stage finishes what is in hand.

    It waits for Kafka and begins again where that goes away (lasting.py), unless it does so itself.  With a metrics
    port it tells of itself there (health.py).  Exit status 1 where it is stuck, or is not finished in time.
    A crash of the interpreter leaves a stack on standard error.
    """
    faulthandler.enable()
    from streams.brokers import insist_on_brokers  # aiokafka, which `replay` and `scenario` do not need
    from streams.patience import wait_between_failures

    insist_on_brokers()
    wait_between_failures()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    from streams.lasting import StuckError, quieten

    quieten()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_signalled(stage, settings, waits))
    except asyncio.CancelledError:
        return 0
    except StuckError:
        if any(not one.daemon for one in threading.enumerate() if one is not threading.main_thread()):
            _leave("a thread does not end")  # Faust's; Python would wait for it, without an end
        return 1
    return 0


async def _until_signalled(stage: Stage, settings: Settings, waits: bool) -> None:
    # Kafka and an HTTP server, which `replay` and `scenario` shall not wait for
    from streams.health import served
    from streams.lasting import StuckError, lasting, watched

    task = asyncio.ensure_future(lasting(stage, settings.kafka) if waits else stage())
    loop = asyncio.get_running_loop()

    def leave_in_time() -> None:
        loop.call_later(STOP_WITHIN_S, _leave, f"not finished within {STOP_WITHIN_S:.1f} s")

    def stop() -> None:
        task.cancel()
        leave_in_time()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        async with served(settings.metrics_port), watched(settings.kafka, leave_in_time):
            await task
    except StuckError:
        leave_in_time()  # what hangs is not done with by being cancelled
        raise
    finally:
        task.cancel()


def _leave(why: str) -> None:
    """Some library waits for a server that is away: as after `kill -9` nothing is lost, and somebody waits for us."""
    logging.getLogger("stage").error("%s: ends as it is\n%s", why, stacks())
    logging.shutdown()
    os._exit(1)
