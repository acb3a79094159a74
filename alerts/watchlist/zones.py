"""The zones file (zones.geojson) as flagged zones.

A FeatureCollection (RFC 7946: WGS 84, longitude first).  Each feature is one zone:

    geometry     Point with the property radius_nm (port, area), or Polygon of one ring: its legs are straight on the
                 chart, up to 85 degrees of latitude; a circle may lie round a pole
    name, kind   kind: area, port or strait
    flag         info, caution, warning or critical: the severity of what happens there
    source, uncertainty_nm      where its border comes from, and how well it is known
    id           given once and never changed; without one it is made of the name
    margin_nm    out only when further than this outside; else 10 % of the diameter (polygon: of a circle as large)
    gates        of a strait: [{"name": ..., "end": ..., "type": "LineString", "coordinates": ...}] on its border, where
                 ships pass; `end` is north, southeast or any word, and several gates can close one; else the name
    transit_h    of a strait: how long ships take through it at most, as a rule
    detour       of a strait: {"within_nm": 600, "ways": [{"name": ..., "type": "LineString", "coordinates": ...}]}:
                 from one end to another, a ship that does not pass the strait crosses one of these lines, from shore
                 to shore, or goes further than so far from the mean of the strait's corners; and for each gate
    side_nm      32 numbers: so far from the middle of the gate's longest leg, in each sector of the compass from north
                 on, all water lies off this end, as tests/detours.py makes them
    note         for people
"""

import math
import re
from typing import Any, get_args

from alerts.core.alert import Severity
from alerts.core.geo import Fix, distance_to_line_nm
from alerts.core.passage import SECTORS, SIDE_NM
from alerts.core.zones import Circle, Detour, Gate, Kind, Polygon, Zone
from alerts.routing.table import RouteError, Table
from alerts.watchlist import rings
from alerts.watchlist.entries import ID_EXPECTED, ID_PATTERN, PRINTABLE, is_printable
from alerts.watchlist.flaws import Flaws

GATE_OFF_BORDER_NM = 2.0
"""So far from the border may the ends of a gate lie: lines are drawn by hand."""
MAX_RADIUS_NM, MAX_DETOUR_NM = 1_000.0, 5_000.0


def parse(data: Any) -> tuple[Zone, ...]:
    """The zones in the file's order, of the document as JSON; raises WrongFileError with the first flaw of each."""
    flaws, zones = Flaws(), dict[str, tuple[str, Zone]]()
    with flaws.noted():
        for n, feature in enumerate(_features(data)):
            with flaws.noted():
                where = f"features[{n}]{_label(feature)}"
                zone = _zone(where, feature)
                other, _ = zones.setdefault(zone.id, (where, zone))
                if other != where:
                    raise RouteError(f"{where}.properties.id", f"an id of its own, {zone.id!r} is also {other}")
    flaws.refuse()
    return tuple(zone for _, zone in zones.values())


def _features(data: Any) -> list[Any]:
    collection = Table("", data)
    collection.choice("type", ("FeatureCollection",))
    crs = collection.get("crs")
    if crs is not None and "CRS84" not in str(crs):
        raise RouteError("crs", "none, or CRS84: WGS 84, longitude first")
    features = collection.get("features")
    if not isinstance(features, list):
        raise RouteError("features", "a list of features")
    return features


def _label(feature: Any) -> str:
    """How a person finds the feature again, whatever it is."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    given = properties.get("id") or properties.get("name") if isinstance(properties, dict) else None
    return f" ({given:.40})" if isinstance(given, str) and given.isprintable() else ""


def _zone(where: str, feature: Any) -> Zone:
    table = Table(where, feature)
    table.choice("type", ("Feature",))
    geometry = Table(table.path("geometry"), table.get("geometry"))
    properties = Table(table.path("properties"), table.get("properties"))
    kind: Kind = properties.choice("kind", get_args(Kind))  # type: ignore[assignment]  # choice has checked it
    name = _words(properties, "name")
    shape = _shape(geometry, properties, kind)
    zone = Zone(
        id=_id(properties, name),
        name=name,
        kind=kind,
        shape=shape,
        margin_nm=_number(properties, "margin_nm", 0, 100, _own_margin_nm(shape)),
        gates=_gates(properties, shape) if kind == "strait" else (),
        flag=properties.choice("flag", [str(severity) for severity in Severity]),
        source=_words(properties, "source"),
        uncertainty_nm=_number(properties, "uncertainty_nm", 0, 100),
        transit_h=_transit_h(properties) if kind == "strait" else None,
        detour=_detour(properties) if kind == "strait" else None,
    )
    properties.get("note")
    properties.finish()
    return zone


def _words(table: Table, key: str) -> str:
    """Half a surrogate pair, which JSON can name, cannot be printed either."""
    text = " ".join(table.text(key).split())
    if not is_printable(text):
        raise RouteError(table.path(key), f"{PRINTABLE}, got {text!r:.60}")
    return text


def _id(properties: Table, name: str) -> str:
    """The name in small letters, with hyphens, where none is given."""
    given = properties.get("id")
    zone_id = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") if given is None else given
    if not isinstance(zone_id, str) or not re.fullmatch(ID_PATTERN, zone_id):
        raise RouteError(properties.path("id"), f"{ID_EXPECTED}, got {zone_id!r:.60}")
    return zone_id


def _shape(geometry: Table, properties: Table, kind: Kind) -> Circle | Polygon:
    ways = ("Polygon",) if kind == "strait" else ("Point", "Polygon")
    if geometry.choice("type", ways) == "Polygon":
        return Polygon(_ring(geometry))
    lat, lon = _fix(geometry.path("coordinates"), geometry.get("coordinates"))
    return Circle(lat, lon, _number(properties, "radius_nm", 0.01, MAX_RADIUS_NM))


def _ring(geometry: Table) -> tuple[Fix, ...]:
    where, coordinates = geometry.path("coordinates"), geometry.get("coordinates")
    if not isinstance(coordinates, list) or len(coordinates) != 1:
        raise RouteError(where, "one ring, [[[lon, lat], ...]]: no holes")
    ring = _line(f"{where}[0]", coordinates[0], 1)
    flaw = rings.flaw_of(ring)
    if flaw:
        raise RouteError(f"{where}[0]", flaw)
    return ring


def _line(where: str, coordinates: Any, least: int) -> tuple[Fix, ...]:
    """At least so many fixes; a point that is given twice in a row counts once."""
    if not isinstance(coordinates, list):
        raise RouteError(where, "a list of [lon, lat]")
    fixes = [_fix(f"{where}[{n}]", point) for n, point in enumerate(coordinates)]
    line = tuple(fix for n, fix in enumerate(fixes) if n == 0 or fix != fixes[n - 1])
    if len(line) < least:
        raise RouteError(where, f"{least} different points or more, got {len(line)}")
    return line


def _fix(where: str, point: Any) -> Fix:
    """[lon, lat], and perhaps a height, which is not used."""
    numbers = isinstance(point, list) and 2 <= len(point) <= 3 and all(type(x) in (int, float) for x in point)
    if not numbers or not -180 <= point[0] <= 180 or not -90 <= point[1] <= 90:
        turned = ": longitude comes first" if numbers and abs(point[1]) > 90 >= abs(point[0]) else ""
        raise RouteError(where, f"[lon, lat] in degrees, -180 to 180 and -90 to 90, got {point!r:.60}{turned}")
    return float(point[1]), float(point[0])


def _number(table: Table, key: str, low: float, high: float, unset: float = math.nan) -> float:
    """Required where nothing stands for it."""
    number = float(table.number(key, unset, low, high))
    if math.isnan(number):
        raise RouteError(table.path(key), f"a number from {low:g} to {high:g}")
    return number


def _transit_h(properties: Table) -> float | None:
    hours = float(properties.number("transit_h", math.nan, 0.5, 1_000))
    return None if math.isnan(hours) else hours


def _detour(properties: Table) -> Detour | None:
    given = properties.get("detour")
    if given is None:
        return None
    table = Table(properties.path("detour"), given)
    within_nm, ways = _number(table, "within_nm", 1, MAX_DETOUR_NM), tuple(map(_way, table.tables("ways")))
    table.finish()
    return Detour(within_nm, ways)


def _way(table: Table) -> tuple[Fix, ...]:
    _words(table, "name")
    table.choice("type", ("LineString",))
    line = _line(table.path("coordinates"), table.get("coordinates"), 2)
    table.finish()
    return line


def _own_margin_nm(shape: Circle | Polygon) -> float:
    """Rounded, so that the last bit of a sum does not make another version."""
    if isinstance(shape, Circle):
        return round(0.2 * shape.radius_nm, 3)
    return round(0.1 * rings.diameter_nm(shape.ring), 3)


def _gates(properties: Table, shape: Circle | Polygon) -> tuple[Gate, ...]:
    gates = tuple(_gate(table, shape) for table in properties.tables("gates"))
    if not gates:
        raise RouteError(properties.path("gates"), "the gates of the strait, at least one")
    names = [gate.name for gate in gates]
    if len(set(names)) < len(names):
        raise RouteError(properties.path("gates"), f"a name of its own for each, got {', '.join(names):.100}")
    return gates


def _gate(table: Table, shape: Circle | Polygon) -> Gate:
    table.choice("type", ("LineString",))
    line = _line(table.path("coordinates"), table.get("coordinates"), 2)
    name = _words(table, "name")
    gate = Gate(name, line, name if table.get("end") is None else _words(table, "end"), _side_nm(table))
    table.finish()
    assert isinstance(shape, Polygon)
    for n in (0, -1):
        off_nm = distance_to_line_nm(line[n], shape.ring)
        if off_nm > GATE_OFF_BORDER_NM:
            expected = f"a gate that ends within {GATE_OFF_BORDER_NM:g} nm of the strait's border, got {off_nm:.1f} nm"
            raise RouteError(table.path(f"coordinates[{n % len(line)}]"), expected)
    return gate


def _side_nm(table: Table) -> tuple[int, ...]:
    given = table.get("side_nm")
    if given is None:
        return ()
    numbers = isinstance(given, list) and all(type(nm) is int and 0 <= nm <= SIDE_NM for nm in given)
    if not numbers or len(given) != SECTORS:
        raise RouteError(table.path("side_nm"), f"{SECTORS} whole numbers from 0 to {SIDE_NM}, got {given!r:.60}")
    return tuple(given)
