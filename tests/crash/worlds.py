"""The two stories that the whole chain is told: the Angara case, and an hour of 1,000 watched hulls.

A run of less than LONG_S a case is told less.  Of the Angara case three reports of five are not heard, and the feed is
out for most of the dark weeks (an outage more for each of them): nothing shows there that takes weeks to go wrong.  Of
1,000 hulls it is three quarters of an hour with half of the reports: fewer of them come back, and a stage that stands
still has less before it.

One prompt feed, and one MMSI a hull: so live and replay agree on ids too.  Both are made beside the first cases, by a
process of their own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from random import Random

from alerts.core.alert import Alert
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant, parse_rfc3339
from streams import scenario
from streams.chain import Chain
from streams.config import load_config
from streams.nmea import FeedRules
from streams.recordings import Recording
from streams.settings import DEFAULT_FOLDER
from tests.integration import paced_feed
from tests.integration.test_live_is_replay import position, watching
from tests.integration.test_restarts import LAST, heard_at
from tests.streams.lines import tagged

BEGIN = parse_rfc3339("2024-02-03T06:00:00Z")
LONG_S = 20.0
"""From so many seconds a case on, both are told whole, and groups wait for the dead as long as in production."""
HULLS = 1_000
FIRST_MMSI = 440_000_000
CLOSE_EVERY_S = (8, 12)
"""Between two reports of the first few hulls: as often as they send, so that a stage that stands still has hundreds of
one hull before it.
"""
UNHEARD = 0.6
"""The share of all ships' reports, in a short run."""
DARK_AFTER, DARK_BEFORE = 6 * HOUR, HOUR
"""So much of a dark stretch is told at its begin and end: what becomes overdue in the first hours is said."""
ANGARA_SAYS = {"went_dark", "lit_up", "strait", "overdue", "port_call", "dark_in_port"}


@dataclass(frozen=True, slots=True)
class Crowd:
    """How long 1,000 hulls are told of, how many are heard as often as they send, and of the others the seconds between
    two reports and how often a silence follows one.
    """

    lasts: Instant
    close: int
    every_s: tuple[int, int]
    falls_silent: float


WHOLE = Crowd(HOUR, 10, (90, 420), 0.03)
SHORT = Crowd(HOUR * 3 // 4, 5, (300, 800), 0.09)


@dataclass(frozen=True)
class Story:
    """A file of lines, what time they take, the configuration, and what an undisturbed replay says of them."""

    path: Path
    config: Path
    alerts: tuple[Alert, ...]
    lasts: Instant


ANGARA_ENDS = next(scene.end for scene in scenario.SCENES if scene.name == LAST)
_DARK = [(scene.begin, scene.end) for scene in scenario.SCENES if scene.waters is None]
Telling = Callable[[Path, int, float], Story]


def angara(folder: Path, seed: int, seconds: float) -> Story:
    """The re-enactment to her silence off Zhoushan; three weeks more would show nothing else."""
    path, whole = folder / "angara.nmea", seconds >= LONG_S
    rows = scenario.lines("angara", seed, 0.0 if whole else UNHEARD)
    told = takewhile(lambda row: heard_at(row) < ANGARA_ENDS, rows)
    path.write_bytes(b"".join(row for row in told if whole or not _deep_in_the_dark(heard_at(row))))
    story = _replayed(path, DEFAULT_FOLDER, ANGARA_ENDS - scenario.SCENES[0].begin)
    lacking = ANGARA_SAYS - {alert.rule for alert in story.alerts}
    assert not lacking, f"the Angara case without {lacking}"
    return story


def _deep_in_the_dark(at: Instant) -> bool:
    return any(begin + DARK_AFTER <= at < end - DARK_BEFORE for begin, end in _DARK)


def crowd(folder: Path, seed: int, seconds: float) -> Story:
    """A feed that hears 1,000 hulls, who fall silent on both sides of half an hour.

    The last quarter of an hour belongs to a ship of no interest, so that every interval before it is closed.
    """
    path, told = folder / "crowd.nmea", WHOLE if seconds >= LONG_S else SHORT
    rows = sorted(row for n in range(HULLS) for row in _heard(n, told, Random(f"crowd/{seed}/{n}")))
    end = BEGIN + told.lasts
    rows += [(at, _line(HULLS, 34.0, at)) for at in range(end, end + HOUR // 4, MINUTE)]
    path.write_bytes(b"".join(line for _, line in rows))
    return _replayed(path, watching(folder / "crowd", range(FIRST_MMSI, FIRST_MMSI + HULLS)), told.lasts)


def _replayed(path: Path, config: Path, lasts: Instant) -> Story:
    arrivals = Recording(FeedRules(paced_feed.FEED), [str(path)]).arrivals()
    return Story(path, config, tuple(Chain(load_config(config)).run(arrivals)), lasts)


def _heard(n: int, told: Crowd, dice: Random) -> Iterator[tuple[Instant, bytes]]:
    at, lat = BEGIN + dice.randrange(5 * MINUTE), dice.uniform(33.2, 35.4)
    while at < BEGIN + told.lasts:
        lat += dice.choice([-1, 1]) * dice.uniform(0.001, 0.015)
        yield at, _line(n, lat, at)
        silent = dice.random() < (0.003 if n < told.close else told.falls_silent)
        every_s = CLOSE_EVERY_S if n < told.close else told.every_s
        at += dice.choice([20, 29, 31, 33, 45]) * MINUTE if silent else dice.randrange(*every_s) * SECOND


def _line(n: int, lat: float, at: Instant) -> bytes:
    return tagged(position(FIRST_MMSI + n, lat, at), at, "coast") + b"\n"


STORIES: Mapping[str, Telling] = {"angara": angara, "crowd": crowd}
