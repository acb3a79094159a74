"""A generated world: scenes, ships and stations, and the lines that a feed of all its stations would hand on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from random import Random

from alerts.core.instants import MINUTE, SECOND, Instant
from streams.scenario.encode import tagged
from streams.scenario.radio import Air, Failure, Heard, ship_heard, station_heard
from streams.scenario.ships import Ship, Watch
from streams.scenario.waters import Waters

_GROUPS = 10_000


@dataclass(frozen=True, slots=True)
class Scene:
    """A stretch of the story.  `pace`: how much faster than life a person can watch it; `waters`: where everything is
    heard at full rate, None in the weeks between.
    """

    name: str
    begin: Instant
    end: Instant
    pace: float
    waters: Waters | None = None


@dataclass(frozen=True, slots=True)
class World:
    """A named world: scenes one after the other without a gap, and a cast for each seed."""

    name: str
    summary: str
    scenes: tuple[Scene, ...]
    waters: tuple[Waters, ...]
    cast: Callable[[int], tuple[Ship, ...]]
    failures: tuple[Failure, ...] = ()

    @property
    def begin(self) -> Instant:
        """The beginning of the first scene."""
        return self.scenes[0].begin

    @property
    def end(self) -> Instant:
        """The end of the last scene."""
        return self.scenes[-1].end

    def lines(self, seed: int, lost: float) -> Iterator[bytes]:
        """All lines in order of time, each with a tag block; the same for the same arguments."""
        air = Air(seed, self.begin, self.end, self.failures, lost)
        for n, heard in enumerate(merge(*self._stations(air), *self._ships(air))):
            yield from tagged(heard.sentences, heard.station, heard.at, n % _GROUPS + 1)

    def _ships(self, air: Air) -> Iterator[Iterator[Heard]]:
        for source, ship in enumerate(self.cast(air.seed), start=100):
            watches = ship.watches or _static_at_random(self._watches(ship.waters), Random(f"{air.seed}/{source}"))
            yield ship_heard(ship, source, watches, air)

    def _stations(self, air: Air) -> Iterator[Iterator[Heard]]:
        ranked = [(place, rank) for place in self.waters for rank in range(len(place.stations))]
        for source, (place, rank) in enumerate(ranked):
            yield station_heard(place.stations[rank], rank, source, self._watches((place,)), air)

    def _watches(self, waters: tuple[Waters, ...]) -> tuple[Watch, ...]:
        """The stretches of neighbouring scenes in these waters."""
        watches: list[Watch] = []
        for scene in self.scenes:
            if scene.waters not in waters:
                continue
            if watches and watches[-1].end == scene.begin:
                watches[-1] = Watch(watches[-1].begin, scene.end, 0)
            else:
                watches.append(Watch(scene.begin, scene.end, 0))
        return tuple(watches)


def _static_at_random(watches: tuple[Watch, ...], dice: Random) -> tuple[Watch, ...]:
    return tuple(Watch(watch.begin, watch.end, dice.randrange(6 * MINUTE)) for watch in watches)


def play_at(at: Instant, scenes: tuple[Scene, ...]) -> float:
    """Seconds on the clock on the wall, since the beginning, at which a moment is shown at the scenes' paces."""
    return sum(max(0, min(at, scene.end) - scene.begin) / SECOND / scene.pace for scene in scenes)
