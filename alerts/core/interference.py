"""GNSS interference: many ships of an area jump to the same place, found by the clock of all traffic.

    a ship jumps --> waits ten minutes for others
    five wait within three miles of one of them, all from further off --> interference: opened
        another jumps there --> one more; a watched hull, or twice as many: amended
        one jumps away --------> she is back, and waits for nobody
    fewer than three are left there, or nobody came or went for a day --> closed

A jump is three fixes that agree where she cannot have sailed (faster than 50 kn, 0.5 nm aside), while none of her own
track comes between (streams/ingest/jumps.py): so one with a broken receiver is one, two ships on one number are none,
and a station that repeats what is old tells of two tracks.

Published: 22 June 2017 off Novorossiysk more than 20 ships at Gelendzhik airport, 25 nm away, now there, now not (US
Maritime Administration; Royal Institute of Navigation); 4 June 2024 some fifty at Simferopol airport and thirty at
Gelendzhik (The Maritime Executive); nine on rings at Point Reyes, and those of oil terminals in China, where ships jump
a few miles (Bergman, SkyTruth 2019 and 2020).  Five is below all of them; three miles hold an airport and a ring.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from alerts.core.alert import Alert, Position, Severity
from alerts.core.frozen import Struct, field, replace
from alerts.core.geo import Fix, distance_nm
from alerts.core.instants import DAY, MINUTE, Instant, interval_end, rfc3339, spoken
from alerts.core.intervals import Interference, Jump
from alerts.core.lifecycle import Episode, difference
from alerts.core.rule import Finding, Said

RULE = "gnss_interference"
ENOUGH, FEW = 5, 3
"""Ships that begin it; with fewer than a few left it is over."""
SPREAD_NM = 3.0
TOGETHER_MS = 10 * MINUTE
FORGOTTEN_MS = DAY
MOST_WAITING, MOST_SHIPS = 500, 1_000
_NAMED = 20
"""So many ships, and so many hulls, are named."""


class Spot(Struct, frozen=True):
    """A place to which ships jump: around the one of them that has most others near.

    `ships` are all that were there since `since`, with their hulls; `here` those that are; `at` is when the last came
    or went; `furthest_nm` from how far; `told` is how many were there when it was told last.
    """

    since: Instant
    place: Fix
    ships: dict[int, str] = field(default_factory=dict)
    here: tuple[int, ...] = ()
    at: Instant = 0
    furthest_nm: float = 0.0
    told: int = 0
    episode: Episode | None = None


class Sky(Struct, frozen=True):
    """`unjudged` are jumps of intervals that are not closed, `waiting` those of the last minutes, each ship's last."""

    unjudged: tuple[Jump, ...] = ()
    waiting: tuple[Jump, ...] = ()
    spots: tuple[Spot, ...] = ()


def with_jumps(sky: Sky, jumps: tuple[Jump, ...]) -> Sky:
    """With what one partition says."""
    return replace(sky, unjudged=(*sky.unjudged, *jumps))


def explaining(known: Iterable[Interference], before: Fix, there: Fix, at: Instant) -> str | None:
    """The id of the interference with which a ship jumped there at that time, or back from it; None: with none."""
    for one in known:
        if at < one.since - TOGETHER_MS:
            continue
        is_over = one.until is not None and at > one.until + TOGETHER_MS
        if _is_at(one.place, before) or (not is_over and _is_at(one.place, there)):
            return one.id
    return None


Told = list[tuple[Interference, tuple[Alert, ...]]]
"""What has changed of each, and what is said of it."""


def closed(sky: Sky, clock: Instant, end: Instant) -> tuple[Sky, tuple[Interference, ...], tuple[Alert, ...]]:
    """After the intervals from `clock` to `end`, one after the other: what has changed, and what is told of it."""
    if not sky.unjudged and not sky.spots:
        return sky, (), ()
    due = sorted(jump for jump in sky.unjudged if clock < jump.known <= end)
    sky = replace(sky, unjudged=tuple(jump for jump in sky.unjudged if jump.known > end))
    told: Told = []
    for at, jumps in groupby(due, attrgetter("known")):
        sky = _expired(sky, at, told)
        sky = _said_of(_judged(sky, at, jumps), at, told)
    sky = _expired(sky, end, told)
    return sky, tuple(one for one, _ in told), tuple(alert for _, alerts in told for alert in alerts)


def _judged(sky: Sky, at: Instant, jumps: Iterable[Jump]) -> Sky:
    """After the jumps of one interval."""
    waiting = {jump.mmsi: jump for jump in sky.waiting if jump.known > at - TOGETHER_MS}
    spots = list(sky.spots)
    for jump in jumps:
        before, gone = waiting.pop(jump.mmsi, None), [_left(spot, jump) for spot in spots]
        back = gone != spots or any(_is_at(spot.place, jump.before) for spot in spots)
        back = back or (before is not None and _is_at(before.before, jump.there))
        spots = [_joined(spot, jump) for spot in gone]
        if not back and spots == gone:
            waiting[jump.mmsi] = jump
    while (found := _found(waiting.values())) is not None:
        spots.append(found)
        waiting = {mmsi: jump for mmsi, jump in waiting.items() if mmsi not in found.ships}
    kept = sorted(waiting.values())[-MOST_WAITING:]
    return replace(sky, waiting=tuple(kept), spots=tuple(spots))


def _left(spot: Spot, jump: Jump) -> Spot:
    if jump.mmsi not in spot.here or _is_at(spot.place, jump.there):
        return spot
    here = tuple(mmsi for mmsi in spot.here if mmsi != jump.mmsi)
    return replace(spot, here=here, at=max(spot.at, jump.at))


def _joined(spot: Spot, jump: Jump) -> Spot:
    if not _is_at(spot.place, jump.there) or _is_at(spot.place, jump.before) or len(spot.here) >= MOST_SHIPS:
        return spot
    ships = spot.ships if len(spot.ships) >= MOST_SHIPS else {**spot.ships, jump.mmsi: jump.hull}
    here = tuple(sorted({*spot.here, jump.mmsi}))
    furthest_nm = max(spot.furthest_nm, distance_nm(jump.before, jump.there))
    return replace(spot, ships=ships, here=here, at=max(spot.at, jump.at), furthest_nm=furthest_nm)


def _found(waiting: Iterable[Jump]) -> Spot | None:
    """The place that most of those who wait jumped to, if they are enough."""
    jumps = sorted(waiting, key=attrgetter("at", "mmsi"))
    together = [[jump for jump in jumps if _goes_to(middle.there, jump)] for middle in jumps]
    most = max(together, key=len, default=[])
    if len(most) < ENOUGH:
        return None
    spot = Spot(min(jump.at for jump in most), jumps[together.index(most)].there)
    for jump in most:
        spot = _joined(spot, jump)
    return spot


def _goes_to(place: Fix, jump: Jump) -> bool:
    return _is_at(place, jump.there) and not _is_at(place, jump.before)


def _is_at(place: Fix, fix: Fix) -> bool:
    return abs(place[0] - fix[0]) * 60 <= SPREAD_NM and distance_nm(place, fix) <= SPREAD_NM


def _expired(sky: Sky, end: Instant, told: Told) -> Sky:
    """Without the spots of which nothing was heard for a day; `told` gets what is said of them."""
    old = [spot for spot in sky.spots if spot.at + FORGOTTEN_MS <= end]
    for spot in old:
        _said(spot, interval_end(spot.at + FORGOTTEN_MS), True, told)
    return replace(sky, spots=tuple(spot for spot in sky.spots if spot not in old)) if old else sky


def _said_of(sky: Sky, at: Instant, told: Told) -> Sky:
    """What is new of each spot: `told` gets it."""
    spots = []
    for spot in sky.spots:
        over = len(spot.here) < FEW
        said = _said(spot, at, over, told) if over or _is_news(spot) else spot
        if not over:
            spots.append(said)
    return replace(sky, spots=tuple(spots))


def _is_news(spot: Spot) -> bool:
    if spot.episode is None:
        return True
    return len(spot.ships) >= 2 * spot.told or _hulls(spot) != spot.episode.said.evidence["hulls"]


def _hulls(spot: Spot) -> list[str]:
    return sorted({hull for hull in spot.ships.values() if hull})[:_NAMED]


def _said(spot: Spot, known_at: Instant, over: bool, told: Told) -> Spot:
    known = () if spot.episode is None else (spot.episode,)
    (episode,), alerts = difference(known, (_finding(spot, over),), "", None, known_at)
    told.append((Interference(episode.id, spot.since, spot.at if over else None, spot.place), alerts))
    return replace(spot, told=len(spot.ships), episode=episode)


def _finding(spot: Spot, over: bool) -> Finding:
    lat, lon = (round(degrees, 5) for degrees in spot.place)
    ships = (
        f"{len(spot.ships)} ships jumped to one place, {lat:.2f}, {lon:.2f}, from up to {spot.furthest_nm:.0f} nm away"
    )
    evidence = {
        "ships": len(spot.ships),
        "mmsis": sorted(spot.ships)[:_NAMED],
        "hulls": _hulls(spot),
        "radius_nm": SPREAD_NM,
        "furthest_nm": round(spot.furthest_nm, 1),
    }
    where = Position(lat, lon)
    opened = Said(Severity.WARNING, spot.since, where, None, f"{ships}: GNSS interference", evidence)
    closed = None
    if over:
        told = f"{ships}, for {spoken(spot.at - spot.since)}: GNSS interference is over"
        closed = replace(opened, summary=told, evidence=evidence | {"until": rfc3339(spot.at)})
    return Finding(RULE, name_of(spot.place), spot.since, spot.since, spot.at if over else None, opened, closed)


def name_of(place: Fix) -> str:
    """In the place of a zone in its id: `4435N03801E`."""
    return "".join(_minutes(*row) for row in zip(place, (2, 3), ("NS", "EW"), strict=True))


def _minutes(degrees: float, width: int, sides: str) -> str:
    whole, minutes = divmod(round(abs(degrees) * 60), 60)
    return f"{whole:0{width}}{minutes:02}{sides[degrees < 0]}"
