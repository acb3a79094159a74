"""`hullwatch sighting add`: a hull was seen by other means than her transponder: a satellite image, a person.

It is published like an alert and told to whoever is routed to the rule `sighting`.  A sighting is a position, never a
sign that her transponder was on: it reaches no rule, and ends no silence.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable

from alerts.core.alert import Alert, Event, Place, Position, Severity
from alerts.core.hull import Hull
from alerts.core.instants import Instant, parse_rfc3339, rfc3339
from alerts.core.lifecycle import episode_id
from alerts.core.rule import called
from alerts.core.zones import Zone, ZoneIndex
from alerts.voyages.timeline import SIGHTING
from streams import alert_log
from streams.cli import add_settings, settings_of
from streams.codec import encode_alert
from streams.config import load_config
from streams.hull import found
from streams.settings import ConfigError

CONFIDENCES = ("low", "medium", "high")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hullwatch sighting`."""
    parser.add_argument("what", choices=("add",), help="add: publish one")
    parser.add_argument("hull", metavar="HULL", help="her id in the watchlist, or her IMO number")
    parser.add_argument("--at", required=True, type=_moment, metavar="TIME", help="RFC 3339: 2024-01-10T02:00:00Z")
    parser.add_argument("--lat", required=True, type=_degrees(90), metavar="DEGREES", help="north is positive")
    parser.add_argument("--lon", required=True, type=_degrees(180), metavar="DEGREES", help="east is positive")
    parser.add_argument("--source", required=True, metavar="TEXT", help="who or what saw her")
    parser.add_argument("--confidence", choices=CONFIDENCES, default="medium", help="default: medium")
    parser.add_argument("--print", action="store_true", help="write it to standard output in place of Kafka")
    add_settings(parser)


def main(args: argparse.Namespace) -> int:
    """Raises ConfigError."""
    settings = settings_of(args)
    config = load_config(settings.config_dir)
    hull = found(args.hull, config.watchlist, ())
    now = time.time_ns() // 1_000_000
    if args.at > now:
        raise ConfigError("hullwatch sighting", "--at", f"a time that has been, got {rfc3339(args.at)}")
    zones = ZoneIndex.of(config.zones).at(args.lat, args.lon)
    alert = sighted(hull, args.at, (args.lat, args.lon), zones, args.source, args.confidence, now)
    if args.print:
        sys.stdout.buffer.write(encode_alert(alert) + b"\n")
        return 0
    asyncio.run(alert_log.publish(settings, alert))
    print(f"{alert.id}: {alert.summary}")  # noqa: T201  the command's answer
    return 0


def sighted(
    hull: Hull,
    at: Instant,
    fix: tuple[float, float],
    zones: tuple[Zone, ...],
    source: str,
    confidence: str,
    known_at: Instant,
) -> Alert:
    """The same sighting twice is the same record; of zones the port counts, else the first."""
    zone = min(zones, key=lambda zone: (zone.kind != "port", zone.id), default=None)
    place = Place(zone.id, zone.name, zone.kind, "sighted") if zone else None
    where = zone.name if zone else f"{fix[0]:.3f}, {fix[1]:.3f}"
    return Alert(
        id=episode_id(hull.id, SIGHTING, _slug(source), at),
        revision=0,
        event=Event.OPENED,
        rule=SIGHTING,
        severity=Severity(zone.flag) if zone else Severity.INFO,
        hull=hull,
        happened_at=at,
        known_at=known_at,
        position=Position(round(fix[0], 5), round(fix[1], 5)),
        place=place,
        cause=None,
        summary=f"{called(hull)} was sighted at {where} by {source}, confidence {confidence}",
        evidence={"source": source, "confidence": confidence},
    )


def _slug(text: str) -> str:
    words = "".join(letter.lower() if letter.isascii() and letter.isalnum() else " " for letter in text).split()
    return "-".join(words)[:40] or "unnamed"


def _moment(text: str) -> Instant:
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"expected a time with its offset, e.g. 2024-01-10T02:00:00Z ({error})"
        ) from error


def _degrees(most: int) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not -most <= value <= most:
            raise argparse.ArgumentTypeError(f"expected degrees from -{most} to {most}, got {text}")
        return value

    return parse
