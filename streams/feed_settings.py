"""The feeds file (feeds.toml) as values.

    [feeds.harbour]                 [feeds.satellite]             [feeds.archive]
    kind = "tcp"                    kind = "kafka"                kind = "file"
    host = "192.0.2.7"              topic = "somebody.nmea"       path = "january.nmea.gz"
    port = 5631                     late = true                   speed = 10

Durations are in seconds here and in milliseconds as values.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from alerts.core.instants import DAY, HOUR, MINUTE, SECOND
from alerts.routing.table import RouteError, Table

FeedKind = Literal["tcp", "udp", "file", "stdin", "kafka"]


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """One named input.  `outage_limit_ms` None: a gap is never an outage; `speed` None: as fast as possible.

    `station` is that of lines that name none, '' the feed's own name; `bootstrap` '' is our own Kafka.
    What a kind does not need is left as it is here.
    """

    name: str
    kind: FeedKind
    late: bool = False
    lateness_ms: int = 10 * SECOND
    outage_limit_ms: int | None = 5 * MINUTE
    station: str = ""
    host: str = ""
    port: int = 0
    path: str = ""
    topic: str = ""
    bootstrap: str = ""
    speed: float | None = None


def parse(data: dict[str, Any], folder: Path) -> tuple[FeedSettings, ...]:
    """The feeds file as `tomllib` reads it; relative paths start at `folder`.  Raises RouteError with the key."""
    table = Table("", data)
    feeds = tuple(_feed(name, entry, folder) for name, entry in table.named_tables("feeds").items())
    table.finish()
    return feeds


def _feed(name: str, table: Table, folder: Path) -> FeedSettings:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", name):
        raise RouteError(table.where, "a name of at most 40 letters, digits, '.', '-' and '_'")
    kind: Any = table.choice("kind", get_args(FeedKind))
    late = _yes(table, "late")
    feed = FeedSettings(
        name=name,
        kind=kind,
        late=late,
        lateness_ms=_ms(table, "lateness_s", 2 * HOUR if late else 10 * SECOND, 0),
        outage_limit_ms=_outage_limit_ms(table, None if late else 5 * MINUTE),
        station=table.text("station", ""),
    )
    feed = _WAYS[kind](feed, table, folder)
    table.finish()
    return feed


def _address(feed: FeedSettings, table: Table, _: Path) -> FeedSettings:
    return replace(feed, host=table.text("host", _ANY_HOST.get(feed.kind)), port=_port(table))


def _file(feed: FeedSettings, table: Table, folder: Path) -> FeedSettings:
    return replace(feed, path=str(folder / table.text("path")), speed=_speed(table))


def _stdin(feed: FeedSettings, table: Table, _: Path) -> FeedSettings:
    return replace(feed, speed=_speed(table))


def _kafka(feed: FeedSettings, table: Table, _: Path) -> FeedSettings:
    return replace(feed, topic=table.text("topic"), bootstrap=table.text("bootstrap", ""))


_ANY_HOST = {"udp": "127.0.0.1"}
"""Where UDP listens unless the file says otherwise; TCP must be told whom to call."""
_WAYS: dict[FeedKind, Callable[[FeedSettings, Table, Path], FeedSettings]] = {
    "tcp": _address,
    "udp": _address,
    "file": _file,
    "stdin": _stdin,
    "kafka": _kafka,
}


def _yes(table: Table, key: str) -> bool:
    value = table.get(key)
    if value is not None and not isinstance(value, bool):
        raise RouteError(table.path(key), f"true or false, got {value!r:.60}")
    return bool(value)


def _ms(table: Table, key: str, default_ms: int, low_s: float) -> int:
    return round(table.number(key, default_ms / SECOND, low_s, 7 * DAY / SECOND) * SECOND)


def _outage_limit_ms(table: Table, default_ms: int | None) -> int | None:
    """Feeds tell their time every 10 s, so that a limit under 30 s would find outages where there are none."""
    if table.get("outage_limit_s") == "none":
        return None
    if table.get("outage_limit_s") is None:
        return default_ms
    return _ms(table, "outage_limit_s", 0, 30)


def _port(table: Table) -> int:
    port = table.get("port")
    if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
        raise RouteError(table.path("port"), "a port from 1 to 65535" + ("" if port is None else f", got {port!r:.60}"))
    return port


def _speed(table: Table) -> float | None:
    if table.get("speed") in (None, "fastest"):
        return None
    return float(table.number("speed", 1.0, 0.001, 1_000_000))
