"""Deliveries: how often a hull carried from any of these ports to any of those, as far as anybody can know.

    origin --within days--> destination           both ends observed
    origin --gap--> origin                        one: a destination was within reach in the gap
    destination --gap--> destination              one: so was an origin
    more round trips that fit into gaps           inferred, at her usual pace; possible, at the highest speed

Between two calls at one port she must have been known elsewhere, or they are one call (timeline.py).  Distances are
lower bounds, so what is called possible may still be too much, and what is not within reach was not.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise, product
from statistics import median

from alerts.core.geo import Fix, distance_nm
from alerts.core.instants import DAY, HOUR, Instant
from alerts.voyages.timeline import Call, Gap, Timeline

Distance = Callable[[Fix, Fix], float]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is a delivery: from any of these zones to any of those within so many days.

    `speed_kn` is the most that she makes, `port_h` the least that she lies in port to load or to discharge.
    """

    name: str
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    within_days: float
    speed_kn: float = 15.0
    port_h: float = 12.0


@dataclass(frozen=True, slots=True)
class Deliveries:
    """`both`, `one`: how many ends were observed; `inferred`: neither; `most`: what was physically possible."""

    both: int = 0
    one: int = 0
    inferred: int = 0
    most: int = 0

    @property
    def total(self) -> int:
        """As far as is known."""
        return self.both + self.one + self.inferred

    @property
    def least(self) -> int:
        """Those of which an end was observed."""
        return self.both + self.one

    def __str__(self) -> str:
        told = f"{self.total}: {self.both} observed at both ends, {self.one} at one, {self.inferred} inferred"
        return told + (f"; possible {self.least} to {self.most}" if self.most > self.least else "")


ORIGIN, DESTINATION = "origin", "destination"
_ENDS = (ORIGIN, DESTINATION)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Between two calls of the pattern; None: before the first, or after the last.  `gaps` lie in it."""

    before: Call | None
    after: Call | None
    left: str | None
    reached: str | None
    gaps: tuple[Gap, ...]

    @property
    def odd(self) -> str | None:
        """The end whose unseen call makes a delivery of what was observed: one more in the gap than round trips."""
        if self.left == ORIGIN:
            return DESTINATION if self.reached != DESTINATION else None
        return ORIGIN if self.reached == DESTINATION else None


def count(pattern: Pattern, seen: Timeline, ports: Mapping[str, Fix], distance: Distance = distance_nm) -> Deliveries:
    """Over all that the timeline tells.  `ports`: where the zones of the pattern lie."""
    reach = _Reach(pattern, ports, distance)
    rows = [_row(pattern, stretch, reach) for stretch in _stretches(pattern, seen)]
    usual_ms = _usual_ms(rows)
    both, one = sum(row[1] for row in rows), sum(row[2] for row in rows)
    inferred = more = 0
    for stretch, whole, half, possible in rows:
        extra = max(0, possible - half)
        more += extra
        if not whole and not half and stretch.odd is not None:
            continue  # an end is open, or out of reach: nothing more is likely than possible
        inferred += min(extra, _at_usual_pace(stretch, usual_ms, half))
    return Deliveries(both, one, inferred, both + one + more)


def _row(pattern: Pattern, stretch: _Stretch, reach: "_Reach") -> "_Row":
    whole, half = _base(pattern, stretch, reach)
    return stretch, whole, half, _possible(pattern, stretch, reach) - whole


def _stretches(pattern: Pattern, seen: Timeline) -> Iterator[_Stretch]:
    zones = {*pattern.origins, *pattern.destinations}
    calls = [call for call in seen.calls if call.zone in zones]
    for call in calls:
        inside = tuple(_until_now(gap, seen) for gap in seen.gaps if call.since <= gap.since < call.until)
        yield _Stretch(call, call, None, None, inside)
    for before, after in pairwise([None, *calls, None]):
        since = 0 if before is None else before.until
        until = seen.told_until + 1 if after is None else after.since
        gaps = tuple(_until_now(gap, seen) for gap in seen.gaps if since <= gap.since < until)
        yield _Stretch(before, after, _kind(pattern, before), _kind(pattern, after), gaps)


def _until_now(gap: Gap, seen: Timeline) -> Gap:
    return gap if gap.until is not None else replace(gap, until=seen.told_until)


def _kind(pattern: Pattern, call: Call | None) -> str | None:
    if call is None:
        return None
    return ORIGIN if call.zone in pattern.origins else DESTINATION


def _base(pattern: Pattern, stretch: _Stretch, reach: "_Reach") -> tuple[int, int]:
    """Deliveries of which both ends are observed here, and of which one is."""
    within_ms = pattern.within_days * DAY
    if _is_whole(stretch, within_ms):
        return 1, 0
    if stretch.after is None:
        return 0, 0
    if stretch.left == ORIGIN and stretch.reached == DESTINATION:
        return 0, 2 * _is_two(stretch, reach)
    near = [gap for gap in stretch.gaps if _is_near(gap, stretch, within_ms)]
    return 0, int(stretch.odd is not None and any(reach.fits(gap, stretch.odd) for gap in near))


def _is_whole(stretch: _Stretch, within_ms: float) -> bool:
    before, after = stretch.before, stretch.after
    if before is None or after is None or (stretch.left, stretch.reached) != (ORIGIN, DESTINATION):
        return False
    return after.since - before.until <= within_ms


def _is_two(stretch: _Stretch, reach: "_Reach") -> bool:
    """Too long for one delivery: two, of each the other end unseen, in one gap or in two."""
    discharged = [n for n, gap in enumerate(stretch.gaps) if reach.fits(gap, DESTINATION)]
    loaded = [n for n, gap in enumerate(stretch.gaps) if reach.fits(gap, ORIGIN)]
    if discharged and loaded and discharged[0] < loaded[-1]:
        return True
    return any(reach.fits(gap, DESTINATION, ORIGIN) for gap in stretch.gaps)


def _is_near(gap: Gap, stretch: _Stretch, within_ms: float) -> bool:
    """Whether the unseen call in this gap can belong to the observed one."""
    if stretch.odd == DESTINATION:
        assert stretch.before is not None
        return gap.since - stretch.before.until <= within_ms
    assert stretch.after is not None
    assert gap.until is not None
    return stretch.after.since - gap.until <= within_ms


def _possible(pattern: Pattern, stretch: _Stretch, reach: "_Reach") -> int:
    """The most deliveries from one observed call to the next, with all that can have happened in the gaps.

    Of each way to spend the gaps so far: where she called last, when at the latest, and how often she delivered.
    """
    within_ms, after = pattern.within_days * DAY, stretch.after
    ways = {(_kind(pattern, stretch.before), 0 if stretch.before is None else stretch.before.until): 0}
    for gap in stretch.gaps:
        assert gap.until is not None
        more = dict(ways)
        for first, last in product(_ENDS, _ENDS):
            inside = reach.most_deliveries(gap, first, last)
            if inside is None:
                continue
            so_far = max(n + _delivers(end, first, gap.since - at <= within_ms) for (end, at), n in ways.items())
            more[last, gap.until] = max(so_far + inside, more.get((last, gap.until), 0))
        ways = more
    if after is None:
        return max(ways.values())
    reached = _kind(pattern, after)
    return max(n + _delivers(end, reached, after.since - at <= within_ms) for (end, at), n in ways.items())


def _delivers(end: str | None, to: str | None, in_time: bool) -> bool:
    return (end, to) == (ORIGIN, DESTINATION) and in_time


class _Reach:
    """How many unseen calls fit into a gap."""

    def __init__(self, pattern: Pattern, ports: Mapping[str, Fix], distance: Distance) -> None:
        self._pattern, self._distance = pattern, distance
        self._at = {
            ORIGIN: [ports[zone] for zone in pattern.origins],
            DESTINATION: [ports[zone] for zone in pattern.destinations],
        }
        self._leg_nm = min(distance(a, b) for a in self._at[ORIGIN] for b in self._at[DESTINATION])

    def fits(self, gap: Gap, *ends: str) -> bool:
        """Whether unseen calls at these ends, in this order, do."""
        return self._room_nm(gap, ends[0], ends[-1], len(ends)) >= 0

    def most_deliveries(self, gap: Gap, first: str, last: str) -> int | None:
        """Between the unseen calls of a gap, made in turns from this end to that; None: not even one call fits."""
        least = 1 + (first != last)
        room_nm = self._room_nm(gap, first, last, least)
        if room_nm < 0:
            return None
        each_nm = self._pattern.port_h * self._pattern.speed_kn + self._leg_nm
        return int((first, last) == (ORIGIN, DESTINATION)) + int(room_nm // (2 * each_nm))

    def _room_nm(self, gap: Gap, first: str, last: str, calls: int) -> float:
        """How far she could still have sailed, with so many calls made in turns."""
        assert gap.until is not None
        speed_kn = self._pattern.speed_kn
        busy_nm = calls * self._pattern.port_h * speed_kn + (calls - 1) * self._leg_nm
        sailed_nm = (gap.until - gap.since) / HOUR * speed_kn
        return sailed_nm - busy_nm - self._way_nm(gap.before, first) - self._way_nm(gap.after, last)

    def _way_nm(self, fix: Fix | None, end: str) -> float:
        return 0.0 if fix is None else min(self._distance(fix, port) for port in self._at[end])


_Row = tuple[_Stretch, int, int, int]


def _usual_ms(rows: Iterable[_Row]) -> float | None:
    """From one call at an origin to the next, where nothing can have happened in between but what was counted."""
    lengths, began = list[Instant](), None
    for stretch, _, half, possible in rows:
        if possible > half:
            began = None
        if stretch.reached == ORIGIN:
            assert stretch.after is not None
            if began is not None:
                lengths.append(stretch.after.since - began)
            began = stretch.after.since
    return median(lengths) if lengths else None


def _at_usual_pace(stretch: _Stretch, usual_ms: float | None, half: int) -> int:
    """The round trips that she would have made beside what was counted, had she gone on as she does."""
    if usual_ms is None or stretch.before is None or stretch.after is None:
        return 0
    counted = 1.0 if stretch.left == stretch.reached else 0.5
    if half == 2:
        counted = 1.5
    return max(0, round((stretch.after.since - stretch.before.since) / usual_ms - counted))
