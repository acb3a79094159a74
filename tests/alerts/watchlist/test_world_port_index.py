"""The shipped ports against the World Port Index: where it has them, and none left out that they are said to cover."""

from __future__ import annotations

import csv
import gzip
import re
from functools import cache
from typing import NamedTuple

from alerts.core.geo import Fix, distance_nm
from alerts.core.zones import Circle, Zone, ZoneIndex
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER
from tests.streams.lines import DATA, needs_recordings

FILE = DATA / "geo" / "nga_wpi_UpdatedPub150.csv.gz"
PORTS = [zone for zone in load_config(DEFAULT_FOLDER).zones if zone.kind == "port"]
ROUNDED_NM = 0.1
"""The index gives whole minutes, as a rule; we give four digits."""


class Row(NamedTuple):
    """One port of the index."""

    name: str
    country: str
    at: Fix
    repairs: str

    @property
    def is_covered(self) -> bool:
        """North Korea, Russia's coast on the Pacific, and China's yards for the largest repairs."""
        far_east = self.country == "Russia" and (self.at[1] > 130 or self.at[1] < -160)
        return self.country == "North Korea" or far_east or (self.country == "China" and self.repairs == "Major")


@cache
def index() -> dict[int, Row]:
    with gzip.open(FILE, "rt", encoding="utf-8-sig") as file:
        return {
            int(float(row["World Port Index Number"])): Row(
                row["Main Port Name"],
                row["Country Code"],
                (float(row["Latitude"]), float(row["Longitude"])),
                row["Repairs"],
            )
            for row in csv.DictReader(file)
        }


def number(zone: Zone) -> int | None:
    found = re.match(r"World Port Index (\d+), our radius", zone.source)
    return int(found[1]) if found else None


@needs_recordings
def test_a_port_out_of_the_index_lies_where_it_says() -> None:
    numbered = [(zone, key) for zone in PORTS if (key := number(zone))]
    assert len(numbered) == len({key for _, key in numbered}) == 58
    for zone, key in numbered:
        assert isinstance(zone.shape, Circle)
        assert distance_nm((zone.shape.lat, zone.shape.lon), index()[key].at) < ROUNDED_NM, zone.id


@needs_recordings
def test_no_port_of_these_coasts_is_left_out() -> None:
    zones, covered = ZoneIndex.of(PORTS), [row for row in index().values() if row.is_covered]
    assert [row.name for row in covered if not zones.at(*row.at)] == []
    assert len(covered) == 47
