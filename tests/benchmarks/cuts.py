"""Who is cut out of a recording, and when; what is withheld of it; what a silence was in truth.

Ships are cut out under way: they had made good three knots and more over five minutes and since the report before, and
their archive goes on for as long as it takes to know that she would have been heard.  What the rule is told of it is
nothing: the moments are drawn from a seed.
"""

import gzip
import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from alerts.core.geo import distance_nm
from alerts.core.going import MOVING_KN
from alerts.core.heard import Heard
from alerts.core.instants import DAY, HOUR, MINUTE, SECOND, Instant
from alerts.core.silence import Kind, kind_of
from alerts.core.thresholds import Thresholds
from alerts.core.track import Track, followed
from alerts.core.zones import ZoneIndex
from streams.feeds.decoded import DecodedRow
from streams.ingest.decode import kind_of as kind_of_message
from streams.ingest.decode import mmsi_of
from streams.ingest.fixes import POSITION_KINDS, fix_of
from streams.ingest.validity import message_of
from streams.recordings import Arrived
from streams.sentences import Sentence

CUT_MS, GOES_ON_MS = 3 * HOUR, 30 * MINUTE
LARGEST_GAP_MS = 10 * MINUTE
NEAR_NM = 10.0
"""Of a receiver that says where it is: beyond, its range ends somewhere."""
LONG_MS, LEARN_MS = 6 * DAY, 3 * DAY
_LEAST_BEFORE = 20
_UNDER_WAY_MS, _SAME_MS = 5 * MINUTE, 15 * MINUTE
_WENT_ON = 0.25
_BEACONS = {4, 21}


class Seen(NamedTuple):
    """One position of a ship."""

    at: Instant
    lat: float
    lon: float


Tracks = Mapping[int, Sequence[Seen]]


class Cut(NamedTuple):
    """A ship of whom nothing is left from after `last`, her last report, for three hours."""

    mmsi: int
    last: Instant
    kind: Kind


class Withheld(NamedTuple):
    """A span in which nothing comes of these ships (None: of the feed)."""

    begin: Instant
    end: Instant
    ships: frozenset[int] | None

    def holds(self, mmsi: int, at: Instant) -> bool:
        """Whether this was not heard."""
        return self.begin <= at < self.end and (self.ships is None or mmsi in self.ships)

    def explains(self, mmsi: int, since: Instant) -> bool:
        """Whether a silence that began then has to do with it."""
        return self.holds(mmsi, since) or self.holds(mmsi, since + LARGEST_GAP_MS)


def scored_from(begin: Instant, end: Instant) -> Instant:
    """A long recording is scored from its fourth day on: what is learned of its ships is learned before."""
    return begin + LEARN_MS if end - begin >= LONG_MS else begin


def tracks_of(arrivals: Iterable[Arrived]) -> dict[int, list[Seen]]:
    """Each ship's positions in order of time."""
    tracks: dict[int, list[Seen]] = defaultdict(list)
    for arrived in arrivals:
        if isinstance(arrived.item, DecodedRow):
            row = arrived.item
            tracks[row.mmsi].append(Seen(row.at, row.lat, row.lon))
        elif isinstance(arrived.item, Sentence) and (payload := _payload(arrived.item)) is not None:
            fix = fix_of(payload) if kind_of_message(payload) in POSITION_KINDS - _BEACONS else None
            if fix is not None:
                tracks[fix.mmsi].append(Seen(arrived.item.heard_at, fix.lat, fix.lon))
    return {mmsi: sorted(track) for mmsi, track in tracks.items()}


def _payload(sentence: Sentence) -> bytes | None:
    message = message_of(sentence.text)
    return message[1] if isinstance(message, tuple) else None


def receiver_of(path: Path) -> list[Seen]:
    """Where the receiver said that it was ($GPRMC), in order of time, from 2010 on; empty where it says nothing."""
    if path.suffix not in {".gz", ".nmea", ".txt"} or ".traj" in path.name or ".csv" in path.name:
        return []
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", errors="replace") as lines:
        found = (_said(line[line.index("$GPRMC") :].split(",")) for line in lines if "$GPRMC" in line)
        return sorted(seen for seen in found if seen is not None)


def _said(fields: Sequence[str]) -> Seen | None:
    try:
        at = datetime.strptime(fields[9] + fields[1][:6], "%d%m%y%H%M%S").replace(tzinfo=UTC)
        lat, lon = (degrees + minutes / 60 for degrees, minutes in (divmod(float(fields[n]), 100) for n in (3, 5)))
    except (ValueError, IndexError):
        return None
    signs = (-1 if fields[4] == "S" else 1, -1 if fields[6] == "W" else 1)
    return Seen(round(at.timestamp()) * SECOND, signs[0] * lat, signs[1] * lon) if fields[2] == "A" else None


def drawn(tracks: Tracks, receiver: Sequence[Seen], span: tuple[Instant, Instant], dice: Random) -> dict[int, Cut]:
    """One moment of each of some ships: on average one ship is out at a time, so that the others stay witnesses."""
    moments = {mmsi: list(_moments(track, receiver, span)) for mmsi, track in sorted(tracks.items())}
    ships = [mmsi for mmsi, ns in moments.items() if ns]
    some = dice.sample(ships, min((span[1] - span[0]) // CUT_MS, len(ships)))
    picked = {mmsi: dice.choice(moments[mmsi]) for mmsi in some}
    return {mmsi: Cut(mmsi, tracks[mmsi][n].at, judged(mmsi, tracks[mmsi][: n + 1])) for mmsi, n in picked.items()}


def _moments(track: Sequence[Seen], receiver: Sequence[Seen], span: tuple[Instant, Instant]) -> Iterator[int]:
    """Reports under way after which she was heard on, never ten minutes apart."""
    times = [seen.at for seen in track]
    broken = [n for n in range(1, len(times)) if times[n] - times[n - 1] > LARGEST_GAP_MS]
    for n in range(_LEAST_BEFORE, len(times)):
        following = bisect_right(broken, n)
        end = times[broken[following] - 1] if following < len(broken) else times[-1]
        if span[0] <= times[n] <= span[1] - GOES_ON_MS and end - times[n] >= GOES_ON_MS:
            before = bisect_right(times, times[n] - _UNDER_WAY_MS) - 1
            if _sails(track, before, n) and _sails(track, n - 1, n) and _near(track[n], receiver):
                yield n


def _sails(track: Sequence[Seen], before: int, n: int) -> bool:
    if before < 0 or not 0 < track[n].at - track[before].at <= _SAME_MS:
        return False
    return speed_kn(track[before], track[n]) >= MOVING_KN


def speed_kn(before: Seen, after: Seen) -> float:
    """Made good between two positions."""
    return distance_nm(before[1:], after[1:]) * HOUR / max(1, after.at - before.at)


def _near(seen: Seen, receiver: Sequence[Seen]) -> bool:
    if not receiver:
        return True
    n = min(bisect_left(receiver, seen), len(receiver) - 1)
    return distance_nm(receiver[n][1:], seen[1:]) <= NEAR_NM


def judged(mmsi: int, track: Sequence[Seen]) -> Kind:
    """The class of a silence that begins after these positions, as the rule sees it."""
    known, zones, thresholds = Track(), ZoneIndex([]), Thresholds()
    for seen in track:
        known = followed(known, Heard(seen.at, "", "", mmsi, 1, seen.lat, seen.lon), True, zones, thresholds).track
    return kind_of(known, None)


def withheld(span: tuple[Instant, Instant], ships: Sequence[int], dice: Random, ms: int, of: float) -> list[Withheld]:
    """Three spans of so many ms, none at an end of the recording."""
    if not ms:
        return []
    begins = [dice.randrange(span[0] + 3 * HOUR, span[1] - 3 * HOUR) for _ in range(3)]
    some = [None if of >= 1 else frozenset(dice.sample(ships, round(of * len(ships)))) for _ in begins]
    return [Withheld(at, at + ms, hers) for at, hers in zip(begins, some, strict=True)]


def left_of(arrivals: Iterable[Arrived], share: float, burst_s: float, of: float, seed: str) -> Iterator[Arrived]:
    """What is heard where this share of the time is lost to this share of ships, for so long at a time on average.

    Of each ship a chain in continuous time says whether she is heard: bursts are as long where she reports every minute
    as where she does every ten seconds.
    """
    ships = dict[int, Random]()
    lost = dict[int, tuple[Instant, bool]]()
    fades = 1 / ((1 - share) * burst_s * SECOND)
    for arrived in arrivals:
        mmsi, at = _whose(arrived)
        if mmsi not in ships:
            ships[mmsi] = Random(f"{seed}/{mmsi}")
            if mmsi and ships[mmsi].random() < of:
                lost[mmsi] = at, ships[mmsi].random() < share
        if mmsi in lost:
            before, was = lost[mmsi]
            stays = math.exp(-abs(at - before) * fades)
            is_lost = ships[mmsi].random() < share + (was - share) * stays
            lost[mmsi] = at, is_lost
            if is_lost:
                continue
        yield arrived


def is_missing(arrived: Arrived, cuts: Mapping[int, Cut], spans: Sequence[Withheld]) -> bool:
    """Whether it was cut out or withheld."""
    mmsi, at = _whose(arrived)
    cut = cuts.get(mmsi)
    return any(span.holds(mmsi, at) for span in spans) or bool(cut and cut.last < at <= cut.last + CUT_MS)


def _whose(arrived: Arrived) -> tuple[int, Instant]:
    """The ship's number (0: nobody's), and when it was heard."""
    item = arrived.item
    if isinstance(item, DecodedRow):
        return item.mmsi, item.at
    if isinstance(item, Sentence) and (payload := _payload(item)) is not None:
        return mmsi_of(payload), item.heard_at
    return 0, arrived.at


def truth(track: Sequence[Seen], since: Instant) -> str:
    """What a natural silence was: she went on at a quarter of her speed at least, she stopped, or nobody knows."""
    n = bisect_right([seen.at for seen in track], since)
    if n in (0, len(track)):
        return "unknown"
    speed = speed_kn(track[n - 2], track[n - 1]) if n > 1 else 0.0
    return "moved on" if speed_kn(track[n - 1], track[n]) >= max(0.5, _WENT_ON * speed) else "stopped"
