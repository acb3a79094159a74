"""Scenario files as values: one story each, as a watch officer would tell it.

    begins = "08:00"                          "26:30" is half past two of the next day
    ends = "10:00"
    flagged = ["korea-strait"]                of the shipped zones; others are made up, below
    told = []                                 nothing must come; else [[told]], below

    [rules.silence]                           as in rules.toml
    floor_min = 15

    [feeds.coast]                             late, lateness_s, outage_limit_s: as in feeds.toml
    out = [["09:00", "09:40"]]                hears nothing then

    [ports.haven]                             flagged
    at = [41.0, 135.0]
    radius_nm = 3

    [areas.shoal]                             as ports; left a fifth of the radius outside

    [straits.sound]                           flagged, ten miles wide; the middle of its western and its eastern gate
    west = [41.05, 135.0]
    east = [41.05, 135.6]
    transit_h = 4

    [her]                                     watched; lies where she is until she sails
    class = "A"
    at = [41.0, 135.0]
    sails = [{from = "08:00", course_deg = 90, speed_kn = 12}]
    heard = [{by = "coast", until = "09:00", every_s = 10}]
    hangs = true                              her receiver: her position is the same to the last digit, else metres off
    habitually_dark = true                    by the watchlist

    [[others]]                                as she, so many abreast, northward; nobody watches them
    ships = 5
    ...

    [[told]]                                  everything that is told, in its order
    event = "opened"
    rule = "went_dark"
    severity = "warning"
    happened_at = "09:00"
    known_at = "09:15"
    says = "..."                              the summary,
    what = "transited"                        what happened at the place,
    cause = "outage.coast.20240203T090000Z"   what explains it, and
    evidence = {class = "moving"}             some of the evidence, where they matter

sails: `turns_min` = and back again, every so many minutes; `says_kn` and `says_deg` are what she says where that is not
so.  heard: `every_s` = [240, 480] is now and then; `lost` is a share of the reports, `in_a_row` how many are lost at a
time; `station` is another one than the feed's own; `delay_s` and `received` say when they arrive; `at` names single
reports; `says` is where she says that she is (0, 0 and 91, 181 to the last digit), `old_s` how long ago she was there.
What is not said is from beginning to end.  types: as heard, of static reports, with `draught_m`, `name`, `call_sign`,
`destination` and `imo` as they are typed; what is not typed is nobody's.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from alerts.core.geo import Fix
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Gate, Polygon, Zone
from alerts.routing.table import RouteError, Table
from alerts.watchlist import rules
from alerts.watchlist.flaws import WrongFileError
from streams import feed_settings
from streams.config import load_config
from streams.feed_settings import FeedSettings
from streams.settings import DEFAULT_FOLDER
from tests.witnesses import time

SHIPPED = {zone.id: zone for zone in load_config(DEFAULT_FOLDER).zones}
_MARGIN = 0.2
_HALF_WIDTH_DEG = 5 / 60


class WrongStoryError(ValueError):
    """A file that cannot be told: names the file, the key, and what was expected there."""


class Leg(NamedTuple):
    """From `begin` on; `turns_ms`: and back again, every so often.  `says` is what she says of her course and speed."""

    begin: Instant
    course_deg: float
    speed_kn: float
    turns_ms: int
    says: tuple[float, float]


class Hearing(NamedTuple):
    """What one station hears of a ship: at these times, or in a span."""

    feed: str
    station: str
    at: tuple[Instant, ...]
    span: tuple[Instant, Instant]
    every_s: tuple[float, float]
    lost: float
    in_a_row: float
    delay_ms: int
    received: Instant | None
    says: Fix | None = None
    old_ms: int = 0


class Typed(NamedTuple):
    """What is typed about the ship, and where it is heard."""

    heard: Hearing
    draught_m: float
    name: str
    call_sign: str
    destination: str
    imo: int


@dataclass(frozen=True, slots=True)
class Vessel:
    """A ship, or several abreast."""

    transponder: str
    at: Fix
    legs: tuple[Leg, ...]
    heard: tuple[Hearing, ...]
    types: tuple[Typed, ...] = ()
    ships: int = 1
    hangs: bool = False
    habitually_dark: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """`out` are the spans in which each feed is deaf; `told` is what must be said, by key."""

    thresholds: Thresholds
    feeds: tuple[FeedSettings, ...]
    out: dict[str, tuple[tuple[Instant, Instant], ...]]
    zones: tuple[Zone, ...]
    her: Vessel
    others: tuple[Vessel, ...]
    told: tuple[dict[str, Any], ...]


def read(path: Path) -> Story:
    """The story of a file; raises WrongStoryError."""
    try:
        return _story(tomllib.loads(path.read_text()))
    except (RouteError, WrongFileError, tomllib.TOMLDecodeError) as error:
        raise WrongStoryError(f"{path.name}: {error}") from error


def clock(at: Instant) -> str:
    """An Instant as the files write it."""
    seconds, ms = divmod(at - time("00:00"), SECOND)
    hours, left = divmod(seconds, 3600)
    text = f"{hours:02}:{left // 60:02}"
    return f"{text}:{left % 60:02}" + f".{ms:03}" * bool(ms) if left % 60 or ms else text


def _story(data: dict[str, Any]) -> Story:
    table = Table("", data)
    span = _moment(table, "begins"), _moment(table, "ends")
    out = {name: tuple(_deaf(feed)) for name, feed in table.named_tables("feeds").items()}
    story = Story(
        rules.parse(table.get("rules") or {}),
        feed_settings.parse({"feeds": {name: _live(data["feeds"][name]) for name in out}}, Path()),
        out,
        (
            *(SHIPPED[zone] for zone in table.among("flagged", SHIPPED)),
            *(_circle(name, "port", port) for name, port in table.named_tables("ports").items()),
            *(_circle(name, "area", area) for name, area in table.named_tables("areas").items()),
            *(_strait(name, strait) for name, strait in table.named_tables("straits").items()),
        ),
        _vessel(Table("her", table.get("her")), span, tuple(out)),
        tuple(_vessel(others, span, tuple(out), many=True) for others in table.tables("others")),
        tuple(_told(alert) for alert in table.tables("told")),
    )
    if table.get("told") is None:
        raise RouteError("told", "[[told]], or told = [] where nothing must come")
    table.finish()
    return story


def _moment(table: Table, key: str, default: Instant | None = None) -> Instant:
    value = table.get(key)
    return default if value is None and default is not None else _instant(value, table.path(key))


def _instant(value: object, where: str) -> Instant:
    try:
        hours, minutes, seconds = map(int, (str(value) + ":00").split(":")[:3])
    except ValueError:
        raise RouteError(where, f"a time as 08:00, 08:00:30 or 26:30, got {value!r:.60}") from None
    return time("00:00") + hours * HOUR + minutes * MINUTE + seconds * SECOND


def _deaf(feed: Table) -> Iterator[tuple[Instant, Instant]]:
    for span in _list(feed, "out"):
        match span:
            case [begin, end]:
                yield _instant(begin, feed.path("out")), _instant(end, feed.path("out"))
            case _:
                raise RouteError(feed.path("out"), f"pairs of times, got {span!r:.60}")


def _list(table: Table, key: str) -> list[Any]:
    value = table.get(key)
    if not isinstance(value, list | None):
        raise RouteError(table.path(key), f"a list, got {value!r:.60}")
    return value or []


def _live(feed: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "stdin", **{key: value for key, value in feed.items() if key != "out"}}


def _circle(name: str, kind: str, table: Table) -> Zone:
    radius_nm = table.number("radius_nm", 3.0, 0.1, 50)
    zone = Zone(name, name, kind, Circle(*_fix(table), radius_nm), _MARGIN * radius_nm, (), "caution", "made up", 0.0)
    table.finish()
    return zone


def _strait(name: str, strait: Table) -> Zone:
    west, east = _gate(strait, "west"), _gate(strait, "east")
    ring = Polygon((*west.line, *reversed(east.line), west.line[0]))
    transit_h = strait.number("transit_h", 0, 0.5, 1000) or None
    strait.finish()
    return Zone(name, name, "strait", ring, 1.0, (west, east), "info", "made up", 0.0, transit_h)


def _gate(strait: Table, end: str) -> Gate:
    lat, lon = _fix(strait, end)
    return Gate(f"{end}ern gate", ((lat - _HALF_WIDTH_DEG, lon), (lat + _HALF_WIDTH_DEG, lon)), end)


def _fix(table: Table, key: str = "at") -> Fix:
    match table.get(key):
        case [float() | int() as lat, float() | int() as lon]:
            return lat, lon
        case got:
            raise RouteError(table.path(key), f"latitude and longitude, got {got!r:.60}")


def _vessel(table: Table, span: tuple[Instant, Instant], feeds: tuple[str, ...], many: bool = False) -> Vessel:
    vessel = Vessel(
        table.choice("class", ("A", "B"), "A"),
        _fix(table),
        tuple(_leg(leg, span[0]) for leg in table.tables("sails")),
        tuple(_hearing(heard, span, feeds) for heard in table.tables("heard")),
        tuple(_typed(typed, span, feeds) for typed in table.tables("types")),
        int(table.number("ships", 1, 1, 100)) if many else 1,
        bool(table.get("hangs")),
        not many and bool(table.get("habitually_dark")),
    )
    table.finish()
    return vessel


def _leg(leg: Table, begins: Instant) -> Leg:
    turns_ms = round(leg.number("turns_min", 0, 1, 1440) * MINUTE)
    course, speed = leg.number("course_deg", 0, 0, 360), leg.number("speed_kn", 0, 0, 60)
    says = leg.number("says_deg", course, 0, 360), leg.number("says_kn", speed, 0, 60)
    sailed = Leg(_moment(leg, "from", begins), course, speed, turns_ms, says)
    leg.finish()
    return sailed


def _hearing(table: Table, span: tuple[Instant, Instant], feeds: tuple[str, ...]) -> Hearing:
    received, lost = table.get("received"), table.number("lost", 0, 0, 0.99)
    feed = table.choice("by", feeds)
    hearing = Hearing(
        feed,
        table.text("station", feed),
        tuple(_instant(at, table.path("at")) for at in _list(table, "at")),
        (_moment(table, "from", span[0]), _moment(table, "until", span[1])),
        _every_s(table),
        lost,
        table.number("in_a_row", 1 / (1 - lost), 1, 1000),
        round(table.number("delay_s", 1, 0, 86_400) * SECOND),
        None if received is None else _instant(received, table.path("received")),
        None if table.get("says") is None else _fix(table, "says"),
        round(table.number("old_s", 0, 0, 86_400) * SECOND),
    )
    table.finish()
    return hearing


def _typed(table: Table, span: tuple[Instant, Instant], feeds: tuple[str, ...]) -> Typed:
    draught_m = table.number("draught_m", 0, 0, 25.5)
    name, call_sign, bound = (table.text(key, "NOBODY") for key in ("name", "call_sign", "destination"))
    imo = int(table.number("imo", 0, 0, 9_999_999))
    return Typed(_hearing(table, span, feeds), draught_m, name, call_sign, bound, imo)


def _every_s(table: Table) -> tuple[float, float]:
    match table.get("every_s"):
        case [float() | int() as least, float() | int() as most] if 1 <= least <= most:
            return least, most
        case float() | int() as every if every >= 1:
            return every, every
        case None:
            return 10, 10
        case got:
            raise RouteError(table.path("every_s"), f"seconds, or the least and the most, got {got!r:.60}")


def _told(table: Table) -> dict[str, Any]:
    told = {key: table.text(key) for key in ("event", "rule", "severity", "happened_at", "known_at")}
    more = {key: table.get(key) for key in ("says", "what", "cause", "evidence")}
    table.finish()
    return told | {key: value for key, value in more.items() if value is not None}
