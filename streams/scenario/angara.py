"""The Angara re-enactment: the published timeline of early 2024 in scenes; the hour and the ships about are made up.

Off Rajin on 6 January she falls silent, inbound and outside the port.  On 3 February she is heard for six minutes in
the western channel of the Korea Strait, southbound, without a name.  On 9 February she is heard again off Zhoushan,
runs in, moors, and is silent that evening.  On 28 February there is a sign of life from her berth.
"""

from dataclasses import replace
from itertools import chain
from random import Random

from alerts.core.instants import HOUR, MINUTE, Instant, parse_rfc3339
from streams.scenario.motion import Passage, Path, Point, Track, moved
from streams.scenario.radio import Failure
from streams.scenario.ships import CARGO, FLEET, Ship, Watch, fleet, imo_number, to_and_fro
from streams.scenario.waters import KOREA_STRAIT, RAJIN, ZHOUSHAN
from streams.scenario.worlds import Scene, World

ANGARA_MMSI = 273210440
HOMONYM_MMSI = 273998001
HOMONYM_IMO = imo_number(476_543)

_SHOWN = (
    # from, name, seconds on the wall, waters heard at full rate
    ("2024-01-06T05:10:00Z", "off Rajin", 12, RAJIN),
    ("2024-01-06T06:30:00Z", "off Rajin: silence", 12, RAJIN),
    ("2024-01-06T07:25:00Z", "dark: four weeks", 20, None),
    ("2024-02-03T13:05:00Z", "Korea Strait", 8, KOREA_STRAIT),
    ("2024-02-03T13:35:00Z", "Korea Strait: six minutes of light", 20, KOREA_STRAIT),
    ("2024-02-03T13:50:00Z", "Korea Strait: silence", 12, KOREA_STRAIT),
    ("2024-02-03T15:10:00Z", "dark: six days", 10, None),
    ("2024-02-09T06:25:00Z", "Zhoushan: running in", 25, ZHOUSHAN),
    ("2024-02-09T09:15:00Z", "Zhoushan: moored", 10, ZHOUSHAN),
    ("2024-02-09T10:30:00Z", "Zhoushan: silence", 14, ZHOUSHAN),
    ("2024-02-09T11:55:00Z", "dark: three weeks", 15, None),
    ("2024-02-28T02:45:00Z", "Zhoushan: a sign of life", 12, ZHOUSHAN),
    ("2024-02-28T03:30:00Z", "the end", 0, None),
)


def _scene(i: int) -> Scene:
    (begin, name, wall_s, waters), end = _SHOWN[i], parse_rfc3339(_SHOWN[i + 1][0])
    since = parse_rfc3339(begin)
    return Scene(name, since, end, (end - since) / 1000 / wall_s, waters)


SCENES = tuple(_scene(i) for i in range(len(_SHOWN) - 1))
BEGIN, END = SCENES[0].begin, SCENES[-1].end
STATION_FAILURE = Failure(("shengsi",), parse_rfc3339("2024-02-09T07:40:00Z"), parse_rfc3339("2024-02-09T08:40:00Z"))
"""It hears nothing of her that day: she is never within its range."""


def watches(seed: int) -> tuple[Watch, ...]:
    """The four stretches of light: begin, end, and when static data comes first (in the strait: not at all)."""
    dice = Random(f"{seed}/angara/watches")
    stretches = (
        ("2024-01-06T05:12:00Z", 78 * MINUTE, 3 * MINUTE),
        ("2024-02-03T13:40:00Z", 6 * MINUTE, 7 * MINUTE),
        ("2024-02-09T06:40:00Z", 228 * MINUTE, 5 * MINUTE),
        ("2024-02-28T03:00:00Z", 22 * MINUTE, 13 * MINUTE),
    )
    return tuple(_watch(parse_rfc3339(begin) + dice.randrange(2 * MINUTE), *rest) for begin, *rest in stretches)


def _watch(begin: Instant, lasts_ms: int, static_after_ms: int) -> Watch:
    return Watch(begin, begin + lasts_ms, static_after_ms)


_TO_RAJIN = ((42.42, 131.60), (42.20, 131.05), (42.13, 130.52), (42.10, 130.40), (42.15, 130.31), (42.195, 130.285))
_SILENT_AT = (42.13, 130.52)
_STRAIT = ((35.00, 129.42), (34.75, 129.17), (34.52, 129.04), (34.20, 128.84), (33.85, 128.45))
_LIT_AT = (34.52, 129.04)
_TO_ZHOUSHAN = (
    (29.45, 123.20),
    (29.64, 122.76),
    (29.70, 122.66),
    (29.765, 122.46),
    (29.815, 122.35),
    (29.875, 122.327),
    (29.91, 122.295),
    (29.945, 122.245),
)
_HEARD_AGAIN_AT = (29.64, 122.76)


def angara(seed: int) -> Ship:
    """The watched ship; seeds differ by a fraction of a mile, of a knot and of two minutes."""
    dice = Random(f"{seed}/angara/track")
    lit = watches(seed)
    passages = (
        _passage(_TO_RAJIN, _SILENT_AT, lit[0].end, 10.8, dice),
        _passage(_STRAIT, _LIT_AT, lit[1].begin, 10.6, dice),
        _passage(_TO_ZHOUSHAN, _HEARD_AGAIN_AT, lit[2].begin, 11.6, dice),
    )
    return Ship(
        mmsi=ANGARA_MMSI,
        imo=9179842,
        name="ANGARA",
        call_sign="UBYT2",
        kind=replace(CARGO, cruise_kn=(10, 12)),
        length_m=123,
        destination="ZHOUSHAN",
        track=Track.of(passages),
        waters=(RAJIN, KOREA_STRAIT, ZHOUSHAN),
        watches=lit,
    )


def _passage(lane: tuple[Point, ...], point: Point, at: Instant, cruise_kn: float, dice: Random) -> Passage:
    """The lane, shifted as a whole by up to a cable's length, so that she passes `point` at `at`."""
    bearing, by_nm = dice.uniform(0, 360), dice.uniform(0, 0.1)
    shifted = Path.through([moved(corner, bearing, by_nm) for corner in lane])
    return Passage.passing(moved(point, bearing, by_nm), at, shifted, cruise_kn + dice.uniform(-0.3, 0.3))


_CHONGJIN_SONBONG, _BUSAN_IZUHARA = RAJIN.lanes[1], KOREA_STRAIT.lanes[3]


def homonym(seed: int) -> Ship:
    """Another ANGARA: off Rajin in January, in the Korea Strait from the end of it."""
    dice = Random(f"{seed}/homonym")
    moves = parse_rfc3339("2024-01-24T00:00:00Z")
    north = to_and_fro(CARGO, _CHONGJIN_SONBONG, dice, BEGIN, moves)
    voyage = _voyage_south(north.passages[-1].path.points[-1], north.passages[-1].end + HOUR)
    south = to_and_fro(CARGO, _BUSAN_IZUHARA, dice, voyage.end + 9 * HOUR, END)
    return Ship(
        mmsi=HOMONYM_MMSI,
        imo=HOMONYM_IMO,
        name="ANGARA",
        call_sign="UBZZ9",
        kind=CARGO,
        length_m=98,
        destination="BUSAN",
        track=Track.of((*north.passages, voyage, *(leg for leg in south.passages if leg.begin > voyage.end))),
        waters=(RAJIN, KOREA_STRAIT),
    )


def _voyage_south(start: Point, begin: Instant) -> Passage:
    lane = (start, (41.6, 130.9), (38.5, 130.2), (36.2, 130.1), (35.2, 129.5), (35.0, 129.12), _BUSAN_IZUHARA[0])
    return Passage.from_rest(begin, Path.through(lane), 12.0)


def cast(seed: int) -> tuple[Ship, ...]:
    """Angara, her homonym, and a fleet in each of the three waters, two in the busiest of them."""
    size = sum(count for _, count in FLEET)
    places = enumerate((RAJIN, KOREA_STRAIT, ZHOUSHAN, KOREA_STRAIT))
    fleets = (fleet(waters, seed, BEGIN, END, 1 + i * size) for i, waters in places)
    return angara(seed), homonym(seed), *chain.from_iterable(fleets)


ANGARA = World(
    name="angara",
    summary="seven weeks of early 2024: dark off Rajin, six minutes in the Korea Strait, in to Zhoushan, silent again",
    scenes=SCENES,
    waters=(RAJIN, KOREA_STRAIT, ZHOUSHAN),
    cast=cast,
    failures=(STATION_FAILURE,),
)
