"""Who lies still: by where she is; what is told of it, by few ships or many, whatever the order and the ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.cover import BEACON, CLASS_A
from alerts.core.geo import Fix as Place
from alerts.core.geo import destination
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant
from alerts.core.intervals import CellsHeard, How, Stay
from alerts.core.reports import Origin
from streams.ingest import lying, lying_few
from streams.ingest.fixes import Fix, fix_key
from streams.ingest.lying import NOBODY, WhoseShips
from streams.ingest.ships import STORED, apart
from streams.ingest.traffic import OpenTraffic, Traffic

HERE: Place = (42.15, 130.55)
WATCHED = WhoseShips(np.array([2, 5]), lambda mmsi: {2: "h", 5: "k"}.get(mmsi, ""))
Said = tuple[Instant, bytes]
Where = Callable[[Instant], Place]


def says(mmsi: int, where: Where, begin: int, end: int, kn: float = 0.1, every: int = 60, kind: int = CLASS_A) -> list:
    """Reports of one ship, minutes and seconds from the beginning; a few metres of noise."""
    dice, said = Random(mmsi), []
    for at in range(begin * MINUTE + 5 * SECOND, end * MINUTE, every * SECOND):
        lat, lon = where(at)
        lat += dice.gauss(0, 2e-5)
        said.append((at, fix_key(at, Fix(mmsi, kind, lat, lon, kn, 90.0))))
    return said


def at_anchor(_: Instant) -> Place:
    return HERE


def adrift(kn: float, since: Instant = 0) -> Where:
    return lambda at: destination(HERE, 90, kn * max(0, at - since) / HOUR)


def shifted(nm: float, since: Instant) -> Where:
    return lambda at: destination(HERE, 0, nm if at >= since else 0)


def told(said: Iterable[Said], until: int, whose: WhoseShips = NOBODY, ticks: Iterable[int] = ()) -> list[Stay]:
    """What a partition says of stays, by a state that goes on from tick to tick."""
    waiting, stays, state = list(said), list[Stay](), Traffic()
    for tick in [*sorted(ticks), until]:
        opened = OpenTraffic(state)
        for at, key in (row for row in waiting if row[0] < tick * MINUTE):
            opened.hear(key, at)
        waiting = [row for row in waiting if row[0] >= tick * MINUTE]
        records = opened.passed(tick * MINUTE, Origin("s", tick, 0), whose)
        stays += [stay for record in records if isinstance(record, CellsHeard) for stay in record.stays]
        state = opened.closed()
    return stays


def in_short(stays: Iterable[Stay]) -> list[tuple[int, str]]:
    return [(stay.end // MINUTE, str(stay.how)) for stay in stays]


def test_a_ship_that_stays_for_ten_minutes_lies_there_and_it_is_said_once() -> None:
    (stay,) = told(says(1, at_anchor, 0, 600), 600)
    assert stay.end == 11 * MINUTE
    assert (stay.mmsi, stay.hull, stay.how) == (1, "", How.LIES)
    assert (stay.lat, stay.lon) == pytest.approx(HERE, abs=2e-4)


def test_one_who_swings_by_fifty_metres_is_where_she_was_and_by_seventy_elsewhere() -> None:
    near, far = (told(says(1, shifted(nm, HOUR), 0, 120), 120) for nm in (0.025, 0.04))
    assert in_short(near) == [(11, "lies")]
    assert in_short(far) == [(11, "lies"), (61, "lies")]


def test_who_drifts_slower_than_two_knots_lies_and_who_is_faster_does_not() -> None:
    slow = told(says(1, adrift(1.7), 0, 120), 120)
    assert {how for _, how in in_short(slow)} == {"lies"}
    assert slow[-1].lon - slow[0].lon > 0.05
    assert told(says(1, adrift(2.3), 0, 120), 120) == []


def test_who_leaves_by_what_she_says_or_by_where_she_is_lies_no_more() -> None:
    sails = adrift(12.0, HOUR)
    lay = says(1, at_anchor, 0, 60)
    assert in_short(told([*lay, *says(1, sails, 60, 80, 12.0)], 80)) == [(11, "lies"), (62, "left")]
    assert in_short(told([*lay, *says(1, sails, 60, 80)], 80)) == [
        (11, "lies"),
        (62, "lies"),
        (63, "lies"),
        (64, "lies"),
        (65, "left"),
    ]


def test_a_receiver_that_hangs_says_nothing_of_where_she_lies() -> None:
    hung = [(at, fix_key(at, Fix(1, CLASS_A, *HERE, 0.1, 90.0))) for at in range(5_000, 120 * MINUTE, MINUTE)]
    assert in_short(told(hung, 120)) == [(11, "lies"), (31, "left")]


def test_one_who_says_that_she_sails_does_not_lie_though_her_position_hangs() -> None:
    assert told(says(1, at_anchor, 0, 120, 8.0), 120) == []


def test_who_is_not_heard_for_a_quarter_of_an_hour_lies_there_no_more_and_again_at_once_when_heard() -> None:
    lost = [*says(1, at_anchor, 0, 30), *says(1, at_anchor, 44, 50), *says(1, at_anchor, 70, 80)]
    assert in_short(told(lost, 80)) == [(11, "lies"), (65, "unheard"), (71, "lies")]
    assert in_short(told(lost, 300)) == [(11, "lies"), (65, "unheard"), (71, "lies"), (95, "unheard")]


def test_after_an_hour_she_is_unknown() -> None:
    lost = [*says(1, at_anchor, 0, 30), *says(1, at_anchor, 95, 120)]
    assert in_short(told(lost, 120)) == [(11, "lies"), (45, "unheard"), (106, "lies")]


def test_a_beacon_is_no_ship() -> None:
    assert told(says(1, at_anchor, 0, 60, kind=BEACON), 60) == []


def test_it_is_said_whose_she_is_and_again_when_that_changes() -> None:
    said = says(2, at_anchor, 0, 40)
    assert [stay.hull for stay in told(said, 40, WATCHED)] == ["h"]
    opened = OpenTraffic(Traffic())
    for at, key in said:
        opened.hear(key, at)
    hulls = []
    for n, whose in enumerate((NOBODY, WATCHED, WhoseShips(None, lambda _: "other"), NOBODY)):
        for record in opened.passed((20 + n) * MINUTE, Origin("s", n, 0), whose):
            hulls += [stay.hull for stay in record.stays]
    assert hulls == ["", "h", "other", ""]


def wandering(dice: Random, mmsi: int) -> list[Said]:
    """A ship that lies, drifts, sails, hangs, jumps, and is not heard, one after the other."""
    said, at = list[Said](), dice.randrange(30) * MINUTE
    lat, lon = HERE[0] + dice.random() / 100, 179.99 + dice.random() / 50
    while at < 300 * MINUTE:
        way, kn = dice.choice([(0.0, 0.1), (0.0, 9.0), (0.02, 1.5), (0.03, 2.2), (0.2, 12.0), (0.3, 0.0)])
        noise, course = dice.choice([0.0, 2e-5]), dice.choice([0, 90])
        for _ in range(dice.randrange(1, 60)):
            lat, lon = destination((lat + dice.gauss(0, noise), lon), course, way)
            if dice.random() < 0.8:
                said.append((at, fix_key(at, Fix(mmsi, CLASS_A, lat, lon, kn, 90.0))))
            at += dice.randrange(20, 100) * SECOND
        at += dice.choice([0, 0, 14, 16, 50, 70]) * MINUTE
    return said


dice = st.integers(0, 10**9).map(Random)


@settings(deadline=None, max_examples=40)
@given(dice)
def test_few_and_many_say_the_same_to_the_last_digit(dice: Random) -> None:
    ships: dict[int, tuple] = {}
    one, many, end = lying_few.Lying(), b"", 0
    while end < 200 * MINUTE:
        end += MINUTE
        for mmsi in range(1, 9):
            if dice.random() < 0.4:
                lat, lon = ships[mmsi][2:4] if mmsi in ships else HERE
                lat, lon = lat + dice.choice([0, 2e-5, 5e-4, 4e-3]), lon + dice.choice([0, 0, 7e-4])
                kn = dice.choice([0.1, 1.9, 2.1, 12.0])
                at = end - dice.randrange(1, MINUTE)
                kind = BEACON if mmsi == 8 else CLASS_A
                ships[mmsi] = (mmsi, at, lat, lon, kn, 0.0, 0.0, dice.choice([1.0, kn]), 0.0, 0.0, 3, kind)
        stored = b"".join(STORED.pack(*row) for _, row in sorted(ships.items()))
        last = end + dice.choice([0] * 9 + [dice.randrange(90)]) * MINUTE
        one, told_one = lying_few.passed(one, apart(stored), WATCHED, end, last)
        many, told_many = lying.passed(many, stored, WATCHED, end, last)
        assert told_one == told_many
        assert lying_few.stored(one) == many
        assert lying_few.apart(many) == one
        end = last


@settings(deadline=None, max_examples=40)
@given(dice)
def test_neither_order_nor_partitions_nor_ticks_change_what_is_told(dice: Random) -> None:
    fleet = [wandering(dice, mmsi) for mmsi in range(1, 7)]
    whole = told([row for said in fleet for row in said], 360, WATCHED)
    parts = list[Stay]()
    for n in range(3):
        said = [row for one in fleet[n::3] for row in one]
        ticks = {dice.randrange(360) for _ in range(dice.randrange(9))}
        parts += told(dice.sample(said, len(said)), 360, WATCHED, ticks)
    assert sorted(parts) == sorted(whole)


def test_the_search_meets_all_that_can_become_of_a_ship() -> None:
    found = {str(stay.how) for seed in range(5) for stay in told(wandering(Random(seed), 2), 360, WATCHED)}
    assert found == {"lies", "left", "unheard"}
