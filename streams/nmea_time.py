"""When was a line heard?  What is believed of the times that a feed names.

A feed stands at one or more *levels*: times that its lines named lately and that were believed.  A line within an
hour of a level is believed at once and carries the level along.  Anything further off is a jump, and jumps have causes
that look alike: a receiver with a wrong clock, a pasted log, a satellite's late data, a gap.  So it waits until three
different AIS lines with good checksums agree:

    named time near a level --> heard then; the level moves
    far from all levels --waits--> three agree: a new level, all three keep their own times
                              '--> nobody agreed while the feed went on: taken for a line without a time

    line without a time: live, heard when it was received; of a file, at the last time seen on the feed

Where others of the feed are still heard at its level, three lines of one station are one wrong clock, not a jump.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from alerts.core.frozen import Struct
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant

AGREEING = 3
"""Different AIS lines that must agree on a jump."""
_WAIT = 5 * SECOND
"""How long a jump waits while the feed goes on: less than the least lateness, so that nothing comes behind its tick."""
_FIRST_WAIT = MINUTE
"""Live, before anything is believed: an archive played over the network may start slowly."""
_MOST_WAITING = 100
_ALONE = 30
"""Lines of one station, with nobody heard at the old level meanwhile, that are believed of a feed of several."""
_LEVELS = 3


class Heard(Struct):
    """A whole sentence, with the lines it came in, on its way to a time.

    `at` is the time that it names itself, or that of the last GPS clock before it; `voice` tells independent
    witnesses of a jump apart (two lines under one reading of a GPS are one voice); `received_at` is None in files
    that do not say it; `first_line` counts the lines of the feed.
    """

    text: bytes
    lines: list[bytes]
    station: str
    at: Instant | None
    voice: bytes
    received_at: Instant | None
    first_line: int = 0
    live: bool = False
    since: Instant = 0
    believed_before: int = 0


@dataclass(slots=True)
class Levels:
    """What a feed's time rests on.  `front` is the newest time believed; the last of `levels` the latest one seen."""

    front: Instant | None = None
    levels: list[Instant] = field(default_factory=list)
    stations: list[str] = field(default_factory=list)
    believed: int = 0
    waiting: list[Heard] = field(default_factory=list)

    @property
    def last(self) -> Instant | None:
        """The last time seen on the feed."""
        return self.levels[-1] if self.levels else None

    def near(self, at: Instant, behind_ms: int) -> bool:
        """Within an hour of a level, or behind the newest by no more than the feed's lateness."""
        for level in reversed(self.levels):
            if -HOUR <= at - level <= HOUR:
                return True
        return self.front is not None and -behind_ms <= at - self.front <= HOUR

    def believe(self, at: Instant, station: str) -> None:
        """The feed has been heard at this time: its nearest level moves there, or a new one begins."""
        self.believed += 1
        if self.front is None or at > self.front:
            self.front = at
        if self.levels and -HOUR <= at - self.levels[-1] <= HOUR:
            self.levels[-1] = at
        else:
            self._change_level(at)
        if station not in self.stations:
            self.stations = [*self.stations[-1:], station]

    def _change_level(self, at: Instant) -> None:
        near = [level for level in self.levels if -HOUR <= at - level <= HOUR]
        others = [level for level in self.levels if level not in near]
        self.levels = [*others[1 - _LEVELS :], at]

    def wait(self, heard: Heard, now: Instant) -> bool:
        """Joins those that wait; True where three agree now, and the new level is begun."""
        heard.since, heard.believed_before = now, self.believed
        self.waiting.append(heard)
        if heard.at is None:
            return False
        agreeing = [one for one in self.waiting if one.at is not None and -HOUR <= one.at - heard.at <= HOUR]
        if not self._convinced_by(agreeing):
            return False
        self._change_level(min(one.at for one in agreeing if one.at is not None))
        return True

    def _convinced_by(self, agreeing: list[Heard]) -> bool:
        if len({one.voice for one in agreeing}) < AGREEING:
            return False
        speaking = {one.station for one in agreeing}
        if len(speaking) > 1 or all(station in speaking for station in self.stations):
            return True
        return len(agreeing) >= _ALONE and self.believed == agreeing[0].believed_before

    def settled(self, behind_ms: int) -> Iterator[Heard]:
        """After a new level: those of the waiting that are near it, and the lines without a time, in their order."""
        for _ in range(len(self.waiting)):
            heard = self.waiting.pop(0)
            if heard.at is None or self.near(heard.at, behind_ms):
                yield heard
            else:
                self.waiting.append(heard)

    def given_up(self, now: Instant, live: bool) -> Iterator[Heard]:
        """Those that have waited too long."""
        limit = _FIRST_WAIT if live and not self.levels else _WAIT
        while self.waiting and (now - self.waiting[0].since > limit or len(self.waiting) > _MOST_WAITING):
            yield self.waiting.pop(0)
