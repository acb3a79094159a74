"""`hullwatch zones learn`: how long ships take through the folder's straits, from recordings.

    hullwatch zones learn --config config january.nmea.gz
    hullwatch zones learn --config config january.nmea.gz --out config/zones.geojson

Every ship that is heard counts, watched or not.  What is written takes force with `hullwatch apply`.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from alerts.core.instants import MINUTE, spoken
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Zone
from alerts.voyages.transits import LEAST, SHARE, transit_h, transits, within
from streams import outputs, replay
from streams.chain import Chain
from streams.config import Config, ConfigError, load_config
from streams.feeds.file import UnreadableFileError
from streams.recordings import Arrived

_COMMAND = "hullwatch zones learn"
Minutes = Mapping[str, Sequence[int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch zones learn`."""
    replay.add_inputs(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the zones there, with the transit_h that was learned"
    )


def main(args: argparse.Namespace) -> int:
    """0 when done, 1 where a file broke off: nothing is written then."""
    config = load_config(args.config)
    straits = tuple(zone for zone in config.zones if zone.kind == "strait")
    if not straits:
        raise ConfigError(_COMMAND, str(args.config), "straits among the folder's zones")
    recordings = replay.recordings_of(args, config, _COMMAND)
    with replay.shown(recordings) as bar:
        try:
            found = learned_from(bar.read(recordings), straits, config.thresholds)
        except UnreadableFileError as error:
            bar.message(f"hullwatch: {error}")
            return 1
    for line in told(straits, found):
        print(line)  # noqa: T201  the command's answer
    if args.out:
        document = with_transits(_document(args.config / "zones.geojson"), config.zones, found)
        outputs.save(_COMMAND, "--out", args.out, json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return 0


def learned_from(arrivals: Iterable[Arrived], straits: tuple[Zone, ...], thresholds: Thresholds) -> Minutes:
    """Minutes of each transit that these recordings have, by strait."""
    chain = Chain(Config(zones=straits, thresholds=thresholds), watch_all=True)
    return transits(chain.run(arrivals))


def told(straits: Sequence[Zone], found: Minutes) -> Iterator[str]:
    """A line for each strait that anybody passed, and one for the others."""
    seen = [zone for zone in straits if zone.id in found]
    if seen:
        yield f"{'strait':24}{'transits':>10}{'half took':>14}{f'{SHARE:.0%} took':>14}{'longest':>14}  transit_h"
    for zone in seen:
        minutes = found[zone.id]
        times = (spoken(within(minutes, share) * MINUTE) for share in (0.5, SHARE, 1.0))
        yield f"{zone.id:24}{len(minutes):10,}{''.join(f'{time:>14}' for time in times)}  {_given(zone, minutes)}"
    nobody = len(straits) - len(seen)
    if nobody:
        yield f"{nobody} of {len(straits)} straits: nobody was seen to pass from end to end."


def _given(zone: Zone, minutes: Sequence[int]) -> str:
    now, hours = "none" if zone.transit_h is None else f"{zone.transit_h:g}", transit_h(minutes)
    return f"{now}, as it was: fewer than {LEAST} transits" if hours is None else f"{hours:g} learned, {now} before"


def with_transits(document: dict[str, Any], zones: Sequence[Zone], found: Minutes) -> dict[str, Any]:
    """The zones' file with what was learned; everything else in it as it was."""
    features = [
        _feature(feature, transit_h(found.get(zone.id, ())))
        for feature, zone in zip(document["features"], zones, strict=True)
    ]
    return {**document, "features": features}


def _feature(feature: dict[str, Any], hours: float | None) -> dict[str, Any]:
    return feature if hours is None else {**feature, "properties": {**feature["properties"], "transit_h": hours}}


def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document
