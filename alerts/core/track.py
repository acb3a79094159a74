"""What is settled of a hull: her last report and fix, who heard her, and the zones she is in.

outside --fix inside the border--> visiting --fix further than the margin outside--> left
port:   visiting --stopped--> arrived --faster than the limit--> departed --stopped again--> arrived
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from alerts.core.geo import Fix
from alerts.core.heard import ANCHORED, MOORED, Heard
from alerts.core.instants import HOUR, Instant
from alerts.core.passage import bound_for, out_by
from alerts.core.quarantine import Other, judged, shared
from alerts.core.reach import Flash, arrivals
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Zone, ZoneIndex, gate_crossed, holds


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay in one zone: `first` fix inside; `seen_entering` is False where no fix outside came shortly before.

    `departed` is her first fix under way after the last stop.  In a strait, `bound` is the end that she makes for,
    `out` the gate by which she went out; `called`: she has stopped at a flagged port meanwhile.  `confirmed` is False
    as long as it rests on one fix alone.
    """

    zone: str
    first: Heard
    seen_entering: bool
    gate: str | None = None
    arrived_at: Instant | None = None
    departed: Heard | None = None
    left: Heard | None = None
    bound: str | None = None
    out: str | None = None
    confirmed: bool = True
    called: bool = False


@dataclass(frozen=True, slots=True)
class Track:
    """`last` report of any kind, last `fix` (a report with a position), per feed when it last heard her, her visits.

    `watched_at`, until she is first heard: the clock when her watch began.  `others` are tracks that are not hers,
    `shared` is the first fix of another ship that uses her numbers (quarantine.py); `flash` armed watches at ports.
    """

    last: Heard | None = None
    fix: Heard | None = None
    feeds: tuple[tuple[str, Instant], ...] = ()
    visits: tuple[Visit, ...] = ()
    watched_at: Instant | None = None
    others: tuple[Other, ...] = ()
    shared: Heard | None = None
    flash: Flash | None = None

    @property
    def feeds_of_last_hour(self) -> tuple[str, ...]:
        """The feeds that heard her in the hour before her last report."""
        if self.last is None:
            return ()
        return tuple(feed for feed, at in self.feeds if self.last.at - at <= HOUR)


class Followed(NamedTuple):
    """The track after one report, the visits that it ended, and the fixes by which her track goes on."""

    track: Track
    ended: tuple[Visit, ...] = ()
    fixes: tuple[Heard, ...] = ()


def followed(track: Track, heard: Heard, contact: bool, zones: ZoneIndex, thresholds: Thresholds) -> Followed:
    """What becomes of a track with one report.

    `contact`: her last fix is recent enough that what lies between is known.
    """
    feeds = _heard_by(track.feeds, heard)
    if not heard.has_position:
        return Followed(Track(heard, track.fix, feeds, track.visits, None, track.others, track.shared, track.flash))
    found = judged(track.fix, track.others, heard)
    last, visits, ended = track.fix, track.visits, list[Visit]()
    before = track.fix if contact and len(found.follow) == 1 else None
    for fix in found.follow:
        visits, over = _moved(visits, before, fix, zones, thresholds)
        last = before = fix
        ended += over
    others, flash = found.others, _flash(track, found.follow, visits, zones, thresholds.flash_after_h)
    after = Track(heard, last, feeds, visits, None, others, shared(track.shared, others), flash)
    return Followed(after, tuple(ended), found.follow)


def _flash(
    track: Track, fixes: tuple[Heard, ...], visits: tuple[Visit, ...], zones: ZoneIndex, after_h: float
) -> Flash | None:
    """The watches after these fixes: over when she comes to a port or they expire, armed by the next flash."""
    known = track.flash
    if not fixes or track.fix is None:
        return known
    unheard = fixes[0].at - track.fix.at >= after_h * HOUR
    if known is None and not unheard:
        return None
    if any(zones.zones[visit.zone].kind == "port" for visit in visits):
        return None
    if known is not None and fixes[-1].at <= known.expires:
        return known
    if len(fixes) > 1 or not unheard:
        return None
    windows = arrivals(fixes[0], zones)
    return Flash(fixes[0], windows) if windows else None


def _moved(
    visits: tuple[Visit, ...], before: Heard | None, heard: Heard, zones: ZoneIndex, thresholds: Thresholds
) -> tuple[tuple[Visit, ...], Iterable[Visit]]:
    """The visits after one more fix of her track, and those that it ended."""
    if not visits:
        return _calling(tuple(_entered(set(), before, heard, zones, thresholds))), ()
    known = [visit for visit in visits if visit.zone in zones.zones]
    stayed = [_stay(visit, before, heard, zones, thresholds) for visit in known]
    going_on = [visit for visit in stayed if visit.left is None]
    entered = _entered({visit.zone for visit in going_on}, before, heard, zones, thresholds)
    after = sorted([*going_on, *entered], key=lambda visit: visit.zone)
    return _calling(tuple(after)), [v for v in stayed if v.left]


def _calling(visits: tuple[Visit, ...]) -> tuple[Visit, ...]:
    """Her visits; where she is stopped in a port, the others know it."""
    if len(visits) < 2 or all(visit.arrived_at is None for visit in visits):
        return visits
    return tuple(visit if visit.called else replace(visit, called=True) for visit in visits)


def _heard_by(feeds: tuple[tuple[str, Instant], ...], heard: Heard) -> tuple[tuple[str, Instant], ...]:
    if not feeds or (len(feeds) == 1 and feeds[0][0] == heard.feed):
        return ((heard.feed, heard.at),)
    return tuple(sorted({**dict(feeds), heard.feed: heard.at}.items()))


def _entered(
    inside: set[str], before: Heard | None, heard: Heard, zones: ZoneIndex, thresholds: Thresholds
) -> Iterable[Visit]:
    lat, lon = _fix(heard)
    for zone in zones.at(lat, lon):
        if zone.id not in inside:
            came = before if before is not None and not holds(zone, _fix(before)) else None  # else it was drawn anew
            gate, confirmed = _gate(zone, came, heard), before is not None
            visit = Visit(zone.id, heard, came is not None, gate, confirmed=confirmed)
            yield _moored(_passing(visit, zone, came, heard), heard, zone, thresholds)


def _gate(zone: Zone, before: Heard | None, heard: Heard) -> str | None:
    if before is None or not zone.gates:
        return None
    gate = gate_crossed(zone, _fix(before), _fix(heard))
    return gate.name if gate else None


def _stay(visit: Visit, before: Heard | None, heard: Heard, zones: ZoneIndex, thresholds: Thresholds) -> Visit:
    zone = zones.zones[visit.zone]
    visit = _passing(visit, zone, before, heard)
    if zones.outside(visit.zone, *_fix(heard)):
        return replace(visit, left=heard)
    return _moored(visit if visit.confirmed else replace(visit, confirmed=True), heard, zone, thresholds)


def _passing(visit: Visit, zone: Zone, before: Heard | None, heard: Heard) -> Visit:
    if zone.kind != "strait":
        return visit
    now = _fix(heard)
    bound = visit.bound or bound_for(zone, visit.gate, _fix(visit.first), now, heard.speed_kn)
    out = out_by(zone, visit.out, _fix(before) if before else None, now)
    return visit if (bound, out) == (visit.bound, visit.out) else replace(visit, bound=bound, out=out)


def _moored(visit: Visit, heard: Heard, zone: Zone, thresholds: Thresholds) -> Visit:
    if zone.kind != "port":
        return visit
    if _stopped(heard, thresholds):
        return replace(visit, arrived_at=visit.arrived_at or heard.at, departed=None)
    underway = heard.speed_kn is not None and heard.speed_kn > thresholds.departed_above_kn
    if visit.arrived_at and underway and not visit.departed:
        return replace(visit, departed=heard)
    return visit


def _stopped(heard: Heard, thresholds: Thresholds) -> bool:
    if heard.speed_kn is None:
        return heard.status in (ANCHORED, MOORED)
    return heard.speed_kn < thresholds.stopped_below_kn


def _fix(heard: Heard) -> Fix:
    assert heard.lat is not None
    assert heard.lon is not None
    return heard.lat, heard.lon
