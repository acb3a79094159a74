"""Which stations are out: those of a feed that fell silent while the others of the feed go on.

    unknown --heard in 30 intervals--> known --silent for its limit, a voice lost, the others go on--> out
                                         ^                                                              |
                                         '-------------------- heard again: closed ---------------------'

A *voice* is what does not fall silent by itself: a sender on shore (a base station, an aid to navigation) that was
heard in 30 intervals, or four ships at once, heard within three minutes of the last that was heard at all.  One ship
or two sail out of range; four do not do so in the same minutes, and it makes no difference to a station whether others
hear them on.  The *limit* is three times the longest time for which the station was ever silent lately, five minutes at
least; a voice on shore has a limit of its own.  The *others go on* when they say a third of what they usually do, in
five intervals at least: where a whole feed slows down or stops, no station of it is out.

A feed of one station is never out in part.
Intervals are judged one after the other, each with what all partitions heard in it, up to what the feed has reached by
its own tick: so nothing depends on how records were cut.  An interval in which nobody of the feed was heard changes
nothing, and costs nothing.
"""

from collections.abc import Iterable
from typing import NamedTuple

from alerts.core.frozen import Struct, field, replace
from alerts.core.instants import HOUR, INTERVAL, MINUTE, Instant
from alerts.core.intervals import StationCount

KNOWN_FROM = 30
"""Intervals in which a station, or its voice on shore, was heard before it is missed."""
LEAST_MS = 5 * MINUTE
LEAST_INTERVALS = 5
"""In which others of its feed were heard."""
TIMES = 3
"""So many times the longest silence of lately."""
MANY_SHIPS = 4
_TOGETHER_MS = 2 * INTERVAL
"""Before the end of the last interval in which it was heard: three intervals."""
_OTHERS_GO_ON = 1 / 3
_LULL_MS = 5 * MINUTE
"""The whole feed was silent for longer: what its ships did meanwhile nobody knows."""
_RATE_FADES = 1 - 1 / 60
"""What an hour of being heard leaves of the rates of before: 37 %."""
_LONGEST_FADES = 0.5 ** (1 / 60)
"""The longest silence is forgotten by half in an hour of being heard: what is usual comes again sooner."""
_FORGOTTEN_MS = 7 * 24 * HOUR
_FORGOTTEN_UNKNOWN_MS = HOUR


class Voice(NamedTuple):
    """Something that is heard again and again: in how many intervals, last in that which ended `at`, and the longest
    silence between, which fades.
    """

    heard_n: int = 0
    at: Instant = 0
    longest_ms: float = 0.0

    @property
    def limit_ms(self) -> float:
        """Longer silences have a reason."""
        return max(LEAST_MS, TIMES * self.longest_ms)

    def lost(self, end: Instant) -> bool:
        """Whether it is missed at the end of an interval."""
        return self.heard_n >= KNOWN_FROM and end - self.at >= self.limit_ms


class Ear(NamedTuple):
    """What a station usually hears.

    `usual` and `others` are messages an interval, its own and those of the rest of its feed; `said` is what the feed
    had said in all, and `lived` in how many intervals, when the station was last heard.  `ships` is, of the last hour
    and while no later interval had more, end and ships of an interval.  `out_since` while it is out.
    """

    voice: Voice = Voice()
    shore: Voice = Voice()
    usual: float = 0.0
    others: float = 0.0
    said: int = 0
    lived: int = 0
    ships: tuple[tuple[Instant, int], ...] = ()
    out_since: Instant | None = None


class Hearing(Struct, frozen=True):
    """What is known of the stations of one feed, up to `until`; `at` is the end of the last interval in which any was
    heard, `lived` how many there were, `said` all their messages.
    """

    until: Instant = 0
    at: Instant = 0
    lived: int = 0
    said: int = 0
    ears: dict[str, Ear] = field(default_factory=dict)


class Found(NamedTuple):
    """A station is out since the end of the interval in which it was last heard, found or heard again at `at`."""

    station: str
    since: Instant
    until: Instant | None
    at: Instant
    usual: float
    ships: int


def judged(hearing: Hearing, end: Instant, counts: Iterable[StationCount]) -> tuple[Hearing, tuple[Found, ...]]:
    """After one interval in which stations of the feed were heard."""
    heard = _added_up(counts)
    total = sum(count.messages for count in heard.values())
    lull = end - hearing.at > _LULL_MS
    if heard.keys() >= hearing.ears.keys() and len(heard) == 1:
        return Hearing(end, end, ears=dict.fromkeys(heard, Ear())), ()
    hearing = replace(hearing, until=end, at=end, lived=hearing.lived + 1, said=hearing.said + total)
    ears, found = dict[str, Ear](), list[Found]()
    for station, ear in hearing.ears.items():
        ear = _after_lull(ear, hearing, total, end) if lull else ear
        count = heard.pop(station, None)
        if count is None and _is_forgotten(ear, end):
            continue
        ears[station] = after = _silent(ear, hearing, end) if count is None else _heard(ear, count, hearing, total, end)
        if after.out_since != ear.out_since:
            found.append(_found(station, ear, after, end))
    for station, count in sorted(heard.items()):
        ears[station] = _heard(Ear(), count, hearing, total, end)
    return replace(hearing, ears=ears), tuple(found)


def _added_up(counts: Iterable[StationCount]) -> dict[str, StationCount]:
    """One count of each station, whatever partitions heard it."""
    sums: dict[str, StationCount] = {}
    for count in counts:
        known = sums.get(count.station)
        if known is not None:
            count = StationCount(count.station, *(a + b for a, b in zip(known[1:], count[1:], strict=True)))
        sums[count.station] = count
    return sums


def _heard(ear: Ear, count: StationCount, hearing: Hearing, total: int, end: Instant) -> Ear:
    """After an interval in which the station was heard: of a silence in which it was out, nothing is learned."""
    learns = ear.out_since is None
    shore = ear.shore if learns else ear.shore._replace(at=end)
    later = ((at, ships) for at, ships in ear.ships if ships > count.ships and end - at < HOUR)
    return Ear(
        _again(ear.voice, end, learns),
        _again(shore, end, learns) if count.shore else shore,
        _faded(ear.usual, count.messages, ear.voice.heard_n),
        _faded(ear.others, total - count.messages, ear.voice.heard_n),
        hearing.said,
        hearing.lived,
        (*later, (end, count.ships)),
    )


def _again(voice: Voice, end: Instant, learns: bool) -> Voice:
    longest_ms = voice.longest_ms * _LONGEST_FADES
    if learns and voice.heard_n:
        longest_ms = max(longest_ms, end - voice.at - INTERVAL)
    return Voice(voice.heard_n + 1, end, longest_ms)


def _faded(known: float, new: int, heard_n: int) -> float:
    """The mean of the first hour, then one that fades."""
    share = max(1 / (heard_n + 1), 1 - _RATE_FADES)
    return known * (1 - share) + new * share


def _silent(ear: Ear, hearing: Hearing, end: Instant) -> Ear:
    """After an interval in which only others were heard."""
    if ear.out_since is not None or hearing.lived - ear.lived < LEAST_INTERVALS or not ear.voice.lost(end):
        return ear
    go_on = hearing.said - ear.said >= _OTHERS_GO_ON * ear.others * (hearing.lived - ear.lived)
    lost = ear.shore.lost(end) or _ships_together(ear) >= MANY_SHIPS
    return ear._replace(out_since=ear.voice.at) if go_on and lost else ear


def _ships_together(ear: Ear) -> int:
    return max((ships for at, ships in ear.ships if ear.voice.at - at <= _TOGETHER_MS), default=0)


def _after_lull(ear: Ear, hearing: Hearing, total: int, end: Instant) -> Ear:
    """The silence of a station begins anew where the feed goes on, and ships may have sailed out of its range."""
    if ear.out_since is not None:
        return ear
    begin = end - INTERVAL
    voice, shore = ear.voice._replace(at=begin), ear.shore._replace(at=begin)
    return ear._replace(voice=voice, shore=shore, said=hearing.said - total, lived=hearing.lived - 1, ships=())


def _is_forgotten(ear: Ear, end: Instant) -> bool:
    """Never while it is out."""
    kept_ms = _FORGOTTEN_MS if ear.voice.heard_n >= KNOWN_FROM else _FORGOTTEN_UNKNOWN_MS
    return ear.out_since is None and end - ear.voice.at > kept_ms


def _found(station: str, before: Ear, after: Ear, end: Instant) -> Found:
    since = before.out_since if after.out_since is None else after.out_since
    assert since is not None
    until = end if after.out_since is None else None
    ships = max((ships for _, ships in before.ships), default=0)
    return Found(station, since, until, end, round(before.usual, 1), ships)
