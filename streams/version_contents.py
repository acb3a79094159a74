"""What a version stands for, as bytes: `kind/format` + a space + JSON, as in codec.py.

An id is made of these bytes, so a version can never come to mean something else; what does not have the bytes that its
id says is not that version.  The order of entries in a file makes no difference.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from alerts.core.curve import Curve
from alerts.core.geo import Fix
from alerts.core.hull import Hull
from alerts.core.intervals import Versions
from alerts.core.seaway import SeaTable
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Detour, Gate, Kind, Polygon, Zone, ZoneIndex
from alerts.watchlist.seaways import Seaways
from streams.config import Config, ConfigError

MAX_CONTENT_BYTES = 8_000_000
MAX_RECORD_BYTES = MAX_CONTENT_BYTES + 100_000
"""`ais.versions` takes records of 8 MiB; about 50,000 hulls."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The versions of one folder, and the bytes of each by its id."""

    versions: Versions
    values: Mapping[str, bytes]


def contents(config: Config) -> Contents:
    """What of a folder is published; raises ConfigError for a list that is too long."""
    versions, values = {}, {}
    for kind, what in _published(config).items():
        value = b"%s/1 %s" % (kind.encode(), msgspec.json.encode(what))
        if len(value) > MAX_CONTENT_BYTES:
            raise ConfigError(kind, "", f"at most {MAX_CONTENT_BYTES:,} bytes as one version, got {len(value):,}")
        versions[kind] = _id(kind, value)
        values[versions[kind]] = value
    return Contents(Versions(**versions), values)


def content(version: str, value: bytes) -> object | None:
    """The ZoneIndex, Thresholds, hulls or Curve of a version; None where these bytes are not that version."""
    kind, _, _ = version.partition("/")
    if kind not in _DECODERS or _id(kind, value) != version:
        return None
    head, _, body = value.partition(b" ")
    if head != f"{kind}/1".encode():
        return None
    try:
        return _meant(kind, _DECODERS[kind].decode(body))
    except msgspec.MsgspecError:
        return None  # a newer program's


def _id(kind: str, value: bytes) -> str:
    return f"{kind}/{sha256(value).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class _Sea:
    """A SeaTable, its values packed."""

    south: int
    west: int
    columns: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class _Zone:
    """A Zone whose shape is told by the field that it stands in, with its sea distances where it is a port at sea."""

    id: str
    name: str
    kind: Kind
    circle: Circle | None
    ring: tuple[Fix, ...] | None
    margin_nm: float
    gates: tuple[Gate, ...]
    flag: str
    source: str
    uncertainty_nm: float
    transit_h: float | None = None
    sea: _Sea | None = None
    detour: Detour | None = None


_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "zones": msgspec.json.Decoder(tuple[_Zone, ...]),
    "rules": msgspec.json.Decoder(Thresholds),
    "watchlist": msgspec.json.Decoder(tuple[Hull, ...]),
    "cover": msgspec.json.Decoder(Curve),
}


def _published(config: Config) -> dict[str, Any]:
    """Of a cover only what takes force: how well ships are heard where is for people."""
    seas, cover = Seaways(config.zones), {} if config.cover is None else {"cover": config.cover.curve}
    return cover | {
        "zones": [_flat(zone, seas.get(zone.id)) for zone in sorted(config.zones, key=lambda zone: zone.id)],
        "rules": config.thresholds,
        "watchlist": sorted(config.watchlist, key=lambda hull: hull.id),
    }


def _meant(kind: str, decoded: Any) -> object:
    if kind != "zones":
        return decoded
    seas = {zone.id: _unpacked(zone.sea) for zone in decoded if zone.sea is not None}
    return ZoneIndex.of((_whole(zone) for zone in decoded), seas)


def _packed(sea: SeaTable | None) -> _Sea | None:
    return None if sea is None else _Sea(sea.south, sea.west, sea.columns, zlib.compress(sea.values, 9))


def _unpacked(sea: _Sea) -> SeaTable:
    return SeaTable(sea.south, sea.west, sea.columns, zlib.decompress(sea.packed))


def _flat(zone: Zone, sea: SeaTable | None) -> _Zone:
    shape = zone.shape
    return _Zone(
        id=zone.id,
        name=zone.name,
        kind=zone.kind,
        circle=shape if isinstance(shape, Circle) else None,
        ring=shape.ring if isinstance(shape, Polygon) else None,
        margin_nm=zone.margin_nm,
        gates=zone.gates,
        flag=zone.flag,
        source=zone.source,
        uncertainty_nm=zone.uncertainty_nm,
        transit_h=zone.transit_h,
        sea=_packed(sea),
        detour=zone.detour,
    )


def _whole(zone: _Zone) -> Zone:
    return Zone(
        id=zone.id,
        name=zone.name,
        kind=zone.kind,
        shape=zone.circle or Polygon(zone.ring or ()),
        margin_nm=zone.margin_nm,
        gates=zone.gates,
        flag=zone.flag,
        source=zone.source,
        uncertainty_nm=zone.uncertainty_nm,
        transit_h=zone.transit_h,
        detour=zone.detour,
    )
