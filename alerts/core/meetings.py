"""Which ships lie beside each other, a watched hull among them: the clock finds them by what ingest says of each ship.

    apart --both lie still, within 500 m--> beside --half an hour, one, one and a half, two--> told
      ^                                      |  ^
      '--half an hour not so: told, if begun '--'--not so

Between two stays nothing changes: however many intervals pass are one step, and what comes out does not depend on
where records end.  A hull that lies among more than five others lies in a harbour, whether or not it is flagged.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from alerts.core.frozen import Struct, field, replace
from alerts.core.geo import distance_nm, wrapped
from alerts.core.instants import INTERVAL, MINUTE, Instant
from alerts.core.intervals import Beside, How, Meeting, Stay

BESIDE_M = 500
"""Miller et al. 2018 (Front. Mar. Sci. 5:240), Global Fishing Watch: two vessels within 500 m of each other."""
STEPS_MIN = (30, 60, 90, 120)
"""Two hours are theirs; Skylight has half an hour."""
APART_FOR_MS = 30 * MINUTE
"""So long they may be further apart, or unheard, before it is over: ships swing at anchor, reports are lost."""
CROWD = 5
_NM_M = 1_852
_BAND_DEG = 1.01 * BESIDE_M / _NM_M / 60
_NEXT_TO_M = 10
_end = attrgetter("end")
_Key = tuple[int, int]
Told = dict[tuple[_Key, Instant], Meeting]
"""What is new, by ships and beginning."""


class Lying(NamedTuple):
    """A ship that lies still; `hull` is empty where nobody watches her."""

    lat: float
    lon: float
    mmsi: int
    hull: str


class Near(NamedTuple):
    """Two ships that lie beside each other now."""

    hulls: tuple[str, str]
    lat: float
    lon: float
    apart_m: int


class Pair(Struct, frozen=True):
    """Two ships that lie beside each other, or did until lately: for how many minutes in all, and until when.

    `seen_to` is how far time has passed for them; `near` is how they lie now (None: not so); `unheard` who was then no
    longer heard.
    """

    meeting: Meeting
    minutes: int
    last: Instant
    seen_to: Instant
    near: Near | None
    unheard: tuple[int, ...] = ()


class Meetings(Struct, frozen=True):
    """What the clock keeps: by partition, stays in intervals that are not closed yet; who lies where; who with whom."""

    waiting: dict[str, tuple[Stay, ...]] = field(default_factory=dict)
    lying: dict[int, Lying] = field(default_factory=dict)
    pairs: tuple[Pair, ...] = ()


def with_stays(known: Meetings, source: str, stays: tuple[Stay, ...]) -> Meetings:
    """With what one partition has told."""
    if not stays:
        return known
    return replace(known, waiting={**known.waiting, source: (*known.waiting.get(source, ()), *stays)})


def met(known: Meetings, clock: Instant, end: Instant) -> tuple[Meetings, tuple[Meeting, ...]]:
    """What is known when the intervals from `clock` to `end` are closed, and the meetings that changed."""
    stays, waiting = _up_to(known.waiting, end)
    if not stays and not known.pairs:
        return known, ()
    lying, pairs = dict(known.lying), {pair.meeting.ships: pair for pair in known.pairs}
    told: Told = {}
    for at, changed in groupby(sorted(stays), key=lambda stay: max(stay.end, clock + INTERVAL)):
        pairs = _passed(pairs, at - INTERVAL, told)
        unheard = _laid(lying, changed)
        pairs = _matched(pairs, _near(lying), unheard, at - INTERVAL, told)
    pairs = _passed(pairs, end, told)
    after = Meetings(waiting, lying, tuple(pair for _, pair in sorted(pairs.items())))
    return after, tuple(meeting for _, meeting in sorted(told.items(), key=lambda row: row[0]))


def _up_to(waiting: dict[str, tuple[Stay, ...]], end: Instant) -> tuple[list[Stay], dict[str, tuple[Stay, ...]]]:
    """What lies up to `end`, and what lies after."""
    passed, left = list[Stay](), dict[str, tuple[Stay, ...]]()
    for source, stays in waiting.items():
        begun = bisect_right(stays, end, key=_end)
        passed += stays[:begun]
        if begun < len(stays):
            left[source] = stays[begun:]
    return passed, left


def _laid(lying: dict[int, Lying], stays: Iterable[Stay]) -> set[int]:
    """Who lies where afterwards, and who is no longer heard."""
    unheard = set[int]()
    for stay in stays:
        if stay.how is How.LIES:
            lying[stay.mmsi] = Lying(stay.lat, stay.lon, stay.mmsi, stay.hull)
            continue
        lying.pop(stay.mmsi, None)
        if stay.how is How.UNHEARD:
            unheard.add(stay.mmsi)
    return unheard


def _passed(pairs: dict[_Key, Pair], to: Instant, told: Told) -> dict[_Key, Pair]:
    """Time passes, and nothing else."""
    after = dict[_Key, Pair]()
    for key, pair in pairs.items():
        if pair.near is not None:
            after[key] = _together(pair, pair.near, to, told)
        elif to - pair.last < APART_FOR_MS:
            after[key] = replace(pair, seen_to=to)
        else:
            _over(pair, told)
    return after


def _together(pair: Pair, near: Near, to: Instant, told: Told) -> Pair:
    minutes = pair.minutes + max(0, to - pair.seen_to) // INTERVAL
    steps = (step for step in STEPS_MIN if pair.minutes < step <= minutes)
    beside = tuple(Beside(step, near.lat, near.lon, near.apart_m) for step in steps)
    meeting = replace(pair.meeting, beside=(*pair.meeting.beside, *beside)) if beside else pair.meeting
    if beside:
        told[meeting.ships, meeting.since] = meeting
    return replace(pair, meeting=meeting, minutes=minutes, last=to, seen_to=to)


def _over(pair: Pair, told: Told) -> None:
    """One that nobody was told of is forgotten."""
    meeting = pair.meeting
    if meeting.beside:
        told[meeting.ships, meeting.since] = replace(meeting, until=pair.last, unheard=pair.unheard)


def _matched(
    pairs: dict[_Key, Pair], near: Mapping[_Key, Near], unheard: set[int], at: Instant, told: Told
) -> dict[_Key, Pair]:
    """The pairs from `at` on."""
    after = dict[_Key, Pair]()
    for key, pair in pairs.items():
        now = near.get(key)
        if now is not None and now.hulls != pair.meeting.hulls:
            _over(pair, told)
        elif now is not None:
            after[key] = replace(pair, near=now, unheard=())
        elif pair.near is not None:
            after[key] = replace(pair, near=None, unheard=tuple(ship for ship in key if ship in unheard))
        else:
            after[key] = pair
    for key in near.keys() - after.keys():
        after[key] = Pair(Meeting(key, near[key].hulls, at, ()), 0, at, at, near[key])
    return after


def _near(lying: Mapping[int, Lying]) -> dict[_Key, Near]:
    """Who lies beside a watched hull.  Ships are looked for in a band of latitude, which knows no antimeridian."""
    hulls = [ship for ship in lying.values() if ship.hull]
    in_order = sorted(lying.values()) if hulls else []
    found, crowded = dict[_Key, Near](), set[int]()
    for her in hulls:
        beside = {_key(her, ship): _pair(her, ship, apart_m) for ship, apart_m in _around(her, in_order)}
        if len(beside) > CROWD:
            crowded.add(her.mmsi)
        found |= beside
    return {key: near for key, near in found.items() if crowded.isdisjoint(key)}


def _around(her: Lying, in_order: list[Lying]) -> Iterator[tuple[Lying, int]]:
    begin = bisect_left(in_order, her.lat - _BAND_DEG, key=attrgetter("lat"))
    for n in range(begin, len(in_order)):
        ship = in_order[n]
        if ship.lat > her.lat + _BAND_DEG:
            return
        apart_m = distance_nm(her[:2], ship[:2]) * _NM_M
        if ship.hull != her.hull and apart_m <= BESIDE_M:
            yield ship, _NEXT_TO_M * round(apart_m / _NEXT_TO_M)


def _key(her: Lying, ship: Lying) -> _Key:
    return min(her.mmsi, ship.mmsi), max(her.mmsi, ship.mmsi)


def _pair(her: Lying, ship: Lying, apart_m: int) -> Near:
    one, two = sorted((her, ship), key=attrgetter("mmsi"))
    middle = wrapped(one.lon + wrapped(two.lon - one.lon) / 2)
    return Near((one.hull, two.hull), round((one.lat + two.lat) / 2, 4), round(middle, 4), apart_m)
