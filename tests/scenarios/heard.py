"""What the ships of a story say, as each feed hears it: lines that are read as a live feed reads them."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import NamedTuple

from alerts.core.geo import destination
from alerts.core.instants import HOUR, SECOND, Instant
from streams.nmea import FeedRules, LineReader, Reject
from streams.recordings import Arrived
from streams.scenario import motion
from streams.scenario.encode import position, tagged, voice
from streams.scenario.motion import Track
from streams.scenario.ships import AT_ANCHOR, YACHT, Ship
from tests.fleet import ANGARA
from tests.scenarios.story import Hearing, Story, Typed, Vessel

_OTHERS_FROM = 440_900_000
_APART_NM = 0.1
_FOREVER = 1 << 62
_NO_FIX = ((0, 0), (91, 181))


class _Still(Random):
    """A receiver without a fix has no noise either."""

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        return mu


class Line(NamedTuple):
    """One line of a feed, by when it arrives."""

    received_at: Instant
    heard_at: Instant
    feed: str
    text: bytes


def arrivals(story: Story) -> Iterator[Arrived]:
    """All feeds as they come in."""
    readers = {
        feed.name: LineReader(FeedRules(feed.name, "", feed.late, feed.lateness_ms, feed.outage_limit_ms))
        for feed in story.feeds
    }
    for line in sorted(_lines(story)):
        for item in readers[line.feed].read([line.text], line.received_at):
            assert not isinstance(item, Reject), item
            yield Arrived(line.received_at, line.feed, item)


def _lines(story: Story) -> Iterator[Line]:
    """Of every ship that is heard while the feed is not deaf."""
    number = _OTHERS_FROM
    fleets = [(story.her, [ANGARA.mmsi or 0])]
    for fleet in story.others:
        fleets.append((fleet, list(range(number, number + fleet.ships))))
        number += fleet.ships
    for vessel, mmsis in fleets:
        for n, mmsi in enumerate(mmsis):
            for line in _said(_ship(mmsi, vessel), vessel, n):
                if not any(begin <= line.heard_at < end for begin, end in story.out[line.feed]):
                    yield line


def _said(ship: Ship, vessel: Vessel, n: int) -> Iterator[Line]:
    """What is heard of the nth ship of a fleet: the same bits whoever hears them."""
    said = voice(ship)
    for hearing in vessel.heard:
        for at in _times(hearing, n, Random(f"{ship.mmsi}/{hearing}")):
            dice = Random(f"{ship.mmsi}" if vessel.hangs else f"{ship.mmsi}/{at}")
            there = where(vessel, n, at - hearing.old_ms)
            if hearing.says in _NO_FIX:
                dice = _Still()
            if hearing.says is not None:
                there = replace(there, lat=hearing.says[0], lon=hearing.says[1])
            sentence = position(ship, said, there, at, dice)
            (text,) = tagged((sentence,), hearing.station, at, 0)
            yield Line(hearing.received or at + hearing.delay_ms, at, hearing.feed, text)
    for typed in vessel.types:
        yield from _typed(ship, typed, n)


def _typed(ship: Ship, typed: Typed, n: int) -> Iterator[Line]:
    """Static reports; those of class B are two."""
    hearing, *said = typed
    fields = dict(zip(("draught_m", "name", "call_sign", "destination", "imo"), said, strict=True))
    messages = voice(replace(ship, **fields)).static
    for at in _times(hearing, n, Random(f"{ship.mmsi}/{typed}")):
        for message in messages:
            for text in tagged(message, hearing.station, at, at // SECOND % 10_000):
                yield Line(hearing.received or at + hearing.delay_ms, at, hearing.feed, text)


def _ship(mmsi: int, vessel: Vessel) -> Ship:
    kind = AT_ANCHOR if vessel.transponder == "A" else YACHT
    return Ship(mmsi, 0, "NOBODY", "", kind, kind.length_m[0], "", Track((), ()), ())


def _times(hearing: Hearing, n: int, dice: Random) -> Iterator[Instant]:
    yield from hearing.at
    at, (least_s, most_s) = hearing.span[0], hearing.every_s
    if hearing.at:
        return
    at += round(7 * n % min(least_s, 30)) * SECOND
    lost = False
    while at <= hearing.span[1]:
        lost = dice.random() < (1 - 1 / hearing.in_a_row if lost else _falls(hearing))
        if not lost:
            yield at
        at += round(dice.uniform(least_s, most_s)) * SECOND


def _falls(hearing: Hearing) -> float:
    """How often a run of losses begins, that this share is lost altogether."""
    return hearing.lost / (1 - hearing.lost) / hearing.in_a_row


def where(vessel: Vessel, n: int, at: Instant) -> motion.Fix:
    """The nth of a fleet, at this time."""
    point, course_deg, speed_kn = destination(vessel.at, 0, n * _APART_NM), 0.0, 0.0
    for leg, ends in zip(vessel.legs, (*(leg.begin for leg in vessel.legs[1:]), _FOREVER), strict=False):
        if leg.begin > at:
            break
        sailed, back = min(at, ends) - leg.begin, False
        if leg.turns_ms:
            turns, sailed = divmod(sailed, leg.turns_ms)
            back = turns % 2 == 1
            sailed = leg.turns_ms - sailed if back else sailed
        point = destination(point, leg.course_deg, leg.speed_kn * sailed / HOUR)
        course_deg, speed_kn = (leg.says[0] + 180 * back) % 360, leg.says[1]
    return motion.Fix(*point, speed_kn, course_deg, 0, speed_kn > 0)
