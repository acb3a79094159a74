"""`hullwatch check DIR` and `hullwatch apply DIR`: a configuration folder is validated, and brought into force.

What a stage reads for itself (feeds.toml, routes.toml) is only validated here: restart `feed` or `dispatch`.
"""

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from aiokafka.errors import KafkaError

from alerts.core.intervals import Versions
from alerts.routing.destinations import Secret
from alerts.routing.routes import Routes
from streams.cli import add_settings, settings_of
from streams.config import Config, ConfigError, load_config
from streams.cover_words import in_short
from streams.settings import Settings
from streams.topics_admin import ensure_topics
from streams.versions import Difference, Published, contents, publish

TOLD = 10
"""So many ids are named; the rest are counted."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch check` and `hullwatch apply`."""
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="default: --config, else the Angara case")
    add_settings(parser)
    if parser.prog.endswith("apply"):
        parser.add_argument("--again", action="store_true", help="write everything, also where nothing has changed")


def check(args: argparse.Namespace) -> int:
    """Says what the folder holds, or all that is wrong with it (ConfigError)."""
    folder = _folder(args, settings_of(args))
    config = load_config(folder)
    versions = contents(config).versions
    _say(f"{folder}: good", *summary(config))
    _say(f"versions: {_named(versions)}")
    for warning in unset_secrets(config.routes, os.environ):
        print(f"hullwatch: {folder / 'routes.toml'}: {warning}", file=sys.stderr)  # noqa: T201
    return 0


def apply(args: argparse.Namespace) -> int:
    """Publishes the folder and says what that changed."""
    settings = settings_of(args)
    config = load_config(_folder(args, settings))
    _say(*changes(asyncio.run(_applied(settings, config, args.again))))
    return 0


def summary(config: Config) -> Iterator[str]:
    """One line for each of the files."""
    kinds = Counter(zone.kind for zone in config.zones)
    thresholds = config.thresholds
    numbered = sum(hull.mmsi is not None for hull in config.watchlist)
    yield f"watchlist: {_count(len(config.watchlist), 'hull')}, {numbered} with an MMSI"
    yield f"zones: {', '.join(_count(kinds[kind], kind) for kind in sorted(kinds)) or 'none'}"
    yield (
        f"rules: dark after {thresholds.silence_floor_min:g} min, in port {thresholds.port_silence_min:g} min, "
        f"and {thresholds.silence_budget:g} false alarms in 1,000 hull-days"
    )
    yield f"feeds: {', '.join(f'{feed.name} ({feed.kind})' for feed in config.feeds) or 'none'}"
    destinations = ", ".join(destination.name for destination in config.routes.destinations)
    yield f"routes: {_count(len(config.routes.routes), 'route')} to {destinations or 'nobody'}"
    if config.cover:
        yield f"cover: {in_short(config.cover, thresholds.silence_budget)}"
    if config.deliveries:
        yield f"deliveries: {', '.join(pattern.name for pattern in config.deliveries)}"


def changes(done: Published) -> Iterator[str]:
    """What an apply did, in words."""
    if done.resumed and done.written:
        yield "an earlier apply was cut off: everything was written again"
    yield from _changed("hulls", done.hulls)
    yield from _changed("zones", done.zones)
    if done.rules:
        yield "rules: changed"
    if done.cover:
        yield "cover: changed" if done.versions.cover else "cover: the shipped curve again"
    if not (done.hulls or done.zones or done.rules or done.cover):
        yield "nothing has changed" + (", written again" if done.written else ": the folder is in force")
    yield f"in force: {_named(done.versions)}"


def _named(versions: Versions) -> str:
    return " ".join(filter(None, (versions.watchlist, versions.zones, versions.rules, versions.cover)))


def unset_secrets(routes: Routes, environ: Mapping[str, str]) -> Iterator[str]:
    """The secrets that routes.toml names and this environment does not have; the dispatcher's may."""
    found = [getattr(d.settings, field.name) for d in routes.destinations for field in fields(d.settings)]
    for secret in dict.fromkeys(value for value in found if isinstance(value, Secret)):
        if secret.env and not environ.get(secret.env):
            yield f"{secret.where}: {secret.env} is not set here; `hullwatch dispatch` needs it"


async def _applied(settings: Settings, config: Config, again: bool) -> Published:
    try:
        await ensure_topics(settings.kafka, settings.topics)
        return await publish(settings.kafka, settings.topics, config, again)
    except KafkaError as error:
        raise ConfigError(f"kafka {settings.kafka}", "", f"a broker that takes it ({error})") from error


def _folder(args: argparse.Namespace, settings: Settings) -> Path:
    return args.folder or settings.config_dir


def _changed(what: str, difference: Difference) -> Iterator[str]:
    for how in ("added", "changed", "removed"):
        ids = getattr(difference, how)
        if ids:
            yield f"{what} {how}: {', '.join(ids[:TOLD])}" + (f" and {len(ids) - TOLD} more" if len(ids) > TOLD else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("s" if number != 1 else "")


def _say(*lines: str) -> None:
    for line in lines:
        print(line)  # noqa: T201  the command's answer
