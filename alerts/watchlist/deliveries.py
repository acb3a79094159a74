"""The file of delivery patterns (deliveries.toml): what `hullwatch hull show` counts.

[[delivery]]
name = "munitions"
from = ["rajin"]                    ids of ports in zones.geojson
to = ["dunay", "vladivostok"]
within_days = 30
speed_kn = 15                       the most that she makes
port_h = 12                         the least that she lies in port
"""

from collections.abc import Collection
from typing import Any

from alerts.routing.table import RouteError, Table
from alerts.voyages.deliveries import Pattern
from alerts.watchlist.flaws import Flaws

_UNSET = Pattern("", (), (), 30)


def parse(data: dict[str, Any], ports: Collection[str]) -> tuple[Pattern, ...]:
    """The file as `tomllib` reads it; raises WrongFileError with all that is wrong."""
    flaws, patterns, root = Flaws(), list[Pattern](), Table("", data)
    with flaws.noted():
        for table in root.tables("delivery"):
            with flaws.noted():
                patterns.append(_pattern(table, sorted(ports)))
        root.finish()
    flaws.refuse()
    return tuple(patterns)


def _ports(table: Table, key: str, ports: list[str]) -> tuple[str, ...]:
    found = table.among(key, ports or ["(zones.geojson has no port)"])
    if not found:
        raise RouteError(table.path(key), "ids of ports in zones.geojson, at least one")
    return found


def _pattern(table: Table, ports: list[str]) -> Pattern:
    pattern = Pattern(
        table.text("name"),
        _ports(table, "from", ports),
        _ports(table, "to", ports),
        float(table.number("within_days", _UNSET.within_days, 0.1, 400)),
        float(table.number("speed_kn", _UNSET.speed_kn, 1, 50)),
        float(table.number("port_h", _UNSET.port_h, 0, 2400)),
    )
    table.finish()
    for zone in pattern.origins:
        if zone in pattern.destinations:
            raise RouteError(table.path("to"), f"other ports than in `from`, got {zone!r}")
    return pattern
