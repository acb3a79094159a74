"""Who transmits when, and which stations hear it: ITU-R M.1371-5 rates in watches, an archive's thin trace between.

Rates: annex 1, table 1 (class A) and table 2 (class B).  The archive of the weeks between keeps a snapshot every four
minutes: message 4 of the first station of each of the waters, and now and then a ship.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from streams.scenario.encode import base_station, position, voice
from streams.scenario.motion import Fix, distance_nm
from streams.scenario.ships import Ship, Watch
from streams.scenario.waters import VHF_RANGE_NM, Station, Waters

SNAPSHOT = 4 * MINUTE
_STATIC_EVERY = 6 * MINUTE
_BASE_EVERY = 10 * SECOND
_SECOND_STATION_EVERY = 5 * SNAPSHOT
_SHIP_IN_ARCHIVE_EVERY = (8 * HOUR, 16 * HOUR)
_CLASS_B_RANGE = 0.8
_HEARD_TWICE = 0.12
"""The share of reports that a second station in range hands on too."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A span in which stations hear and send nothing."""

    stations: tuple[str, ...]
    begin: Instant
    end: Instant

    def silences(self, station: Station, at: Instant) -> bool:
        """Is that station down at that moment?"""
        return station.name in self.stations and self.begin <= at < self.end


class Heard(NamedTuple):
    """One message as one station heard it; tuples, because merging compares them: at, source and n are unique."""

    at: Instant
    source: int
    n: int
    station: str
    sentences: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Air:
    """What does not depend on the ship: when the world begins and ends, what fails, how much is lost."""

    seed: int
    begin: Instant
    end: Instant
    failures: tuple[Failure, ...]
    lost: float

    def listening(self, waters: tuple[Waters, ...], fix: Fix, at: Instant, range_nm: float) -> list[Station]:
        """The stations that hear a ship there and then, the nearest first."""
        here = (fix.lat, fix.lon)
        distances = [(distance_nm(here, station.point), station) for place in waters for station in place.stations]
        distances.sort(key=_distance)
        near = [station for distance, station in distances if distance <= range_nm]
        return [station for station in near if not self.down(station, at)]

    def down(self, station: Station, at: Instant) -> bool:
        """Has the station failed at that moment?"""
        return any(failure.silences(station, at) for failure in self.failures)


def _distance(row: tuple[float, Station]) -> float:
    return row[0]


def reporting_interval_ms(transponder: str, fix: Fix) -> float:
    """How long until her next position report: class A by speed, turning and rest, class B (CS) by speed alone."""
    if transponder == "B":
        return 180 * SECOND if fix.speed_kn <= 2 else 30 * SECOND
    if not fix.under_way:
        return 180 * SECOND
    if fix.speed_kn > 23:
        return 2 * SECOND
    if fix.speed_kn > 14:
        return 2 * SECOND if fix.turning else 6 * SECOND
    return 10 * SECOND / 3 if fix.turning else 10 * SECOND


def ship_heard(ship: Ship, source: int, watches: tuple[Watch, ...], air: Air) -> Iterator[Heard]:
    """All that is heard of one ship, in order of time; the lost reports are drawn apart, so that the rest stays."""
    said, dice = voice(ship), Random(f"{air.seed}/radio/{source}")
    losses = Random(f"{air.seed}/lost/{source}")
    range_nm = VHF_RANGE_NM * (_CLASS_B_RANGE if ship.kind.transponder == "B" else 1)
    for n, (at, fix, static) in enumerate(_moments(ship, watches, dice, air)):
        messages = said.static if static else ((position(ship, said, fix, at, dice),),)
        twice = dice.random() < _HEARD_TWICE
        if losses.random() < air.lost:
            continue
        stations = air.listening(ship.waters, fix, at, range_nm)[: 2 if twice else 1]
        for i, (station, sentences) in enumerate((s, m) for s in stations for m in messages):
            yield Heard(at, source, 4 * n + i, station.name, sentences)


Moment = tuple[Instant, Fix, bool]
"""When she transmits, from where, and whether it is static data."""


def _moments(ship: Ship, watches: tuple[Watch, ...], dice: Random, air: Air) -> Iterator[Moment]:
    """At the full rate in watches, and for a ship that is always on now and then in the archive."""
    reached = air.begin
    for watch in watches:
        if ship.watches is None:
            yield from _archived(ship, reached, watch.begin, dice, air.begin)
        yield from _watched(ship, watch, dice)
        reached = watch.end
    if ship.watches is None:
        yield from _archived(ship, reached, air.end, dice, air.begin)


def _watched(ship: Ship, watch: Watch, dice: Random) -> Iterator[Moment]:
    fix = ship.track.at(watch.begin)
    phase = 0.0 if ship.watches else dice.random()
    at = watch.begin + round(reporting_interval_ms(ship.kind.transponder, fix) * phase)
    static = watch.begin + watch.static_after_ms
    while at < watch.end:
        while static <= at:
            yield static, ship.track.at(static), True
            static += _STATIC_EVERY
        fix = ship.track.at(at)
        yield at, fix, False
        at += round(reporting_interval_ms(ship.kind.transponder, fix) * dice.uniform(0.95, 1.05))


def _archived(ship: Ship, begin: Instant, end: Instant, dice: Random, origin: Instant) -> Iterator[Moment]:
    """Rare reports, in the seconds after a snapshot's moment; every third time static data comes with them."""
    at = begin + round(dice.random() * _SHIP_IN_ARCHIVE_EVERY[0])
    while (moment := _snapshot_at(at, origin) + dice.randrange(8 * SECOND)) < end:
        fix = ship.track.at(moment)
        yield moment, fix, False
        if dice.random() < 1 / 3:
            yield moment, fix, True
        at += round(dice.uniform(*_SHIP_IN_ARCHIVE_EVERY))


def _snapshot_at(at: Instant, origin: Instant) -> Instant:
    """The first moment of a snapshot at or after `at`."""
    return origin - (origin - at) // SNAPSHOT * SNAPSHOT


def station_heard(station: Station, rank: int, source: int, watches: tuple[Watch, ...], air: Air) -> Iterator[Heard]:
    """Message 4 of a base station: every 10 s in watches, else with the snapshots, the second station's more rarely."""
    dice = Random(f"{air.seed}/station/{station.name}")
    for n, at in enumerate(_beats(rank, watches, dice, air)):
        if not air.down(station, at):
            yield Heard(at, source, n, station.name, (base_station(station, at),))


def _beats(rank: int, watches: tuple[Watch, ...], dice: Random, air: Air) -> Iterator[Instant]:
    between = SNAPSHOT if rank == 0 else _SECOND_STATION_EVERY
    reached, phase = air.begin, dice.randrange(_BASE_EVERY)
    for watch in watches:
        yield from _thin_beats(reached, watch.begin, between, dice, air.begin)
        yield from range(watch.begin + phase, watch.end, _BASE_EVERY)
        reached = watch.end
    yield from _thin_beats(reached, air.end, between, dice, air.begin)


def _thin_beats(begin: Instant, end: Instant, between: int, dice: Random, origin: Instant) -> Iterator[Instant]:
    for moment in range(_snapshot_at(begin, origin), end, between):
        if (at := moment + dice.randrange(8 * SECOND)) < end:
            yield at
