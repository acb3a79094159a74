"""What ingest says of ships that fall silent, and the clock of areas in which many do together (area_outage.py)."""

from collections.abc import Iterable
from typing import NamedTuple

from alerts.core.cells import Cell, cell_of, farther
from alerts.core.frozen import Struct
from alerts.core.geo import Fix
from alerts.core.instants import MINUTE, Instant
from alerts.core.reports import Origin

RULE = "area_outage"
TOGETHER_MS = 2 * MINUTE
"""Before or after her with whom they fell silent."""


class Fallen(NamedTuple):
    """A ship, watched or not, that was under way and has been silent for ten minutes; or, `back`, is heard again.

    `known` is the end of the interval that shows it; her last report was `at`, `there`.  `hull` is the id of who is
    watched, else empty.
    """

    known: Instant
    mmsi: int
    at: Instant
    there: Fix
    back: bool = False
    hull: str = ""


class FellSilent(Struct, frozen=True):
    """What ships of one partition fell silent in the intervals that a tick passes, and which are heard again."""

    origin: Origin
    ships: tuple[Fallen, ...]


class AreaOutage(Struct, frozen=True):
    """An area whose ships fell silent together around `at` (area_outage.py): `id` is its alert's; until None = it goes
    on, until == at = it was withdrawn.  `cells` are where they were, each from when it is known to be one of them.
    """

    id: str
    at: Instant
    until: Instant | None
    cells: tuple[tuple[Cell, Instant], ...]

    @property
    def is_withdrawn(self) -> bool:
        """What it explained is explained otherwise."""
        return self.until == self.at


def is_area(cause: str) -> bool:
    """Whether an id is that of an area outage."""
    return cause.startswith(f"{RULE}.")


def explaining(known: Iterable[AreaOutage], at: Instant, where: Fix) -> tuple[AreaOutage, Instant] | None:
    """The outage with which she fell silent whose last report was then and there, and since when it is known of her."""
    for one in known:
        if one.is_withdrawn or abs(at - one.at) > TOGETHER_MS:
            continue
        near = set(farther(cell_of(*where)))
        since = [from_when for cell, from_when in one.cells if cell in near]
        if since:
            return one, min(since)
    return None
