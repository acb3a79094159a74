"""Ships that jump, out of all traffic: who is there where she cannot have sailed, and who only seems to be."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.cover import BEACON, CLASS_A
from alerts.core.geo import destination
from alerts.core.instants import MINUTE, SECOND, Instant
from alerts.core.intervals import Jump, Jumped, Tick
from streams.ingest import traffic as traffic_module
from streams.ingest.fixes import Fix, fix_key
from tests.streams.ingest.air import ANGARA, ORIGIN, OTHER, Said, batch, heard, passed, position, reached, run
from tests.streams.lines import at

HERE, AIRPORT = (44.26, 37.55), (44.58, 38.01)


def says(second: float, place: tuple[float, float], mmsi: int = 1, kind: int = CLASS_A) -> Said:
    when = round(second * SECOND)
    return when, fix_key(when, Fix(mmsi, kind, *place, 8.0, 90.0))


def found(*said: Said, ticks: tuple[Instant, ...] = (60 * MINUTE,)) -> list[Jump]:
    return [jump for opened in passed(said, ticks) for record in opened.jumped(ORIGIN, str) for jump in record.jumps]


BEFORE = [says(s, HERE) for s in range(1, 60, 10)]


@pytest.mark.parametrize(("count", "jumps"), [(2, 0), (3, 1), (30, 1)])
def test_three_fixes_that_agree_are_a_jump(count: int, jumps: int) -> None:
    there = [says(61 + 10 * n, AIRPORT) for n in range(count)]
    assert len(found(*BEFORE, *there)) == jumps
    if count == 3:
        (jump,) = found(*BEFORE, *there)
        assert (jump.mmsi, jump.hull, jump.known, jump.at) == (1, "1", 2 * MINUTE, 61 * SECOND)
        assert (jump.there, jump.before) == (AIRPORT, HERE)


@pytest.mark.parametrize(("kn", "jumps"), [(49.9, 0), (50.1, 1)])
def test_no_ship_that_can_have_sailed_there_has_jumped(kn: float, jumps: int) -> None:
    """Half a mile for the clocks; the last fix is ten minutes old."""
    there = destination(HERE, 90, kn / 6 + 0.5)
    said = [says(51 + 600 + 10 * n, there) for n in range(3)]
    assert len(found(*BEFORE, *said)) == jumps


def test_she_jumps_back() -> None:
    there = [says(61 + 10 * n, AIRPORT) for n in range(60)]
    back = [says(661 + 10 * n, HERE) for n in range(60)]
    assert [jump.there for jump in found(*BEFORE, *there, *back)] == [AIRPORT, HERE]


def test_two_ships_on_one_number_do_not_jump() -> None:
    both = [says(61 + 10 * n, HERE if n % 2 else AIRPORT) for n in range(300)]
    assert found(*BEFORE, *both) == []


@pytest.mark.parametrize("every_s", [7, 10, 20, 50])
@pytest.mark.parametrize("after_s", [-1, 0, 1, 5])
def test_nor_does_she_whom_a_station_repeats(every_s: int, after_s: int) -> None:
    """What she said an hour ago comes as often as that, and as soon after what she says: oftener, or more rarely."""
    now = [says(71 + 10 * n, HERE) for n in range(200)]
    old = [says(71 + after_s + every_s * n, AIRPORT) for n in range(2_000 // every_s)]
    assert found(*BEFORE, *now, *old) == []


def test_a_base_station_that_is_moved_is_no_ship() -> None:
    said = [says(s, HERE if s < 60 else AIRPORT, kind=BEACON) for s in range(1, 120, 10)]
    assert found(*said) == []


def test_a_copy_by_another_station_is_no_second_fix() -> None:
    (one, key), (two, other) = says(61, AIRPORT), says(71, AIRPORT)
    assert found(*BEFORE, (one, key), (one + SECOND, key), (two, other), (two + SECOND, other)) == []
    near = destination(AIRPORT, 0, 0.01)
    assert found(*BEFORE, says(61, AIRPORT), says(62, near), says(71, AIRPORT), says(72.9, near)) == []


def test_what_began_ten_minutes_ago_and_went_on_nowhere_is_forgotten() -> None:
    """One stray fix, one more after nine minutes; or after ten."""
    for minutes, jumps in ((9, 1), (11, 0)):
        later = [says(61 + 60 * minutes, AIRPORT), says(71 + 60 * minutes, AIRPORT)]
        assert len(found(*BEFORE, says(61, AIRPORT), *later)) == jumps


def random_world(dice: Random) -> list[Said]:
    said = []
    for mmsi in range(1, 6):
        place = HERE
        for second in range(1, 900, dice.choice([5, 10, 30])):
            place = dice.choice([HERE, AIRPORT]) if dice.random() < 0.1 else place
            said.append(says(second, place, mmsi))
    return said


@given(st.integers(0, 10**9).map(Random))
def test_neither_the_order_nor_the_cuts_of_what_is_heard_change_who_jumped(dice: Random) -> None:
    said = random_world(dice)
    expected = found(*said, ticks=(20 * MINUTE,))
    dice.shuffle(said)
    ticks = sorted(dice.sample(range(1, 20 * MINUTE), 5))
    assert found(*said, ticks=(*ticks, 20 * MINUTE)) == expected


@given(st.integers(0, 10**9).map(Random))
def test_few_ships_and_many_are_told_alike(dice: Random) -> None:
    """One by one, and in columns."""
    said = random_world(dice)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(traffic_module, "MANY_BYTES", 0)
        columns = found(*said)
        patch.setattr(traffic_module, "MANY_BYTES", 1 << 40)
        assert found(*said) == columns


def test_what_is_on_the_air_is_told_before_the_tick_and_names_the_hull() -> None:
    """She and another jump; whose the numbers are stands in the payload."""
    said = []
    for second in (1, 11, 21, 31, 41, 51, 61, 71, 81):
        lat, lon = HERE if second < 60 else AIRPORT
        for mmsi in (ANGARA, OTHER):
            said.append(heard(position(mmsi, lat=lat, lon=lon, second=second % 60), at("08:00:00") + second * SECOND))
    _, out = run(batch(*said), reached("08:03:00"))
    (record,) = [one for one in out.clock if isinstance(one, Jumped)]
    assert [(jump.mmsi, jump.hull) for jump in record.jumps] == [(ANGARA, "imo-9179842"), (OTHER, "")]
    assert [type(one) for one in out.clock][-2:] == [Jumped, Tick]
    assert sorted(one.origin for one in out.clock) == [one.origin for one in out.clock]
    _, out = run(batch(*said[:12]), reached("08:03:00"))
    assert not [one for one in out.clock if isinstance(one, Jumped)]


def test_two_ships_on_one_number_are_two_for_as_long_as_both_are_heard() -> None:
    """The other lies in the roads and is heard every three minutes, she eighteen times between."""
    both = [says(3 + 10 * n, HERE) for n in range(1, 2_000)]
    both += [says(58 + 180 * n, AIRPORT) for n in range(1, 111)]
    assert found(*both, ticks=(6 * 60 * MINUTE,)) == []
