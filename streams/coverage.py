"""`hullwatch coverage learn` and `show`: how far silences grow on the operator's own water, and who is heard where.

    hullwatch coverage learn week.csv.zst --out config/cover.json
    hullwatch coverage show --config config --map cover.png

Every ship that is heard counts, watched or not.  What is written takes force with `hullwatch apply`.
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alerts.core.cells import corners_of
from alerts.core.instants import Instant
from alerts.core.intervals import IntervalClosed
from alerts.core.learned import THIN, CellHeard, Learned, Reception, Silences, Source, heard_share, learned
from alerts.core.learning import Learner
from alerts.core.thresholds import Thresholds
from alerts.watchlist import cover
from streams import outputs, pictures, replay
from streams.chain import Chain
from streams.config import Config, ConfigError, load_config, load_cover
from streams.cover_words import in_short, words
from streams.feeds.file import UnreadableFileError
from streams.recordings import Arrived
from streams.settings import DEFAULT_FOLDER

_LEARN = "hullwatch coverage learn"
_SHOW = "hullwatch coverage show"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch coverage`."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="learn | show")
    learn = commands.add_parser("learn", help="learn from recorded files", description=__doc__)
    replay.add_inputs(learn)
    learn.add_argument("--out", type=Path, required=True, metavar="DIR/cover.json", help="the file to write")
    learn.set_defaults(do=learn_main)
    show = commands.add_parser("show", help="say what was learned, and draw it", description=__doc__)
    show.add_argument("file", nargs="?", type=Path, metavar="DIR/cover.json", help="default: that of --config")
    show.add_argument("--config", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="folder with cover.json")
    show.add_argument("--map", type=Path, metavar="FILE.png", help="draw how well ships are heard where")
    show.add_argument("--geojson", type=Path, metavar="FILE", help="the same as data")
    show.set_defaults(do=show_main)


def main(args: argparse.Namespace) -> int:
    """Raises ConfigError."""
    return int(args.do(args))


def learn_main(args: argparse.Namespace) -> int:
    """0 when done, 1 where a file broke off: nothing is written then."""
    config = load_config(args.config)
    recordings = replay.recordings_of(args, config, _LEARN)
    with replay.shown(recordings) as bar:
        try:
            found = learned_from(bar.read(recordings))
        except UnreadableFileError as error:
            bar.message(f"hullwatch: {error}")
            return 1
    if found is None:
        raise ConfigError(_LEARN, "FILE", "ships that are heard for minutes at least: no interval was closed")
    outputs.save(_LEARN, "--out", args.out, json_of(found))
    print(f"{args.out}: {in_short(found, config.thresholds.silence_budget)}")  # noqa: T201  the command's answer
    return 0


def learned_from(arrivals: Iterable[Arrived]) -> Learned | None:
    """What these recordings teach; None where no time passes in them."""
    learner, silences, reception = Learner(), Silences(), Reception()
    begin: Instant | None = None
    end: Instant = 0
    feeds: set[str] = set()
    for record in Chain(Config(), watch_all=True).records(_noting(arrivals, feeds)):
        for natural in learner.takes(record):
            silences.add(natural)
        if isinstance(record, IntervalClosed):
            begin, end = record.end if begin is None else begin, record.end
            for run in learner.news:
                reception.add(run)
    for natural in learner.unheard():
        silences.add(natural)
    if begin is None:
        return None
    source = Source(begin, end, tuple(sorted(feeds)), learner.ships, round(learner.hull_days, 2))
    return learned(source, silences, reception.cells())


def _noting(arrivals: Iterable[Arrived], feeds: set[str]) -> Iterable[Arrived]:
    for arrived in arrivals:
        feeds.add(arrived.feed)
        yield arrived


def json_of(found: Learned) -> str:
    """A line for each point and cell, so that a person can read it and a diff shows what has changed."""
    return _text(cover.written(found), "") + "\n"


def _text(value: Any, indent: str) -> str:
    deeper = indent + "  "
    if isinstance(value, dict) and any(isinstance(inner, dict | list) for inner in value.values()):
        rows = [f"{json.dumps(key)}: {_text(inner, deeper)}" for key, inner in value.items()]
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        rows = [_text(inner, deeper) for inner in value]
    else:
        return json.dumps(value)
    begin, end = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join(deeper + row for row in rows)
    return f"{begin}\n{lines}\n{indent}{end}"


def show_main(args: argparse.Namespace) -> int:
    """Says it, and draws it where that was asked for."""
    found, thresholds = _shown(args)
    if args.geojson:
        outputs.save(_SHOW, "--geojson", args.geojson, json.dumps(features(found), indent=1))
    if args.map:
        if not found.cells:
            raise ConfigError(_SHOW, "--map", "cells in the cover")
        pictures.save(_SHOW, "--map", args.map, lambda charts: charts.cover(rows(found)))
    for line in words(found, thresholds):
        print(line)  # noqa: T201  the command's answer
    return 0


def _shown(args: argparse.Namespace) -> tuple[Learned, Thresholds]:
    """A file is judged by the thresholds of the folder in which it lies, if that is one."""
    if args.file is None:
        config = load_config(args.config)
        if config.cover is None:
            raise ConfigError(str(args.config / "cover.json"), "", "a file that `hullwatch coverage learn` has written")
        return config.cover, config.thresholds
    folder = args.file.parent
    beside = (folder / "watchlist.csv").exists() and args.file.name == "cover.json"
    return load_cover(args.file), load_config(folder).thresholds if beside else Thresholds()


def rows(found: Learned) -> list[tuple[tuple[float, float, float, float], float, bool]]:
    """South, west, north and east of each cell, the share of ships under way that are heard there, if much is known."""
    by_cell = {heard.cell: heard for heard in found.cells}
    return [
        (corners_of(cell), heard_share(by_cell, cell), heard.received + heard.missed >= THIN)
        for cell, heard in by_cell.items()
    ]


def features(found: Learned) -> dict[str, Any]:
    """A FeatureCollection with a square for each cell."""
    shares = rows(found)
    cells = [_feature(corners, share, cell) for (corners, share, _), cell in zip(shares, found.cells, strict=True)]
    return {"type": "FeatureCollection", "features": cells}


def _feature(corners: tuple[float, float, float, float], share: float, heard: CellHeard) -> dict[str, Any]:
    south, west, north, east = (round(edge, 5) for edge in corners)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    properties = {"heard": round(share, 3), "received_min": heard.received, "missed_min": heard.missed}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
