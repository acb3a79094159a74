"""The lines of one feed to whole sentences, each with its time and station.

    line --> too long, no AIS, spoilt AIS: counted or rejected
         --> a clock ($PGHP, $..RMC, $..ZDA): remembered for the lines after it
         --> AIS: parts joined (grouping.py), times believed (nmea_time.py) --> Sentence, then perhaps a TimeRecord

Pure: no clock but the one in the lines and the `received_at` that it is given.  Every line ends in exactly one place:
lines = passed + other + all rejected, once `finish` has released what is held.
"""

from collections.abc import Iterable

from alerts.core.instants import HOUR, SECOND, Instant
from streams.grouping import Group, key_of
from streams.nmea_checksum import VALUES, holds
from streams.nmea_clock import Stamp, clock, stamp
from streams.nmea_line import LONGEST_LINE, NO_TAG, AisLine, ais_line, meant_ais, split_tag, usual_line
from streams.nmea_state import Counts, FeedRules, NoSentence, Output, ReaderState, Reject
from streams.nmea_time import Heard
from streams.sentences import Sentence, TimeRecord

_RECORD_EVERY = 10 * SECOND
_STAMPS_KEPT = 8
"""`$PGHP` lines that wait for their sentence: where an archive was sorted, others came between."""


__all__ = ["Counts", "FeedRules", "LineReader", "NoSentence", "Output", "ReaderState", "Reject"]


class LineReader:
    """Reads the lines of one feed in their order; the same lines give the same output however they are cut up."""

    def __init__(self, rules: FeedRules, state: ReaderState | None = None) -> None:
        self.rules = rules
        self.state = state or ReaderState()
        self._station = rules.station or rules.name
        self._behind_ms = rules.lateness_ms if rules.late else 0
        self._near_ms = max(HOUR, self._behind_ms)
        self._out: list[Output] = []
        if state is None and rules.start is not None:
            self.state.levels.levels.append(rules.start)

    @property
    def counts(self) -> Counts:
        """Lines so far; what is held is in `lines` only."""
        return self.state.counts

    def read(self, lines: Iterable[bytes], received_at: Instant | None = None) -> list[Output]:
        """What these lines bring, in order.  `received_at`: when they came, of a live feed; None for a file.

        A live feed without lines calls it too, so that what is held is not held for ever.
        """
        counts, groups, levels = self.state.counts, self.state.groups, self.state.levels
        for line in lines:
            if groups.open or levels.waiting:
                self._release(received_at)
            counts.lines += 1
            if not self._usual(line, received_at):
                self._line(line, received_at)
        self._release(received_at)
        return self._taken()

    def release(self) -> list[Output]:
        """What is held, for a feed that is left: incomplete groups, and lines that waited for others to agree."""
        self._incomplete(self.state.groups.open.values())
        self.state.groups.open.clear()
        while self.state.levels.waiting:
            self._untimed(self.state.levels.waiting.pop(0))
        return self._taken()

    def finish(self) -> list[Output]:
        """The end of a file: what is held is released; the last time record says so."""
        self._out = self.release()
        front = self.state.levels.front
        if front is not None:
            self._out.append(self._time_record(front, ended=True))
        return self._taken()

    def held_from(self) -> int | None:
        """The first line that has not come to its end, counted from 1; None where nothing is held."""
        groups = (group.first_line for group in self.state.groups.open.values())
        waiting = (heard.first_line for heard in self.state.levels.waiting)
        return min((*groups, *waiting), default=None)

    def _taken(self) -> list[Output]:
        out, self._out = self._out, []
        return out

    def _usual(self, line: bytes, received_at: Instant | None) -> bool:
        """Passes a whole message whose time is clear at once; False: nothing is done.

        `_line` says the same of it, in three times the time.
        """
        found = None if self.state.stamps else usual_line(line)
        if found is None:
            return False
        text, at, station = found
        if received_at is not None:
            at = self._time_live(at, received_at)
        elif at is not None or self.state.clock is None:
            at = self._time_in_file(at)
        if at is None:
            return False
        self._pass(text, station or self._station, at, received_at)
        return True

    def _line(self, line: bytes, received_at: Instant | None) -> None:
        if len(line) > LONGEST_LINE:
            self._reject(NoSentence.OVERSIZED, (line,))
            return
        body = line.strip(b" \t\r\n\0")
        tag = NO_TAG
        if body[:1] == b"\\":
            tag, body = split_tag(body)
        if body[:1] != b"$":
            found = ais_line(body, tag)
            if found is not None:
                self._ais(found, line, received_at)
                return
        elif self._clock(body):
            return
        if meant_ais(body):
            self._reject(NoSentence.MALFORMED, (line,))
        else:
            self.state.counts.other += 1

    def _clock(self, body: bytes) -> bool:
        """Whether a line is the clock of those after it."""
        kind = body[3:6]
        if kind == b"RMC" or kind == b"ZDA":
            self.state.clock = clock(body) or self.state.clock
        elif body[:6] == b"$PGHP,":
            found = stamp(body)
            if found is not None:
                self.state.suffix_is_arrival |= found.arrival is not None
                self.state.stamped = True
                self.state.stamps = [*self.state.stamps[1 - _STAMPS_KEPT :], found]
        else:
            return False
        self.state.counts.other += 1
        return True

    def _ais(self, part: AisLine, line: bytes, received_at: Instant | None) -> None:
        if part.number == 1:
            self._first_part(part, line, received_at)
            return
        group = self.state.groups.join(part, line)
        if group is None:
            self._reject(NoSentence.INCOMPLETE, (line,))
        elif len(group.parts) == group.total:
            self._heard(_whole(group), received_at)

    def _first_part(self, part: AisLine, line: bytes, received_at: Instant | None) -> None:
        at, station, voice, number = part.at, part.station, part.text, self.state.counts.lines
        arrival = part.suffix_ms if self.state.suffix_is_arrival else None
        if arrival is not None and at == arrival:
            at = None
        stamped = self._stamp(part) if self.state.stamps else None
        if stamped is not None:
            at, station = stamped.at, station or stamped.station
        elif at is None and received_at is None and self.state.clock is not None:
            at, voice = self.state.clock, b"%d" % self.state.clock
        station = station or self._station
        if part.total == 1:
            self._heard(Heard(part.text, [line], station, at, voice, arrival, number), received_at)
            return
        now = self._now(received_at)
        group = Group([part.text], [line], part.total, station, at, voice, arrival, now, number)
        broken_off = self.state.groups.begin(key_of(part), group)
        if broken_off:
            self._reject(NoSentence.INCOMPLETE, broken_off)

    def _stamp(self, part: AisLine) -> Stamp | None:
        """The `$PGHP` that means this line: by its checksum, or the line just before where that cannot tell."""
        stamps, just_before = self.state.stamps, self.state.stamped
        self.state.stamped = False
        meant = VALUES.get(part.text[-2:])
        for found in reversed(stamps):
            if found.checksum == meant:
                stamps.remove(found)
                return found
        if just_before and (part.total > 1 or stamps[-1].checksum == 0):
            return stamps.pop()
        return None

    def _heard(self, heard: Heard, received_at: Instant | None) -> None:
        """Gives a whole sentence its time, or lets it wait for one."""
        at: Instant | None
        if received_at is not None:
            heard.live, heard.received_at = True, received_at
            at = self._time_live(heard.at, received_at)
        else:
            at = self._time_in_file(heard.at)
        if at is not None:
            self._pass_heard(heard, at)
        elif not holds(heard.text) or (heard.at is None and not self.state.levels.waiting):
            self._untimed(heard)
        elif self.state.levels.wait(heard, self._now(received_at) or 0):
            self._settle()

    def _time_live(self, at: Instant | None, received_at: Instant) -> Instant | None:
        """The time of a live line, where it is clear at once: nothing is heard later than it was received."""
        if at is None or at >= received_at:
            return received_at
        near = received_at - at <= self._near_ms or self.state.levels.near(at, self._behind_ms)
        return at if near else None

    def _time_in_file(self, at: Instant | None) -> Instant | None:
        """The time of a line of a file, where it is clear at once."""
        levels = self.state.levels
        if at is None:
            return None if levels.waiting else levels.last
        return at if levels.near(at, self._behind_ms) else None

    def _settle(self) -> None:
        """A jump is believed: those that waited for it keep their times."""
        for heard in self.state.levels.settled(self._behind_ms):
            if heard.at is None:
                self._untimed(heard)
            else:
                self._pass_heard(heard, heard.at)

    def _untimed(self, heard: Heard) -> None:
        """A line that waits no more: a time that is still not believed counts as none.

        So it was heard when received, or at the last time seen on the feed; where nothing was ever believed, its own
        time is all there is.
        """
        levels, at = self.state.levels, heard.at
        last = heard.received_at if heard.live else levels.last
        if at is None or not (last is None or levels.near(at, self._behind_ms)):
            at = last
        if at is None:
            self._reject(NoSentence.NO_TIME, heard.lines)
        else:
            self._pass_heard(heard, at)

    def _pass_heard(self, heard: Heard, at: Instant) -> None:
        self._pass(heard.text, heard.station, at, heard.received_at, len(heard.lines))

    def _pass(self, text: bytes, station: str, at: Instant, received_at: Instant | None, lines: int = 1) -> None:
        self.state.counts.passed += lines
        if received_at is None or received_at < at:
            received_at = at
        self._out.append(Sentence(text, station, at, received_at))
        levels = self.state.levels
        if (at != levels.last or levels.front is None or at > levels.front) and holds(text):
            levels.believe(at, station)
            self._record()

    def _record(self) -> None:
        """A time record whenever the newest time passes into another ten seconds."""
        front = self.state.levels.front
        if front is None or front // _RECORD_EVERY == self.state.recorded:
            return
        self.state.recorded = front // _RECORD_EVERY
        self._out.append(self._time_record(front - self.rules.lateness_ms))

    def _time_record(self, reached: Instant, ended: bool = False) -> TimeRecord:
        rules = self.rules
        return TimeRecord(rules.name, reached, rules.late, rules.lateness_ms, rules.outage_limit_ms, ended)

    def _now(self, received_at: Instant | None) -> Instant | None:
        """What waiting is measured by: the arrival of lines, or the time that a file has reached."""
        return received_at if received_at is not None else self.state.levels.front

    def _release(self, received_at: Instant | None) -> None:
        """What has been held too long."""
        now = self._now(received_at)
        self._incomplete(self.state.groups.expired(now))
        for heard in self.state.levels.given_up(now or 0, received_at is not None):
            self._untimed(heard)

    def _incomplete(self, groups: Iterable[Group]) -> None:
        for group in groups:
            self._reject(NoSentence.INCOMPLETE, group.lines)

    def _reject(self, reason: NoSentence, lines: Iterable[bytes]) -> None:
        rejected = self.state.counts.rejected
        for line in lines:
            rejected[reason] = rejected.get(reason, 0) + 1
            self._out.append(Reject(reason, line))


def _whole(group: Group) -> Heard:
    text = b"\n".join(group.parts)
    return Heard(text, group.lines, group.station, group.at, group.voice, group.suffix_ms, group.first_line)
