"""`hullwatch hull show HULL`: what she has done, as a timeline, on a map, and as a count of deliveries.

From all that was ever published (`ais.alerts`), or from what a replay has said:

    hullwatch replay week.nmea | hullwatch hull show 9179842 --alerts -
"""

import argparse
import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from alerts.core.alert import Alert
from alerts.core.geo import Fix
from alerts.core.hull import Hull
from alerts.core.instants import Instant, rfc3339, spoken
from alerts.core.zones import Zone, middle
from alerts.voyages.deliveries import count
from alerts.voyages.timeline import Call, Timeline, timeline
from streams import alert_log, pictures
from streams.cli import add_settings, settings_of
from streams.config import Config, ConfigError, load_config

WIDTH = 140


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch hull`."""
    parser.add_argument("what", choices=("show",), help="show: her timeline")
    parser.add_argument("hull", metavar="HULL", help="her id in the watchlist, or her IMO number")
    parser.add_argument("--alerts", type=Path, metavar="FILE", help="JSON lines in place of Kafka; - is standard input")
    parser.add_argument("--map", type=Path, metavar="FILE.png", help="draw where she was")
    parser.add_argument("--geojson", type=Path, metavar="FILE", help="the same as data")
    add_settings(parser)


def main(args: argparse.Namespace) -> int:
    """Raises ConfigError."""
    settings = settings_of(args)
    config = load_config(settings.config_dir)
    alerts = list(alert_log.of_file(args.alerts) if args.alerts else asyncio.run(alert_log.published(settings)))
    hull = found(args.hull, config.watchlist, alerts)
    seen = timeline(alerts, hull.id)
    if args.geojson:
        _written(args.geojson, json.dumps(features(seen), indent=1))
    if args.map:
        _drawn(args.map, config.zones, seen)
    console = Console(width=None if Console().is_terminal else WIDTH, highlight=False)
    console.print(introduced(hull), markup=False)
    if not seen.episodes:
        console.print("Nothing was ever said of her.")
        return 0
    console.print(told(seen), calls(seen))
    for line in deliveries(config, seen):
        console.print(line, markup=False)
    return 0


def found(name: str, watchlist: Iterable[Hull], alerts: Iterable[Alert]) -> Hull:
    """The hull of this id or IMO number: as she is watched, else as she was when last told of."""
    watched = [*watchlist, *(alert.hull for alert in alerts if alert.hull is not None)]
    for hull in watched:
        if name == hull.id or (hull.imo is not None and name.upper().removeprefix("IMO").strip() == str(hull.imo)):
            return hull
    raise ConfigError("hullwatch hull", name, "the id or the IMO number of a hull on the watchlist, or told of before")


def introduced(hull: Hull) -> str:
    """Who she is, in one line, and why she is watched."""
    numbers = [hull.id, hull.imo and f"IMO {hull.imo}", hull.mmsi and f"MMSI {hull.mmsi}", hull.call_sign]
    line = f"{hull.name or hull.id}  ({', '.join(str(number) for number in numbers if number)})"
    return f"{line}\n{hull.reason}\n" if hull.reason else f"{line}\n"


def told(seen: Timeline) -> Table:
    """Every episode as it was last told."""
    table = Table("when (UTC)", "rule", "event", "what", box=None, pad_edge=False)
    for alert in seen.episodes:
        table.add_row(_minute(alert.happened_at), alert.rule, str(alert.event), _plain(alert.summary))
    return table


def calls(seen: Timeline) -> Table:
    """Her calls at flagged ports."""
    table = Table("call", "from", "until", "for", "left", "shown by", box=None, pad_edge=False)
    for call in seen.calls:
        length = spoken(call.until - call.since)
        row = call.name, _minute(call.since), _minute(call.until), length, _left(call, seen), ", ".join(call.shown_by)
        table.add_row(*map(_plain, row))
    return table


def _left(call: Call, seen: Timeline) -> str:
    if call.left:
        return "seen"
    return "unseen" if any(one.at > call.until for one in seen.known) else "not known"


def deliveries(config: Config, seen: Timeline) -> Iterator[str]:
    """One line for each pattern."""
    ports: dict[str, Fix] = {zone.id: middle(zone) for zone in config.zones}
    for pattern in config.deliveries:
        yield f"deliveries, {pattern.name}: {count(pattern, seen, ports)}"


def features(seen: Timeline) -> dict[str, Any]:
    """A FeatureCollection: a point for each known fix, a line from each to the next; `dark`: nobody heard her on it."""
    points = [_feature("Point", _lonlat(one.fix), at=rfc3339(one.at), heard=one.heard) for one in seen.known]
    lines = [
        _feature("LineString", [_lonlat(a), _lonlat(b)], since=rfc3339(since), until=rfc3339(until), dark=dark)
        for since, until, a, b, dark in legs(seen)
    ]
    return {"type": "FeatureCollection", "features": [*points, *lines]}


def legs(seen: Timeline) -> Iterator[tuple[Instant, Instant, Fix, Fix, bool]]:
    """From each known fix to the next, and whether a gap lies between."""
    for before, after in pairwise(seen.known):
        dark = any(gap.since < after.at and (gap.until is None or gap.until > before.at) for gap in seen.gaps)
        yield before.at, after.at, before.fix, after.fix, dark


def _feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def _lonlat(fix: Fix) -> list[float]:
    return [fix[1], fix[0]]


def _minute(at: Instant) -> str:
    return rfc3339(at)[:16].replace("T", " ")


def _plain(text: str) -> str:
    """Names come from the air: no markup, no control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text).replace("[", r"\[")


def _written(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise ConfigError("hullwatch hull", f"--geojson {path}", f"a file that can be written ({error})") from error


def _drawn(path: Path, zones: Sequence[Zone], seen: Timeline) -> None:
    if not seen.known:
        raise ConfigError("hullwatch hull", "--map", "a hull of whom a position is known")
    fixes = [(_minute(one.at)[:10], one.fix, one.heard) for one in seen.known]
    lines = [(a, b, dark) for _, _, a, b, dark in legs(seen)]
    pictures.save("hullwatch hull", "--map", path, lambda charts: charts.track(zones, fixes, lines))
