"""A hull's timeline: where she was known to be, her calls at flagged ports, and the gaps in which nobody heard her.

    alerts --last revision of each, no retracted one--> episodes --> known fixes
                                                           |            |
                                                           |            '--> gaps, cut where she was sighted
                                                           '--> calls: shown by port_call, dark_in_port or a sighting

Vanishing inside a port is not leaving it: such a call ends with what is last known of her there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from alerts.core.alert import Alert, Event
from alerts.core.geo import Fix
from alerts.core.instants import Instant, parse_rfc3339

SILENCES = ("went_dark", "dark_in_port", "lost_coverage")
SIGHTING = "sighting"
_REPORTS = ("last_report", "last_fix", "first_report", "first_fix", "next_fix")


class Known(NamedTuple):
    """She was there; `heard` False: somebody saw her, with her transponder on or off."""

    at: Instant
    fix: Fix
    heard: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """A stay at a flagged port, from the first to the last that shows her there; `shown_by` are rules.

    `left`: she was heard to leave at `until`; else she is there still, or nobody heard her go.
    """

    zone: str
    name: str
    since: Instant
    until: Instant
    left: bool
    shown_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody heard or saw her between; `until` and `after` None: to this day.  Where she was before and after it."""

    since: Instant
    until: Instant | None
    before: Fix | None
    after: Fix | None


Silence = tuple[Instant, Instant | None]
"""Of her transponder: the last report before it, and the first after it."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything in the order of time; `told_until` is the newest moment that anything tells of."""

    episodes: tuple[Alert, ...] = ()
    known: tuple[Known, ...] = ()
    calls: tuple[Call, ...] = ()
    gaps: tuple[Gap, ...] = ()
    told_until: Instant = 0


def timeline(alerts: Iterable[Alert], hull: str) -> Timeline:
    """Of the hull with this id, from all revisions in any order, of this hull and others."""
    episodes = finally_told(alert for alert in alerts if alert.hull is not None and alert.hull.id == hull)
    known = tuple(sorted({one for episode in episodes for one in _known(episode)}))
    silences = tuple(_silences(episodes))
    gaps = tuple(gap for since, until in silences for gap in _pieces(since, until, known))
    shown = (part for call in _calls(episodes, silences) for part in _without_absence(call, episodes, known))
    calls = tuple(_merged(sorted(shown, key=lambda call: (call.since, call.zone)), known))
    told_until = max((alert.known_at for alert in episodes), default=0)
    return Timeline(episodes, known, calls, gaps, told_until)


def finally_told(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """The last revision of each episode that was not retracted, in the order of time."""
    newest: dict[str, Alert] = {}
    for alert in alerts:
        if alert.id not in newest or alert.revision > newest[alert.id].revision:
            newest[alert.id] = alert
    told = (alert for alert in newest.values() if alert.event is not Event.RETRACTED)
    return tuple(sorted(told, key=lambda alert: (alert.happened_at, alert.id)))


def _known(alert: Alert) -> Iterator[Known]:
    if alert.rule == SIGHTING and alert.position is not None:
        yield Known(alert.happened_at, (alert.position.lat, alert.position.lon), heard=False)
    for name in _REPORTS:
        report = alert.evidence.get(name)
        if report and "lat" in report and "lon" in report:
            yield Known(parse_rfc3339(report["at"]), (report["lat"], report["lon"]))
    if "until" in alert.evidence and alert.position is not None:
        yield Known(parse_rfc3339(alert.evidence["until"]), (alert.position.lat, alert.position.lon))


def _silences(episodes: Iterable[Alert]) -> Iterator[Silence]:
    for alert in episodes:
        if alert.rule in SILENCES:
            ended = alert.evidence.get("first_report")
            yield _at(alert.evidence["last_report"]), _at(ended) if ended else None


def _at(report: dict[str, Any]) -> Instant:
    return parse_rfc3339(report["at"])


def _pieces(since: Instant, until: Instant | None, known: tuple[Known, ...]) -> Iterator[Gap]:
    """A silence, cut by what is known of her within it: sightings."""
    within = [one.at for one in known if since < one.at and (until is None or one.at < until)]
    for begin, end in pairwise([since, *dict.fromkeys(within), until]):
        assert begin is not None
        yield Gap(begin, end, _last_before(known, begin), None if end is None else _first_after(known, end))


def _last_before(known: tuple[Known, ...], at: Instant) -> Fix | None:
    return next((one.fix for one in reversed(known) if one.at <= at), None)


def _first_after(known: tuple[Known, ...], at: Instant) -> Fix | None:
    return next((one.fix for one in known if one.at >= at), None)


def _calls(episodes: Iterable[Alert], silences: tuple[Silence, ...]) -> Iterator[Call]:
    for alert in episodes:
        place = alert.place
        if place is None or place.kind != "port":
            continue
        if alert.rule == "port_call":
            yield _port_call(alert, place.zone, place.name, silences)
        elif alert.rule in ("dark_in_port", SIGHTING):
            at = alert.happened_at
            yield Call(place.zone, place.name, at, at, left=False, shown_by=(alert.rule,))


def _port_call(alert: Alert, zone: str, name: str, silences: tuple[Silence, ...]) -> Call:
    """Where a silence lies at its end, nobody heard her leave."""
    since, shown_by = alert.happened_at, (alert.rule,)
    if alert.event is not Event.CLOSED:
        heard = (until for begin, until in silences if begin >= since and until is not None)
        return Call(zone, name, since, max([_last_shown(alert), *heard]), left=False, shown_by=shown_by)
    until = parse_rfc3339(alert.evidence["until"])
    unheard = [begin for begin, end in silences if since <= begin < until and (end is None or end >= until)]
    if unheard:
        return Call(zone, name, since, min(unheard), left=False, shown_by=shown_by)
    return Call(zone, name, since, until, left=True, shown_by=shown_by)


def _without_absence(call: Call, episodes: Iterable[Alert], known: tuple[Known, ...]) -> Iterator[Call]:
    """Cut where she was sighted elsewhere, of which the alerts know nothing."""
    for sighted in episodes:
        elsewhere = sighted.rule == SIGHTING and (sighted.place is None or sighted.place.zone != call.zone)
        if elsewhere and call.since < sighted.happened_at < call.until:
            before = max((one.at for one in known if call.since <= one.at < sighted.happened_at), default=call.since)
            yield replace(call, until=before, left=False)
            after = min((one.at for one in known if sighted.happened_at < one.at <= call.until), default=call.until)
            call = replace(call, since=after)
    yield call


def _last_shown(alert: Alert) -> Instant:
    arrived = alert.evidence.get("arrived_at")
    return parse_rfc3339(arrived) if arrived else alert.happened_at


def _merged(calls: Iterable[Call], known: tuple[Known, ...]) -> Iterator[Call]:
    """Two at one port between which nothing shows her elsewhere are one."""
    held: Call | None = None
    for call in calls:
        if held is not None and _is_same_stay(held, call, known):
            shown_by = tuple(dict.fromkeys((*held.shown_by, *call.shown_by)))
            last = max(held, call, key=lambda one: one.until)
            held = replace(held, until=last.until, left=last.left, shown_by=shown_by)
            continue
        if held is not None:
            yield held
        held = call
    if held is not None:
        yield held


def _is_same_stay(held: Call, call: Call, known: tuple[Known, ...]) -> bool:
    if held.zone != call.zone:
        return False
    if call.since <= held.until:
        return True
    return not held.left and not any(held.until < one.at < call.since for one in known)
