"""`hullwatch zones check` and `show`: what is flagged, as a list and as a picture.  `learn` is streams/transits.py."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from alerts.core.zones import Circle, Zone
from alerts.watchlist.rings import diameter_nm
from streams import pictures, transits
from streams.config import ConfigError, load_zones
from streams.settings import DEFAULT_FOLDER


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch zones`."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="check | show | learn")
    check = commands.add_parser("check", help="list them")
    show = commands.add_parser("show", help="draw them on the land")
    for command, do in ((check, check_main), (show, show_main)):
        command.add_argument("ids", metavar="ID", nargs="*", help="only these zones")
        command.add_argument(
            "--config", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="folder with zones.geojson"
        )
        command.set_defaults(do=do)
    show.add_argument("--out", type=Path, default=Path("zones.png"), metavar="FILE", help="default: zones.png")
    learn = commands.add_parser("learn", help="how long ships take through straits", description=transits.__doc__)
    transits.add_arguments(learn)
    learn.set_defaults(do=transits.main)


def main(args: argparse.Namespace) -> int:
    """Raises ConfigError with all that is wrong with the zones, or for an id that is not among them."""
    return int(args.do(args))


def check_main(args: argparse.Namespace) -> int:
    """A line for each zone."""
    for line in listed(chosen(load_zones(args.config), args.ids)):
        print(line)  # noqa: T201  the command's answer
    return 0


def show_main(args: argparse.Namespace) -> int:
    """The picture."""
    zones = chosen(load_zones(args.config), args.ids)
    draw(zones, args.out)
    print(f"{args.out}: {len(zones)} zone{'s' if len(zones) != 1 else ''}")  # noqa: T201
    return 0


def chosen(zones: Sequence[Zone], ids: Sequence[str]) -> list[Zone]:
    """Those of these ids, or all."""
    by_id = {zone.id: zone for zone in zones}
    for name in ids:
        if name not in by_id:
            raise ConfigError("hullwatch zones", name, "the id of a zone; `hullwatch zones check` lists them")
    return [by_id[name] for name in ids] if ids else list(zones)


def listed(zones: Sequence[Zone]) -> Iterator[str]:
    """One line a zone: kind, id, severity, size, how well it is known, gates."""
    for zone in zones:
        yield (
            f"{zone.kind:7} {zone.id:24} {zone.flag:9} {_size(zone)}, margin {zone.margin_nm:g} nm, "
            f"known to {zone.uncertainty_nm:g} nm{_ends(zone)}"
        )


def draw(zones: Sequence[Zone], out: Path) -> None:
    """Raises ConfigError where there is nothing to draw, or no way to."""
    if not zones:
        raise ConfigError("hullwatch zones", "show", "zones in the folder")
    pictures.save("hullwatch zones", "--out", out, lambda charts: charts.chart(zones))


def _size(zone: Zone) -> str:
    if isinstance(zone.shape, Circle):
        return f"{zone.shape.radius_nm:g} nm around"
    return f"{diameter_nm(zone.shape.ring):.0f} nm wide"


def _ends(zone: Zone) -> str:
    ends = dict.fromkeys(gate.end for gate in zone.gates)
    return f", {len(zone.gates)} gates: {', '.join(ends)}" if ends else ""
