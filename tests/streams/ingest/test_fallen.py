"""Ships that fall silent, out of all traffic: who was under way, when it is known, and who is heard again."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.cover import BEACON, CLASS_A
from alerts.core.fallen import Fallen, FellSilent
from alerts.core.geo import destination
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from alerts.core.intervals import CellsHeard, Tick
from streams.ingest import traffic as traffic_module
from streams.ingest.fixes import Fix, fix_key
from streams.ingest.traffic import OpenTraffic, Traffic
from tests.streams.ingest.air import ANGARA, ORIGIN, OTHER, Said, batch, heard, passed, position, reached, run
from tests.streams.lines import at

HERE = (41.05, 135.0)


def says(second: float, mmsi: int = 1, speed_kn: float = 12.0, kind: int = CLASS_A) -> Said:
    when = round(second * SECOND)
    place = destination(HERE, 90, speed_kn * second / 3600)
    return when, fix_key(when, Fix(mmsi, kind, *place, speed_kn, 90.0))


def found(*said: Said, ticks: tuple[Instant, ...] = (2 * HOUR,)) -> list[Fallen]:
    return [ship for opened in passed(said, ticks) for record in opened.fell(ORIGIN, str) for ship in record.ships]


BEFORE = [says(s) for s in range(1, 60, 10)]


def test_who_was_under_way_falls_silent_after_ten_minutes_and_is_heard_again() -> None:
    (fell,) = found(*BEFORE)
    assert fell[:3] == (11 * MINUTE, 1, 51 * SECOND)
    assert (fell.there, fell.back, fell.hull) == ((41.05, 135.0038), False, "1")
    _, back, _ = found(*BEFORE, says(55 * 60))
    assert (back.known, back.mmsi, back.at, back.back) == (56 * MINUTE, 1, 55 * MINUTE, True)


@pytest.mark.parametrize(("second", "fell"), [(51 + 539, 0), (51 + 608, 0), (51 + 610, 1)])
def test_a_silence_that_ends_before_the_interval_does_in_which_it_grows_too_long_is_none(
    second: int, fell: int
) -> None:
    on = [says(s) for s in range(second, 2 * 3600, 60)]
    assert len([ship for ship in found(*BEFORE, *on) if not ship.back and ship.known < HOUR]) == fell


@pytest.mark.parametrize(("speed_kn", "fell"), [(2.9, 0), (3.0, 1)])
def test_who_lies_still_powers_down_and_does_not_fall_silent(speed_kn: float, fell: int) -> None:
    assert len(found(*(says(s, speed_kn=speed_kn) for s in range(1, 60, 10)))) == fell


def test_nor_does_a_beacon_nor_who_was_heard_twice() -> None:
    assert found(*(says(s, kind=BEACON) for s in range(1, 60, 10))) == []
    assert found(*BEFORE[:2]) == []
    assert len(found(*BEFORE[:3])) == 1


def test_who_is_heard_again_after_an_hour_is_another() -> None:
    assert [ship.back for ship in found(*BEFORE, says(61 * 60))] == [False, True]
    assert [ship.back for ship in found(*BEFORE, says(63 * 60))] == [False]


def test_they_are_those_that_are_counted_in_their_cells() -> None:
    said = random_world(Random(1))
    opened = OpenTraffic(Traffic())
    for when, key in said:
        opened.hear(key, when)
    cells = [record for record in opened.passed(2 * HOUR, ORIGIN) if isinstance(record, CellsHeard)]
    runs = [run for record in cells for run in record.runs]
    counted = [
        (end, sum(cell.fell for cell in run.cells)) for run in runs for end in range(run.first, run.last + 1, MINUTE)
    ]
    fell = [ship.known for record in opened.fell(ORIGIN, str) for ship in record.ships if not ship.back]
    assert [(end, n) for end, n in counted if n] == [(end, fell.count(end)) for end in sorted(set(fell))]
    assert len(fell) > 2


def random_world(dice: Random) -> list[Said]:
    """Ships that are heard, and then not for a while."""
    said = []
    for mmsi in range(1, 6):
        second, speed_kn = dice.random() * 60, dice.choice([2.0, 12.0])
        while second < 2_400:
            said.append(says(second, mmsi, speed_kn))
            second += dice.choice([5, 10, 30]) if dice.random() < 0.9 else dice.randrange(300, 2_000)
    return said


@given(st.integers(0, 10**9).map(Random))
def test_neither_the_order_nor_the_cuts_of_what_is_heard_change_who_fell_silent(dice: Random) -> None:
    said = random_world(dice)
    expected = found(*said, ticks=(HOUR,))
    dice.shuffle(said)
    ticks = sorted(dice.sample(range(1, HOUR), 5))
    assert found(*said, ticks=(*ticks, HOUR)) == expected


@given(st.integers(0, 10**9).map(Random))
def test_few_ships_and_many_are_told_alike(dice: Random) -> None:
    """One by one, and in columns."""
    said = random_world(dice)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traffic_module, "MANY_BYTES", 0)
        columns = found(*said, ticks=(HOUR,))
        patch.setattr(traffic_module, "MANY_BYTES", 1 << 40)
        assert found(*said, ticks=(HOUR,)) == columns


def test_it_is_told_before_the_tick_in_records_that_are_not_too_large_and_names_the_hull(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(traffic_module, "_SHIPS_A_RECORD", 1)
    said = [
        heard(position(mmsi, second=s), at("08:00:00") + s * SECOND) for s in (1, 11, 21) for mmsi in (ANGARA, OTHER)
    ]
    _, out = run(batch(*said), reached("08:12:00"))
    records = [one for one in out.clock if isinstance(one, FellSilent)]
    assert [(ship.mmsi, ship.hull) for one in records for ship in one.ships] == [(ANGARA, "imo-9179842"), (OTHER, "")]
    assert [type(one) for one in out.clock][-3:] == [FellSilent, FellSilent, Tick]
    assert sorted(one.origin for one in out.clock) == [one.origin for one in out.clock]
