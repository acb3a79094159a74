"""Silences that end, out of all traffic: whose is told, and that nothing else decides it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.cover import BEACON, CLASS_A, CLASS_B
from alerts.core.ended import Ended, SilencesEnded
from alerts.core.geo import destination
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from alerts.core.intervals import Tick
from alerts.core.reports import Origin
from streams.ingest import traffic as traffic_module
from streams.ingest.fixes import Fix, fix_key
from streams.ingest.traffic import OpenTraffic, Traffic
from tests.streams.ingest.air import OTHER, batch, heard, position, reached, run
from tests.streams.lines import at

HERE = (10.0, 140.0)
ORIGIN = Origin("s", 7, 0)
Said = tuple[Instant, bytes]


def says(second: float, kn: float = 8.0, mmsi: int = 1, kind: int = CLASS_A) -> Said:
    """Eastward at this speed since second 0."""
    when = round(second * SECOND)
    there = destination(HERE, 90, kn * when / HOUR)
    return when, fix_key(when, Fix(mmsi, kind, *there, kn, 90.0))


def found(*said: Said, ticks: tuple[Instant, ...] = (150 * MINUTE,), partitions: int = 1) -> list[Ended]:
    """With these ticks; between two of them all that was heard before the later.  Ships are spread over partitions."""
    rows = list[Ended]()
    for partition in range(partitions):
        traffic, begin = Traffic(), 0
        for tick in ticks:
            opened = OpenTraffic(traffic)
            for when, key in said:
                if begin <= when < tick and int.from_bytes(key[2:6], "little") % partitions == partition:
                    opened.hear(key, when)
            opened.passed(tick, ORIGIN)
            rows += [row for record in opened.ended(ORIGIN) for row in record.ended]
            traffic, begin = opened.closed(), tick
    return sorted(rows)


def silent(minutes: float, **how: float) -> list[Said]:
    """Heard every ten seconds up to 00:10:01, and again so many minutes later."""
    back = 601 + 60 * minutes
    return [says(s, **how) for s in (*range(1, 602, 10), back, back + 10, back + 20)]  # type: ignore[arg-type]


def test_how_she_went_when_she_fell_silent_is_told_and_where_she_is_heard_again() -> None:
    (row,) = found(*silent(5))
    assert (row.known, row.mmsi, row.kind, row.at, row.reports) == (16 * MINUTE, 1, CLASS_A, 601 * SECOND, 61)
    assert (row.lat, row.speed_kn, row.north_kn, row.east_kn, row.mean_gap_s) == (10.0, 8.0, 0.0, 8.0, 10.0)
    assert row.lon == pytest.approx(destination(HERE, 90, 8 * 601 / 3600)[1], abs=1e-5)
    assert row.back_at == (601 + 300 + 20) * SECOND
    assert row.back_lon == pytest.approx(destination(HERE, 90, 8 * 921 / 3600)[1], abs=1e-5)


@pytest.mark.parametrize(("minutes", "rows"), [(3, 0), (4, 1), (59, 1), (61, 0)])
def test_a_silence_of_three_minutes_is_none_and_one_of_an_hour_is_forgotten(minutes: int, rows: int) -> None:
    """By whole minutes: from 00:10:01 to 00:13:01 two of them pass without her."""
    assert len(found(*silent(minutes))) == rows


@pytest.mark.parametrize(("kn", "rows"), [(2.9, 0), (3.0, 1)])
def test_only_ships_under_way_are_told_of(kn: float, rows: int) -> None:
    assert len(found(*silent(20, kn=kn))) == rows


@pytest.mark.parametrize(("kn", "rows"), [(4.5, 0), (5.5, 1)])
def test_nor_those_that_slow_down(kn: float, rows: int) -> None:
    """Less than 0.4 of the speed some ten minutes ago: of 12 kn, fading."""
    fast = [says(s, 12.0) for s in range(1, 602, 10)]
    (when, _), (_, slow) = says(611), says(611, kn)
    slow = fix_key(when, Fix(1, CLASS_A, *destination(HERE, 90, 12 * 611 / 3600), kn, 90.0))
    assert len(found(*fast, (when, slow), says(1400, 12.0))) == rows


def test_a_base_station_is_no_ship_and_a_class_b_is_one() -> None:
    assert found(*silent(20, kind=BEACON)) == []
    assert [row.kind for row in found(*silent(20, kind=CLASS_B))] == [CLASS_B]


@pytest.mark.parametrize(("minutes", "rows"), [(7, 0), (9, 1)])
def test_who_is_heard_every_four_minutes_is_silent_when_she_is_late(minutes: int, rows: int) -> None:
    """After twice her own mean gap."""
    said = [says(s) for s in range(1, 3602, 240)]
    last = said[-1][0] // SECOND
    assert len(found(*said, says(last + 60 * minutes))) == rows


def random_world(dice: Random) -> list[Said]:
    said = []
    for mmsi in range(1, 6):
        kn, second = dice.choice([0.0, 3.0, 8.0, 20.0]), dice.random() * 60
        while second < 75 * 60:
            said.append(says(second, kn, mmsi, dice.choice([CLASS_A, CLASS_B, CLASS_A])))
            second += dice.choice([1, 5, 10, 10, 10, 60, 200, 300]) if dice.random() < 0.95 else dice.random() * 4000
    return said


@given(st.integers(0, 10**9).map(Random))
def test_neither_the_order_nor_the_cuts_nor_the_partitions_change_whose_silence_is_told(dice: Random) -> None:
    said = random_world(dice)
    expected = found(*said, ticks=(80 * MINUTE,))
    dice.shuffle(said)
    ticks = sorted(dice.sample(range(1, 80 * MINUTE), 4))
    assert found(*said, ticks=(*ticks, 80 * MINUTE), partitions=dice.randint(1, 3)) == expected


@given(st.integers(0, 10**9).map(Random))
def test_few_ships_and_many_are_told_alike(dice: Random) -> None:
    """One by one, and in columns."""
    said = random_world(dice)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traffic_module, "MANY_BYTES", 0)
        columns = found(*said)
        patch.setattr(traffic_module, "MANY_BYTES", 1 << 40)
        assert found(*said) == columns


def test_what_is_on_the_air_is_told_before_the_tick() -> None:
    times = [at("08:00:01") + n * 10 * SECOND for n in range(30)]
    times += [times[-1] + 10 * MINUTE]
    said = [heard(position(OTHER, lon=130.3 + n / 1000, second=n % 60), when) for n, when in enumerate(times)]
    _, out = run(batch(*said), reached("08:20:00"))
    (record,) = [one for one in out.clock if isinstance(one, SilencesEnded)]
    assert [row.mmsi for row in record.ended] == [OTHER]
    assert [type(one) for one in out.clock][-2:] == [SilencesEnded, Tick]
    assert sorted(one.origin for one in out.clock) == [one.origin for one in out.clock]
