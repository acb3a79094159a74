"""All ships at once in columns say what one after the other says, to the last digit: counts, and ships as stored."""

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.cover import BEACON, CLASS_A, CLASS_B
from alerts.core.instants import INTERVAL, MINUTE, SECOND, Instant, interval_start
from streams.ingest import fleet, ships
from streams.ingest.fixes import Fix, fix_key, key_of
from streams.ingest.fleet import SAID
from streams.ingest.validity import message_of
from tests.streams.ingest.air import sent
from tests.streams.lines import at

BEGIN = at("08:00:00")
Heard = list[tuple[Instant, bytes]]


def sailing(dice: Random, mmsi: int, lasts_s: int) -> Heard:
    """One that goes about anyhow, heard well or badly, sometimes twice, sometimes without speed, course or place."""
    lat, lon = dice.choice([(42.0, 130.0), (0.01, -0.02), (89.95, 179.99), (-70.0, -179.99), (50.0, 0.0)])
    kind, every = dice.choice([CLASS_A, CLASS_A, CLASS_B, BEACON]), dice.choice([0.5, 1, 2, 5, 10, 60, 180, 400, 1_100])
    speed, course = dice.choice([0.0, 2.9, 3.0, 12.0, 14.1, 40.0]), dice.uniform(0, 360)
    said: Heard = []
    now = BEGIN + dice.randrange(20 * MINUTE)
    while now < BEGIN + lasts_s * SECOND:
        now += round(every * SECOND * dice.choice([0, 1, 1, 1, 0.5, 3, 30]))
        if dice.random() < 0.9:
            lat, lon = min(90.0, lat + dice.uniform(-0.01, 0.02)), (lon + dice.uniform(-0.1, 0.2) + 180) % 360 - 180
            speed, course = max(0.0, speed + dice.uniform(-1, 1)), (course + dice.uniform(-20, 20)) % 360
        told = dice.choice([speed, None]), dice.choice([course, None])
        key = fix_key(now, Fix(mmsi, kind, dice.choice([lat] * 9 + [91.0]), lon, *told))
        if dice.random() < 0.3:
            key = on_the_air(dice, mmsi, lat, lon, speed, course)
        said += [(now + late, key) for late in dice.choice([[0], [0], [0, 3_000], [4_000, 700]])]
    return said


def on_the_air(dice: Random, mmsi: int, lat: float, lon: float, speed: float, course: float) -> bytes:
    kind = dice.choice([1, 3, 4, 18, 19, 21, 27])
    told = {"speed": dice.choice([min(speed, 62), 63 if kind == 27 else 102.3]), "course": dice.choice([course, 360])}
    place = {"lat": lat, "lon": dice.choice([lon] * 9 + [181])}
    message = message_of(sent(type=kind, mmsi=mmsi, shipname="NOBODY", name="NOBODY", **told, **place))
    assert isinstance(message, tuple)
    return key_of(message[1])


def packed(said: Heard) -> bytes:
    return b"".join(key + when.to_bytes(8, "little") for when, key in said)


@given(st.integers(0, 10**9))
def test_the_columns_agree_with_one_ship_after_the_other(seed: int) -> None:
    dice = Random(seed)
    said = [row for mmsi in range(1, dice.randrange(2, 12)) for row in sailing(dice, mmsi, dice.randrange(1, 4_000))]
    known = ships.Ships()
    for end in range(BEGIN + INTERVAL, BEGIN + 120 * MINUTE, INTERVAL):
        now = [row for row in said if interval_start(row[0]) + INTERVAL == end]
        shuffled = dice.sample(now, len(now))
        one_by_one = ships.passed(known, packed(now), end)
        many = fleet.passed(ships.stored(known), packed(shuffled), end)
        assert many == one_by_one._replace(ships=ships.stored(one_by_one.ships))
        known = one_by_one.ships
        assert ships.apart(many.ships) == known


def test_a_ship_is_stored_alike() -> None:
    said = [(BEGIN + n * SECOND, fix_key(n, Fix(7, CLASS_A, 42.0, 130.0, 12.0, 90.0))) for n in (1, 11)]
    (ship,) = np.frombuffer(ships.stored(ships.passed({}, packed(said), BEGIN + MINUTE).ships), fleet.SHIP)
    assert (ship["mmsi"], ship["at"], ship["speed_kn"], ship["gap_sum_s"], ship["reports"]) == (
        *(7, BEGIN + 11 * SECOND),
        *(12.0, 10.0, 2),
    )
    assert SAID.itemsize == len(packed(said)) // 2
