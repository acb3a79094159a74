"""Which messages concern watched hulls, and whose they are.

    MMSI of an entry, or one that has said an entry's IMO number in a type 5 ------> hers ...
    ... unless the message itself says another (valid) IMO number -----------------> said under her number, not by her
    IMO number of an entry, whatever the MMSI -------------------------------------> hers, and its MMSI from now on

Never by a name or a call sign: there are two ships ANGARA.  A number that fails its check digit says nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from alerts.core.hull import Hull

_FIRST_SHIP, _LAST_SHIP = 201_000_000, 775_999_999
"""MIDxxxxxx with MID 201 to 775 (ITU-R M.585): no base station, aircraft, aid to navigation, craft or beacon."""

Bindings = Mapping[int, int]
"""MMSI -> the watched IMO number that it has said of itself."""


@dataclass(frozen=True, slots=True)
class WatchIndex:
    """Watch entries by their numbers.  `every_ship`: a ship without an entry is a hull too, `mmsi-N`.

    `mmsis` are those of the entries, in order.
    """

    by_mmsi: Mapping[int, Hull]
    by_imo: Mapping[int, Hull]
    every_ship: bool = False
    mmsis: NDArray[np.int64] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mmsis", np.array(sorted(self.by_mmsi), np.int64))

    @classmethod
    def of(cls, hulls: Iterable[Hull]) -> "WatchIndex":
        """The index of these entries; of two that claim a number the first has it."""
        by_mmsi: dict[int, Hull] = {}
        by_imo: dict[int, Hull] = {}
        for hull in hulls:
            if hull.mmsi is not None:
                by_mmsi.setdefault(hull.mmsi, hull)
            if hull.imo is not None:
                by_imo.setdefault(hull.imo, hull)
        return cls(by_mmsi, by_imo)

    @classmethod
    def all_ships(cls, hulls: Iterable[Hull] = ()) -> "WatchIndex":
        """Every ship that is heard; those with an entry under its id."""
        listed = cls.of(hulls)
        return cls(listed.by_mmsi, listed.by_imo, every_ship=True)

    def by_number(self, mmsi: int, bindings: Bindings) -> Hull | None:
        """Who this MMSI is, as far as the MMSI alone can tell: an entry's own goes before one that was learned."""
        hull = self.by_mmsi.get(mmsi)
        if hull is None and mmsi in bindings:
            hull = self.by_imo.get(bindings[mmsi])
        if hull is None and self.every_ship and is_ship(mmsi):
            return unlisted(mmsi)
        return hull

    def by_identity(self, mmsi: int, imo: int | None, bindings: Bindings) -> Hull | None:
        """Whose it is, a message that says an IMO number (None: none, or not a valid one); see `is_anothers`."""
        if imo is not None and imo in self.by_imo:
            return self.by_imo[imo]
        return self.by_number(mmsi, bindings)

    def teaches(self, mmsi: int, imo: int | None) -> bool:
        """Whether such a message binds its MMSI to a watched hull.

        An MMSI that stands in an entry stays that one's; one that is no ship's is the default of many transponders.
        """
        return imo is not None and imo in self.by_imo and mmsi not in self.by_mmsi and is_ship(mmsi)

    def takes_back(self, mmsi: int, imo: int | None, bindings: Bindings) -> bool:
        """Whether such a message takes back what its MMSI said before: the number of a hull whose own MMSI is known.

        A hull whose entry names no MMSI is followed on: it may be she who says another number now.
        """
        hull = self.by_imo.get(bindings.get(mmsi, 0))
        return imo is not None and hull is not None and hull.imo != imo and hull.mmsi is not None


def is_anothers(hull: Hull, imo: int | None) -> bool:
    """Whether what says this IMO number under her MMSI is another ship."""
    return imo is not None and hull.imo not in (None, imo)


def is_ship(mmsi: int) -> bool:
    """Whether a number is of the form that ships have."""
    return _FIRST_SHIP <= mmsi <= _LAST_SHIP


@lru_cache(maxsize=1 << 16)
def unlisted(mmsi: int) -> Hull:
    """The hull of a ship without an entry."""
    return Hull(f"mmsi-{mmsi}", mmsi=mmsi)
