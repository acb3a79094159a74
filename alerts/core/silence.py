"""One silence: late, dark, or out of cover.

    heard --later than twice her own mean gap--> late --witnessed time passes the threshold, after the floor--> dark
                                                  |---covered time passes the ceiling------------------------> dark
                                                  |---two hours, half of them without cover-->  lost coverage
                                  |     '---twelve hours, begun far from land, after 14 positions----> dark
                                                  |---others fell silent with her: witnesses prove nothing
                                  '---a feed that heard her is out, or the stations that brought most of her reports:
                                      the span does not count

Witnessed time is that of the cells in which she should be (alerts/core/cover.py), by dead reckoning for two hours, from
when she herself is late, times how well we usually hear *her*.  Ships that lie still power down: they have no witnessed
time, only covered time.  What is dark or lost stays so until she is heard.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from alerts.core.cover import CLASS_A, CLASS_B, FELL_MS, PERCENT, kind_at, quality
from alerts.core.curve import threshold_min
from alerts.core.going import KNOWN_FROM, MOVING_KN, RECKONED_MS, predicted
from alerts.core.heard import CLASS_B_TYPES, Heard
from alerts.core.instants import HOUR, INTERVAL, MINUTE, Instant, interval_end, interval_start
from alerts.core.offshore import is_offshore
from alerts.core.thresholds import Thresholds
from alerts.core.track import Track, Vigil
from alerts.core.world import World, cover_at, gaps, listened_to

SPARSE_MS, SPARSE_POSITIONS = 12 * HOUR, 14
_TOGETHER_MS = 5 * MINUTE
"""Who falls silent so soon before or after her does so for the same reason."""
_SLOWED = 0.4
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


@dataclass(frozen=True, slots=True)
class Limits:
    """What a silence of one kind is measured by; `witnessed_min` None: witnesses prove nothing here."""

    floor_ms: int
    ceiling_ms: int
    witnessed_min: float | None


@dataclass(frozen=True, slots=True)
class Silence:
    """From `since`, her last report, to `until`, the report that ended it (None: it goes on); dark or lost at `at`.

    `port` is the flagged port in which her last fix lay.  `sparse`: nobody could bear witness, far out.
    """

    since: Heard
    until: Heard | None
    state: State
    at: Instant
    kind: Kind
    port: str | None
    limits: Limits
    vigil: Vigil
    sparse: bool = False


def kind_of(track: Track, port: str | None) -> Kind:
    """Ships that lie still, slow down, or are where they were silent before, are another class of silence."""
    if port is not None:
        return Kind.IN_PORT
    going = track.going
    if going is None or going.speed_kn < MOVING_KN or going.speed_kn < _SLOWED * going.before_kn:
        return Kind.STOPPED
    return Kind.STOPPED if track.rests_here else Kind.MOVING


def limits_of(kind: Kind, thresholds: Thresholds) -> Limits:
    """In a port the floor is the ceiling: a timer of covered time."""
    floor, ceiling = round(thresholds.silence_floor_min * MINUTE), round(thresholds.silence_ceiling_min * MINUTE)
    if kind is Kind.MOVING:
        return Limits(floor, max(floor, ceiling), threshold_min(thresholds.silence_budget))
    still_min = thresholds.port_silence_min if kind is Kind.IN_PORT else thresholds.stopped_silence_min
    still = round(still_min * MINUTE)
    return Limits(still, still, None)


def silence(
    track: Track, until: Heard | None, port: str | None, world: World, thresholds: Thresholds
) -> Silence | None:
    """The silence that began with her last report, if it was dark or lost before `until` and by now is known to be."""
    if track.last is None:
        return None
    kind = kind_of(track, port)
    limits = limits_of(kind, thresholds)
    if until is not None and until.at - track.last.at < min(limits.floor_ms, RECKONED_MS):
        return None
    vigil = watched_over(track, limits, world, until.at if until else None)
    if vigil.state == State.LATE or (until is not None and until.at < vigil.upto):  # kept before `until` was known
        return None
    found = Silence(track.last, until, State(vigil.state), vigil.upto, kind, port, limits, vigil)
    at = unheard_at_sea(track, limits, world) if found.state is State.LOST else None
    known = listened_to(world, track.feeds_of_last_hour)
    if at is None or known is None or at > (known if until is None else min(known, until.at)):
        return found
    return replace(found, state=State.DARK, at=at, sparse=True)


def unheard_at_sea(track: Track, limits: Limits, world: World) -> Instant | None:
    """When a silence without witnesses is dark by the rule for the open ocean; None: it does not hold for her.

    Welch et al. 2022 (Sci. Adv. eabq2109): twelve hours, begun 50 nm offshore, after 14 positions in twelve hours.
    """
    if limits.witnessed_min is None or track.last is None or track.fix is None or sum(track.hourly) < SPARSE_POSITIONS:
        return None
    assert track.fix.lat is not None
    assert track.fix.lon is not None
    if not is_offshore((track.fix.lat, track.fix.lon)):
        return None
    return _listened_by(track, SPARSE_MS, world)


def _listened_by(track: Track, limit_ms: int, world: World) -> Instant | None:
    """The interval end by which so much since her last report was listened to; None: not while an outage lasts."""
    assert track.last is not None
    at, left = track.last.at, limit_ms
    for since, until in gaps(world, track.feeds_of_last_hour, track.stations_of_last_hour):
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
    spans = tuple(gaps(world, track.feeds_of_last_hour, track.stations_of_last_hour))
    end = interval_end(vigil.upto + 1)
    while vigil.state == State.LATE and end <= last:
        vigil = _minute(vigil, track, end, limits, world, spans)
        end += INTERVAL
    return vigil


Spans = tuple[tuple[Instant, Instant | None], ...]


def _minute(vigil: Vigil, track: Track, end: Instant, limits: Limits, world: World, spans: Spans) -> Vigil:
    """One more interval of it."""
    begin = max(vigil.since, end - INTERVAL)
    if any(since < end and (until is None or until > begin) for since, until in spans):
        return replace(vigil, upto=end)
    found = cover_at(world, end, predicted(track.going, end)) if track.going else None
    vigil = replace(vigil, upto=end, listened_ms=vigil.listened_ms + end - begin)
    if found is not None:
        here, usual_s = found
        counts = limits.witnessed_min is not None and _is_late(track, vigil, end)
        own = _own(track, usual_s) if counts else 0.0
        vigil = replace(
            vigil,
            covered_ms=vigil.covered_ms + end - begin,
            witnessed_min=round(vigil.witnessed_min + own * here.witnessed / PERCENT, 4),
            ships=max(vigil.ships, here.ships),
            reports=vigil.reports + here.reports,
            some=here.some or vigil.some,
            moving=max(vigil.moving, here.moving),
            fell=vigil.fell + (here.fell if abs(end - vigil.since - FELL_MS) <= _TOGETHER_MS else 0),
        )
    return replace(vigil, state=_state(vigil, limits))


def _state(vigil: Vigil, limits: Limits) -> State:
    if vigil.listened_ms >= limits.floor_ms:
        enough = limits.witnessed_min is not None and vigil.witnessed_min >= limits.witnessed_min
        witnessed = enough and not vigil.shared
        if witnessed or vigil.covered_ms >= limits.ceiling_ms:
            return State.DARK
    gone = vigil.listened_ms >= RECKONED_MS and 2 * vigil.covered_ms <= vigil.listened_ms
    return State.LOST if gone else State.LATE


def _is_late(track: Track, vigil: Vigil, end: Instant) -> bool:
    """Evidence counts from when she herself is late, for two hours."""
    assert track.going is not None
    return track.going.late_ms < end - vigil.since <= RECKONED_MS


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
