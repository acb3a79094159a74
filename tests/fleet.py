"""Ships, and one engine that watches them, in the field's words.

ship(273210440).at("08:00").moving(12)      what a transponder says
watch.hears(ship(...)); watch.until("09:00")  what an engine makes of it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from alerts.core.alert import Alert
from alerts.core.engine import Engine
from alerts.core.frozen import Struct, replace
from alerts.core.geo import Fix, destination
from alerts.core.heard import MOORED, Heard, Says
from alerts.core.hull import Hull
from alerts.core.instants import INTERVAL, Instant
from alerts.core.intervals import CoverRun, IntervalClosed, LateTick, Outage, Versions, Watched
from alerts.core.reports import Origin, Report
from alerts.core.seaway import SeaTable
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Gate, Polygon, Zone, ZoneIndex
from alerts.rules import RULES
from tests.witnesses import OPEN_SEA, busy, time

ANGARA = Hull("imo-9179842", 9179842, 273210440, "ANGARA", "UBYT2", "carries munitions")

HAVEN: Fix = (0.0, 100.0)
SHOAL: Fix = (0.0, 110.0)
HAVEN_NM, HAVEN_MARGIN_NM, SHOAL_NM, SHOAL_MARGIN_NM = 3.0, 0.6, 10.0, 2.0
"""Two circles: the port Haven, the area Shoal."""

haven = Zone("haven", "Haven", "port", Circle(*HAVEN, HAVEN_NM), HAVEN_MARGIN_NM, (), "caution", "made up", 0.0)
shoal = Zone("shoal", "Shoal", "area", Circle(*SHOAL, SHOAL_NM), SHOAL_MARGIN_NM, (), "warning", "made up", 0.0)
narrows = Zone(
    "narrows",
    "The Narrows",
    "strait",
    Polygon(((0.0, 120.0), (0.0, 121.0), (1.0, 121.0), (1.0, 120.0), (0.0, 120.0))),
    3.0,
    (
        Gate("west gate", ((0.2, 120.0), (0.8, 120.0)), "west"),
        Gate("east gate", ((0.2, 121.0), (0.8, 121.0)), "east"),
    ),
    "critical",
    "made up",
    0.0,
)
"""A strait one degree wide, from gate to gate."""


def east_of(fix: Fix, nm: float) -> Fix:
    """So many miles east."""
    return destination(fix, 90, nm)


class Ship(Struct, frozen=True):
    """One report in the making: each word returns a new one."""

    heard: Heard
    hull: str = ANGARA.id
    received_at: Instant | None = None

    def _with(self, **changes: object) -> Ship:
        return replace(self, heard=self.heard._replace(**changes))

    def at(self, clock: str, day: int = 0) -> Ship:
        return self._with(at=time(clock, day))

    def near(self, fix: Fix) -> Ship:
        return self._with(lat=fix[0], lon=fix[1])

    def moving(self, speed_kn: float) -> Ship:
        return self._with(speed_kn=speed_kn)

    def moored(self, speed_kn: float | None = None) -> Ship:
        return self._with(speed_kn=speed_kn, status=MOORED)

    def without_speed(self) -> Ship:
        return self._with(speed_kn=None)

    def without_position(self) -> Ship:
        return self._with(type=5, lat=None, lon=None, speed_kn=None)

    def says(self, draught_m: float | None = None, name: str | None = None, **more: str) -> Ship:
        """A static report: no position."""
        return self.without_position()._with(says=Says(draught_m, name, **more))

    def class_b(self) -> Ship:
        return self._with(type=18)

    def by(self, feed: str) -> Ship:
        return self._with(feed=feed)

    def through(self, station: str) -> Ship:
        return self._with(station=station)

    def received(self, clock: str, day: int = 0) -> Ship:
        return replace(self, received_at=time(clock, day))

    def of(self, hull: str) -> Ship:
        return replace(self, hull=hull)

    def report(self, origin: Origin) -> Report:
        h, says = self.heard, self.heard.says or Says()
        received_at = h.at if self.received_at is None else self.received_at
        return Report(
            self.hull,
            h.feed,
            h.station,
            h.mmsi,
            h.type,
            h.at,
            received_at,
            origin,
            h.lat,
            h.lon,
            h.speed_kn,
            h.course_deg,
            None,
            h.status,
            draught_m=says.draught_m,
            name=says.name,
            call_sign=says.call_sign,
            destination=says.destination,
            imo=says.imo,
            another_imo=says.another_imo,
        )


def ship(mmsi: int) -> Ship:
    """A class A ship in the open sea at noon, at 12 kn, heard by feed `coast`."""
    return Ship(Heard(time("12:00"), "coast", "mast", mmsi, 1, *OPEN_SEA, 12.0))


TIMER = Thresholds(silence_floor_min=30.0, silence_ceiling_min=30.0, stopped_silence_min=30.0)
"""Under full cover a plain timer of half an hour, an hour in port."""
WATERS: tuple[Fix, ...] = (OPEN_SEA, HAVEN, SHOAL, (0.5, 120.0), (0.5, 121.0))
"""Ships are heard all around these places, every minute."""


def sea(first: Instant, last: Instant, waters: tuple[Fix, ...] = WATERS) -> Iterator[CoverRun]:
    """Around these places the sea looks the same in every interval that ends from `first` to `last`."""
    seas = [busy(place) for place in waters]
    if seas and first <= last:
        yield CoverRun(first, last, seas[0][0], {cell: row for _, cells in seas for cell, row in cells.items()})


@dataclass
class Watch:
    """One engine on one partition, from 00:00 on, with the zones and thresholds given.

    `waters`: where other ships are heard; nowhere else is anybody.  `cover`: the version of a curve, in `contents`;
    `seas`: of ports that have land before them.
    """

    zones: Iterable[Zone] = (haven, shoal, narrows)
    thresholds: Thresholds = TIMER
    hulls: tuple[Hull, ...] = (ANGARA,)
    told: list[Alert] = field(default_factory=list)
    offset: int = -1
    engine: Engine = field(init=False)
    contents: dict[str, object] = field(init=False)
    late: tuple[LateTick, ...] = ()
    waters: tuple[Fix, ...] = WATERS
    cover: str = ""
    seas: Mapping[str, SeaTable] = field(default_factory=dict)
    closings: int = 0

    def __post_init__(self) -> None:
        self.contents = {"zones": ZoneIndex.of(self.zones, self.seas), "rules": self.thresholds}
        self.engine = Engine(self.contents, RULES)
        for hull in self.hulls:
            self.takes(Watched(hull.id, hull))
        self.until("00:00")

    def takes(self, record: Report | Watched | IntervalClosed) -> list[Alert]:
        """The next record of the partition; what is told of it."""
        self.offset += 1
        step = self.engine.apply(self.offset, record)
        self.engine.commit(step)
        self.told += step.alerts
        return list(step.alerts)

    def hears(self, *ships: Ship) -> list[Alert]:
        """Reports, each from a source record of its own."""
        return [alert for s in ships for alert in self.takes(s.report(self.origin))]

    def follows(self, *ships: Ship) -> list[Alert]:
        """Reports in their order, while time passes as it does live: the half hours that they leave behind are closed.

        For a long way: what is not settled is weighed anew with every report.
        """
        told = []
        for s in ships:
            begun = s.heard.at - s.heard.at % (30 * INTERVAL)
            if begun > (self.engine.world.clock or begun):
                told += self.takes(self._closing(begun))
            told += self.hears(s)
        return told

    def until(
        self, clock: str, *outages: Outage, day: int = 0, late: tuple[LateTick, ...] | None = None
    ) -> list[Alert]:
        """Intervals close up to this time; late feeds tick as last said."""
        self.late = self.late if late is None else late
        return self.takes(self.closing(clock, *outages, day=day))

    def closing(self, clock: str, *outages: Outage, day: int = 0, after: str | None = None) -> IntervalClosed:
        """The record that closes the intervals up to this time, and since the last one or since `after`."""
        return self._closing(time(clock, day), *outages, begin=time(after) if after else None)

    def _closing(self, end: Instant, *outages: Outage, begin: Instant | None = None) -> IntervalClosed:
        begin = self.engine.world.clock if begin is None else begin
        self.closings = max(self.closings, self.offset) + 1
        origin, versions = Origin("clock-log", self.closings, 0), Versions("zones", "rules", "", self.cover)
        covers = tuple(sea(begin + INTERVAL, end, self.waters)) if begin is not None else ()
        return IntervalClosed(origin, end, outages, self.late, versions, covers=covers)

    @property
    def origin(self) -> Origin:
        """Where the next report comes from."""
        return Origin("sentences:g:0", self.offset + 1, 0)

    @property
    def events(self) -> list[tuple[str, str]]:
        """Rule and event of all that was told."""
        return events(self.told)


def events(alerts: Iterable[Alert]) -> list[tuple[str, str]]:
    """Rule and event of each."""
    return [(alert.rule, str(alert.event)) for alert in alerts]
