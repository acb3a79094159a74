"""The ships of a generated world: who they are, and the fleets that go about their business around an event.

Every number is made up: MMSIs end in 9NNNNN, IMO numbers begin with 4 (valid check digit, a range no ship was given).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from random import Random

from alerts.core.instants import DAY, HOUR, MINUTE, Instant
from streams.scenario.motion import Passage, Path, Point, Track, course_deg, moved
from streams.scenario.waters import Ground, Waters


class Status(Enum):
    """Navigational status (ITU-R M.1371-5, table 48)."""

    UNDER_WAY = 0
    AT_ANCHOR = 1
    MOORED = 5
    FISHING = 7


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of ship: class of transponder, AIS ship type, cruising speeds, hours of rest, length, status."""

    transponder: str
    ship_type: int
    cruise_kn: tuple[float, float]
    rest_h: tuple[float, float]
    length_m: tuple[int, int]
    sailing: Status = Status.UNDER_WAY
    resting: Status = Status.MOORED


CARGO = Kind("A", 70, (9.5, 14.6), (6, 18), (80, 230))
TANKER = Kind("A", 80, (9, 13.5), (7, 20), (90, 250))
FERRY = Kind("A", 60, (17, 22), (1, 3), (60, 190))
TUG = Kind("A", 52, (6, 9), (3, 9), (25, 40))
TRAWLER = Kind("A", 30, (3, 5), (1, 6), (28, 60), Status.FISHING, Status.FISHING)
AT_ANCHOR = Kind("A", 70, (5, 7), (0, 0), (90, 230), Status.UNDER_WAY, Status.AT_ANCHOR)
BOAT = Kind("B", 30, (3, 7), (0.5, 6), (9, 20))
YACHT = Kind("B", 36, (4, 7), (2, 12), (8, 18))

FLEET = ((CARGO, 22), (TANKER, 9), (FERRY, 2), (TUG, 2), (AT_ANCHOR, 10), (TRAWLER, 5), (BOAT, 10), (YACHT, 6))
"""How many of each kind sail in each of the waters: 66."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A stretch in which a transponder reports at the full rate, and when in it static data comes first."""

    begin: Instant
    end: Instant
    static_after_ms: int


@dataclass(frozen=True, slots=True)
class Ship:
    """A ship as her transponder tells it.  `watches`: when it is switched on; None: always.

    `draught_m` None: by her length.
    """

    mmsi: int
    imo: int
    name: str
    call_sign: str
    kind: Kind
    length_m: int
    destination: str
    track: Track
    waters: tuple[Waters, ...]
    watches: tuple[Watch, ...] | None = None
    draught_m: float | None = None


def imo_number(first_six: int) -> int:
    """Seven digits with the check digit (7a+6b+5c+4d+3e+2f) mod 10."""
    digits = [int(digit) for digit in f"{first_six:06d}"]
    check = sum(weight * digit for weight, digit in zip(range(7, 1, -1), digits, strict=True))
    return first_six * 10 + check % 10


_FIRST = (
    "HAE",
    "DONG",
    "NAN",
    "BEI",
    "JIN",
    "HUA",
    "XIN",
    "TAI",
    "KUM",
    "CHONG",
    "SEIYO",
    "KAIYO",
    "EAST",
    "NORTH",
    "AMUR",
    "PRIMORYE",
    "GOLDEN",
    "OCEAN",
    "BLUE",
    "SUN",
)
_SECOND = (
    "YANG",
    "SONG",
    "FU",
    "SHUN",
    "GANG",
    "MARU",
    "STAR",
    "HOPE",
    "VENUS",
    "PEARL",
    "WAVE",
    "LUCK",
    "GLORY",
    "HAI",
    "SAN",
    "EXPRESS",
    "TRADER",
    "WIND",
)
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def fleet(waters: Waters, seed: int, begin: Instant, end: Instant, first: int) -> Iterator[Ship]:
    """The ships of one of the waters; `first` numbers them through the world, so that no two share a number."""
    number = first
    for kind, count in FLEET:
        for _ in range(count):
            yield _ship(kind, waters, Random(f"{seed}/{waters.name}/{number}"), begin, end, number)
            number += 1


def _ship(kind: Kind, waters: Waters, dice: Random, begin: Instant, end: Instant, number: int) -> Ship:
    return Ship(
        mmsi=dice.choice(waters.mids) * 1_000_000 + 900_000 + number,
        imo=imo_number(400_000 + number * 37) if kind.transponder == "A" else 0,
        name=_name(number),
        call_sign="".join(dice.choices(_LETTERS, k=4)) + str(number % 10),
        kind=kind,
        length_m=dice.randint(*kind.length_m),
        destination=dice.choice(waters.destinations),
        track=_track(kind, waters, dice, begin, end),
        waters=(waters,),
    )


def _name(number: int) -> str:
    if number == 7:
        return "<SCRIPT SRC=//X.CO>"
    words = f"{_FIRST[number % len(_FIRST)]} {_SECOND[number // 2 % len(_SECOND)]}"
    return f"{words} {number}" if number % 3 else words


def _track(kind: Kind, waters: Waters, dice: Random, begin: Instant, end: Instant) -> Track:
    if kind is AT_ANCHOR:
        return _anchored(waters, dice, begin)
    if kind in (TRAWLER, BOAT, YACHT):
        return _round_and_round(kind, dice.choice(waters.grounds), dice, begin, end)
    lane = dice.choice(waters.ferries if kind is FERRY else waters.lanes)
    return to_and_fro(kind, lane, dice, begin, end)


def to_and_fro(kind: Kind, lane: tuple[Point, ...], dice: Random, begin: Instant, end: Instant) -> Track:
    """Along a lane and back, keeping to starboard, with a rest at each end; at sea or at rest when the world begins."""
    ends = tuple(moved(point, dice.uniform(0, 360), dice.uniform(0, 0.25)) for point in (lane[0], lane[-1]))
    offset_nm, cruise_kn = dice.uniform(0.05, 0.35), dice.uniform(*kind.cruise_kn)
    out = Path.through([ends[0], *_to_starboard(lane, offset_nm), ends[1]])
    back = Path.through([ends[1], *_to_starboard(lane[::-1], offset_nm), ends[0]])
    paths = (out, back) if dice.random() < 0.5 else (back, out)
    return _timetable(paths, kind, cruise_kn, dice, begin, end)


def _to_starboard(lane: tuple[Point, ...], offset_nm: float) -> list[Point]:
    """The inner waypoints, shifted to the right of the lane's direction."""
    return [moved(lane[i], course_deg(lane[i - 1], lane[i + 1]) + 90, offset_nm) for i in range(1, len(lane) - 1)]


def _round_and_round(kind: Kind, ground: Ground, dice: Random, begin: Instant, end: Instant) -> Track:
    bearings = [dice.uniform(-15, 15) + 60 * i for i in range(6)]
    points = [moved(ground.centre, bearing, ground.radius_nm * dice.uniform(0.4, 1)) for bearing in bearings]
    path = Path.through([*points, points[0]])
    return _timetable((path,), kind, dice.uniform(*kind.cruise_kn), dice, begin, end)


def _anchored(waters: Waters, dice: Random, begin: Instant) -> Track:
    """Came to anchor before the world began."""
    roads = dice.choice(waters.roads)
    berth = moved(roads.centre, dice.uniform(0, 360), roads.radius_nm * dice.random())
    path = Path.through([moved(berth, dice.uniform(0, 360), 0.5), berth])
    return Track.of([Passage.from_rest(begin - DAY, path, 5.0)])


def _timetable(
    paths: tuple[Path, ...], kind: Kind, cruise_kn: float, dice: Random, begin: Instant, end: Instant
) -> Track:
    round_trip_ms = sum(path.length_nm / cruise_kn * HOUR for path in paths) + len(paths) * kind.rest_h[1] * HOUR
    at = begin - round(dice.random() * round_trip_ms) - MINUTE
    passages: list[Passage] = []
    while at < end:
        passages.append(Passage.from_rest(at, paths[len(passages) % len(paths)], cruise_kn))
        at = passages[-1].end + round(dice.uniform(*kind.rest_h) * HOUR)
    return Track.of(passages)
