"""`hullwatch replay`: recorded files to alerts, through the code that runs live, without Kafka and Redis.

JSON lines on standard output are the published alert record (docs/alerts.md) and nothing else; progress and messages
go to standard error.  The same input gives the same output, byte for byte.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from alerts.core.alert import Alert
from alerts.core.instants import Instant, parse_rfc3339, rfc3339
from streams import outputs
from streams.chain import Chain
from streams.codec import encode_alert
from streams.feeds.file import Place, UnreadableFileError
from streams.nmea import FeedRules
from streams.recordings import Arrived, Recording, merged
from streams.settings import DEFAULT_FOLDER, Config, ConfigError, FeedSettings, load_config

THE_FEED = "replay"
"""The name of the feed that FILE... make up."""
_SHOWN_EVERY = 2_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch replay`."""
    add_inputs(parser)
    parser.add_argument("--watchlist", type=Path, metavar="FILE", help="watch these hulls instead of the folder's")
    parser.add_argument("--watch-all", action="store_true", help="take every ship that is heard as watched")
    parser.add_argument(
        "--format", choices=("json", "table"), default="json", help="how alerts are printed (default: json)"
    )
    parser.add_argument("--stats", type=Path, metavar="FILE", help="write there what became of every line")


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """What is read, and as which feeds."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="one feed: NMEA, NOAA CSV or .traj, plain, gz, zip or zst; - is stdin"
    )
    parser.add_argument(
        "--feed",
        action="append",
        default=[],
        type=_named,
        metavar="NAME=FILE",
        help="another feed; its settings are those of feeds.toml",
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_FOLDER,
        metavar="DIR",
        help="configuration folder (default: the Angara case)",
    )
    parser.add_argument(
        "--start", type=_instant, metavar="TIME", help="RFC 3339: when the input begins, where its lines name no time"
    )


def main(args: argparse.Namespace) -> int:
    """0 when done, 1 where a file broke off or nothing was accepted, 2 for wrong arguments or settings."""
    config = load_config(args.config, watchlist=args.watchlist)
    recordings = recordings_of(args, config, "hullwatch replay")
    chain = Chain(config, watch_all=args.watch_all)
    broken = 0
    with shown(recordings) as bar:
        try:
            for alert in chain.run(bar.read(recordings)):
                bar.write(_FORMATS[args.format](alert))
        except UnreadableFileError as error:
            broken = 1
            bar.message(f"hullwatch: {error}")
    done = account(chain, recordings)
    if args.stats:
        outputs.save("hullwatch replay", "--stats", args.stats, json.dumps(done, indent=2) + "\n")
    sys.stderr.write(f"hullwatch: {in_words(done)}\n")
    return broken if done["accepted"] else 1


def recordings_of(args: argparse.Namespace, config: Config, command: str) -> list[Recording]:
    """The feeds that the arguments name; raises ConfigError where there is none, or a file is not there."""
    named: dict[str, list[str]] = {THE_FEED: args.files} if args.files else {}
    for name, path in args.feed:
        named.setdefault(name, []).append(path)
    if not named:
        raise ConfigError(command, "FILE", "at least one file, or - for standard input")
    for path in (path for paths in named.values() for path in paths):
        if path != "-" and not Path(path).exists():
            raise ConfigError(command, path, "a file that exists")
    if sum(paths.count("-") for paths in named.values()) > 1 or any("-" in p and len(p) > 1 for p in named.values()):
        raise ConfigError(command, "-", "standard input once, and alone in its feed")
    settings = {feed.name: feed for feed in config.feeds}
    return [Recording(_rules(name, settings.get(name), args.start), paths) for name, paths in named.items()]


def account(chain: Chain, recordings: Sequence[Recording]) -> dict[str, Any]:
    """What became of every line: lines = accepted + duplicate + other + all rejected."""
    rejected = sum((recording.rejected for recording in recordings), Counter(chain.tally.rejected))
    return {
        "lines": sum(recording.counts.lines for recording in recordings),
        "accepted": chain.tally.accepted,
        "duplicate": chain.tally.duplicate,
        "other": sum(recording.counts.other for recording in recordings),
        "rejected": dict(sorted(rejected.items())),
        "reports": chain.tally.reports,
        "alerts": dict(sorted(chain.alerts.items())),
    }


def in_words(done: dict[str, Any]) -> str:
    """In one line; where nothing was accepted, what was expected."""
    rejected = "".join(f", {n:,} {reason}" for reason, n in done["rejected"].items())
    found = f"{done['lines']:,} lines: {done['accepted'] + done['duplicate']:,} accepted{rejected}"
    if done["accepted"]:
        return f"{found}; {done['reports']:,} reports of watched hulls, {sum(done['alerts'].values()):,} alert records"
    if done["rejected"].get("no_time"):
        return f"{found}; expected lines that name their time, or --start TIME"
    return f"{found}; expected AIS sentences, or rows of a NOAA or traj archive"


def _rules(name: str, feed: FeedSettings | None, start: Instant | None) -> FeedRules:
    if feed is None:
        return FeedRules(name, start=start)
    return FeedRules(name, feed.station, feed.late, feed.lateness_ms, feed.outage_limit_ms, start)


def _named(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"expected NAME=FILE, got {text!r}")
    return name, path


def _instant(text: str) -> Instant:
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a time as 2024-02-03T08:00:00Z, got {text!r}") from None


def _json(alert: Alert) -> str:
    return encode_alert(alert).decode()


def _row(alert: Alert) -> str:
    """One line for a person; what came over the air cannot steer the terminal."""
    who = alert.hull.name or alert.hull.id if alert.hull else "-"
    line = (
        f"{rfc3339(alert.happened_at)}  {alert.severity:8}  {alert.rule:15}  {alert.event:9}  {who:20}  {alert.summary}"
    )
    return "".join(letter if letter.isprintable() else "?" for letter in line)


_FORMATS = {"json": _json, "table": _row}


@contextmanager
def shown(recordings: Sequence[Recording]) -> Iterator["Bar"]:
    """A progress bar on standard error, where that is a terminal."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, disable=not console.is_terminal
    ) as progress:
        yield Bar(progress, [path for recording in recordings for path in recording.paths])
    sys.stdout.flush()


class Bar:
    """How far the files have been read, by their bytes on the disk; pulses where nobody knows how long they are."""

    def __init__(self, progress: Progress, paths: Sequence[str]) -> None:
        known = all(path != "-" and Path(path).is_file() for path in paths)
        self._progress = progress
        self._task = progress.add_task(
            "reading", total=sum(Path(path).stat().st_size for path in paths) if known else None
        )
        self._places: list[Place] = []
        self._over_the_bar = sys.stdout.isatty() and not progress.disable

    def read(self, recordings: Iterable[Recording]) -> Iterator[Arrived]:
        """All that they hold, in order, while the bar moves.  Raises UnreadableFileError."""
        for n, arrived in enumerate(merged([recording.arrivals(self._places.append) for recording in recordings])):
            if n % _SHOWN_EVERY == 0:
                done = sum(place.at for place in self._places)
                self._progress.update(self._task, completed=done, description=rfc3339(arrived.at))
            yield arrived

    def write(self, line: str) -> None:
        """One line on standard output, above the bar where both are one terminal."""
        if self._over_the_bar:
            self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            sys.stdout.write(line + "\n")

    def message(self, line: str) -> None:
        """One line on standard error."""
        self._progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
