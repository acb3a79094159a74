"""`python -m tests.benchmarks.dark --seed 7 [FILE...]`: does it find who falls silent, and what does it say of others?

Real traffic, every ship watched.  Ships are cut out at moments drawn from the seed (all that they say for three hours),
each once, among those whose archive goes on for two hours: so who is cut would have been heard.  Everything else that
is called dark was no cut: a false alarm, of a ship that had moved on when she was heard again, that had stopped, or of
whom nobody knows, because she was not.  Beside the rule, on the same input, timers that know nothing but the time.

`--withhold 40 --of 0.5` then withholds half the ships, `--of 1` the whole feed, for so many minutes, three times: who
fell silent in that is no dark ship, and the last column counts whom it is said of nevertheless.

Nothing is learned here: the rule is the one that is in force, with the shipped settings and no zones.
"""

import argparse
import math
import os
import statistics
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from alerts.core.geo import distance_nm
from alerts.core.instants import DAY, HOUR, MINUTE, Instant, interval_end
from alerts.core.thresholds import Thresholds
from alerts.routing.routes import Routes
from streams.chain import Chain
from streams.config import Config
from streams.feeds.decoded import DecodedRow
from streams.ingest.decode import kind_of, mmsi_of
from streams.ingest.fixes import POSITION_KINDS, fix_of
from streams.ingest.validity import message_of
from streams.nmea import FeedRules
from streams.recordings import Arrived, Recording
from streams.sentences import Sentence

RECORDED = ("decoded/noaa_NYHarbor_2020_12_first_week.traj.gz", "nmea/opencpn_Go_to_Guernesey_2011-07-26.txt.gz")
TIMERS_MIN = (15, 30, 60, 360)
CUT_MS, GOES_ON_MS, IN_TIME_MS = 3 * HOUR, 2 * HOUR, 2 * HOUR
_LEAST_BEFORE, _LARGEST_GAP_MS = 20, 10 * MINUTE
_MOVED_NM = 1.0
_DARK = ("went_dark", "dark_in_port")


class Heard(NamedTuple):
    """One position of a ship."""

    at: Instant
    lat: float
    lon: float


Tracks = Mapping[int, Sequence[Heard]]


class Cut(NamedTuple):
    """A ship of whom nothing is left from after `last`, her last report, for three hours."""

    mmsi: int
    last: Instant


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
        return self.holds(mmsi, since) or self.holds(mmsi, since + _LARGEST_GAP_MS)


class Fired(NamedTuple):
    """A silence that was called dark: whose, since when, known when."""

    mmsi: int
    since: Instant
    known_at: Instant


@dataclass(frozen=True, slots=True)
class Score:
    """What one rule did; `minutes` are those from the last report to the alert, of the cuts that were found."""

    name: str
    cuts: int
    minutes: tuple[float, ...]
    false: Mapping[str, int]
    hull_days: float
    withheld: int


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.benchmarks.dark")
    parser.add_argument("files", nargs="*", type=Path, help="recordings (default: those of HULLWATCH_TEST_DATA)")
    parser.add_argument("--seed", type=int, required=True, help="draws who is cut out, and when")
    parser.add_argument("--cuts", type=int, default=60, help="at most so many of a recording (default 60)")
    parser.add_argument("--withhold", type=int, default=0, metavar="MINUTES", help="of traffic, three times")
    parser.add_argument("--of", type=float, default=1.0, metavar="SHARE", help="of the ships; 1: the feed itself")
    args = parser.parse_args()
    folder = Path(os.environ.get("HULLWATCH_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")
    for path in args.files or [folder / name for name in RECORDED]:
        shown(path.name, list(scores(path, args.seed, args.cuts, args.withhold * MINUTE, args.of)))


def scores(path: Path, seed: int, most: int, withhold_ms: int, of: float) -> Iterator[Score]:
    """Of the rule, then of each timer, on the same input."""
    arrivals = list(Recording(FeedRules("recording"), [str(path)]).arrivals())
    dice, whole = Random(f"{seed}/{path.name}"), tracks_of(arrivals)
    cuts = drawn(whole, dice, most)
    spans = withheld(arrivals[0].at, arrivals[-1].at, sorted(whole), dice, withhold_ms, of)
    left = [arrived for arrived in arrivals if not _is_missing(arrived, cuts, spans)]
    tracks = tracks_of(left)
    yield scored("the rule", alarms(left), cuts, spans, tracks)
    for limit_min in TIMERS_MIN:
        fired = timer(tracks, limit_min * MINUTE, left[-1].at)
        yield scored(f"timer, {limit_min} min", fired, cuts, spans, tracks)


def withheld(
    begin: Instant, end: Instant, ships: Sequence[int], dice: Random, lasts_ms: int, of: float
) -> list[Withheld]:
    """Three spans, none at an end of the recording."""
    if not lasts_ms:
        return []
    begins = [dice.randrange(begin + 3 * HOUR, end - 3 * HOUR) for _ in range(3)]
    some = [None if of >= 1 else frozenset(dice.sample(ships, round(of * len(ships)))) for _ in begins]
    return [Withheld(at, at + lasts_ms, hers) for at, hers in zip(begins, some, strict=True)]


def tracks_of(arrivals: Iterable[Arrived]) -> dict[int, list[Heard]]:
    """Each ship's positions in order of time."""
    tracks: dict[int, list[Heard]] = defaultdict(list)
    for arrived in arrivals:
        if isinstance(arrived.item, DecodedRow):
            row = arrived.item
            tracks[row.mmsi].append(Heard(row.at, row.lat, row.lon))
        elif isinstance(arrived.item, Sentence) and (payload := _payload(arrived.item)) is not None:
            fix = fix_of(payload) if kind_of(payload) in POSITION_KINDS - {4, 21} else None
            if fix is not None:
                tracks[fix.mmsi].append(Heard(arrived.item.heard_at, fix.lat, fix.lon))
    return {mmsi: sorted(track) for mmsi, track in tracks.items()}


def _payload(sentence: Sentence) -> bytes | None:
    message = message_of(sentence.text)
    return message[1] if isinstance(message, tuple) else None


def drawn(tracks: Tracks, dice: Random, most: int) -> dict[int, Cut]:
    """One moment of each of so many ships, any of those at which she went on."""
    moments = {mmsi: list(_moments(track)) for mmsi, track in sorted(tracks.items())}
    ships = [mmsi for mmsi, times in moments.items() if times]
    return {mmsi: Cut(mmsi, dice.choice(moments[mmsi])) for mmsi in dice.sample(ships, min(most, len(ships)))}


def _moments(track: Sequence[Heard]) -> Iterator[Instant]:
    """Reports after which she was heard for two hours more, never ten minutes apart."""
    times = [heard.at for heard in track]
    broken = [n for n in range(1, len(times)) if times[n] - times[n - 1] > _LARGEST_GAP_MS]
    for n in range(_LEAST_BEFORE, len(times)):
        following = bisect_right(broken, n)
        end = times[broken[following] - 1] if following < len(broken) else times[-1]
        if end - times[n] >= GOES_ON_MS:
            yield times[n]


def _is_missing(arrived: Arrived, cuts: Mapping[int, Cut], spans: Sequence[Withheld]) -> bool:
    item, mmsi, at = arrived.item, 0, arrived.at
    if isinstance(item, DecodedRow):
        mmsi, at = item.mmsi, item.at
    elif isinstance(item, Sentence) and (payload := _payload(item)) is not None:
        mmsi, at = mmsi_of(payload), item.heard_at
    cut = cuts.get(mmsi)
    return any(span.holds(mmsi, at) for span in spans) or bool(cut and cut.last < at <= cut.last + CUT_MS)


def alarms(arrivals: Iterable[Arrived]) -> Iterator[Fired]:
    """What the chain calls dark, every ship watched; what it took back in the end is left out."""
    chain = Chain(Config((), (), Thresholds(), (), Routes((), ())), watch_all=True)
    fired: dict[str, Fired] = {}
    for alert in chain.run(arrivals):
        if alert.rule in _DARK and alert.hull is not None and alert.hull.mmsi is not None:
            if alert.event == "retracted":
                fired.pop(alert.id, None)
            elif alert.id not in fired:
                fired[alert.id] = Fired(alert.hull.mmsi, alert.happened_at, alert.known_at)
    yield from fired.values()


def timer(tracks: Tracks, limit_ms: int, end: Instant) -> Iterator[Fired]:
    """Every silence that is longer, by when the minute closes."""
    for mmsi, track in tracks.items():
        times = [heard.at for heard in track]
        for since, until in zip(times, [*times[1:], end], strict=True):
            if until - since > limit_ms:
                yield Fired(mmsi, since, interval_end(since + limit_ms))


def scored(
    name: str, fired: Iterable[Fired], cuts: Mapping[int, Cut], spans: Sequence[Withheld], tracks: Tracks
) -> Score:
    """A cut counts as found within two hours; what fires later of it is no false alarm either."""
    minutes: list[float] = []
    false, of_spans = dict.fromkeys(("moved on", "stopped", "unknown"), 0), 0
    for mmsi, since, known_at in fired:
        cut = cuts.get(mmsi)
        if any(span.explains(mmsi, since) for span in spans):
            of_spans += 1
        elif cut is None or not cut.last <= since <= cut.last + CUT_MS:
            false[_class_of(tracks.get(mmsi, ()), since)] += 1
        elif known_at - cut.last <= IN_TIME_MS:
            minutes.append((known_at - cut.last) / MINUTE)
    days = sum((track[-1].at - track[0].at) / DAY for track in tracks.values())
    return Score(name, len(cuts), tuple(minutes), false, days, of_spans)


def _class_of(track: Sequence[Heard], since: Instant) -> str:
    n = bisect_right([heard.at for heard in track], since)
    if n in (0, len(track)):
        return "unknown"
    before, after = track[n - 1], track[n]
    return "moved on" if distance_nm(before[1:], after[1:]) > _MOVED_NM else "stopped"


def shown(name: str, all_scores: Sequence[Score]) -> None:
    first = all_scores[0]
    title = f"{name}: {first.cuts} cuts, {first.hull_days:,.0f} hull-days; false alarms per 1,000 hull-days"
    table = Table("", "found in 2 h", "median", "9 of 10", *first.false, "precision", "withheld", title=title)
    for score in all_scores:
        found, false = len(score.minutes), sum(score.false.values())
        table.add_row(
            score.name,
            share(found, score.cuts),
            f"{statistics.median(score.minutes):.1f} min" if found else "",
            f"{sorted(score.minutes)[math.ceil(0.9 * found) - 1]:.1f} min" if found else "",
            *(rate(count, score.hull_days) for count in score.false.values()),
            f"{found / (found + false):.2f}" if found + false else "",
            str(score.withheld),
        )
    Console(width=160).print(table)


def share(found: int, of: int) -> str:
    """With its 95 % interval (Wilson)."""
    if not of:
        return "no cut"
    z, p = 1.96, found / of
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (max(0.0, (middle + sign * half) / (1 + z * z / of)) for sign in (-1, 1))
    return f"{p:.2f} ({low:.2f}-{min(1.0, high):.2f})"


def rate(count: int, days: float) -> str:
    """Per 1,000 hull-days, with its 95 % interval (Byar's approximation to Poisson's)."""
    low = count * (1 - 1 / (9 * count) - 1.96 / (3 * math.sqrt(count))) ** 3 if count else 0.0
    more = count + 1
    high = more * (1 - 1 / (9 * more) + 1.96 / (3 * math.sqrt(more))) ** 3
    return " ".join((f"{1000 * count / days:,.0f}", f"({1000 * low / days:,.0f}-{1000 * high / days:,.0f})"))


if __name__ == "__main__":
    main()
