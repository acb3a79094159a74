"""A made-up morning of the Angara case, as the dashboard gets it: reports, closed intervals, alerts, zones."""

from math import cos, radians, sin
from typing import Any

from alerts.core.alert import Alert, Event, Place, Position, Severity
from alerts.core.cells import cell_of
from alerts.core.cover import CellSum
from alerts.core.frozen import replace
from alerts.core.hull import Hull
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant, parse_rfc3339, spoken
from alerts.core.intervals import CoverRun, IntervalClosed, Watched
from alerts.core.reports import Origin, Report
from alerts.core.zones import Circle, Gate, Kind, Polygon, Zone
from alerts.dashboard.picture import Zones

ANGARA = Hull("imo-9179842", 9179842, 273210440, "ANGARA", "UBYT2", "US list since 8 May 2022; munitions from Rajin")
MARIA = Hull("imo-8517839", 8517839, 273334120, "MARIA", None, "reported hull of the same trade")
LADY_R = Hull("imo-9161003", 9161003, 273211340, "LADY R", None, "reported hull of the same trade")
MAIA = Hull("imo-9358010", 9358010, 273356530, "MAIA-1", None, "reported hull of the same trade")
HULLS = (ANGARA, MARIA, LADY_R, MAIA)
BUSAN, TSUSHIMA, MISHIMA, HONSHU = (35.07, 129.08), (34.70, 129.46), (34.77, 131.15), (34.40, 130.95)
GEOJE, GOTO, UKU, HIRADO = (34.72, 128.70), (33.27, 129.10), (33.35, 129.10), (33.35, 129.42)
HOSTILE = "<SCRIPT SRC=//X.CO>"

DARK_SINCE = parse_rfc3339("2024-01-05T21:14:30Z")
LIT_AT = parse_rfc3339("2024-02-03T04:05:06Z")
KOREA_STRAIT = Place("korea-strait", "Korea Strait", "strait", "first seen inside")


def origin(at: Instant) -> Origin:
    return Origin("ais.sentences:1:0", at, 0)


def report(hull: Hull, at: Instant, lat: float | None, lon: float | None, **more: Any) -> Report:
    mmsi = hull.mmsi or 0
    return Report(hull.id, "coast", "s1", mmsi, 1, at, at + SECOND, origin(at), lat, lon, **more)


def voyage(
    hull: Hull, until: Instant, minutes: int, end: tuple[float, float], course: float, knots: float
) -> list[Report]:
    """One report a minute on a straight line that ends at `end` (lat, lon) at `until`."""
    made = []
    for back in range(minutes, -1, -1):
        nm = knots * back / 60
        lat = end[0] - nm / 60 * cos(radians(course))
        lon = end[1] - nm / 60 * sin(radians(course)) / cos(radians(end[0]))
        at = until - back * MINUTE
        made.append(report(hull, at, lat, lon, speed_kn=knots, course_deg=course, heading_deg=course))
    return made


def fleet(at: Instant) -> list[Report]:
    """The three others, heard up to `at`."""
    return [
        *voyage(MARIA, at, 240, (41.2, 131.9), 205, 11.4),
        *voyage(LADY_R, at, 240, (37.4, 130.6), 24, 12.8),
        *voyage(MAIA, at, 200, (34.05, 128.55), 228, 10.1),
    ]


def closed(at: Instant) -> IntervalClosed:
    return IntervalClosed(origin(at), at)


def reception(at: Instant, expected: int, heard: int) -> IntervalClosed:
    """An interval in which ships were expected and heard so in the cells of the Korea Strait."""
    cells = {
        cell_of(lat / 10, lon / 10): CellSum(expected, heard, heard)
        for lat in range(340, 350)
        for lon in range(1285, 1300)
    }
    at -= at % MINUTE
    return IntervalClosed(origin(at), at, covers=(CoverRun(at, at, 10.0, cells),))


def watched() -> list[Watched]:
    return [Watched(hull.id, hull) for hull in HULLS]


def went_dark(now: Instant, hull: Hull = ANGARA, since: Instant = DARK_SINCE) -> Alert:
    return Alert(
        id=f"went_dark-{hull.id}-{since}",
        revision=0,
        event=Event.OPENED,
        rule="went_dark",
        severity=Severity.WARNING,
        hull=hull,
        happened_at=since,
        known_at=min(now, since + 31 * MINUTE),
        position=Position(42.1711, 130.4102),
        place=None,
        cause=None,
        summary=f"{hull.name} has been silent for 31 min; she was making 9.8 kn and reported every 10 s until then.",
        evidence={
            "silent_ms": 31 * MINUTE,
            "expected_every_s": 10,
            "last_report": {"type": 1, "station": "rajin-1", "speed_kn": 9.8, "course_deg": 141},
            "feeds": ["coast", "satellite"],
        },
    )


def lit_up() -> Alert:
    silence = spoken(LIT_AT - DARK_SINCE)
    return Alert(
        id="lit_up-imo-9179842-1704489270000",
        revision=0,
        event=Event.OPENED,
        rule="lit_up",
        severity=Severity.CRITICAL,
        hull=ANGARA,
        happened_at=LIT_AT,
        known_at=LIT_AT + SECOND,
        position=Position(34.52, 129.93),
        place=KOREA_STRAIT,
        cause=None,
        summary=f"ANGARA is heard again after {silence} of silence, in the Korea Strait, heading 214 at 12.1 kn.",
        evidence={"silent_ms": LIT_AT - DARK_SINCE, "matched_by": "mmsi", "speed_kn": 12.1, "course_deg": 214},
    )


def strait() -> Alert:
    return replace(
        lit_up(),
        id="strait-imo-9179842-1706933106000",
        rule="strait",
        severity=Severity.CAUTION,
        summary="ANGARA is in the Korea Strait: first seen inside, unconfirmed position.",
        evidence={"unconfirmed": True, "gate": None},
    )


def ended(alert: Alert, at: Instant, event: Event = Event.CLOSED) -> Alert:
    return replace(alert, revision=alert.revision + 1, event=event, known_at=at, summary=f"{alert.summary} It is over.")


def outage(now: Instant) -> Alert:
    return Alert(
        id=f"outage-coast-{now - 20 * MINUTE}",
        revision=0,
        event=Event.OPENED,
        rule="outage",
        severity=Severity.WARNING,
        hull=None,
        happened_at=now - 20 * MINUTE,
        known_at=now - 15 * MINUTE,
        position=None,
        place=None,
        cause=None,
        summary="Nothing has come from feed coast for 20 min; no silence is counted meanwhile.",
        evidence={"feed": "coast"},
    )


def port_call(hull: Hull, number: int, at: Instant) -> Alert:
    what = ("entered", "arrived", "departed")[number % 3]
    return Alert(
        id=f"port_call-{hull.id}-{number}",
        revision=number % 3,
        event=(Event.OPENED, Event.AMENDED, Event.CLOSED)[number % 3],
        rule="port_call",
        severity=Severity.INFO,
        hull=hull,
        happened_at=at,
        known_at=at + 4 * SECOND,
        position=Position(43.1, 131.89),
        place=Place("vladivostok", "Vladivostok", "port", what),
        cause=None,
        summary=f"{hull.name} has {what} Vladivostok.",
        evidence={"speed_kn": 0.2 * (number % 3)},
    )


def morning(now: Instant) -> list[Alert]:
    """What a busy day leaves in the lists."""
    busy = [port_call(HULLS[i % 4], i, now - (60 - i) * 20 * MINUTE - 30 * MINUTE) for i in range(60)]
    dark = [went_dark(now, hull, now - (i + 2) * HOUR) for i, hull in enumerate((MARIA, LADY_R, MAIA))]
    in_port = replace(
        dark[1],
        rule="dark_in_port",
        severity=Severity.CAUTION,
        place=Place("zhoushan", "Zhoushan", "port", "silent inside"),
        summary="LADY R has been silent in Zhoushan for 1 h 02 min.",
    )
    return [*busy, dark[0], ended(dark[0], now - 40 * MINUTE, Event.RETRACTED), in_port, dark[2]]


def zones() -> Zones:
    korea_strait = Zone(
        id="korea-strait",
        name="Korea Strait",
        kind="strait",
        shape=Polygon((BUSAN, TSUSHIMA, MISHIMA, HONSHU, (33.9, 130.4), HIRADO, UKU, GOTO, GEOJE, BUSAN)),
        margin_nm=2,
        gates=(
            Gate("Busan - Tsushima", (BUSAN, TSUSHIMA)),
            Gate("Tsushima - Honshu", (TSUSHIMA, MISHIMA, HONSHU)),
            Gate("Geoje - Goto", (GEOJE, GOTO)),
            Gate("Uku - Hirado", (UKU, HIRADO)),
        ),
        flag="caution",
        source="made up for the tests",
        uncertainty_nm=3,
    )
    patch = Polygon(((38.2, 134.0), (38.6, 136.0), (39.8, 135.6), (39.5, 133.8), (38.2, 134.0)))
    around = Polygon(((29.6, 121.7), (29.6, 122.6), (30.4, 122.6), (30.4, 121.7), (29.6, 121.7)))
    return Zones(
        (
            korea_strait,
            zone("rajin", "Rajin", "port", Circle(42.2333, 130.3, 4)),
            zone("vostochny", "Vostochny", "port", Circle(42.75, 133.0833, 4)),
            zone("vladivostok", "Vladivostok", "port", Circle(43.109, 131.888, 5)),
            zone("dunay", "Dunay", "port", Circle(42.88, 132.35, 6)),
            zone("zhoushan", "Zhoushan", "port", around),
            zone("transfer", "Transfer area", "area", patch),
        )
    )


def zone(name: str, label: str, kind: Kind, shape: Circle | Polygon) -> Zone:
    return Zone(name, label, kind, shape, 1, (), "info", "made up for the tests", 1)
