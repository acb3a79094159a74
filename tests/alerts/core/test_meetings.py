"""Who lies beside whom: distances, minutes, pauses, crowds; however stays are cut into records and partitions."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.geo import Fix, destination
from alerts.core.instants import MINUTE, Instant
from alerts.core.intervals import Beside, How, Meeting, Stay
from alerts.core.meetings import Meetings, met, with_stays

HERE: Fix = (36.8, 22.9)
HER, OTHER = 273_210_440, 440_900_000
BEGIN = 1_000 * MINUTE


def lies(mmsi: int, minute: int, where: Fix = HERE, hull: str = "") -> Stay:
    return Stay(BEGIN + minute * MINUTE, mmsi, *where, hull, How.LIES)


def gone(mmsi: int, minute: int, how: How = How.LEFT) -> Stay:
    return Stay(BEGIN + minute * MINUTE, mmsi, *HERE, "", how)


def east(metres: float) -> Fix:
    return destination(HERE, 90, metres / 1_852)


def pair(minute: int = 1, metres: float = 200) -> list[Stay]:
    """She lies there, and another ship comes beside her."""
    return [lies(HER, 0, HERE, "h"), lies(OTHER, minute, east(metres))]


def told(stays: Iterable[Stay], until: int, cuts: Iterable[int] = ()) -> list[Meeting]:
    """What is told up to this minute, record by record."""
    known, out, clock = with_stays(Meetings(), "s:0", tuple(sorted(stays))), list[Meeting](), BEGIN - MINUTE
    for minute in [*sorted(cuts), until]:
        end = BEGIN + minute * MINUTE
        known, meetings = met(known, clock, end)
        out, clock = [*out, *meetings], end
    return out


def minute(at: Instant | None) -> int | None:
    return None if at is None else (at - BEGIN) // MINUTE


def steps(meeting: Meeting) -> list[int]:
    return [row.minutes for row in meeting.beside]


def test_two_that_lie_beside_each_other_are_told_of_by_half_hours_up_to_two() -> None:
    assert told(pair(), 29, [10]) == []
    found = told(pair(), 500, range(0, 500, 10))
    assert [steps(meeting) for meeting in found] == [[30], [30, 60], [30, 60, 90], [30, 60, 90, 120]]
    assert {(m.ships, m.hulls, minute(m.since), m.until) for m in found} == {((HER, OTHER), ("h", ""), 0, None)}
    assert found[0].beside == (Beside(30, *(round(x, 4) for x in destination(HERE, 90, 100 / 1_852)), 200),)


def test_within_five_hundred_metres_and_no_further() -> None:
    assert len(told(pair(metres=490), 60)) == 1
    assert told(pair(metres=510), 60) == []


def test_ships_that_nobody_watches_and_a_hull_alone_do_not_meet() -> None:
    assert told([lies(1, 0), lies(2, 0)], 300) == []
    assert told([lies(1, 0, hull="h")], 300) == []
    assert told([lies(1, 0, hull="h"), lies(2, 0, hull="h")], 300) == []


def test_it_is_over_when_they_were_half_an_hour_apart() -> None:
    left = [*pair(), gone(OTHER, 100)]
    assert [minute(meeting.until) for meeting in told(left, 128)] == [None]
    (over,) = told(left, 129)[-1:]
    assert (minute(over.until), over.unheard, steps(over)) == (99, (), [30, 60, 90])
    returned = [*left, lies(OTHER, 129, east(100))]
    assert [minute(meeting.until) for meeting in told(returned, 400)] == [None]
    too_late = [*left, lies(OTHER, 130, east(100))]
    assert [(minute(m.since), minute(m.until)) for m in told(too_late, 200)] == [(0, 99), (129, None)]


def test_who_was_no_longer_heard_is_named() -> None:
    for ships in ((HER,), (OTHER,), (HER, OTHER)):
        silent = [*pair(), *(gone(ship, 100, How.UNHEARD) for ship in ships)]
        assert told(silent, 200)[-1].unheard == ships
    heard_again = [*pair(), gone(OTHER, 100, How.UNHEARD), lies(OTHER, 110, east(100)), gone(OTHER, 120)]
    assert told(heard_again, 200)[-1].unheard == ()


def test_one_that_nobody_was_told_of_is_forgotten() -> None:
    assert told([*pair(), gone(OTHER, 30)], 200) == []
    assert steps(told([*pair(), gone(OTHER, 31)], 200)[0]) == [30]


def test_a_hull_among_more_than_five_others_lies_in_a_harbour() -> None:
    around = [lies(n, 0, east(50 * n)) for n in range(1, 7)]
    assert len(told([lies(HER, 0, HERE, "h"), *around[:5]], 60)) == 5
    assert told([lies(HER, 0, HERE, "h"), *around], 60) == []


def test_the_antimeridian_is_water_as_any_other() -> None:
    found = told([lies(1, 0, (0.0, 179.999), "h"), lies(2, 0, (0.0, -179.999))], 60)
    assert [(row.apart_m, row.lon) for row in found[0].beside] == [(220, -180.0)] * 2


def test_whose_a_ship_is_can_change() -> None:
    found = told([*pair(), lies(OTHER, 60, east(200), "k")], 100)
    assert [(m.hulls, minute(m.since), minute(m.until), steps(m)) for m in found] == [
        (("h", ""), 0, 59, [30]),
        (("h", "k"), 59, None, [30]),
    ]


def test_what_was_said_before_the_clock_began_is_known_and_counts_from_then() -> None:
    known = with_stays(Meetings(), "s:0", tuple(pair()))
    _, (meeting,) = met(known, BEGIN + 500 * MINUTE, BEGIN + 530 * MINUTE)
    assert (minute(meeting.since), steps(meeting)) == (500, [30])


def roaming(dice: Random) -> list[Stay]:
    """Ships that come, lie, shift, leave and fall silent within a mile of each other."""
    stays = list[Stay]()
    for mmsi in range(1, 9):
        at, hull = dice.randrange(60), {1: "h", 2: "k", 3: "k"}.get(mmsi, "")
        while at < 600:
            how = dice.choice([How.LIES] * 4 + [How.LEFT, How.UNHEARD])
            stays.append(Stay(BEGIN + at * MINUTE, mmsi, *east(dice.randrange(12) * 100), hull, how))
            at += dice.choice([1, 5, 29, 30, 31, 120])
    return stays


dice = st.integers(0, 10**9).map(Random)


@settings(deadline=None)
@given(dice)
def test_where_records_end_and_on_which_partitions_ships_live_changes_nothing(dice: Random) -> None:
    stays = roaming(dice)
    alone = last_known(told(stays, 700, range(700)))
    known, clock, out = Meetings(), BEGIN - MINUTE, list[Meeting]()
    parts = [sorted(stay for stay in stays if stay.mmsi % 3 == n) for n in range(3)]
    for end in sorted({*(dice.randrange(700) for _ in range(dice.randrange(20))), 700}):
        to = BEGIN + end * MINUTE
        for n, part in enumerate(parts):
            ahead = to + dice.randrange(3) * MINUTE
            known = with_stays(known, f"s:{n}", tuple(stay for stay in part if stay.end <= ahead))
            parts[n] = [stay for stay in part if stay.end > ahead]
        known, meetings = met(known, clock, to)
        known = msgspec.msgpack.decode(msgspec.msgpack.encode(known), type=Meetings)
        out, clock = [*out, *meetings], to
    assert last_known(out) == alone


def last_known(meetings: list[Meeting]) -> dict[tuple[tuple[int, int], Instant], Meeting]:
    return {(meeting.ships, meeting.since): meeting for meeting in meetings}


def test_the_search_meets_what_it_is_about() -> None:
    found = [m for seed in range(20) for m in last_known(told(roaming(Random(seed)), 700)).values()]
    assert {len(m.beside) for m in found} == {1, 2, 3, 4}
    assert {m.until is None for m in found} == {True, False}
    assert {len(m.unheard) for m in found} >= {0, 1}
