"""Rendezvous: when it is told, where not, how it ends, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from alerts.core.alert import Alert
from alerts.core.engine import Engine
from alerts.core.frozen import replace
from alerts.core.geo import Fix
from alerts.core.hull import Hull
from alerts.core.instants import MINUTE
from alerts.core.intervals import Beside, Meeting, Watched
from alerts.core.meetings import STEPS_MIN
from alerts.core.zones import Circle, Polygon, ZoneIndex, to_border_nm
from alerts.rules import RULES
from streams.memories import StoredEngine, pack
from tests.fleet import (
    ANGARA,
    HAVEN,
    HAVEN_NM,
    OPEN_SEA,
    SHOAL,
    TIMER,
    Watch,
    east_of,
    haven,
    narrows,
    ship,
    shoal,
    time,
)

HER, OTHER = ANGARA.mmsi or 0, 440_900_000
SINCE = time("08:00")
her = ship(HER).moving(0.2)


def meeting(minutes: int = 120, where: Fix = OPEN_SEA, other: int = OTHER) -> Meeting:
    """It has lasted so long, as the clock says it: by steps, each a little further."""
    steps = [step for step in STEPS_MIN if step <= minutes]
    beside = tuple(Beside(step, *where, 100 + step) for step in steps)
    return Meeting((HER, other), (ANGARA.id, ""), SINCE, beside)


def over(at: str, *unheard: int, known: Meeting | None = None) -> Meeting:
    return replace(known or meeting(), until=time(at), unheard=unheard)


def passes(watch: Watch, clock: str, *meetings: Meeting) -> list[Alert]:
    """An interval closes with what the clock says of meetings."""
    return met(watch.takes(replace(watch.closing(clock), meetings=meetings)))


def met(alerts: Iterable[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.rule == "rendezvous"]


def watched(lasts_min: float = 120, port_nm: float = 5.4, hulls: tuple[Hull, ...] = (ANGARA,)) -> Watch:
    thresholds = replace(TIMER, rendezvous_min=lasts_min, rendezvous_port_nm=port_nm)
    watch = Watch((haven, shoal, narrows), thresholds, hulls)
    watch.hears(her.at("07:50"))
    return watch


@pytest.mark.parametrize(("lasts_min", "opened_at"), [(120, 120), (90, 90), (75, 90), (30, 30)])
def test_it_is_told_once_when_it_has_lasted_long_enough(lasts_min: float, opened_at: int) -> None:
    watch, told = watched(lasts_min), list[tuple[int, Alert]]()
    for minutes, clock in zip(STEPS_MIN, ("08:30", "09:00", "09:30", "10:00"), strict=True):
        said = [*passes(watch, clock, meeting(minutes)), *met(watch.hears(her.at(f"{clock}:30")))]
        told += [(minutes, alert) for alert in said]
    ((minutes, alert),) = told
    assert minutes == opened_at
    assert (alert.event, alert.severity, alert.happened_at) == ("opened", "caution", SINCE)
    assert alert.known_at == SINCE + opened_at * MINUTE
    assert alert.id == "imo-9179842.rendezvous.440900000.20240203T080000Z"
    assert (alert.evidence["together_min"], alert.evidence["apart_m"]) == (opened_at, 100 + opened_at)


@pytest.mark.parametrize(
    ("off_nm", "port_nm", "count"), [(5.5, 5.4, 1), (5.3, 5.4, 0), (-1, 5.4, 0), (0.1, 0, 1), (-1, 0, 0)]
)
def test_near_a_flagged_port_they_are_at_a_port(off_nm: float, port_nm: float, count: int) -> None:
    watch, where = watched(port_nm=port_nm), east_of(HAVEN, HAVEN_NM + off_nm)
    told = passes(watch, "10:00", meeting(where=where))
    assert len(told) == count
    assert len(passes(watch, "12:00", over("11:00", known=meeting(where=where)))) == count
    if told:
        assert (told[0].evidence["nearest_port"], told[0].evidence["nearest_port_nm"]) == ("Haven", round(off_nm, 1))


def test_of_a_polygon_the_border_counts_and_not_the_circle_around_it() -> None:
    box = replace(haven, shape=Polygon(((0.0, 100.0), (0.0, 100.1), (1.0, 100.1), (1.0, 100.0), (0.0, 100.0))))
    spot = replace(haven, id="spot", shape=Circle(0.0, 100.75, 3.0))
    zones = ZoneIndex.of((box, spot))
    nearest = zones.nearest_port((0.5, 100.4))
    assert nearest is not None
    assert (nearest[0].id, round(nearest[1])) == ("haven", 18)
    assert to_border_nm(box, (0.5, 100.05)) == 0
    assert ZoneIndex.of((shoal,)).nearest_port(SHOAL) is None


@pytest.mark.parametrize(
    ("unheard", "ended", "says"),
    [
        ((), "apart", "until they were apart at"),
        ((HER,), "she fell silent", "until she was no longer heard at"),
        ((OTHER,), "the other fell silent", "until the other was no longer heard at"),
        ((HER, OTHER), "both fell silent", "until neither was heard any more at"),
    ],
)
def test_what_ends_it_is_said(unheard: tuple[int, ...], ended: str, says: str) -> None:
    watch = watched()
    passes(watch, "10:00", meeting())
    (alert,) = passes(watch, "12:00", over("11:30", *unheard))
    assert (alert.event, alert.revision, alert.evidence["ended"]) == ("closed", 1, ended)
    assert alert.evidence["until"] == "2024-02-03T11:30:00Z"
    assert says in alert.summary
    assert "3 h 30 min" in alert.summary


def test_one_known_only_when_it_is_over_is_opened_then_closed() -> None:
    assert [str(alert.event) for alert in passes(watched(), "12:00", over("11:30"))] == ["opened", "closed"]


def test_what_is_over_is_forgotten_and_nothing_more_is_said() -> None:
    watch = watched()
    passes(watch, "10:00", meeting(), meeting(other=7))
    passes(watch, "12:00", over("11:30"))
    memory = watch.engine.memory(ANGARA.id)
    assert [one.ships[1] for one in memory.meetings] == [7]
    assert [episode.zone for episode in memory.episodes if episode.rule == "rendezvous"] == ["7"]
    assert met(watch.hears(her.at("12:01"), her.at("14:00"))) == []
    assert met(watch.until("15:00")) == []


def test_two_hulls_that_meet_are_told_of_each() -> None:
    maria = Hull("imo-8517839", 8517839, OTHER, "MARIA")
    watch = watched(hulls=(ANGARA, maria))
    both = replace(meeting(), hulls=(ANGARA.id, maria.id))
    told = passes(watch, "10:00", both)
    found = {a.hull.id: (a.evidence["ship"], a.evidence["other"], a.evidence["other_hull"]) for a in told if a.hull}
    assert found == {ANGARA.id: (HER, OTHER, maria.id), maria.id: (OTHER, HER, ANGARA.id)}


def test_in_a_flagged_area_or_strait_it_has_a_place() -> None:
    (alert,) = passes(watched(), "10:00", meeting(where=SHOAL))
    assert alert.place is not None
    assert (alert.place.zone, alert.place.what) == ("shoal", "rendezvous")
    assert "in Shoal" in alert.summary


def test_a_hull_that_is_no_longer_watched_meets_nobody() -> None:
    watch = watched()
    passes(watch, "10:00", meeting())
    assert [str(alert.event) for alert in met(watch.takes(Watched(ANGARA.id, None)))] == ["retracted"]
    watch.takes(Watched(ANGARA.id, ANGARA))
    assert met(watch.hears(her.at("10:10"))) == []
    assert watch.engine.memory(ANGARA.id).meetings == ()


def test_an_engine_that_takes_over_goes_on_where_the_other_was() -> None:
    watch = watched()
    passes(watch, "10:00", meeting())
    rows = {ANGARA.id: pack(watch.engine.memory(ANGARA.id)), "\0world": pack(watch.engine.world)}
    other = StoredEngine(Engine(watch.contents, RULES))
    other.load(rows.items())
    record = replace(watch.closing("12:00"), meetings=(over("11:30"),))
    told = met(other.apply(watch.offset + 1, record).alerts)
    assert [str(alert.event) for alert in told] == ["closed"]
    assert told == met(watch.takes(record))


def test_a_memory_stays_small_where_she_lies_among_many() -> None:
    watch = watched()
    passes(watch, "10:00", *(meeting(other=n) for n in range(400_000_000, 400_000_010)))
    assert len(watch.engine.memory(ANGARA.id).meetings) == 10
    assert len(pack(watch.engine.memory(ANGARA.id))) < 16_384
