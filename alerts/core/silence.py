"""One silence: late, dark, or out of cover.

    heard --later than twice her own mean gap--> late --witnessed time passes the threshold, after the floor--> dark
                                                  |---covered time passes the ceiling------------------------> dark
                                                  |---two hours, half of them without cover-->  lost coverage
                                                  |        '--twelve hours, far from land, 14 positions--> dark
                                                  |---others fell silent with her, or an area: witnesses prove nothing
                                                  |---signs of life: not before two hours, still a day
                                                  '---a feed that heard her is out, or the stations that brought most
                                                      of her reports: the span does not count

Witnessed time is that of the cells in which she should be (alerts/core/cover.py), by dead reckoning for two hours, from
when she herself is late, times how well we usually hear *her*.  Ships that lie still power down: they have no witnessed
time, only covered time.  What is dark or lost stays so until she is heard.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Any

from alerts.core.cover import CLASS_A, CLASS_B, FELL_MS, PERCENT, CellCover, kind_at, quality
from alerts.core.curve import Curve
from alerts.core.fallen import AreaOutage, explaining
from alerts.core.frozen import Struct, replace
from alerts.core.going import KNOWN_FROM, MOVING_KN, RECKONED_MS, predicted
from alerts.core.habit import Habit, factor_of
from alerts.core.heard import CLASS_B_TYPES, Heard
from alerts.core.instants import HOUR, INTERVAL, MINUTE, SECOND, Instant, interval_end, interval_start
from alerts.core.offshore import is_offshore
from alerts.core.signs import SILENT_MS, SILENT_STILL_MS
from alerts.core.thresholds import Thresholds
from alerts.core.told import Told
from alerts.core.track import SPARSE_POSITIONS, Track, Vigil
from alerts.core.world import Span, World, cover_at, gaps, listened_to

SPARSE_MS = 12 * HOUR
_TOGETHER_MS = 5 * MINUTE
"""Who falls silent so soon before or after her does so for the same reason."""
_AT_ONCE_MS = 90 * SECOND
"""From the middle of the minute in which she did: three minutes in all."""
SLOWED = 0.4
"""Of her speed ten minutes ago: slowing to a stop."""


class State(StrEnum):
    """What a silence has come to."""

    LATE = "late"
    DARK = "dark"
    LOST = "lost coverage"


class Kind(StrEnum):
    """The class of a silence, by how the ship was when she was last heard."""

    MOVING = "moving"
    STOPPED = "stopped"
    IN_PORT = "in port"


class Limits(Struct, frozen=True):
    """What a silence of one kind is measured by; `witnessed_min` None: witnesses prove nothing here.

    `factor` is by how much that is stretched for this hull; without it the limit is `usual_min`.
    """

    kind: Kind
    floor_ms: int
    ceiling_ms: int
    witnessed_min: float | None
    factor: float = 1.0
    usual_min: float | None = None

    @property
    def least_ms(self) -> int:
        """No silence of this kind is dark or lost before."""
        return min(self.floor_ms, RECKONED_MS)


class Silence(Struct, frozen=True):
    """From `since`, her last report, to `until`, the report that ended it (None: it goes on); dark or lost at `at`.

    `port` is the flagged port in which her last fix lay.  `sparse`: nobody could bear witness, far out.  `told`: it was
    said before.  `cause` is the id of the area outage that explains it.
    """

    since: Heard
    until: Heard | None
    state: State
    at: Instant
    port: str | None
    limits: Limits
    vigil: Vigil
    sparse: bool = False
    told: Told | None = None
    cause: str | None = None

    @property
    def kind(self) -> Kind:
        """Its class."""
        return self.limits.kind


def kind_of(track: Track, port: str | None) -> Kind:
    """Ships that lie still, slow down, or are where they were silent before, are another class of silence."""
    if port is not None:
        return Kind.IN_PORT
    going = track.going
    if going is None or going.speed_kn < MOVING_KN or going.speed_kn < SLOWED * going.before_kn:
        return Kind.STOPPED
    return Kind.STOPPED if track.rests_here else Kind.MOVING


@lru_cache(maxsize=64)
def limits_of(kind: Kind, thresholds: Thresholds, curve: Curve, signs: bool = False) -> Limits:
    """In a port the floor is the ceiling: a timer of covered time.  `signs` of life: no sooner than these are over."""
    if signs:
        limits, least_ms = limits_of(kind, thresholds, curve), SILENT_MS if kind is Kind.MOVING else SILENT_STILL_MS
        return replace(limits, floor_ms=max(limits.floor_ms, least_ms), ceiling_ms=max(limits.ceiling_ms, least_ms))
    floor, ceiling = round(thresholds.silence_floor_min * MINUTE), round(thresholds.silence_ceiling_min * MINUTE)
    if kind is Kind.MOVING:
        return Limits(kind, floor, max(floor, ceiling), curve.threshold_min(thresholds.silence_budget))
    still_min = thresholds.port_silence_min if kind is Kind.IN_PORT else thresholds.stopped_silence_min
    still = round(still_min * MINUTE)
    return Limits(kind, still, still, None)


def hers(limits: Limits, told: Told | None, habit: Habit | None, curve: Curve, at: Instant) -> Limits:
    """Anybody's limits, stretched for her in a silence that begins `at`; those by which it was told stay, until late
    reports change her past.
    """
    if limits.witnessed_min is None or (told is None and habit is None):
        return limits
    usual_min, factor = limits.witnessed_min if told is None else told.limit_min, factor_of(habit, curve, at)
    if told is not None and told.is_of(habit):
        factor = told.factor
    if (usual_min, factor) == (limits.witnessed_min, 1.0):
        return limits
    return replace(limits, witnessed_min=round(factor * usual_min, 2), factor=factor, usual_min=usual_min)


@lru_cache(maxsize=64)
def shortest_ms(thresholds: Thresholds) -> int:
    """No silence is dark or lost before."""
    limits_min = thresholds.silence_floor_min, thresholds.port_silence_min, thresholds.stopped_silence_min
    return min(*(round(limit_min * MINUTE) for limit_min in limits_min), RECKONED_MS)


def silence(track: Track, until: Heard | None, port: str | None, world: World, limits: Limits) -> Silence | None:
    """The silence that began with her last report, if it was dark or lost before `until` and by now is known to be."""
    if track.last is None:
        return None
    known = listened_to(world, track.feeds_of_last_hour)
    seen_to = until.at if until is not None else known
    if seen_to is None or seen_to - track.last.at < limits.least_ms:
        return None
    vigil = watched_over(track, limits, world, until.at if until else None)
    if vigil.state == State.LATE or (until is not None and until.at < vigil.upto):  # kept before `until` was known
        return None
    area = _area_of(track, world)
    cause = area[0].id if area else None
    found = Silence(track.last, until, State(vigil.state), vigil.upto, port, limits, vigil, cause=cause)
    at = unheard_at_sea(track, vigil, limits, world)
    if at is None or known is None or at > (known if until is None else min(known, until.at)):
        return found
    return replace(found, state=State.DARK, at=at, sparse=True)


def unheard_at_sea(track: Track, vigil: Vigil, limits: Limits, world: World) -> Instant | None:
    """When a silence without witnesses is dark by the rule for the open ocean; None: it does not hold for her.

    Welch et al. 2022 (Sci. Adv. eabq2109): twelve hours, begun 50 nm offshore, after 14 positions in twelve hours.
    """
    if vigil.state != State.LOST or vigil.shared or limits.witnessed_min is None or track.fix is None:
        return None
    if sum(track.hourly) < SPARSE_POSITIONS or not is_offshore(track.fix.where):
        return None
    return listened_by(track, SPARSE_MS, world)


def listened_by(track: Track, limit_ms: int, world: World) -> Instant | None:
    """The interval end by which so much since her last report was listened to; None: not while an outage lasts."""
    assert track.last is not None
    at, left = track.last.at, limit_ms
    for since, until in _deaf(track, world):
        if until is not None and until <= at:
            continue
        if since >= at + left:
            break
        if until is None:
            return None
        left -= max(0, since - at)
        at = max(at, until)
    return interval_end(at + left)


def watched_over(track: Track, limits: Limits, world: World, until: Instant | None = None) -> Vigil:
    """The vigil of the silence after her last report, as far as is known, and not beyond `until`."""
    assert track.last is not None
    vigil = track.vigil or Vigil(track.last.at, track.last.at)
    known = listened_to(world, track.feeds_of_last_hour)
    last = interval_start(min(known, until) if known is not None and until is not None else known or 0)
    spans, area = _deaf(track, world), _area_of(track, world)
    end = interval_end(vigil.upto + 1)
    while vigil.state == State.LATE and end <= last:
        if area is not None and area[1] <= end:
            vigil = replace(vigil, in_area=True)
        vigil = _minute(vigil, track, end, limits, world, spans)
        end += INTERVAL
    return vigil


def _area_of(track: Track, world: World) -> tuple[AreaOutage, Instant] | None:
    """The area outage with which she fell silent, and since when it is known of her: minutes before stand as judged."""
    if not world.areas or track.last is None or track.fix is None:
        return None
    return explaining(world.areas, track.last.at, track.fix.where)


Spans = tuple[Span, ...]


def _deaf(track: Track, world: World) -> Spans:
    """When the feeds or the stations that heard her were out; who they are is asked only where any was."""
    return tuple(gaps(world, track.feeds_of_last_hour, track.stations_of_last_hour)) if world.outages else ()


def _minute(vigil: Vigil, track: Track, end: Instant, limits: Limits, world: World, spans: Spans) -> Vigil:
    """One more interval of it."""
    begin = max(vigil.since, end - INTERVAL)
    if any(since < end and (until is None or until > begin) for since, until in spans):
        return replace(vigil, upto=end)
    found = cover_at(world, end, predicted(track.going, end)) if track.going else None
    heard = _heard(vigil, track, end, limits, *found) if found is not None else {}
    after = replace(vigil, upto=end, listened_ms=vigil.listened_ms + end - begin, **heard)
    state = _state(after, limits)
    return after if state == vigil.state else replace(after, state=state)


def _heard(vigil: Vigil, track: Track, end: Instant, limits: Limits, here: CellCover, usual_s: float) -> dict[str, Any]:
    """What a minute under cover changes.  Others are witnesses from when she is late: before, she is one of them."""
    assert track.last is not None
    changed: dict[str, Any] = {"covered_ms": vigil.covered_ms + min(INTERVAL, end - vigil.since)}
    if end - vigil.since <= FELL_MS + _TOGETHER_MS:
        changed["moving"] = max(vigil.moving, here.moving)
        changed["wider_moving"] = max(vigil.wider_moving, here.wider_moving)
    if abs(end - vigil.since - FELL_MS) <= _TOGETHER_MS:
        changed["fell"] = vigil.fell + here.fell
    if abs(end - vigil.since - FELL_MS - INTERVAL // 2) <= _AT_ONCE_MS:
        changed["at_once"] = vigil.at_once + here.wider_fell
    if not _is_late(track, vigil, end):
        return changed
    if limits.witnessed_min is not None and end - vigil.since <= RECKONED_MS:
        witnessed = _listened(vigil, end) * _own(track, usual_s) * here.witnessed / PERCENT
        changed["witnessed_min"] = round(vigil.witnessed_min + witnessed, 4)
    others = tuple(mmsi for mmsi in here.some if mmsi != track.last.mmsi)
    ships, reports = max(vigil.ships, here.ships), vigil.reports + here.reports
    return changed | {"ships": ships, "reports": reports, "some": others or vigil.some}


def _state(vigil: Vigil, limits: Limits) -> State:
    enough = limits.witnessed_min is not None and vigil.witnessed_min >= limits.witnessed_min
    witnessed = enough and not vigil.shared
    if vigil.listened_ms >= limits.floor_ms and (witnessed or vigil.covered_ms >= limits.ceiling_ms):
        return State.DARK
    gone = vigil.listened_ms >= RECKONED_MS and 2 * vigil.covered_ms <= vigil.listened_ms
    return State.LOST if gone and not witnessed else State.LATE


def _is_late(track: Track, vigil: Vigil, end: Instant) -> bool:
    """Evidence counts from when she herself is late."""
    return track.going is not None and track.going.late_ms < end - vigil.since


def _listened(vigil: Vigil, end: Instant) -> float:
    """The share of her silence in which we listened: what she did in the rest, nobody knows, nor where she is now."""
    return min(1.0, (vigil.listened_ms + INTERVAL) / (end - vigil.since))


def _own(track: Track, usual_s: float) -> float:
    """How well we usually hear her; of one that was heard once or twice nobody knows."""
    going = track.going
    if going is None or going.reports < KNOWN_FROM:
        return 0.0
    kind = CLASS_B if track.fix and track.fix.type in CLASS_B_TYPES else CLASS_A
    return quality(kind_at(kind, going.speed_kn), max(going.mean_gap_s, 1.0), usual_s)


def next_look(vigil: Vigil, limits: Limits) -> Instant:
    """A lower bound of when its state can change: no minute counts more than one."""
    left_ms = limits.ceiling_ms - vigil.covered_ms
    if limits.witnessed_min is not None:
        left_ms = min(left_ms, int(max(0.0, limits.witnessed_min - vigil.witnessed_min) * MINUTE))
    dark_ms = max(left_ms, limits.floor_ms - vigil.listened_ms)
    lost_ms = max(RECKONED_MS, 2 * vigil.covered_ms) - vigil.listened_ms
    return interval_end(vigil.upto + max(1, min(dark_ms, lost_ms)))
