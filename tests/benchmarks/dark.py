"""`python -m tests.benchmarks.dark --seed 7 [--seeds 10] [FILE...]`: does it find who falls silent, and what else?

Real traffic, every ship watched.  Ships are cut out under way at moments drawn from the seed (tests/benchmarks/cuts.py:
all that they say for three hours, one ship at a time on average).  Everything else that is called dark was no cut: a
false alarm, of a ship that went on sailing in her silence, that stopped in it, or of whom nobody knows, because she was
not heard again.  A recording of six days and more is scored from its fourth day on: the three before are there to learn
her places.  Beside the rule, on the same input, timers that know nothing but the time.

`--withhold 40 --of 0.5` then withholds half the ships, `--of 1` the whole feed, for so many minutes, three times: who
fell silent in that is no dark ship, and the last column counts whom it is said of nevertheless, up to two hours after
the end: who is silent for longer is so for another reason.  `--lose 0.33` loses one report in three from the
beginning, of all ships or of the share `--of`: ships are cut out of what is left.  Losses come in bursts of half a
minute on average (`--burst`), as within 20 nm of the Channel's receiver: ships that should report every ten seconds
lose 3.1 in a row there.

`--stopped 6` adds a line in which ships that had stopped are dark after so many hours instead of the shipped limit:
what that finds, and costs.  `--calibrate` counts how many silences lasted as long as the alerts say that so many do.
`--learn` learns the cover of the days before those that are scored (of a shorter recording, its first half), and scores
the rule with it beside the one with the shipped curve.

Precision depends on how often ships go dark: it stands there for the cuts that were made, and as reckoned for one cut
in two hull-days, with the alarms of which nobody knows the truth counted as false, and without these.
"""

import argparse
import math
import os
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from rich.console import Console
from rich.progress import track as shown_while
from rich.table import Table

from alerts.core.curve import SHIPPED
from alerts.core.frozen import replace
from alerts.core.instants import DAY, HOUR, MINUTE, Instant, interval_end
from alerts.core.learned import Learned
from alerts.core.silence import Kind
from alerts.core.thresholds import Thresholds
from streams.chain import Chain
from streams.coverage import learned_from
from streams.nmea import FeedRules
from streams.recordings import Arrived, Recording
from streams.settings import Config
from tests.benchmarks.cuts import (
    CUT_MS,
    Cut,
    Tracks,
    Withheld,
    drawn,
    is_missing,
    left_of,
    receiver_of,
    scored_from,
    tracks_of,
    truth,
    withheld,
)
from tests.benchmarks.ratios import precision_at, rate, share_of

RECORDED = ("decoded/noaa_NYHarbor_2020_12_first_week.traj.gz", "nmea/opencpn_Go_to_Guernesey_2011-07-26.txt.gz")
TIMERS_MIN = (15, 30, 60, 360)
IN_TIME_MS = 2 * HOUR
TRUTHS = ("moved on", "stopped", "unknown")
CUTS_A_DAY = 0.5
AT = (f"at {CUTS_A_DAY:g}", "the same without unknown")
SHARES = (0.1, 0.03, 0.01, 0.003, 0.001)
_DARK = ("went_dark", "dark_in_port")
_SHORT_MS = 3 * MINUTE


class Fired(NamedTuple):
    """A silence that was called dark: whose, since when, known when, of which class."""

    mmsi: int
    since: Instant
    known_at: Instant
    kind: str = ""


@dataclass(slots=True)
class Score:
    """What one rule did, over all seeds; `minutes` are those from the last report to the alert, of the cuts found."""

    cuts: int = 0
    moving: int = 0
    moving_found: int = 0
    minutes: list[float] = field(default_factory=list)
    false: Counter[str] = field(default_factory=Counter)
    hull_days: float = 0.0
    withheld: int = 0

    def add(self, other: "Score") -> None:
        """Another seed."""
        self.cuts += other.cuts
        self.moving += other.moving
        self.moving_found += other.moving_found
        self.minutes += other.minutes
        self.false += other.false
        self.hull_days += other.hull_days
        self.withheld += other.withheld


@dataclass(frozen=True, slots=True)
class Trial:
    """What one seed is scored on."""

    cuts: Mapping[int, Cut]
    spans: Sequence[Withheld]
    tracks: Tracks
    begin: Instant
    end: Instant


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.benchmarks.dark")
    parser.add_argument("files", nargs="*", type=Path, help="recordings (default: those of HULLWATCH_TEST_DATA)")
    parser.add_argument("--seed", type=int, required=True, help="draws who is cut out, and when")
    parser.add_argument("--seeds", type=int, default=1, help="so many, from that one on (default 1)")
    parser.add_argument("--withhold", type=int, default=0, metavar="MINUTES", help="of traffic, three times")
    parser.add_argument("--of", type=float, default=1.0, metavar="SHARE", help="of the ships; 1: the feed itself")
    parser.add_argument("--lose", type=float, default=0.0, metavar="SHARE", help="of the reports, in bursts")
    parser.add_argument("--burst", type=float, default=30.0, metavar="SECONDS", help="lost at a time (default 30)")
    parser.add_argument(
        "--stopped", type=float, metavar="HOURS", help="besides: a ship that had stopped is dark after these"
    )
    parser.add_argument("--calibrate", action="store_true", help="how many silences last as long as is said")
    parser.add_argument("--learn", action="store_true", help="the cover too, of what lies before")
    parser.add_argument("--jobs", type=int, default=2, help="seeds at a time (default 2)")
    args = parser.parse_args()
    folder = Path(os.environ.get("HULLWATCH_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")
    lose = Loss(args.lose, args.burst, args.of)
    one = partial(scores, withhold_ms=args.withhold * MINUTE, lose=lose, stopped_h=args.stopped, learn=args.learn)
    with ProcessPoolExecutor(args.jobs) as pool:
        for path in args.files or [folder / name for name in RECORDED]:
            if args.calibrate:
                shares = pool.map(partial(lasted, path), SHARES)
                calibrated(path.name, list(shown_while(shares, path.name, len(SHARES), transient=True)))
                continue
            seeds = range(args.seed, args.seed + args.seeds)
            done = shown_while(pool.map(partial(one, path), seeds), path.name, len(seeds), transient=True)
            shown(path.name, added_up(done))


class Loss(NamedTuple):
    """This share of the reports is lost, so long at a time; `of` the ships (of which also a whole span is withheld)."""

    share: float
    burst_s: float
    of: float


def scores(
    path: Path, seed: int, withhold_ms: int, lose: Loss, stopped_h: float | None, learn: bool
) -> dict[str, Score]:
    """Of the rule, then of each timer, on the same input."""
    arrivals = list(Recording(FeedRules("recording"), [str(path)]).arrivals())
    if lose.share:
        arrivals = list(left_of(arrivals, *lose, seed=f"{seed}/{path.name}"))
    thresholds = Thresholds()
    dice, whole = Random(f"{seed}/{path.name}"), tracks_of(arrivals)
    begin, end = scored_from(arrivals[0].at, arrivals[-1].at), arrivals[-1].at
    if learn and begin == arrivals[0].at:
        begin = (begin + end) // 2
    cuts = drawn(whole, receiver_of(path), (begin, end), dice)
    spans = withheld((begin, end), sorted(whole), dice, withhold_ms, lose.of)
    left = [arrived for arrived in arrivals if not is_missing(arrived, cuts, spans)]
    trial = Trial(cuts, spans, tracks_of(left), begin, end)
    found = {"the rule": scored(alarms(left, thresholds), trial)}
    if stopped_h is not None:
        still = replace(thresholds, stopped_silence_min=60 * stopped_h)
        found[f"stopped ones after {stopped_h:g} h"] = scored(alarms(left, still), trial)
    if learn:
        cover = learned_from(arrived for arrived in arrivals if arrived.at < begin)
        assert cover is not None
        limit_min = cover.curve.threshold_min(thresholds.silence_budget)
        name = f"learned, {cover.moving[0].silences} silences, {limit_min:g} min"
        found[name] = scored(alarms(left, thresholds, cover), trial)
    for limit_min in TIMERS_MIN:
        found[f"timer, {limit_min} min"] = scored(timer(trial.tracks, limit_min * MINUTE, end), trial)
    return found


def added_up(seeds: Iterable[Mapping[str, Score]]) -> dict[str, Score]:
    """Each rule over all seeds."""
    total: dict[str, Score] = {}
    for found in seeds:
        for name, score in found.items():
            total.setdefault(name, Score()).add(score)
    return total


def alarms(arrivals: Iterable[Arrived], thresholds: Thresholds, cover: Learned | None = None) -> Iterator[Fired]:
    """What the chain calls dark, every ship watched; what it took back in the end is left out."""
    chain = Chain(Config(thresholds=thresholds, cover=cover), watch_all=True)
    fired: dict[str, Fired] = {}
    for alert in chain.run(arrivals):
        if alert.rule in _DARK and alert.hull is not None and alert.hull.mmsi is not None:
            if alert.event == "retracted":
                fired.pop(alert.id, None)
            elif alert.id not in fired:
                kind = str(alert.evidence["class"])
                fired[alert.id] = Fired(alert.hull.mmsi, alert.happened_at, alert.known_at, kind)
    yield from fired.values()


def timer(tracks: Tracks, limit_ms: int, end: Instant) -> Iterator[Fired]:
    """Every silence that is longer, by when the minute closes."""
    for mmsi, track in tracks.items():
        times = [seen.at for seen in track]
        for since, until in zip(times, [*times[1:], end], strict=True):
            if until - since > limit_ms:
                yield Fired(mmsi, since, interval_end(since + limit_ms))


def scored(fired: Iterable[Fired], trial: Trial) -> Score:
    """A cut counts as found within two hours; what fires later of it is no false alarm either."""
    days = sum(max(0, track[-1].at - max(trial.begin, track[0].at)) / DAY for track in trial.tracks.values())
    moving = sum(cut.kind is Kind.MOVING for cut in trial.cuts.values())
    score = Score(len(trial.cuts), moving, hull_days=days)
    for mmsi, since, known_at, _ in fired:
        cut = trial.cuts.get(mmsi)
        if any(span.explains(mmsi, since) and known_at <= span.end + IN_TIME_MS for span in trial.spans):
            score.withheld += 1
        elif cut is not None and cut.last <= since <= cut.last + CUT_MS:
            if known_at - cut.last <= IN_TIME_MS:
                score.minutes.append((known_at - cut.last) / MINUTE)
                score.moving_found += cut.kind is Kind.MOVING
        elif since >= trial.begin:
            score.false[truth(trial.tracks.get(mmsi, ()), since)] += 1
    return score


def lasted(path: Path, share: float) -> tuple[float, int, int]:
    """Said of silences that last so long; silences of moving ships over three minutes for which anybody bears witness,
    and those that did."""
    arrivals = list(Recording(FeedRules("recording"), [str(path)]).arrivals())
    tracks, begin = tracks_of(arrivals), scored_from(arrivals[0].at, arrivals[-1].at)
    longest = Thresholds(
        silence_floor_min=_SHORT_MS / MINUTE, silence_budget=1_000 * share * SHIPPED.silences_a_hull_day
    )
    every = replace(longest, silence_budget=1_000 * SHIPPED.silences_a_hull_day)
    counts = [sum(_natural(one, tracks, begin) for one in alarms(arrivals, which)) for which in (every, longest)]
    return share, counts[0], counts[1]


def _natural(fired: Fired, tracks: Tracks, begin: Instant) -> bool:
    return fired.kind == Kind.MOVING and fired.since >= begin and truth(tracks[fired.mmsi], fired.since) == "moved on"


def shown(name: str, all_scores: Mapping[str, Score]) -> None:
    first = next(iter(all_scores.values()))
    stopping = first.cuts - first.moving
    judged = f"{first.moving} judged moving, {stopping} stopping ({stopping / max(1, first.cuts):.2f})"
    title = f"{name}: {first.cuts} cuts, {judged}, {first.hull_days:,.0f} hull-days"
    made = f"at {first.cuts / max(1, first.hull_days):.2f} a day"
    heads = ("", "found in 2 h", "of those moving", "median", "9 of 10", *TRUTHS, f"precision {made}", *AT, "withheld")
    table = Table(*heads, title=f"{title}; false alarms per 1,000 hull-days, by what the ship did")
    for rule, score in all_scores.items():
        found, false = len(score.minutes), sum(score.false.values())
        table.add_row(
            rule,
            share_of(found, score.cuts),
            share_of(score.moving_found, score.moving),
            f"{statistics.median(score.minutes):.1f} min" if found else "",
            f"{sorted(score.minutes)[math.ceil(0.9 * found) - 1]:.1f} min" if found else "",
            *(rate(score.false[kind], score.hull_days) for kind in TRUTHS),
            f"{found / (found + false):.2f}" if found + false else "",
            precision_at(CUTS_A_DAY, found, score.cuts, false / score.hull_days),
            precision_at(CUTS_A_DAY, found, score.cuts, (false - score.false["unknown"]) / score.hull_days),
            str(score.withheld),
        )
    Console(width=180).print(table)


def calibrated(name: str, rows: Iterable[tuple[float, int, int]]) -> None:
    """Said beside seen."""
    table = Table("said: this share lasts as long", "silences", "that did", "seen", title=name)
    for share, of, did in rows:
        table.add_row(f"{share:g}", f"{of:,}", f"{did:,}", share_of(did, of, ".4f"))
    Console(width=180).print(table)


if __name__ == "__main__":
    main()
