"""What the page shows, as one value: folded from alerts, reports, watch entries and closed intervals.

Nothing here depends on the order of arrival within one kind: of the revisions of an episode the highest counts,
of the fixes of a hull the newest, and what does not fit is dropped from the old end.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts.core.alert import Alert, Event
from alerts.core.hull import Hull
from alerts.core.instants import HOUR, SECOND, Instant
from alerts.core.intervals import Cover, IntervalClosed, Watched
from alerts.core.reports import Origin, Report
from alerts.core.zones import Zone
from alerts.dashboard.hearing import Hearing, with_covers

LOG_LENGTH = 1_000
TRACK_LENGTH = 500
CHAIN_LENGTH = 200
TRACK_STEP_MS = 30 * SECOND
"""A track keeps the first fix of each step, so that 500 points reach back over four hours of a ship under way."""

MOMENT_MS = dict.fromkeys(("lit_up", "unseen_call", "draught_change", "name_change", "destination_change"), 12 * HOUR)
"""Rules whose episodes are complete when opened and rarely close, and how long they stay on the list of open ones."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a hull was and how she moved; unknown is None."""

    at: Instant
    lat: float
    lon: float
    speed_kn: float | None = None
    course_deg: float | None = None
    heading_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One watched hull: who she is, her track (oldest first), her newest fix and her newest message of any kind."""

    hull: Hull
    track: tuple[Fix, ...] = ()
    last: Fix | None = None
    heard: tuple[Instant, Origin] | None = None
    called: tuple[Instant, Origin, str] | None = None


@dataclass(frozen=True, slots=True)
class Zones:
    """The flagged zones in force; they replace those before."""

    zones: tuple[Zone, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """`episodes`: the revisions of each, in rising order; `log`: the newest revisions of all, oldest first."""

    hulls: Mapping[str, Seen] = field(default_factory=dict)
    episodes: Mapping[str, tuple[Alert, ...]] = field(default_factory=dict)
    log: tuple[Alert, ...] = ()
    data_time: Instant | None = None
    zones: Zones = Zones()
    hearing: Hearing = field(default_factory=Hearing)


def with_alert(picture: Picture, alert: Alert) -> Picture:
    """One more revision; one that is already there changes nothing."""
    chain = picture.episodes.get(alert.id, ())
    if any(known.revision == alert.revision for known in chain):
        return picture
    grown = sorted((*chain, alert), key=lambda revision: revision.revision)
    if len(grown) > CHAIN_LENGTH:
        del grown[1]  # never the first, which says how soon it was known
    log = list(picture.log)
    insort(log, alert, key=_age)
    episodes = {**picture.episodes, alert.id: tuple(grown)}
    _forget(episodes, log)
    return replace(picture, episodes=episodes, log=tuple(log))


def with_report(picture: Picture, report: Report) -> Picture:
    """One more message of a watched hull; without a position it still says that she was heard, unless another did."""
    if report.another_imo is not None:
        return picture
    seen = picture.hulls.get(report.hull) or Seen(Hull(report.hull, mmsi=report.mmsi))
    heard = max(filter(None, (seen.heard, (report.heard_at, report.origin))))
    called = seen.called
    if report.name:
        called = max(filter(None, (called, (report.heard_at, report.origin, report.name))))
    seen = replace(seen, heard=heard, called=called)
    if report.lat is not None and report.lon is not None:
        seen = _moved(seen, _fix(report, report.lat, report.lon))
    return replace(picture, hulls={**picture.hulls, report.hull: seen})


def with_watched(picture: Picture, watched: Watched) -> Picture:
    """She is watched under this identity from now on, or no longer and gone from the map."""
    hulls = dict(picture.hulls)
    if watched.hull is None:
        hulls.pop(watched.id, None)
    else:
        hulls[watched.id] = replace(hulls.get(watched.id, Seen(watched.hull)), hull=watched.hull)
    return replace(picture, hulls=hulls)


def with_interval(picture: Picture, closed: IntervalClosed) -> Picture:
    """The data time is the end of the last closed interval."""
    hearing = with_covers(picture.hearing, closed.origin, closed.covers, closed.end)
    return replace(picture, data_time=max(closed.end, picture.data_time or closed.end), hearing=hearing)


def with_cover(picture: Picture, cover: Cover) -> Picture:
    """A part of what the next interval record says of how well ships were heard."""
    return replace(picture, hearing=with_covers(picture.hearing, cover.origin, cover.covers))


def with_zones(picture: Picture, zones: Zones) -> Picture:
    """Other zones from now on."""
    return replace(picture, zones=zones)


def open_episodes(picture: Picture) -> list[Alert]:
    """The last revision of each open episode: severest first, then newest."""
    last = [chain[-1] for chain in picture.episodes.values() if _is_open(chain[-1])]
    shown = [alert for alert in last if not _is_past(alert, picture.data_time)]
    return sorted(shown, key=lambda alert: (-alert.severity.rank, -alert.happened_at, alert.id))


def _is_open(alert: Alert) -> bool:
    return alert.event in (Event.OPENED, Event.AMENDED)


def _is_past(alert: Alert, data_time: Instant | None) -> bool:
    keep_ms = MOMENT_MS.get(alert.rule)
    return keep_ms is not None and data_time is not None and data_time - alert.happened_at > keep_ms


def _age(alert: Alert) -> tuple[Instant, str, int]:
    return (alert.known_at, alert.id, alert.revision)


def _forget(episodes: dict[str, tuple[Alert, ...]], log: list[Alert]) -> None:
    while len(log) > LOG_LENGTH:
        dropped = log.pop(0)
        chain = episodes.get(dropped.id, ())
        if chain and not _is_open(chain[-1]) and _age(chain[-1]) <= _age(dropped):
            del episodes[dropped.id]


def _fix(report: Report, lat: float, lon: float) -> Fix:
    return Fix(report.heard_at, lat, lon, report.speed_kn, report.course_deg, report.heading_deg)


def _moved(seen: Seen, fix: Fix) -> Seen:
    last = fix if seen.last is None else max(seen.last, fix, key=_total)
    return replace(seen, last=last, track=_inserted(seen.track, fix))


def _inserted(track: tuple[Fix, ...], fix: Fix) -> tuple[Fix, ...]:
    step = fix.at // TRACK_STEP_MS
    place = bisect_left(track, step, key=lambda point: point.at // TRACK_STEP_MS)
    if place == len(track) or track[place].at // TRACK_STEP_MS != step:
        return (*track[:place], fix, *track[place:])[-TRACK_LENGTH:]
    first = min(track[place], fix, key=_total)
    return track if first is track[place] else (*track[:place], first, *track[place + 1 :])


def _total(fix: Fix) -> tuple[float, ...]:
    moving = (fix.speed_kn, fix.course_deg, fix.heading_deg)
    return (fix.at, fix.lat, fix.lon, *(-1.0 if value is None else value for value in moving))
