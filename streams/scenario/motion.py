"""Where a ship of a generated world is at any moment: smooth paths, sailed from rest to rest.

A ship sails one passage after the other and lies still between them, so her speed and course always follow from her
positions.  Distances are nautical miles on a locally flat sea: good to a part in a thousand over these waters.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians, sin

from alerts.core.instants import HOUR, Instant

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

_BEND_NM = 0.1
_BEND_STEPS = 6
_RAMP_MS = HOUR // 6


@dataclass(frozen=True, slots=True)
class Fix:
    """What her transponder's sensors say; `turning` is -1 to port, 1 to starboard, 0 on a steady course."""

    lat: float
    lon: float
    speed_kn: float
    course_deg: float
    turning: int
    under_way: bool


def offset_nm(start: Point, end: Point) -> tuple[float, float]:
    """Miles north and miles east from `start` to `end`."""
    middle = radians((start[0] + end[0]) / 2)
    return (end[0] - start[0]) * 60, (end[1] - start[1]) * 60 * cos(middle)


def distance_nm(start: Point, end: Point) -> float:
    """Nautical miles between two neighbouring points."""
    return hypot(*offset_nm(start, end))


def course_deg(start: Point, end: Point) -> float:
    """The course from `start` to `end`, 0 <= c < 360."""
    north, east = offset_nm(start, end)
    return degrees(atan2(east, north)) % 360


def moved(point: Point, bearing_deg: float, by_nm: float) -> Point:
    """`point` shifted by some miles on a bearing."""
    north, east = by_nm * cos(radians(bearing_deg)), by_nm * sin(radians(bearing_deg))
    return point[0] + north / 60, point[1] + east / 60 / cos(radians(point[0]))


def turn_deg(before: float, after: float) -> float:
    """The signed change of course, to starboard positive, -180 <= t < 180."""
    return (after - before + 180) % 360 - 180


@dataclass(frozen=True, slots=True)
class Path:
    """A polyline with rounded corners; `along_nm[i]` is the distance sailed at point i."""

    points: tuple[Point, ...]
    along_nm: tuple[float, ...]
    courses: tuple[float, ...]
    turning: tuple[int, ...]

    @classmethod
    def through(cls, waypoints: Sequence[Point]) -> "Path":
        """The path through two or more different waypoints, its corners rounded."""
        points = tuple(_rounded(waypoints))
        along = [0.0]
        for start, end in pairwise(points):
            along.append(along[-1] + distance_nm(start, end))
        courses = tuple(course_deg(start, end) for start, end in pairwise(points))
        return cls(points, tuple(along), courses, _turning(courses))

    @property
    def length_nm(self) -> float:
        """From one end to the other."""
        return self.along_nm[-1]

    def nearest_nm(self, point: Point) -> float:
        """How far along the path its corner nearest to `point` lies."""
        distances = [distance_nm(point, corner) for corner in self.points]
        return self.along_nm[distances.index(min(distances))]

    def at(self, sailed_nm: float, speed_kn: float, under_way: bool) -> Fix:
        """The place after `sailed_nm`; beyond either end, that end."""
        i = min(max(bisect_right(self.along_nm, sailed_nm) - 1, 0), len(self.courses) - 1)
        (lat, lon), (next_lat, next_lon) = self.points[i], self.points[i + 1]
        share = (sailed_nm - self.along_nm[i]) / (self.along_nm[i + 1] - self.along_nm[i])
        share = min(max(share, 0.0), 1.0)
        turning = self.turning[i] if under_way else 0
        return Fix(
            lat + share * (next_lat - lat),
            lon + share * (next_lon - lon),
            speed_kn,
            self.courses[i],
            turning,
            under_way,
        )


def _rounded(waypoints: Sequence[Point]) -> list[Point]:
    points = [waypoints[0]]
    for i in range(1, len(waypoints) - 1):
        points.extend(_bend(waypoints[i - 1], waypoints[i], waypoints[i + 1]))
    points.append(waypoints[-1])
    return points


def _bend(before: Point, corner: Point, after: Point) -> list[Point]:
    """A corner as a short quadratic curve that begins and ends on its two sides."""
    start = _towards(corner, before)
    end = _towards(corner, after)
    shares = [step / _BEND_STEPS for step in range(_BEND_STEPS + 1)]
    return [_between(_between(start, corner, share), _between(corner, end, share), share) for share in shares]


def _towards(corner: Point, other: Point) -> Point:
    return _between(corner, other, min(1 / 3, _BEND_NM / distance_nm(corner, other)))


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _turning(courses: Sequence[float]) -> tuple[int, ...]:
    """Per segment: 0 on the straight ones, in each bend between them the side to which it turns."""
    turning = [0]
    for i in range(0, len(courses) - 1, _BEND_STEPS + 1):
        turn = turn_deg(courses[i], courses[i + _BEND_STEPS + 1])
        side = 0 if abs(turn) < 1 else (1 if turn > 0 else -1)
        turning.extend([side] * _BEND_STEPS + [0])
    return tuple(turning)


@dataclass(frozen=True, slots=True)
class Passage:
    """One path sailed from rest to rest at a cruising speed; `ramp_ms` is how long she gathers and loses way."""

    begin: Instant
    end: Instant
    ramp_ms: float
    path: Path
    cruise_kn: float

    @classmethod
    def from_rest(cls, begin: Instant, path: Path, cruise_kn: float) -> "Passage":
        """The passage begun at `begin`; way is gathered in ten minutes, sooner where the path is short."""
        sailing_ms = path.length_nm / cruise_kn * HOUR
        ramp_ms = min(_RAMP_MS, sailing_ms)
        return cls(begin, begin + round(sailing_ms + ramp_ms), ramp_ms, path, cruise_kn)

    def at(self, at: Instant) -> Fix:
        """Her fix; at rest at either end outside the passage."""
        if not self.begin < at < self.end:
            return self.path.at(0.0 if at <= self.begin else self.path.length_nm, 0.0, False)
        since, left, ramp = at - self.begin, self.end - at, self.ramp_ms
        if since < ramp:
            sailed, share = self.cruise_kn / HOUR * since * since / (2 * ramp), since / ramp
        elif left < ramp:
            sailed, share = self.path.length_nm - self.cruise_kn / HOUR * left * left / (2 * ramp), left / ramp
        else:
            sailed, share = self.cruise_kn / HOUR * (since - ramp / 2), 1.0
        return self.path.at(sailed, self.cruise_kn * share, True)

    @classmethod
    def passing(cls, point: Point, at: Instant, path: Path, cruise_kn: float) -> "Passage":
        """The passage that has her at (the corner nearest to) `point` at a given moment, at cruising speed."""
        lead_ms = path.nearest_nm(point) / cruise_kn * HOUR + _RAMP_MS / 2
        return cls.from_rest(at - round(lead_ms), path, cruise_kn)


@dataclass(frozen=True, slots=True)
class Track:
    """Passages in order of time; `begins` are their beginnings."""

    passages: tuple[Passage, ...]
    begins: tuple[Instant, ...]

    @classmethod
    def of(cls, passages: Sequence[Passage]) -> "Track":
        """A track of at least one passage."""
        return cls(tuple(passages), tuple(passage.begin for passage in passages))

    def at(self, at: Instant) -> Fix:
        """Her fix: on the passage begun last, or at rest where it ended; before the first, where it will begin."""
        return self.passages[max(bisect_right(self.begins, at) - 1, 0)].at(at)
