"""Who should hear of what: the routes file as values.

    [destinations.ops]             [[routes]]                      [[silences]]
    channel = "slack"              name = "dark ships"             hull = "imo-9179842"
    url_env = "SLACK_URL"          rules = ["went_dark"]           rule = "area"
                                   severity_at_least = "warning"   until = 2026-01-31T12:00:00Z
    [delivery]                     hulls = ["imo-9179842"]         by = "night watch"
    max_age_h = 24                 zones = ["korea-strait"]
    keep_days = 90                 to = ["ops"]

Every condition may be left out; those that are given must all hold.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.core.alert import Alert, Severity
from alerts.core.instants import DAY, HOUR, Instant, parse_rfc3339
from alerts.routing.destinations import Destination, destinations
from alerts.routing.table import RouteError, Table

__all__ = ["RULE_NAMES", "Delivery", "Destination", "Route", "RouteError", "Routes", "Silence", "check_names", "parse"]

RULE_NAMES = (
    "went_dark",
    "dark_in_port",
    "lit_up",
    "position_jump",
    "identity_conflict",
    "area",
    "strait",
    "overdue",
    "unseen_call",
    "overdue_arrival",
    "signs_of_life",
    "rendezvous",
    "loitering",
    "track_anomaly",
    "draught_change",
    "name_change",
    "destination_change",
    "port_call",
    "lost_coverage",
    "outage",
    "gnss_interference",
    "area_outage",
    "sighting",
)
"""What the field `rule` of a published alert can be."""


@dataclass(frozen=True, slots=True)
class Route:
    """An alert for which all conditions hold goes `to` these destinations; an empty condition holds for all."""

    name: str
    to: tuple[str, ...]
    rules: tuple[str, ...] = ()
    severity_at_least: Severity = Severity.INFO
    hulls: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()

    def concerns(self, alert: Alert) -> bool:
        """All conditions hold but perhaps the severity."""
        hull = alert.hull.id if alert.hull else None
        zone = alert.place.zone if alert.place else None
        return _in(alert.rule, self.rules) and _in(hull, self.hulls) and _in(zone, self.zones)

    def is_severe_enough(self, alert: Alert) -> bool:
        """The severity reaches the floor."""
        return alert.severity.rank >= self.severity_at_least.rank


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody (`by`) asked for quiet about a hull, a rule, or a rule on a hull, until a moment of the wall clock."""

    until: Instant
    hull: str | None = None
    rule: str | None = None
    by: str = ""

    def covers(self, alert: Alert, now: Instant) -> bool:
        """It is in force and is about this alert."""
        hull = alert.hull.id if alert.hull else None
        return now < self.until and self.hull in (None, hull) and self.rule in (None, alert.rule)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How long sending is tried, and how long what was sent of an ended episode is remembered."""

    max_age_ms: int = 24 * HOUR
    keep_ms: int = 90 * DAY


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes file."""

    destinations: tuple[Destination, ...] = ()
    routes: tuple[Route, ...] = ()
    silences: tuple[Silence, ...] = ()
    delivery: Delivery = Delivery()


def parse(data: dict[str, Any]) -> Routes:
    """The routes file as `tomllib` reads it; raises RouteError, which names the key."""
    table = Table("", data)
    groups = {name: destinations(name, entry) for name, entry in table.named_tables("destinations").items()}
    routes = tuple(_route(entry, groups) for entry in table.tables("routes"))
    _refuse_twice([route.name for route in routes])
    silences = tuple(_silence(entry) for entry in table.tables("silences"))
    delivery = _delivery(Table("delivery", table.get("delivery") or {}))
    table.finish()
    return Routes(tuple(d for group in groups.values() for d in group), routes, silences, delivery)


def check_names(routes: Routes, hulls: Collection[str], zones: Collection[str]) -> None:
    """Raises RouteError for a hull that is not watched or a zone that is not flagged."""
    for n, route in enumerate(routes.routes):
        _refuse_unknown(f"routes[{n}].hulls", route.hulls, hulls, "the id of a watched hull")
        _refuse_unknown(f"routes[{n}].zones", route.zones, zones, "the id of a flagged zone")


def _route(table: Table, groups: dict[str, tuple[Destination, ...]]) -> Route:
    named = table.among("to", list(groups) or ["(no destination is defined)"])
    if not named:
        raise RouteError(table.path("to"), "a list of destinations, at least one")
    route = Route(
        name=table.text("name"),
        to=tuple(dict.fromkeys(d.name for group in named for d in groups[group])),
        rules=table.among("rules", RULE_NAMES),
        severity_at_least=Severity(table.choice("severity_at_least", [str(s) for s in Severity], "info")),
        hulls=table.texts("hulls"),
        zones=table.texts("zones"),
    )
    table.finish()
    return route


def _silence(table: Table) -> Silence:
    hull = table.text("hull", "") or None
    rule = table.choice("rule", RULE_NAMES) if table.get("rule") is not None else None
    if hull is None and rule is None:
        raise RouteError(table.where, "a hull, a rule or both")
    silence = Silence(_moment(table, "until"), hull, rule, table.text("by", ""))
    table.finish()
    return silence


def _moment(table: Table, key: str) -> Instant:
    value = table.get(key)
    try:
        return parse_rfc3339(value.isoformat() if isinstance(value, datetime) else value)
    except (TypeError, ValueError):
        raise RouteError(table.path(key), f"a time with its offset, as 2026-01-31T12:00:00Z, got {value!s}") from None


def _delivery(table: Table) -> Delivery:
    max_age_h = table.number("max_age_h", 24, 0.01, 24 * 30)
    keep_days = table.number("keep_days", 90, 1, 3650)
    table.finish()
    return Delivery(round(max_age_h * HOUR), round(keep_days * DAY))


def _in(value: str | None, allowed: tuple[str, ...]) -> bool:
    return not allowed or value in allowed


def _refuse_twice(names: list[str]) -> None:
    for n, name in enumerate(names):
        if name in names[:n]:
            raise RouteError(f"routes[{n}].name", f"a name of its own, {name!r} is taken")


def _refuse_unknown(where: str, names: tuple[str, ...], known: Collection[str], expected: str) -> None:
    for name in names:
        if name not in known:
            raise RouteError(where, f"{expected}, got {name!r:.60}")
