"""What a memory keeps of a report, and how often she should have been heard."""

from typing import NamedTuple

from alerts.core.geo import Fix
from alerts.core.instants import MINUTE, SECOND, Instant
from alerts.core.reports import Report


class Says(NamedTuple):
    """What a report says of the ship herself, as her crew typed it; `another_imo` is not hers (identity.py)."""

    draught_m: float | None = None
    name: str | None = None
    call_sign: str | None = None
    destination: str | None = None
    imo: int | None = None
    another_imo: int | None = None


class Heard(NamedTuple):
    """One report as rules see it: a tuple, so that a memory of 256 of them stays small."""

    at: Instant
    feed: str
    station: str
    mmsi: int
    type: int
    lat: float | None = None
    lon: float | None = None
    speed_kn: float | None = None
    course_deg: float | None = None
    status: int | None = None
    says: Says | None = None

    @classmethod
    def of(cls, report: Report) -> "Heard":
        """Only what a rule may ask for."""
        return cls(
            report.heard_at,
            report.feed,
            report.station,
            report.mmsi,
            report.type,
            report.lat,
            report.lon,
            report.speed_kn,
            report.course_deg,
            report.status,
            _says(report),
        )

    @property
    def has_position(self) -> bool:
        """False for statics, and for reports whose position was not available."""
        return self.lat is not None and self.lon is not None

    @property
    def is_anothers(self) -> bool:
        """Whether it is another ship's, by the IMO number that it says."""
        return self.says is not None and self.says.another_imo is not None

    @property
    def where(self) -> Fix:
        """Latitude and longitude of one that has a position."""
        assert self.lat is not None
        assert self.lon is not None
        return self.lat, self.lon


def _says(report: Report) -> Says | None:
    typed = report.draught_m, report.name, report.call_sign, report.destination
    says = Says(*typed, report.imo, report.another_imo)
    return None if says == _NOTHING else says


_NOTHING = Says()


def by_time_and_content(heard: Heard) -> tuple[object, ...]:
    """The order in which reports are folded, whatever the order of arrival; unknown sorts first."""
    parts = (*heard[:-1], *(heard.says or _NOTHING))
    return tuple((part is not None, part if part is not None else 0) for part in parts)


ANCHORED, MOORED = 1, 5
CLASS_B_TYPES = (18, 19, 24)
_STATIC_MS = 6 * MINUTE
_RARE_MS = 3 * MINUTE


def expected_interval_ms(fix: Heard | None) -> int:
    """How often she should report, by her last fix (ITU-R M.1371-5, tables 1 and 2); 6 min where there is none.

    Turning is not looked at: the slower rate of a steady course is expected.  Status is typed by hand and is
    believed only at low speed.
    """
    if fix is None:
        return _STATIC_MS
    speed = fix.speed_kn or 0.0
    if fix.type == 27:
        return _RARE_MS
    if fix.type in CLASS_B_TYPES:
        return _RARE_MS if speed <= 2 else 30 * SECOND
    if fix.status in (ANCHORED, MOORED) and speed <= 3:
        return _RARE_MS
    return _class_a_ms(speed)


def _class_a_ms(speed_kn: float) -> int:
    if speed_kn <= 14:
        return 10 * SECOND
    return 6 * SECOND if speed_kn <= 23 else 2 * SECOND
