"""What is learned of a water: how far natural silences grow there, and how well ships are heard in each cell.

The curve is that of which a budget of false alarms makes a limit, with the shipped one behind it (survival.py).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from alerts.core.cells import Cell, around
from alerts.core.curve import Curve
from alerts.core.frozen import Struct
from alerts.core.instants import DAY, INTERVAL, MINUTE, Instant
from alerts.core.intervals import CoverRun
from alerts.core.learning import Fate, Natural
from alerts.core.silence import Kind
from alerts.core.survival import BEYOND_MIN, MINUTES, a_hull_day, as_long, bucket_of, shares_of, short
from alerts.core.thresholds import Thresholds
from alerts.core.water import LONG_MIN

STOPPED_MINUTES = tuple(float(n) for n in (0, 3, 6, 15, 30, 60, 120, 240, 480, 960, 1440, 2880, 5760, 10080, 20160))
"""Of covered time."""
WEEK_MS = 7 * DAY
THIN = 30.0
"""Minutes of a ship: of a cell with fewer, those around it tell more than it does."""


class Point(NamedTuple):
    """So many silences grew to these minutes; `share` is that of all, as learned."""

    minutes: float
    silences: int
    share: float


class CellHeard(NamedTuple):
    """Minutes of ships under way that were heard in a cell, and of those that were missed; old ones count less."""

    cell: Cell
    received: float
    missed: float


class Apart(NamedTuple):
    """Silences that no limit of witnessed time is made for.

    Of ships that fell silent `together` with others, that `stopped` in it, that `left` cover (and are lost by then:
    they may never come back), or that were silent under witnesses `beyond` all reception.
    """

    together: int = 0
    stopped: int = 0
    left: int = 0
    beyond: int = 0


class Source(Struct, frozen=True):
    """Of what it was learned."""

    since: Instant
    until: Instant
    feeds: tuple[str, ...]
    ships: int
    hull_days: float


class Learned(Struct, frozen=True):
    """`moving` is by witnessed time, `stopped` by covered time; `a_hull_day` is how many silences a hull-day has.

    `apart` are silences of ships under way that are not in the curve.
    """

    source: Source
    moving: tuple[Point, ...]
    moving_a_hull_day: float
    stopped: tuple[Point, ...]
    stopped_a_hull_day: float
    apart: Apart
    cells: tuple[CellHeard, ...] = ()

    @property
    def curve(self) -> Curve:
        """What takes force; by the default budget its limit is LONG_MIN at least."""
        curve = Curve(tuple((point.minutes, point.share) for point in self.moving), self.moving_a_hull_day)
        return curve.with_least(LONG_MIN, Thresholds().silence_budget)


@dataclass(slots=True)
class Silences:
    """Natural silences, by how far they grew: sums, so that nothing depends on their order."""

    moving: list[int] = field(default_factory=lambda: [0] * len(MINUTES))
    stopped: list[int] = field(default_factory=lambda: [0] * len(STOPPED_MINUTES))
    apart: Apart = field(default_factory=Apart)

    def add(self, natural: Natural) -> None:
        """One that goes on says nothing yet, and of a stopped ship no more once she has left cover."""
        if natural.fate is Fate.UNHEARD:
            return
        if natural.kind is Kind.MOVING:
            self._add_moving(natural)
        elif natural.fate is not Fate.LEFT:
            self.stopped[bisect_right(STOPPED_MINUTES, natural.vigil.covered_ms / MINUTE) - 1] += 1

    def _add_moving(self, natural: Natural) -> None:
        apart, vigil = self.apart, natural.vigil
        if vigil.shared:
            self.apart = apart._replace(together=apart.together + 1)
        elif natural.fate is Fate.STOPPED:
            self.apart = apart._replace(stopped=apart.stopped + 1)
        elif natural.fate is Fate.LEFT:
            self.apart = apart._replace(left=apart.left + 1)
        elif vigil.witnessed_min >= BEYOND_MIN:
            self.apart = apart._replace(beyond=apart.beyond + 1)
        else:
            self.moving[bucket_of(vigil.witnessed_min)] += 1


@dataclass(slots=True)
class Reception:
    """How well ships are heard in each cell: minutes of a week ago count half."""

    _cells: dict[Cell, tuple[float, float]] = field(default_factory=dict)
    _day: int = 0

    def add(self, run: CoverRun) -> None:
        """What was expected and heard in the intervals of a run."""
        for day, minutes in _by_day(run):
            self._turn(day)
            for cell, row in run.cells.items():
                received, missed = self._cells.get(cell, (0.0, 0.0))
                missing = max(0, row.expected - row.heard)
                self._cells[cell] = received + minutes * row.heard, missed + minutes * missing

    def cells(self) -> Iterator[CellHeard]:
        """Those that say anything, in their order."""
        for cell, (received, missed) in sorted(self._cells.items()):
            if received + missed >= 1:
                yield CellHeard(cell, round(received, 1), round(missed, 1))

    def _turn(self, day: int) -> None:
        left = 0.5 ** (max(0, day - self._day) * DAY / WEEK_MS)
        if left < 1:
            self._cells = {cell: (left * received, left * missed) for cell, (received, missed) in self._cells.items()}
        self._day = max(self._day, day)


def _by_day(run: CoverRun) -> Iterator[tuple[int, int]]:
    """Each day of it, and how many of its intervals begin then."""
    first, last = run.first - INTERVAL, run.last - INTERVAL
    for day in range(first // DAY, last // DAY + 1):
        begin, end = max(first, day * DAY), min(last, (day + 1) * DAY - INTERVAL)
        yield day, (end - begin) // INTERVAL + 1


def learned(source: Source, silences: Silences, cells: Iterable[CellHeard]) -> Learned:
    """The curves, with the shipped one behind that of ships under way."""
    moving, stopped = as_long(silences.moving), as_long(silences.stopped)
    shares = shares_of(moving)
    return Learned(
        source,
        tuple(map(Point, MINUTES, moving, shares)),
        a_hull_day(moving[0], source.hull_days),
        tuple(Point(at, n, short(n / stopped[0])) for at, n in zip(STOPPED_MINUTES, stopped, strict=True) if n),
        round(stopped[0] / source.hull_days, 3) if source.hull_days else 0.0,
        silences.apart,
        tuple(cells),
    )


def heard_share(cells: Mapping[Cell, CellHeard], cell: Cell) -> float:
    """How well ships are heard in a cell: by itself, and the less it says the more by those around it."""
    received, missed = _sum(cells, [cell])
    near, near_missed = _sum(cells, around(cell))
    parent = (near + 1) / (near + near_missed + 2)
    return (received + THIN * parent) / (received + missed + THIN)


def _sum(cells: Mapping[Cell, CellHeard], of: Iterable[Cell]) -> tuple[float, float]:
    rows = [cells[cell] for cell in of if cell in cells]
    return sum(row.received for row in rows), sum(row.missed for row in rows)
