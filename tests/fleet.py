"""Ships, and one engine that watches them, in the field's words.

ship(273210440).at("08:00").moving(12)      what a transponder says
watch.hears(ship(...)); watch.until("09:00")  what an engine makes of it
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from alerts.core.alert import Alert
from alerts.core.cover import CellCover
from alerts.core.engine import Engine
from alerts.core.geo import Fix, destination
from alerts.core.heard import MOORED, Heard
from alerts.core.hull import Hull
from alerts.core.instants import DAY, HOUR, INTERVAL, Instant, parse_rfc3339
from alerts.core.intervals import Cover, IntervalClosed, LateTick, Outage, Versions, Watched
from alerts.core.reports import Origin, Report
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Circle, Gate, Polygon, Zone, ZoneIndex
from alerts.rules import RULES

ANGARA = Hull("imo-9179842", 9179842, 273210440, "ANGARA", "UBYT2", "carries munitions")

OPEN_SEA: Fix = (10.0, 140.0)
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


def time(clock: str, day: int = 0) -> Instant:
    """`08:00` or `08:00:00.001` of the day of the tests, or so many days later."""
    return parse_rfc3339(f"2024-02-03T{clock}Z") + day * DAY


def east_of(fix: Fix, nm: float) -> Fix:
    """So many miles east."""
    return destination(fix, 90, nm)


@dataclass(frozen=True)
class Ship:
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

    def class_b(self) -> Ship:
        return self._with(type=18)

    def by(self, feed: str) -> Ship:
        return self._with(feed=feed)

    def received(self, clock: str, day: int = 0) -> Ship:
        return replace(self, received_at=time(clock, day))

    def of(self, hull: str) -> Ship:
        return replace(self, hull=hull)

    def report(self, origin: Origin) -> Report:
        h = self.heard
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
        )


def ship(mmsi: int) -> Ship:
    """A class A ship in the open sea at noon, at 12 kn, heard by feed `coast`."""
    return Ship(Heard(time("12:00"), "coast", "mast", mmsi, 1, *OPEN_SEA, 12.0))


TIMER = Thresholds(silence_floor_min=30.0, silence_ceiling_min=30.0, stopped_silence_min=30.0)
"""Under full cover a plain timer of half an hour, an hour in port."""
WITNESSED = CellCover(80, 5, 60)


class Everywhere(dict[int, CellCover]):
    """Every cell is covered alike."""

    def __init__(self, cover: CellCover) -> None:
        super().__init__({0: cover})

    def get(self, cell: int, default: object = None) -> CellCover:  # type: ignore[override]
        return self[0]


@dataclass
class Watch:
    """One engine on one partition, from 00:00 on, with the zones and thresholds given.

    `cover`: how well other ships are heard wherever she is; None: nobody is heard anywhere.
    """

    zones: Iterable[Zone] = (haven, shoal, narrows)
    thresholds: Thresholds = TIMER
    hulls: tuple[Hull, ...] = (ANGARA,)
    told: list[Alert] = field(default_factory=list)
    offset: int = -1
    engine: Engine = field(init=False)
    contents: dict[str, object] = field(init=False)
    late: tuple[LateTick, ...] = ()
    cover: CellCover | None = WITNESSED
    closings: int = 0

    def __post_init__(self) -> None:
        self.contents = {"zones": ZoneIndex.of(self.zones), "rules": self.thresholds}
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

    def until(
        self, clock: str, *outages: Outage, day: int = 0, late: tuple[LateTick, ...] | None = None
    ) -> list[Alert]:
        """Intervals close up to this time; late feeds tick as last said."""
        self.late = self.late if late is None else late
        self.covered(time(clock, day))
        versions = Versions("zones", "rules", "")
        self.closings += 1
        origin = Origin("clock-log", self.closings, 0)
        return self.takes(IntervalClosed(origin, time(clock, day), outages, self.late, versions))

    def covered(self, end: Instant) -> None:
        """The cover of the intervals up to this time, of the first hours since the last one at least."""
        begin = self.engine.world.clock
        if begin is None or self.cover is None:
            return
        for at in range(begin + INTERVAL, min(end, begin + 4 * HOUR) + 1, INTERVAL):
            self.takes(Cover(Origin("clock-log", self.offset, 1), at, 10.0, Everywhere(self.cover)))

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
