"""A made-up morning of the Angara case, as the dashboard gets it: reports, closed intervals, alerts, zones."""

from dataclasses import replace
from math import cos, pi, radians, sin
from typing import Any

from alerts.core.alert import Alert, Event, Place, Position, Severity
from alerts.core.hull import Hull
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant, parse_rfc3339, spoken
from alerts.core.intervals import IntervalClosed, Watched
from alerts.core.reports import Origin, Report
from alerts.dashboard.picture import Zones

ANGARA = Hull("imo-9179842", 9179842, 273210440, "ANGARA", "UBYT2", "US list since 8 May 2022; munitions from Rajin")
MARIA = Hull("imo-8517839", 8517839, 273334120, "MARIA", None, "reported hull of the same trade")
LADY_R = Hull("imo-9161003", 9161003, 273211340, "LADY R", None, "reported hull of the same trade")
MAIA = Hull("imo-9358010", 9358010, 273356530, "MAIA-1", None, "reported hull of the same trade")
HULLS = (ANGARA, MARIA, LADY_R, MAIA)
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
    ports = [
        ("rajin", "Rajin", 42.2333, 130.3, 4),
        ("vostochny", "Vostochny", 42.75, 133.0833, 4),
        ("vladivostok", "Vladivostok", 43.109, 131.888, 5),
        ("dunay", "Dunay", 42.88, 132.35, 6),
    ]
    features = [_feature(name, label, "port", "Polygon", [_circle(*at)]) for name, label, *at in ports]
    zhoushan = [[121.7, 29.6], [122.6, 29.6], [122.6, 30.4], [121.7, 30.4], [121.7, 29.6]]
    features.append(_feature("zhoushan", "Zhoushan", "port", "Polygon", [zhoushan]))
    busan, tsushima, mishima, honshu = [129.08, 35.07], [129.46, 34.70], [131.15, 34.77], [130.95, 34.40]
    geoje, goto, uku, hirado = [128.70, 34.72], [129.10, 33.27], [129.10, 33.35], [129.42, 33.35]
    water = [busan, tsushima, mishima, honshu, [130.4, 33.9], hirado, uku, goto, geoje, busan]
    features.append(_feature("korea-strait", "Korea Strait", "strait", "Polygon", [water]))
    north = [[busan, tsushima], [tsushima, mishima, honshu]]
    features.append(_feature("korea-strait-north", "Korea Strait N", "gate", "MultiLineString", north))
    south = [[geoje, goto], [uku, hirado]]
    features.append(_feature("korea-strait-south", "Korea Strait S", "gate", "MultiLineString", south))
    patch = [[134.0, 38.2], [136.0, 38.6], [135.6, 39.8], [133.8, 39.5], [134.0, 38.2]]
    features.append(_feature("transfer", "Transfer area", "area", "Polygon", [patch]))
    return Zones({"type": "FeatureCollection", "features": features})


def _feature(name: str, label: str, kind: str, shape: str, coordinates: Any) -> dict[str, Any]:
    properties = {"id": name, "name": label, "kind": kind}
    return {"type": "Feature", "properties": properties, "geometry": {"type": shape, "coordinates": coordinates}}


def _circle(lat: float, lon: float, radius_nm: float) -> list[list[float]]:
    angles = [2 * pi * i / 48 for i in range(49)]
    wide = radius_nm / 60 / cos(radians(lat))
    return [[lon + wide * sin(angle), lat + radius_nm / 60 * cos(angle)] for angle in angles]
