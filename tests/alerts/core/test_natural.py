"""What the silences of a hull teach an engine, of her reception and of where she rests: those of her own alone.

Angara sails east at 12 kn, is heard every minute, and time and again not for a while, in waters where ships are heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from alerts.core.alert import Alert
from alerts.core.curve import SHIPPED, Curve
from alerts.core.habit import Habit
from alerts.core.instants import HOUR, MINUTE, SECOND, Instant, parse_rfc3339
from alerts.core.intervals import LateTick, Outage
from alerts.core.natural import powered_down
from alerts.core.silence import Kind, limits_of
from alerts.core.thresholds import Thresholds
from alerts.core.track import Track, Vigil, followed
from alerts.core.world import World
from alerts.core.zones import ZoneIndex
from streams.memories import pack, unpack
from tests.fleet import ANGARA, Ship, Watch, east_of, ship
from tests.witnesses import OPEN_SEA, time

angara = ship(273210440)


def at_sea(at: Instant, nm: float) -> Ship:
    return angara._with(at=at).near(east_of(OPEN_SEA, nm))


def reports(begin: Instant, *silences_min: int, heard_min: int = 30) -> Iterator[Ship]:
    """Heard for half an hour, then silent for so long, and so on."""
    at = begin
    for silent_min in (*silences_min, 1):
        for _ in range(heard_min):
            yield at_sea(at, _there_and_back(12 * (at - begin) / HOUR))
            at += MINUTE
        at += (silent_min - 1) * MINUTE


def sails(watch: Watch, begin: Instant, *silences_min: int, heard_min: int = 30) -> Instant:
    """The same, while every minute closes in which she is heard; when she was last."""
    for said in reports(begin, *silences_min, heard_min=heard_min):
        watch.hears(said)
        watch.takes(watch._closing(said.heard.at - said.heard.at % MINUTE + MINUTE))
    return said.heard.at


def _there_and_back(nm: float) -> float:
    """On a way of thirty miles, so that she stays among the others."""
    return 30 - abs(30 - nm % 60)


def habit(watch: Watch) -> Habit | None:
    """Once all is settled."""
    watch.takes(watch._closing((watch.engine.world.clock or 0) + 3 * HOUR))
    return watch.engine.memory(ANGARA.id).track.habit


def at_eight() -> Watch:
    watch = Watch(thresholds=Thresholds())
    watch.until("08:00")
    return watch


def test_a_silence_in_which_she_sailed_on_is_hers_by_its_witnessed_minutes() -> None:
    watch = at_eight()
    sails(watch, time("08:00"), 6, 4)
    found = habit(watch)
    assert found is not None
    assert (found.since, found.silences) == (time("08:29"), 2)
    assert 3.0 < found.longest_min < 4.0, "six minutes, of which two were hers to be late"
    assert watch.events[-1:] in ([], [("went_dark", "opened")])


@pytest.mark.parametrize(("silent_min", "silences"), [(3, None), (4, 1), (6, 1), (9, None), (60, None), (180, None)])
def test_a_short_one_is_none_and_one_as_long_as_no_reception_fails_teaches_nothing(
    silent_min: int, silences: int | None
) -> None:
    watch = at_eight()
    sails(watch, time("08:00"), silent_min)
    found = habit(watch)
    assert (found and found.silences) == silences


@pytest.mark.parametrize("every_min", [1, 7, 30, 90])
def test_it_does_not_matter_when_intervals_close_nor_in_which_order_reports_come(every_min: int) -> None:
    watch, other, silences_min = at_eight(), at_eight(), (6, 4, 3, 5, 9, 6, 20, 6)
    sails(watch, time("08:00"), *silences_min, heard_min=10)
    left, dice = list(reports(time("08:00"), *silences_min, heard_min=10)), Random(every_min)
    while left:
        end = (other.engine.world.clock or 0) + every_min * MINUTE
        come = [said for said in left if said.heard.at < end]
        other.hears(*dice.sample(come, len(come)))
        other.takes(other._closing(end))
        left = left[len(come) :]
    found = habit(watch)
    assert found is not None
    assert found.silences == 5
    assert habit(other) == found


@pytest.mark.parametrize(("clock", "silences"), [("08:33", None), ("08:34", None), ("08:35", 1)])
def test_one_whose_end_the_clock_has_not_reached_teaches_nothing(clock: str, silences: int | None) -> None:
    """She is heard again at 08:35, and so often that it is settled before its time."""
    watch = at_eight()
    last = sails(watch, time("08:00"))
    watch.takes(watch._closing(time(clock)))
    again = range(last + 6 * MINUTE, last + 12 * MINUTE, SECOND)
    watch.hears(*(at_sea(at, 5.8 + 12 * (at - last) / HOUR) for at in again))
    assert watch.engine.memory(ANGARA.id).early > 0
    found = habit(watch)
    assert (found and found.silences) == silences


def test_who_stopped_in_it_was_not_silent_by_her_antenna() -> None:
    watch = at_eight()
    last = sails(watch, time("08:00"))
    watch.hears(at_sea(last + 6 * MINUTE, 5.8))
    assert habit(watch) is None


def rests(begin: str, *outages: Outage) -> int:
    """Heard up to 08:29 and, half a mile on, from 09:10 on; the minutes up to 09:30 close one by one."""
    watch = at_eight()
    last = sails(watch, time("08:00"))
    watch.takes(watch._closing(time(begin), *outages))
    again = [at_sea(at, 5.8 + (at - last) / HOUR) for at in range(time("09:10"), time("09:30"), MINUTE)]
    for said in again:
        watch.hears(said)
        watch.takes(watch._closing(said.heard.at + MINUTE))
    watch.takes(watch._closing(time("13:00")))
    return len(watch.engine.memory(ANGARA.id).track.rests)


def test_where_she_was_silent_while_we_listened_she_rests() -> None:
    assert rests("09:05") == 1


@pytest.mark.parametrize(("back", "learned"), [("09:09", 0), ("08:45", 0), ("08:35", 1)])
def test_where_nobody_listened_for_half_an_hour_she_does_not(back: str, learned: int) -> None:
    """Of her 41 minutes; her feed is out from 08:30 on."""
    assert rests("09:09", Outage("coast", time("08:30"), time(back))) == learned


@pytest.mark.parametrize(("fell", "learned"), [(1, 1), (4, 0)])
def test_where_others_fell_silent_with_her_she_does_not(fell: int, learned: int) -> None:
    """Her vigil is kept as it is, up to when she is heard again."""
    last, again = at_sea(time("08:00"), 0).heard, at_sea(time("08:40"), 0.5).heard
    vigil = Vigil(time("08:00"), time("08:40"), 40 * MINUTE, 40 * MINUTE, fell=fell, moving=5)
    before = Track(last, last, vigil=vigil)
    done = followed(before, again, True, ZoneIndex.of(()), Thresholds())
    assert len(done.track.rests) == 1
    limits = limits_of(Kind.STOPPED, Thresholds(), SHIPPED)
    assert len(powered_down(before, done, again, limits, World(clock=time("08:40"))).track.rests) == learned


def test_a_ship_that_goes_dark_every_week_is_as_dark_the_tenth_time_as_the_first() -> None:
    watch = at_eight()
    for week in range(10):
        sails(watch, time("08:00", 7 * week), 60)
        watch.until("23:00", day=7 * week)
    assert habit(watch) is None
    opened = [a for a in watch.told if (a.rule, a.event) == ("went_dark", "opened")]
    assert [length_min(alert) for alert in opened[::2]] == [15.0] * 10
    assert len(opened) == 20, "and dark for the rest of each week"


def test_a_ship_that_hides_for_six_minutes_day_and_night_is_dark_minutes_later() -> None:
    watch = at_eight()
    last = sails(watch, time("08:00"), *[6] * 200, heard_min=8)
    watch.takes(watch._closing(last + HOUR))
    (told,) = watch.told
    assert told.evidence["own_reception"]["factor"] == 2.86
    assert told.evidence["witnessed_limit_min"] == 13.93
    assert length_min(told) == 26.0, "not after a quarter of an hour, and long before the ceiling"


def length_min(told: Alert) -> float:
    return (parse_rfc3339(told.evidence["dark_at"]) - told.happened_at) / MINUTE


def test_what_her_reception_was_is_told_with_her_silence() -> None:
    watch = at_eight()
    last = sails(watch, time("08:00"), 6, 4)
    watch.takes(watch._closing(last + HOUR))
    (told,) = watch.told
    own, found = told.evidence["own_reception"], habit(watch)
    assert found is not None
    assert own == {
        "since": "2024-02-03T08:29:00Z",
        "silences": 2,
        "longest_witnessed_min": found.longest_min,
        "counted": found.counted,
        "mean_beyond_min": found.mean_beyond_min,
        "factor": 1.0,
        "usual_limit_min": 4.87,
    }


def test_a_silence_that_was_told_teaches_nothing_however_little_it_was_witnessed() -> None:
    """By the ceiling: of a ship that was heard once nobody knows how well."""
    watch = Watch()
    watch.hears(at_sea(time("07:59"), 0))
    watch.until("08:31")
    watch.hears(at_sea(time("08:40"), 8))
    assert watch.events[:2] == [("went_dark", "opened"), ("went_dark", "closed")]
    assert habit(watch) is None


def dark_with_a_factor() -> tuple[Watch, Instant]:
    """Six minutes of silence thirty times, then for good; when she was last heard."""
    watch = at_eight()
    watch.contents["slow"] = Curve(((0.0, 1.0), (1.0, 0.9)), 7.6)
    watch.late = (LateTick("space", time("06:00"), 2 * HOUR),)
    last = sails(watch, time("08:00"), *[6] * 30, heard_min=8)
    watch.takes(watch._closing(last + 30 * MINUTE))
    assert [a.evidence["own_reception"]["factor"] for a in watch.told] == [2.01]
    return watch, last


def test_a_late_report_that_changes_her_past_amends_what_was_told() -> None:
    watch, last = dark_with_a_factor()
    nm = _there_and_back(12 * (last - 10 * MINUTE - time("08:00")) / HOUR)
    (amended,) = watch.hears(at_sea(last - 10 * MINUTE, nm).by("space"))
    (told,) = watch.told[:1]
    assert (amended.id, amended.event) == (told.id, "amended")
    assert amended.evidence["own_reception"]["silences"] == told.evidence["own_reception"]["silences"] - 1
    assert amended.evidence["witnessed_limit_min"] < told.evidence["witnessed_limit_min"]


def test_another_curve_changes_neither_her_factor_nor_what_was_told() -> None:
    watch, last = dark_with_a_factor()
    watch.cover = "slow"
    assert watch.takes(watch._closing(last + 40 * MINUTE)) == []
    assert watch.takes(watch._closing(last + 5 * HOUR)) == []


def test_what_was_learned_survives_a_restart() -> None:
    watch = at_eight()
    sails(watch, time("08:00"), 6, 4)
    assert habit(watch) is not None
    memory = watch.engine.memory(ANGARA.id)
    assert unpack(ANGARA.id, pack(memory)) == memory


def test_a_late_report_takes_back_what_a_silence_taught() -> None:
    watch = at_eight()
    watch.until("08:01", late=(LateTick("space", time("06:00"), 2 * HOUR),))
    sails(watch, time("08:01"), 6)
    watch.hears(at_sea(time("08:33"), 12 * 32 / 60).by("space"))
    watch.late = (LateTick("space", time("08:50"), 2 * HOUR),)
    watch.takes(watch._closing(time("13:00")))
    assert watch.engine.memory(ANGARA.id).track.habit is None
