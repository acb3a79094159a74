"""docs/alerts.md says what alerts hold: its tables against alerts that the engine and the clock really publish."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.core import clock
from alerts.core.alert import Alert, Event, Severity
from alerts.core.cells import cell_of
from alerts.core.cover import CellCount
from alerts.core.fallen import Fallen, FellSilent
from alerts.core.frozen import replace
from alerts.core.heard import Heard, Says
from alerts.core.instants import MINUTE
from alerts.core.intervals import (
    Beside,
    CellsHeard,
    CountRun,
    Jump,
    Jumped,
    Meeting,
    Outage,
    OutageFound,
    Reception,
    StationCount,
    StationRun,
    Tick,
    Watched,
)
from alerts.core.reports import Origin
from alerts.rules import RULES
from streams.sighting import sighted
from tests import crews
from tests.fleet import ANGARA, HAVEN, HAVEN_NM, OPEN_SEA, SHOAL, SHOAL_NM, Watch, east_of, haven, ship, time

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()
OF_NO_RULE = ("outage", "gnss_interference", "area_outage", "sighting")
REPORTS = ("last_report", "last_fix", "first_report", "first_fix", "next_fix", "third_fix", "other_fix")


def rows(heading: str) -> list[str]:
    """The names in the first column of the table below a heading."""
    section = PAGE.partition(f"# {heading}\n")[2]
    section = re.split(r"\n#+ ", section)[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def a_busy_month() -> list[Alert]:
    """One hull through every rule: dark, lit up in an area, into port and dark there, through the strait and back."""
    watch, hull = Watch(), ship(ANGARA.mmsi or 0)
    watch.hears(hull.at("06:00").near(east_of(SHOAL, 40)).moored(0.1))
    watch.until("08:00")
    watch.hears(hull.at("09:00").near(SHOAL), hull.at("09:20").near(east_of(SHOAL, SHOAL_NM + 3)))
    off_haven, in_haven = hull.near(east_of(HAVEN, HAVEN_NM + 2)), hull.near(HAVEN)
    watch.hears(off_haven.at("09:00", day=1).moving(10), in_haven.at("09:20", day=1).moving(5))
    watch.hears(in_haven.at("09:30", day=1).moored(0.0))
    watch.until("12:00", day=1)
    watch.hears(in_haven.at("12:01", day=1).moored(0.0), hull.at("12:11", day=1).near(east_of(HAVEN, 1)).moving(8))
    for at, lon in (("12:00", 119.9), ("12:25", 120.1), ("12:50", 120.4), ("13:15", 120.7), ("13:40", 120.95)):
        watch.hears(hull.at(at, day=3).near((0.5, lon)).moving(12))
    watch.hears(hull.at("14:05", day=3).near((0.5, 121.2)).moving(12))
    back = hull.near((0.5, 119.8)).moving(12)
    watch.hears(back.at("20:35", day=3))  # unseen
    watch.hears(*(hull.at(at, day=3) for at in ("20:40", "20:41", "20:42")))  # a jump
    other = [(back if minute % 2 else hull).at(f"20:{minute}", day=3) for minute in range(43, 48)]
    watch.hears(*other, hull.at("20:48", day=5))  # two ships, then one
    return watch.told


def overdue_in_a_strait() -> list[Alert]:
    """Silent on her way through, and heard again: beyond it, back, inside, elsewhere, and without a position."""
    told, hull = [], ship(ANGARA.mmsi or 0)
    for lon in (121.5, 119.5, 120.8, None):
        watch = Watch()
        watch.hears(hull.at("06:00").near((0.5, 119.98)), hull.at("06:10").near((0.5, 120.01)))
        watch.until("23:00")
        watch.hears(hull.at("23:10").near((0.5, lon)) if lon else hull.at("23:10").without_position())
        told += watch.told
    return told


def lit_up_off_a_port() -> list[Alert]:
    """Lit up for a moment, and overdue in vain; lit up, and come to the port in time or in sight for hours."""
    told, hull, off = [], ship(ANGARA.mmsi or 0), east_of(HAVEN, HAVEN_NM + 10)
    for last in (None, hull.at("16:00").near(HAVEN), hull.at("16:00").near(off)):
        watch = Watch(waters=(off,))
        watch.hears(hull.at("06:00").near(off))
        watch.until("10:55")
        lit = hull.at("11:00").near(off)
        watch.hears(lit)
        if last is None:
            watch.until("23:00", day=99)
        else:
            watch.follows(*(lit.at(f"{hour}:{minute}") for hour in range(11, 16) for minute in (20, 40)), last)
            watch.follows(last.at("17:00"))
        told += watch.told
    return told


def a_first_report() -> list[Alert]:
    """Of a habitually dark hull whose watch began while the clock went."""
    watch = Watch(hulls=())
    watch.takes(Watched(ANGARA.id, replace(ANGARA, habitually_dark=True)))
    return watch.hears(ship(ANGARA.mmsi or 0))


def under_way() -> list[Alert]:
    """Silent while she sails, among others and where nobody is heard."""
    told = []
    for waters in ((OPEN_SEA,), ()):
        watch = Watch(waters=waters)
        her = ship(ANGARA.mmsi or 0)
        watch.hears(her.at("05:55").near(east_of(OPEN_SEA, -1)), her.at("06:00"))
        watch.until("09:00")
        watch.hears(her.at("09:01"))
        told += watch.told
    return told


def in_port() -> list[Alert]:
    """Dark at her berth, where she is heard for a minute; then she sails."""
    watch = Watch((haven,))
    her = ship(ANGARA.mmsi or 0).moving(0).near(HAVEN)
    watch.follows(her.at("06:00"), her.at("06:10"), her.at("12:00"), her.at("12:01"))
    watch.hears(her.at("12:02").moving(12).near(east_of(HAVEN, 1.2)))
    return watch.told


def a_meeting() -> list[Alert]:
    """She lies beside another ship in a flagged area, and they part."""
    watch, her = Watch(), ANGARA.mmsi or 0
    meeting = Meeting((her, 7), (ANGARA.id, ""), time("08:00"), (Beside(120, *SHOAL, 200),))
    watch.hears(ship(her).at("07:50").moving(0).near(SHOAL))
    watch.takes(replace(watch.closing("10:00"), meetings=(meeting,)))
    watch.takes(replace(watch.closing("12:00"), meetings=(replace(meeting, until=time("11:30")),)))
    return watch.told


def far_from_land() -> list[Alert]:
    """Slow for two hours, then under way."""
    watch, her = Watch(), ship(ANGARA.mmsi or 0)
    watch.follows(*(her.at(f"{hour:02}:{minute}").moving(0.5) for hour in range(6, 9) for minute in (15, 30, 45)))
    watch.follows(her.at("09:00").near(east_of(OPEN_SEA, 3)))
    return watch.told


def a_position_that_stands_still() -> list[Alert]:
    """While she says that she sails; then it goes on."""
    watch, her = Watch(), ship(ANGARA.mmsi or 0)._with(course_deg=90.0)
    watch.follows(*(her.at(f"06:{minute:02}") for minute in range(41)))
    watch.follows(*(her.at(f"06:{minute}").near(east_of(OPEN_SEA, (minute - 40) / 5)) for minute in range(41, 57)))
    return watch.told


def typed() -> list[Alert]:
    """Another draught, name and destination: out of the dark, taken back; by a call or a stop; unheard; under way."""
    here, there = Says(7.0, "ANGARA", "UBYT2", "RAJIN"), Says(4.0, "NEVA", "V3AB7", "BUSAN")
    dark = crews.out_of_the_dark(here)
    dark.hears(*crews.typing("15:02", "15:02", there), *crews.typing("15:08", "15:08", here))
    others = (crews.unheard, crews.lay_still, crews.under_way)
    watches = (dark, crews.a_call("caution", here, there), *(other(here, there) for other in others))
    return [alert for watch in watches for alert in watch.told]


def another_imo() -> list[Alert]:
    """Said in turn with hers."""
    watch, her = Watch(), ship(ANGARA.mmsi or 0).without_position()
    hers, another = (her._with(says=says) for says in (Says(imo=9179842), Says(another_imo=9077549)))
    return watch.hears(another.at("08:00"), hers.at("08:03"), another.at("08:06"))


def an_outage() -> Iterator[Alert]:
    """A feed falls silent and comes back."""
    state = clock.ClockState()
    for offset, until in enumerate((None, "09:00")):
        outage = Outage("harbour", time("08:00"), until and time(until))
        found = OutageFound(Origin("sentences:g:0", offset, 0), outage)
        state, outputs = clock.step(state, offset, found, "clock:g:0", partitions=1)
        yield from (output for output in outputs if isinstance(output, Alert))


def a_station() -> Iterator[Alert]:
    """One of two stations falls silent and comes back."""
    state = clock.ClockState()
    for minute in range(60):
        at = time("08:00") + minute * MINUTE
        roof, mast = StationCount("roof", 30, 6, 1), StationCount("mast", 30, 6, 0)
        heard = StationRun(at, at, (roof, mast) if not 40 <= minute < 50 else (roof,))
        for record in (
            Reception(Origin("s:g:0", minute, 0), "coast", (heard,)),
            Tick(Origin("s:g:0", minute, 1), at, (), (("coast", at),)),
        ):
            state, outputs = clock.step(state, minute, record, "clock:g:0", partitions=1)
            yield from (output for output in outputs if isinstance(output, Alert))


def many_jump() -> Iterator[Alert]:
    """Five ships jump to one place, and back."""
    state = clock.ClockState()
    for minute, way in enumerate((None, (HAVEN, SHOAL), (SHOAL, HAVEN), None)):
        at, origin = time("08:00") + minute * MINUTE, Origin("s:g:0", minute, 0)
        jumps = tuple(Jump(at, mmsi, at - MINUTE, *way) for mmsi in range(5) if way)
        for record in (Jumped(origin, jumps), Tick(replace(origin, n=1), at, (), (("coast", at),))):
            state, outputs = clock.step(state, minute, record, "clock:g:0", partitions=1)
            yield from (output for output in outputs if isinstance(output, Alert))


def many_fall_silent() -> Iterator[Alert]:
    """Six ships, and they come back."""
    state = clock.ClockState()
    for minute, back in enumerate((None, False, True, None)):
        at, origin = time("08:00") + minute * MINUTE, Origin("s:g:0", minute, 0)
        ships = tuple(Fallen(at, mmsi, at - 10 * MINUTE, HAVEN, back) for mmsi in range(6)) if back is not None else ()
        cells = (CellCount(cell_of(*HAVEN), 0, 1, 1, 1, 1, some=(7,)),)
        for record in (
            CellsHeard(origin, (CountRun(at, at, cells),)),
            FellSilent(replace(origin, n=1), ships),
            Tick(replace(origin, n=2), at, (), (("coast", at),)),
        ):
            state, outputs = clock.step(state, minute, record, "clock:g:0", partitions=1)
            yield from (output for output in outputs if isinstance(output, Alert))


def a_sighting() -> Alert:
    return sighted(ANGARA, time("08:00"), HAVEN, (haven,), "a satellite", "high", time("09:00"))


@pytest.fixture(scope="module")
def published() -> list[dict[str, Any]]:
    return [
        alert.published()
        for alert in (
            a_sighting(),
            *a_busy_month(),
            *overdue_in_a_strait(),
            *lit_up_off_a_port(),
            *a_first_report(),
            *under_way(),
            *in_port(),
            *a_meeting(),
            *far_from_land(),
            *a_position_that_stands_still(),
            *typed(),
            *another_imo(),
            *an_outage(),
            *a_station(),
            *many_jump(),
            *many_fall_silent(),
        )
    ]


def test_the_table_of_fields_is_the_record(published: list[dict[str, Any]]) -> None:
    assert all(list(alert) == rows("Fields") for alert in published)


def test_hulls_and_places_hold_what_the_page_says(published: list[dict[str, Any]]) -> None:
    hulls = [alert["hull"] for alert in published if alert["hull"]]
    places = [alert["place"] for alert in published if alert["place"]]
    assert all(list(hull) == rows("`hull`") for hull in hulls)
    assert all(list(place) == rows("`place`") for place in places)


def test_every_rule_has_its_section(published: list[dict[str, Any]]) -> None:
    told = {alert["rule"] for alert in published}
    assert told == {rule.__name__ for rule in RULES} | set(OF_NO_RULE)
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == told


@pytest.mark.parametrize("rule", [*(rule.__name__ for rule in RULES), *OF_NO_RULE])
def test_the_evidence_of_a_rule_is_what_the_page_says(published: list[dict[str, Any]], rule: str) -> None:
    held = {name for alert in published if alert["rule"] == rule for name in alert["evidence"]}
    assert held == set(rows(rule))


def test_a_report_as_evidence_is_what_the_page_says(published: list[dict[str, Any]]) -> None:
    told = [alert["evidence"][name] for alert in published for name in REPORTS if alert["evidence"].get(name)]
    held = {name for report in told for name in report}
    assert held == set(rows("A report as evidence"))
    assert len(held) == len(Heard._fields) - 1, "what a crew typed is told by rules of its own"


def test_a_window_is_what_the_page_says(published: list[dict[str, Any]]) -> None:
    held = {name for alert in published for window in alert["evidence"].get("ports", ()) for name in window}
    assert held == {"zone", "name", "distance_nm", "earliest", "latest"}
    assert [name for name in held if f"`{name}`" not in PAGE.partition("A window is an object")[2][:400]] == []


def test_what_happened_at_a_place_is_named(published: list[dict[str, Any]]) -> None:
    happened = {(alert["rule"], alert["place"]["what"]) for alert in published if alert["place"]}
    assert happened >= {("area", "left"), ("port_call", "arrived"), ("port_call", "departed"), ("strait", "entered")}
    assert happened >= {("strait", "transited"), ("strait", "inferred")}
    assert happened >= {("signs_of_life", "sign of life"), ("dark_in_port", "silent inside")}
    assert happened >= {("overdue", "overdue"), ("overdue", "beyond the far gate"), ("overdue", "turned back")}
    assert {("overdue_arrival", "reached"), ("draught_change", "draught changed")} <= happened
    for rule, what in happened:
        assert f"`{what}`" in PAGE.partition(f"### {rule}\n")[2].partition("\n### ")[0], (rule, what)


@pytest.mark.parametrize("word", [*Event, *Severity])
def test_events_and_severities_are_named(word: str) -> None:
    assert f"`{word}`" in PAGE
