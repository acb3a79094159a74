"""What is settled of a hull: her last report and fix, who heard her, and the zones she is in.

outside --fix inside the border--> visiting --fix further than the margin outside--> left
port:   visiting --stopped--> arrived --faster than the limit--> departed --stopped again--> arrived
"""

from collections.abc import Iterable
from typing import NamedTuple

from alerts.core.claims import Claims, Doubt, claimed_by
from alerts.core.drift import Drift, drifted_by
from alerts.core.drift import Over as DriftOver
from alerts.core.frozen import Struct, replace
from alerts.core.geo import Fix, distance_nm, distance_to_line_nm
from alerts.core.going import Going, ahead, sailed
from alerts.core.habit import Habit
from alerts.core.heard import ANCHORED, MOORED, Heard
from alerts.core.identity import Turns, turned, two_ships
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from alerts.core.passage import bound_for, out_by
from alerts.core.quarantine import Other, judged
from alerts.core.reach import Flash
from alerts.core.signs import Dark, Lights, Over, lit
from alerts.core.statics import Statics
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Zone, ZoneIndex, gate_crossed, holds

HeardBy = tuple[str, str, Instant, float]
"""Feed, station, when it last heard her, and how many reports it had brought then: one twenty minutes old is half."""
_HALF_MS = 20 * MINUTE
STATIONS = 8
"""So many stations are remembered that heard her: one is not asked for that hears everything."""
REST_NM, REST_GAP_S = 0.3, 60.0
"""Archives of a report a minute end up to that before the berth.  Of a ship that is heard more rarely nobody knows how
near she came, and half a harbour would be a berth.
"""
REST_LEAST_MS = 30 * MINUTE
_REST_MOST_NM, _SAME_REST_NM, _RESTS = 1.0, 0.25, 8
_HOURS, SPARSE_POSITIONS = 12, 14
COMPANY, COMPANY_SHARE = 3, 0.2
_AT_ONCE, _AT_ONCE_SHARE = 2, 0.15


class Visit(Struct, frozen=True):
    """A stay in one zone: `first` fix inside; `seen_entering` is False where no fix outside came shortly before.

    `departed` is her first fix under way after the last stop.  In a strait, `bound` is the end that she makes for,
    `out` the gate by which she went out.  `confirmed` is False as long as it rests on one fix alone.
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


class Vigil(Struct, frozen=True):
    """What was listened to of the silence after a report at `since`, up to the end of the interval `upto`.

    `state` is that of alerts/core/silence.py; `ships` is the most that were heard near her in one interval, `moving`
    those of them under way, `some` those heard last; `fell` is how many fell silent near her within minutes of her, she
    herself among them.  `at_once` is how many did in the minute of hers and those beside it, within two cells of hers,
    where `wider_moving` were under way.  `in_area`: an area outage that explains it is known.
    """

    since: Instant
    upto: Instant
    listened_ms: int = 0
    covered_ms: int = 0
    witnessed_min: float = 0.0
    ships: int = 0
    reports: int = 0
    moving: int = 0
    fell: int = 0
    some: tuple[int, ...] = ()
    state: str = "late"
    wider_moving: int = 0
    at_once: int = 0
    in_area: bool = False

    @property
    def shared(self) -> bool:
        """Whether others fell silent with her: three, and a fifth of those who were there; at once two, and a seventh.
        Or an area outage says so (area_outage.py).

        A ship under way in New York falls silent so long 2.2 times a day: two of thirteen in three minutes by chance
        once in 500 times.
        """
        others, at_once = self.fell - 1, self.at_once - 1
        near = others >= COMPANY and others >= COMPANY_SHARE * (others + self.moving)
        return self.in_area or near or (at_once >= _AT_ONCE and at_once >= _AT_ONCE_SHARE * self.wider_moving)


class Track(Struct, frozen=True):
    """`last` report of any kind, last `fix` (a report with a position), per feed when it last heard her, her visits.

    `watched_at`, until she is first heard: the clock when her watch began.  `others` are tracks that are not hers,
    `shared` is the first report of another ship that uses her numbers, by its motion (quarantine.py) or by the IMO
    number that it says, of which `turns` is what was heard (identity.py).
    `going` is how she goes, by her fixes; `rests` are places where she was silent before and heard again, the newest
    last.  `vigil` is of the silence after `last` what the covers of the last hours no longer hold.  `hourly` is how
    many fixes (14 at most) she had in each of the twelve hours up to that of her last fix, the last one last.
    `stations` are the newest that heard her within an hour.  `flash`: watches at ports, armed since she lit up.
    `lights`, since she lit up: how she is heard.  `drift`: how long she has been slow, far from land.
    `claims`: what she says of her way, against her positions; `statics`: of herself.  `habit`: how her own reception
    fails.
    """

    last: Heard | None = None
    fix: Heard | None = None
    feeds: tuple[tuple[str, Instant], ...] = ()
    visits: tuple[Visit, ...] = ()
    watched_at: Instant | None = None
    others: tuple[Other, ...] = ()
    shared: Heard | None = None
    going: Going | None = None
    rests: tuple[Fix, ...] = ()
    vigil: Vigil | None = None
    hourly: tuple[int, ...] = ()
    stations: tuple[HeardBy, ...] = ()
    flash: Flash | None = None
    lights: Lights | None = None
    drift: Drift | None = None
    claims: Claims | None = None
    statics: Statics = Statics()
    turns: Turns | None = None
    habit: Habit | None = None

    @property
    def gives_signs(self) -> bool:
        """Whether she is heard now and then only."""
        return self.lights is not None and self.lights.are_signs

    @property
    def rests_here(self) -> bool:
        """Whether she is where she was silent before, or passes it by her next report, a minute later at most."""
        if self.fix is None or self.going is None or not self.rests:
            return False
        way = self.fix.where, ahead(self.going, min(self.going.mean_gap_s, REST_GAP_S) * SECOND)
        return any(distance_to_line_nm(rest, way) <= REST_NM for rest in self.rests)

    @property
    def stations_of_last_hour(self) -> tuple[tuple[str, str], ...]:
        """Feed and name of the fewest stations that brought most of her reports, in the hour before her last.

        Of one that hears her now and then, while another hears her always, nothing is expected when that is out.
        """
        if self.last is None:
            return ()
        now = self.last.at
        shares = sorted((-share * _fade(now - at), feed, station) for feed, station, at, share in self.stations)
        left, found = sum(share for share, _, _ in shares) / 2, list[tuple[str, str]]()
        for share, feed, station in shares:
            if left <= 0:
                found.append((feed, station))
            left -= share
        return tuple(found)

    @property
    def feeds_of_last_hour(self) -> tuple[str, ...]:
        """The feeds that heard her in the hour before her last report."""
        if self.last is None:
            return ()
        return tuple(feed for feed, at in self.feeds if self.last.at - at <= HOUR)


class Followed(NamedTuple):
    """The track after one report, the visits that it ended, and the fixes by which her track goes on.

    `over`: the signs of life that were over with it; `drift_over`: the loitering;
    `doubt_over`: the anomaly of her track.
    """

    track: Track
    ended: tuple[Visit, ...] = ()
    fixes: tuple[Heard, ...] = ()
    over: Over | None = None
    drift_over: DriftOver | None = None
    doubt_over: Doubt | None = None


def followed(
    track: Track, heard: Heard, contact: bool, zones: ZoneIndex, thresholds: Thresholds, dark: Dark | None = None
) -> Followed:
    """What becomes of a track with one report.

    `contact`: her last fix is recent enough that what lies between is known.  `dark`: the silence that it ended was.
    """
    feeds, stations = _heard_by(track.feeds, heard), _stations(track.stations, heard)
    if track.turns is not None:
        track = after_word(track, heard)
    if not heard.has_position:
        lights, over = lit(track.lights, track.last, track.fix, heard, (), dark)
        known = replace(track, last=heard, feeds=feeds, watched_at=None, vigil=None, stations=stations, lights=lights)
        return Followed(known, over=over)
    found = judged(track.fix, track.others, heard)
    last, visits, ended = track.fix, track.visits, list[Visit]()
    going, rests, hourly = track.going, track.rests, track.hourly
    before = track.fix if contact and len(found.follow) == 1 else None
    claims, doubt_over = claimed_by(track.claims, before, found.follow, thresholds)
    for fix in found.follow:
        visits, left = _moved(visits, before, fix, zones, thresholds)
        going = sailed(going, fix.at, *fix.where, fix.speed_kn, fix.course_deg)
        rests = _rests(rests, last, fix)
        hourly = _hourly(hourly, last, fix)
        last = before = fix
        ended += left
    in_port = any(zones.zones[visit.zone].kind == "port" for visit in visits)
    drift, drift_over = drifted_by(track.drift, found.follow, in_port, zones, thresholds)
    twice, flash = two_ships(track.shared, found.others, track.turns), track.flash
    lights, over = lit(track.lights, track.last, track.fix, heard, found.follow, dark)
    more = twice, going, rests, None, hourly, stations, flash, lights, drift, claims, track.statics, track.turns
    after = Track(heard, last, feeds, visits, None, found.others, *more, habit=track.habit)
    return Followed(after, tuple(ended), found.follow, over, drift_over, doubt_over)


def after_word(track: Track, heard: Heard) -> Track:
    """The track with what is known of two ships by their word; of another's report it takes nothing else."""
    turns = turned(track.turns, heard)
    return replace(track, turns=turns, shared=two_ships(track.shared, track.others, turns))


def _moved(
    visits: tuple[Visit, ...], before: Heard | None, heard: Heard, zones: ZoneIndex, thresholds: Thresholds
) -> tuple[tuple[Visit, ...], Iterable[Visit]]:
    """The visits after one more fix of her track, and those that it ended."""
    if not visits:
        return tuple(_entered(set(), before, heard, zones, thresholds)), ()
    known = [visit for visit in visits if visit.zone in zones.zones]
    stayed = [_stay(visit, before, heard, zones, thresholds) for visit in known]
    going_on = [visit for visit in stayed if visit.left is None]
    entered = _entered({visit.zone for visit in going_on}, before, heard, zones, thresholds)
    return tuple(sorted([*going_on, *entered], key=lambda visit: visit.zone)), [v for v in stayed if v.left]


def _rests(rests: tuple[Fix, ...], before: Heard | None, heard: Heard) -> tuple[Fix, ...]:
    """She was silent for half an hour and is heard again within a mile: a place where she powers down."""
    if (
        before is None
        or heard.at - before.at <= REST_LEAST_MS
        or distance_nm(before.where, heard.where) >= _REST_MOST_NM
    ):
        return rests
    others = (rest for rest in rests if distance_nm(rest, before.where) > _SAME_REST_NM)
    return (*others, before.where)[-_RESTS:]


def _hourly(hourly: tuple[int, ...], before: Heard | None, heard: Heard) -> tuple[int, ...]:
    hours = heard.at // HOUR - before.at // HOUR if before and hourly else _HOURS
    if hours > 0:
        return (*hourly, *(0,) * (hours - 1), 1)[-_HOURS:]
    return hourly if hourly[-1] >= SPARSE_POSITIONS else (*hourly[:-1], hourly[-1] + 1)


def _heard_by(feeds: tuple[tuple[str, Instant], ...], heard: Heard) -> tuple[tuple[str, Instant], ...]:
    if not feeds or (len(feeds) == 1 and feeds[0][0] == heard.feed):
        return ((heard.feed, heard.at),)
    return tuple(sorted({**dict(feeds), heard.feed: heard.at}.items()))


def _stations(stations: tuple[HeardBy, ...], heard: Heard) -> tuple[HeardBy, ...]:
    """With the one that heard this; the newest stand last."""
    own, others = 1.0, list[HeardBy]()
    for row in stations:
        feed, station, at, share = row
        if (feed, station) == (heard.feed, heard.station):
            own = round(1 + share * _fade(heard.at - at), 3)
        elif heard.at - at <= HOUR:
            others.append(row)
    return (*others, (heard.feed, heard.station, heard.at, own))[-STATIONS:]


def _fade(passed_ms: int) -> float:
    return float(0.5 ** (passed_ms / _HALF_MS))


def _entered(
    inside: set[str], before: Heard | None, heard: Heard, zones: ZoneIndex, thresholds: Thresholds
) -> Iterable[Visit]:
    lat, lon = heard.where
    for zone in zones.at(lat, lon):
        if zone.id not in inside:
            came = before if before is not None and not holds(zone, before.where) else None  # else it was drawn anew
            gate, confirmed = _gate(zone, came, heard), before is not None
            visit = Visit(zone.id, heard, came is not None, gate, confirmed=confirmed)
            yield _moored(_passing(visit, zone, came, heard), heard, zone, thresholds)


def _gate(zone: Zone, before: Heard | None, heard: Heard) -> str | None:
    if before is None or not zone.gates:
        return None
    gate = gate_crossed(zone, before.where, heard.where)
    return gate.name if gate else None


def _stay(visit: Visit, before: Heard | None, heard: Heard, zones: ZoneIndex, thresholds: Thresholds) -> Visit:
    zone = zones.zones[visit.zone]
    visit = _passing(visit, zone, before, heard)
    if zones.outside(visit.zone, *heard.where):
        return replace(visit, left=heard)
    return _moored(visit if visit.confirmed else replace(visit, confirmed=True), heard, zone, thresholds)


def _passing(visit: Visit, zone: Zone, before: Heard | None, heard: Heard) -> Visit:
    if zone.kind != "strait":
        return visit
    now = heard.where
    bound = visit.bound or bound_for(zone, visit.gate, visit.first.where, now, heard.speed_kn)
    out = out_by(zone, visit.out, before.where if before else None, now)
    return visit if (bound, out) == (visit.bound, visit.out) else replace(visit, bound=bound, out=out)


def _moored(visit: Visit, heard: Heard, zone: Zone, thresholds: Thresholds) -> Visit:
    if zone.kind != "port":
        return visit
    if stopped(heard, thresholds):
        return replace(visit, arrived_at=visit.arrived_at or heard.at, departed=None)
    underway = heard.speed_kn is not None and heard.speed_kn > thresholds.departed_above_kn
    if visit.arrived_at and underway and not visit.departed:
        return replace(visit, departed=heard)
    return visit


def stopped(heard: Heard, thresholds: Thresholds) -> bool:
    """Whether she lies still, by her speed, or where she says none by her status."""
    if heard.speed_kn is None:
        return heard.status in (ANCHORED, MOORED)
    return heard.speed_kn < thresholds.stopped_below_kn
