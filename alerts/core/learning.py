"""Learning: how far witnessed and covered time grow in natural silences, by the records that an engine gets.

    reports of a hull --settled up to the clock, in order of (time, content)--> her track
    her next report, more than three minutes after the last --> a silence has ended
    her next position --> and what she did in it: sailed on, or stopped

A silence is watched over as the rule does it (silence.py), but nobody is ever called dark.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.core.frozen import Struct, replace
from alerts.core.habit import SHORT_MS, sailed_on
from alerts.core.heard import Heard, by_time_and_content
from alerts.core.instants import DAY, HOUR, Instant
from alerts.core.intervals import Cover, CoverRun, IntervalClosed
from alerts.core.memory import AT_MOST, floor_of
from alerts.core.natural import powered_down
from alerts.core.reports import Report
from alerts.core.silence import Kind, Limits, State, kind_of, watched_over
from alerts.core.thresholds import Thresholds
from alerts.core.track import Track, Vigil, followed
from alerts.core.wakes import Wakes
from alerts.core.world import World, closed, keeps_ms
from alerts.core.zones import ZoneIndex

_NEVER = 1 << 62
LIMITS = {
    Kind.MOVING: Limits(Kind.MOVING, _NEVER, _NEVER, float(_NEVER)),
    Kind.STOPPED: Limits(Kind.STOPPED, _NEVER, _NEVER, None),
}
_NO_ZONES, _UNSET = ZoneIndex.of(()), Thresholds()


class Fate(StrEnum):
    """What became of a ship in her silence.  LEFT: she was out of cover by then, whether or not she came back."""

    SAILED_ON = "sailed on"
    STOPPED = "stopped"
    LEFT = "left cover"
    UNHEARD = "not heard again"


class Natural(Struct, frozen=True):
    """A silence after a report, and what it grew to."""

    since: Heard
    kind: Kind
    fate: Fate
    vigil: Vigil


@dataclass(slots=True)
class _Hull:
    """`unplaced` are silences that ended with reports without a position, each with the track before."""

    first: Instant
    track: Track = Track()
    recent: list[Heard] = field(default_factory=list)
    unplaced: list[tuple[Track, Kind, Vigil]] = field(default_factory=list)


class Learner:
    """Takes the records of one partition in their order, and tells the silences that have ended."""

    def __init__(self) -> None:
        self._world = World()
        self._parts: list[CoverRun] = []
        self._hulls: dict[str, _Hull] = {}
        self._waiting: set[str] = set()
        self._wakes = Wakes()
        self._offset = 0

    def takes(self, record: object) -> Iterator[Natural]:
        """What of the past has become known with this record."""
        self._offset += 1
        if isinstance(record, Report):
            yield from self._reported(record)
        elif isinstance(record, Cover):
            self._parts += record.covers
        elif isinstance(record, IntervalClosed):
            self._world = closed(self._world, self._offset, record, (*self._parts, *record.covers))
            self._parts.clear()
            for key in sorted(self._waiting):
                yield from self._settled(key)
            self._kept()

    @property
    def news(self) -> tuple[CoverRun, ...]:
        """The covers of the last interval record."""
        return self._world.news

    @property
    def hull_days(self) -> float:
        """From the first report of each to her last."""
        return sum(hull.track.last.at - hull.first for hull in self._hulls.values() if hull.track.last) / DAY

    @property
    def ships(self) -> int:
        """That were heard."""
        return len(self._hulls)

    def unheard(self) -> Iterator[Natural]:
        """The silences that go on where the records end."""
        for _, hull in sorted(self._hulls.items()):
            last, clock = hull.track.last, self._world.clock
            if last is not None and clock is not None and clock - last.at > SHORT_MS and not hull.recent:
                kind, vigil = self._watched_over(hull.track)
                yield Natural(last, kind, Fate.LEFT if vigil.state == State.LOST else Fate.UNHEARD, vigil)

    def _reported(self, report: Report) -> Iterator[Natural]:
        if report.another_imo is not None:
            return
        heard, key = Heard.of(report), report.hull
        hull = self._hulls.get(key) or self._hulls.setdefault(key, _Hull(heard.at))
        hull.recent.append(heard)
        self._waiting.add(key)
        if len(hull.recent) > AT_MOST:
            yield from self._settled(key, early=1)

    def _settled(self, key: str, early: int = 0) -> Iterator[Natural]:
        hull = self._hulls[key]
        hull.recent.sort(key=by_time_and_content)
        floor = self._floor(hull)
        old = max(early, sum(1 for heard in hull.recent if heard.at < floor))
        for heard in hull.recent[:old]:
            yield from _heard(hull, heard, self._world)
        del hull.recent[:old]
        if not hull.recent:
            self._waiting.discard(key)
        if old and hull.track.last is not None:
            self._wakes.set(key, hull.track.last.at + keeps_ms(self._world))

    def _floor(self, hull: _Hull) -> Instant:
        return floor_of(hull.recent, hull.track, self._world) or 0

    def _kept(self) -> None:
        """Keeps what the covers say of long silences before they are forgotten."""
        for key in self._wakes.due(self._world.clock or 0):
            hull = self._hulls[key]
            _, vigil = self._watched_over(hull.track, self._floor(hull))
            hull.track = replace(hull.track, vigil=vigil)
            going_on = vigil.state == State.LATE
            self._wakes.set(key, max(vigil.upto, self._world.clock or 0) + HOUR if going_on else None)

    def _watched_over(self, track: Track, until: Instant | None = None) -> tuple[Kind, Vigil]:
        kind = kind_of(track, None)
        return kind, watched_over(track, LIMITS[kind], self._world, until)


def _heard(hull: _Hull, heard: Heard, world: World) -> Iterator[Natural]:
    last = hull.track.last
    if last is not None and heard.at <= last.at:
        return
    if last is not None and heard.at - last.at > SHORT_MS:
        kind = kind_of(hull.track, None)
        hull.unplaced.append((hull.track, kind, watched_over(hull.track, LIMITS[kind], world, heard.at)))
    hull.track = _followed(hull.track, heard, world)
    if heard.has_position:
        for before, kind, vigil in hull.unplaced:
            assert before.last is not None
            yield Natural(before.last, kind, Fate.LEFT if vigil.state == State.LOST else fate_of(before, heard), vigil)
        hull.unplaced.clear()


def _followed(track: Track, heard: Heard, world: World) -> Track:
    done = followed(track, heard, True, _NO_ZONES, _UNSET)
    if done.track.rests is not track.rests:
        done = powered_down(track, done, heard, LIMITS[kind_of(track, None)], world)
    return done.track


def fate_of(before: Track, heard: Heard) -> Fate:
    """What she did in a silence, by where she is heard again."""
    if before.fix is None or before.going is None:
        return Fate.STOPPED
    return Fate.SAILED_ON if sailed_on(before.fix, before.going.speed_kn, heard) else Fate.STOPPED
