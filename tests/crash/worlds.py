"""The two stories that the whole chain is told: the Angara case, and an hour of 1,000 watched hulls.

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
LASTS = HOUR
HULLS, CLOSE = 1_000, 10
FIRST_MMSI = 440_000_000
EVERY_S, CLOSE_EVERY_S = (90, 420), (8, 12)
"""Between two reports of a hull that is heard; of the first few as often as they send, so that a stage that stands
still has hundreds of one hull before it.
"""


@dataclass(frozen=True)
class Story:
    """A file of lines, the configuration, and what an undisturbed replay says of them."""

    path: Path
    config: Path
    alerts: tuple[Alert, ...]


ANGARA_ENDS = next(scene.end for scene in scenario.SCENES if scene.name == LAST)
Telling = Callable[[Path, int], Story]


def angara(folder: Path, seed: int) -> Story:
    """The re-enactment to her silence off Zhoushan; three weeks more would show nothing else."""
    path = folder / "angara.nmea"
    rows = scenario.lines("angara", seed)
    path.write_bytes(b"".join(takewhile(lambda row: heard_at(row) < ANGARA_ENDS, rows)))
    return _replayed(path, DEFAULT_FOLDER)


def crowd(folder: Path, seed: int) -> Story:
    """A feed that hears 1,000 hulls, who fall silent on both sides of half an hour.

    The last quarter of an hour belongs to a ship of no interest, so that every interval before it is closed.
    """
    path = folder / "crowd.nmea"
    rows = sorted(row for n in range(HULLS) for row in _heard(n, Random(f"crowd/{seed}/{n}")))
    rows += [(at, _line(HULLS, 34.0, at)) for at in range(BEGIN + LASTS, BEGIN + LASTS + HOUR // 4, MINUTE)]
    path.write_bytes(b"".join(line for _, line in rows))
    return _replayed(path, watching(folder / "crowd", range(FIRST_MMSI, FIRST_MMSI + HULLS)))


def _replayed(path: Path, config: Path) -> Story:
    arrivals = Recording(FeedRules(paced_feed.FEED), [str(path)]).arrivals()
    return Story(path, config, tuple(Chain(load_config(config)).run(arrivals)))


def _heard(n: int, dice: Random) -> Iterator[tuple[Instant, bytes]]:
    at, lat = BEGIN + dice.randrange(5 * MINUTE), dice.uniform(33.2, 35.4)
    while at < BEGIN + LASTS:
        lat += dice.choice([-1, 1]) * dice.uniform(0.001, 0.015)
        yield at, _line(n, lat, at)
        silent = dice.random() < (0.003 if n < CLOSE else 0.03)
        every_s = CLOSE_EVERY_S if n < CLOSE else EVERY_S
        at += dice.choice([20, 29, 31, 33, 45]) * MINUTE if silent else dice.randrange(*every_s) * SECOND


def _line(n: int, lat: float, at: Instant) -> bytes:
    return tagged(position(FIRST_MMSI + n, lat, at), at, "coast") + b"\n"


STORIES: Mapping[str, Telling] = {"angara": angara, "crowd": crowd}
