"""Straits as one engine tells them: which way, through or back, unseen; the shipped ones both ways."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.alert import Alert
from alerts.core.frozen import replace
from alerts.core.geo import Fix, bearing_deg, destination, distance_nm, legs_cross, wrapped
from alerts.core.instants import HOUR, MINUTE, parse_rfc3339
from alerts.core.passage import crossing, gate_middle
from alerts.core.zones import Detour, Gate, Polygon, Zone, ZoneIndex, gate_crossed
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER
from tests.fairways import CHANNELS, DETOURS, FAIRWAYS
from tests.fleet import Ship, Watch, east_of, narrows, ship, time

angara = ship(273210440).at("08:00")
WEST, EAST = east_of((0.5, 120.0), -4), east_of((0.5, 121.0), 4)
"""Outside the margin of either end of the Narrows."""
STRAITS = {zone.id: zone for zone in load_config(DEFAULT_FOLDER).zones if zone.kind == "strait"}


def sailed(way: Sequence[Fix], kn: float = 12.0, every_ms: int = 6 * MINUTE) -> list[Ship]:
    """Fixes from 08:00 on, straight on the chart from corner to corner."""
    fixes = [(time("08:00"), way[0])]
    for a, b in pairwise(way):
        count = max(1, round(distance_nm(a, b) / kn * HOUR / every_ms))
        for n in range(1, count + 1):
            fix = (a[0] + (b[0] - a[0]) * n / count, a[1] + (b[1] - a[1]) * n / count)
            sailed_ms = max(1, round(distance_nm(fixes[-1][1], fix) / kn * HOUR))
            fixes.append((fixes[-1][0] + sailed_ms, fix))
    return [replace(angara, heard=angara.heard._replace(at=at, lat=fix[0], lon=fix[1])) for at, fix in fixes]


def told(ships: Sequence[Ship], zones: Sequence[Zone] = (narrows,)) -> list[Alert]:
    return Watch(zones).follows(*ships)


def what(alerts: Sequence[Alert]) -> list[str]:
    return [alert.place.what for alert in alerts if alert.rule == "strait" and alert.place]


def last(alerts: Sequence[Alert]) -> Alert:
    return [alert for alert in alerts if alert.rule == "strait"][-1]


# which way


@pytest.mark.parametrize(
    ("nm", "speed_kn", "bound"), [(0.0045, 12.0, []), (0.0055, 12.0, ["east"]), (0.02, 0.9, []), (0.02, 1.0, ["east"])]
)
def test_first_seen_inside_the_second_fix_says_which_way(nm: float, speed_kn: float, bound: list[str]) -> None:
    watch = Watch()
    watch.hears(angara.near((0.5, 120.5)))
    (amended,) = watch.hears(angara.at("08:00:10").near(east_of((0.5, 120.5), nm)).moving(speed_kn))
    assert [amended.evidence[name] for name in ("bound",) if name in amended.evidence] == bound
    assert amended.summary == "ANGARA was first seen inside The Narrows" + ", eastbound" * len(bound)


def test_westward_is_the_other_way() -> None:
    watch = Watch()
    watch.hears(angara.near((0.5, 120.5)))
    (amended,) = watch.hears(angara.at("08:01").near(east_of((0.5, 120.5), -0.2)))
    assert (amended.evidence["bound"], amended.summary[-11:]) == ("west", ", westbound")


def test_an_end_that_is_no_compass_word_is_told_by_its_name() -> None:
    watch = Watch((replace(narrows, gates=tuple(replace(gate, end=f"Port {gate.end}") for gate in narrows.gates)),))
    watch.hears(angara.near((0.5, 120.5)))
    (amended,) = watch.hears(angara.at("08:01").near(east_of((0.5, 120.5), 0.2)))
    assert amended.summary == "ANGARA was first seen inside The Narrows, bound for Port east"


def test_entered_by_a_gate_she_is_bound_for_the_other_end_at_once() -> None:
    watch = Watch()
    watch.hears(angara.near((0.5, 119.9)))
    (entered,) = watch.hears(angara.at("08:20").near((0.5, 120.1)))
    assert entered.evidence["bound"] == "east"


def test_with_a_third_end_the_second_fix_inside_says_which() -> None:
    third = Gate("north gate", ((1.0, 120.2), (1.0, 120.8)), "north")
    watch = Watch((replace(narrows, gates=(*narrows.gates, third)),))
    watch.hears(angara.near((0.5, 119.9)))
    (entered,) = watch.hears(angara.at("08:20").near((0.5, 120.1)))
    assert "bound" not in entered.evidence
    (amended,) = watch.hears(angara.at("08:30").near((0.6, 120.12)))
    assert amended.evidence["bound"] == "north"


# through or back


def test_in_by_one_end_and_out_by_the_other_she_has_transited() -> None:
    alerts = told(sailed((WEST, EAST)))
    assert what(alerts) == ["entered", "transited"]
    closed = last(alerts)
    assert closed.summary == "ANGARA transited The Narrows, eastbound, in by west gate, out by east gate"
    assert (closed.evidence["gate"], closed.evidence["exit_gate"]) == ("west gate", "east gate")
    assert closed.evidence["transit_min"] == pytest.approx(60 / 12 * 60 + 20, abs=15)


def test_in_and_out_by_the_same_end_she_has_turned_back() -> None:
    alerts = told(sailed((WEST, (0.5, 120.5), WEST)))
    assert what(alerts) == ["entered", "turned back"]
    assert last(alerts).summary == "ANGARA turned back in The Narrows, out by west gate"


def test_over_the_side_she_has_only_left() -> None:
    alerts = told(sailed((WEST, (0.5, 120.5), (1.2, 120.5))))
    assert what(alerts) == ["entered", "left"]
    assert "exit_gate" not in last(alerts).evidence


def test_first_seen_inside_she_left_by_a_gate_but_has_not_transited() -> None:
    alerts = told(sailed(((0.5, 120.5), EAST)))
    assert set(what(alerts[:-1])) == {"first seen inside"}
    assert (what(alerts)[-1], last(alerts).evidence["exit_gate"]) == ("left", "east gate")


def test_out_into_the_margin_by_one_gate_and_back_what_counts_is_the_last_way_out() -> None:
    just_out = east_of((0.5, 120.0), -1)
    assert what(told(sailed((WEST, (0.5, 120.3), just_out, EAST)))) == ["entered", "transited"]


def test_gone_between_two_distant_fixes_no_gate_is_made_up() -> None:
    inside, outside = angara.near((0.5, 120.98)), angara.at("08:40").near(EAST)
    alerts = told([inside, outside])
    assert what(alerts) == ["first seen inside", "left"]
    assert "exit_gate" not in last(alerts).evidence


# the mirror


UNITS = 600_000
"""Of a degree, as positions come over the air."""


def degrees(least: float, most: float) -> st.SearchStrategy[float]:
    return st.integers(round(least * UNITS), round(most * UNITS)).map(lambda units: units / UNITS)


near_narrows = st.tuples(degrees(-0.3, 1.3), degrees(119.7, 121.3))


@given(st.lists(near_narrows, min_size=1, max_size=12))
def test_the_same_track_backwards_enters_where_it_left_and_leaves_where_it_entered(middle: list[Fix]) -> None:
    way = [(0.5, 119.0), *middle, (0.5, 122.0)]
    out, back = passages(way), passages(way[::-1])
    assert back == [(leaves, enters) for enters, leaves in out[::-1]]


def passages(way: Sequence[Fix]) -> list[tuple[str | None, str | None]]:
    """Of each visit, the gates in and out; at a speed that a ship can sail, a fix for every 8 nm."""
    ships = sailed(way, kn=40.0, every_ms=12 * MINUTE)
    closed = [a for a in told(ships) if a.event == "closed" and a.place and a.place.what != "inferred"]
    return [(a.evidence.get("gate"), a.evidence.get("exit_gate")) for a in closed if a.rule == "strait"]


@pytest.mark.parametrize("way", [(WEST, EAST), (EAST, WEST), (WEST, (0.5, 120.5), WEST)])
def test_shifted_by_one_width_the_track_enters_nothing(way: tuple[Fix, ...]) -> None:
    assert told(sailed([(lat + 1.2, lon) for lat, lon in way])) == []


# unseen


OFF_WEST, OFF_EAST = (0.5, 119.8), (0.5, 121.2)
ROUND_KN = 15.0
"""12 kn and a quarter more."""


def unseen(after_min: float, speed_kn: float = 12.0, start: Fix = OFF_WEST, end: Fix = OFF_EAST) -> list[Alert]:
    before = angara.near(start).moving(speed_kn)
    later = replace(angara, heard=angara.heard._replace(at=time("08:00") + round(after_min * MINUTE)))
    return [alert for alert in told([before, later.near(end).moving(speed_kn)]) if alert.rule == "strait"]


def way_round_nm() -> float:
    assert isinstance(narrows.shape, Polygon)
    return max(distance_nm(OFF_WEST, corner) + distance_nm(corner, OFF_EAST) for corner in narrows.shape.ring[:2])


@pytest.mark.parametrize(("more_min", "inferred"), [(-0.5, True), (0.5, False)])
def test_a_crossing_is_inferred_where_there_was_no_time_for_the_way_round(more_min: float, inferred: bool) -> None:
    alerts = unseen(way_round_nm() / ROUND_KN * 60 + more_min)
    assert what(alerts) == (["inferred", "inferred"] if inferred else [])


def test_an_inferred_crossing_is_over_when_it_is_told_and_has_its_window() -> None:
    opened, closed = unseen(6 * 60)
    assert (opened.event, closed.event) == ("opened", "closed")
    assert (closed.evidence["gate"], closed.evidence["exit_gate"]) == ("west gate", "east gate")
    off_gate_ms = round(distance_nm(OFF_WEST, (0.5, 120.0)) / ROUND_KN * HOUR)
    earliest, latest = (parse_rfc3339(closed.evidence[name]) for name in ("earliest", "latest"))
    assert earliest - time("08:00") == pytest.approx(off_gate_ms, rel=0.01)
    assert time("14:00") - latest == pytest.approx(off_gate_ms, rel=0.01)
    assert closed.happened_at == time("08:00")
    assert closed.summary.startswith("ANGARA crossed The Narrows unseen, eastbound, between 2024-02-03T08:")


@pytest.mark.parametrize(("speed_kn", "inferred"), [(12.0, True), (19.0, False)])
def test_a_faster_ship_could_have_sailed_round(speed_kn: float, inferred: bool) -> None:
    assert bool(unseen(6 * 60, speed_kn)) == inferred


@pytest.mark.parametrize("end", [(0.5, 120.5), (0.5, 119.5), (1.2, 120.5)])
def test_nothing_is_inferred_of_a_leg_that_ends_inside_or_crosses_one_end_alone(end: Fix) -> None:
    assert "inferred" not in what(unseen(5 * 60, end=end))


def test_backwards_an_inferred_crossing_goes_the_other_way() -> None:
    closed = last(unseen(6 * 60, start=OFF_EAST, end=OFF_WEST))
    assert (closed.evidence["gate"], closed.evidence["exit_gate"]) == ("east gate", "west gate")


# over the antimeridian


HALF_TURN = 59.5
"""So far east the Narrows lie from 179.5 E to 179.5 W."""
FAR_NARROWS = replace(
    narrows,
    id="far-narrows",
    shape=Polygon(tuple((lat, wrapped(lon + HALF_TURN)) for lat, lon in narrows.shape.ring)),  # type: ignore[union-attr]
    gates=tuple(
        replace(gate, line=tuple((lat, wrapped(lon + HALF_TURN)) for lat, lon in gate.line)) for gate in narrows.gates
    ),
    transit_h=8.0,
)


def far(*way: Fix, kn: float = 12.0, every_ms: int = 6 * MINUTE) -> list[Ship]:
    """A way in the Narrows, half a turn on."""
    return [s.near((s.heard.lat, wrapped(s.heard.lon + HALF_TURN))) for s in sailed(way, kn, every_ms)]


@pytest.mark.parametrize(
    ("way", "words", "summary"),
    [
        ((WEST, EAST), "transited", "transited The Narrows, eastbound, in by west gate, out by east gate"),
        ((EAST, WEST), "transited", "transited The Narrows, westbound, in by east gate, out by west gate"),
        ((WEST, (0.5, 120.7), WEST), "turned back", "turned back in The Narrows, out by west gate"),
        ((EAST, (0.5, 120.3), EAST), "turned back", "turned back in The Narrows, out by east gate"),
    ],
)
def test_over_the_antimeridian_she_transits_and_turns_back(way: tuple[Fix, ...], words: str, summary: str) -> None:
    alerts = told(far(*way), (FAR_NARROWS,))
    assert what(alerts) == ["entered", words]
    assert last(alerts).summary == f"ANGARA {summary}"


def test_over_the_antimeridian_the_second_fix_inside_says_which_way() -> None:
    _, amended = told(far((0.5, 120.49), (0.5, 120.51)), (FAR_NARROWS,))
    assert amended.summary == "ANGARA was first seen inside The Narrows, eastbound"


WESTWARD = (0,) * 16 + (50,) * 16
ALONE = replace(
    FAR_NARROWS,
    detour=Detour(100.0),
    gates=tuple(replace(g, side_nm=WESTWARD[:: 1 if g.end == "west" else -1]) for g in FAR_NARROWS.gates),
)
"""Within a hundred miles nothing leads round, and what lies west of the west gate lies off that end."""


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((2.0, 178.0), (1.8, -178.5)),  # halfway
        ((2.0, -179.9), (8.0, -179.9)),
        ((8.0, 179.9), (2.0, 179.9)),
        ((1.2, 170.0), (1.2, -179.4)),
    ],
)
def test_no_way_over_a_line_is_shorter_than_that_over_its_best_point(a: Fix, b: Fix) -> None:
    before, now = (0.5, 179.3), (0.5, -179.3)
    found = crossing(replace(ALONE, detour=Detour(1_000.0, ((a, b),))), before, now)
    line = [(a[0] + (b[0] - a[0]) * n / 999, a[1] + wrapped(b[1] - a[1]) * n / 999) for n in range(1_000)]
    assert found is not None
    assert found.round_nm == pytest.approx(min(distance_nm(before, p) + distance_nm(p, now) for p in line), abs=0.01)


@pytest.mark.parametrize("zone", [FAR_NARROWS, ALONE], ids=["by the leg", "by the waters"])
@pytest.mark.parametrize(("way", "bound"), [((OFF_WEST, OFF_EAST), "east"), ((OFF_EAST, OFF_WEST), "west")])
def test_over_the_antimeridian_a_crossing_is_inferred(zone: Zone, way: tuple[Fix, ...], bound: str) -> None:
    first, *_, then = far(*way, kn=14.0)
    alerts = told([first.moving(12), then.moving(12)], (zone,))
    assert what(alerts) == ["inferred", "inferred"]
    assert last(alerts).evidence["bound"] == bound
    assert what(told([first.moving(12), then.at("08:00", day=1).moving(12)], (zone,))) == []


def test_over_the_antimeridian_she_is_overdue_at_the_far_gate() -> None:
    watch = Watch((FAR_NARROWS,))
    watch.follows(*far(WEST, (0.5, 120.3)))
    (overdue,) = [alert for alert in watch.until("23:59") if alert.rule == "overdue"]
    assert overdue.evidence["bound"] == "east"
    assert overdue.evidence["to_go_nm"] == pytest.approx(42, abs=0.5)


def test_the_middle_of_a_gate_over_the_antimeridian_lies_between_its_ends() -> None:
    assert gate_middle(Gate("north", ((0.0, 179.0), (1.0, 179.5), (2.0, -179.5)))) == (1.5, -180.0)


@pytest.mark.parametrize(("before", "now"), [((0.5, 179.4), (0.5, -179.4)), ((0.5, -179.4), (0.5, 179.4))])
def test_the_straits_between_two_fixes_are_those_across_the_antimeridian(before: Fix, now: Fix) -> None:
    zones = ZoneIndex.of((FAR_NARROWS, narrows))
    assert list(zones.straits_between(before, now)) == [FAR_NARROWS]
    assert list(zones.straits_between((0.5, 119.0), (0.5, 122.0))) == [narrows]
    assert list(zones.straits_between((0.5, -179.3), (0.5, -178.0))) == []


# the shipped straits


WAYS = {name: (name, way) for name, way in FAIRWAYS.items()} | CHANNELS


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("back", [False, True], ids=["out", "back"])
def test_each_strait_is_transited_both_ways_by_each_channel(name: str, back: bool) -> None:
    zone, out = WAYS[name]
    alerts = [a for a in told(sailed(out[::-1] if back else out), list(STRAITS.values())) if a.place.zone == zone]
    assert what(alerts)[0] == "entered"
    assert what(alerts)[-1] == "transited"
    closed = last(alerts)
    ends = [gate.end for gate in STRAITS[zone].gates if gate.name == closed.evidence["exit_gate"]]
    assert ends == [closed.evidence["bound"]]


def test_every_gate_is_crossed_by_a_way() -> None:
    crossed = {
        (zone, gate.name)
        for zone, way in WAYS.values()
        for leg in pairwise(way)
        for gate in STRAITS[zone].gates
        if any(legs_cross(*leg, *line) for line in pairwise(gate.line))
    }
    assert crossed == {(zone.id, gate.name) for zone in STRAITS.values() for gate in zone.gates}


def across(name: str, way: Sequence[Fix], sailed_nm: float, kn: float = 12.0) -> list[Alert]:
    """What is inferred of this strait where only the first and the last fix of a way are heard, at 12 kn."""
    first, after = angara.near(way[0]).moving(12.0), time("08:00") + round(sailed_nm / kn * HOUR)
    then = replace(angara, heard=angara.heard._replace(at=after)).near(way[-1]).moving(12.0)
    alerts = Watch(list(STRAITS.values())).hears(first, then)
    return [a for a in alerts if a.rule == "strait" and a.place and (a.place.zone, a.place.what) == (name, "inferred")]


def length_nm(way: Sequence[Fix]) -> float:
    return sum(distance_nm(a, b) for a, b in pairwise(way))


def end_by(name: str, way: Sequence[Fix]) -> str:
    """The end by which a way leaves a strait."""
    crossed = [gate_crossed(STRAITS[name], *leg) for leg in pairwise(way)]
    return [gate.end for gate in crossed if gate][-1]


AS_SHORT = {"fehmarn-belt"}
"""The way by Fehmarn Sound is no longer: who was not seen may have taken it."""


@pytest.mark.parametrize("name", sorted(FAIRWAYS.keys() - AS_SHORT))
@pytest.mark.parametrize("back", [False, True], ids=["out", "back"])
def test_each_shipped_strait_is_inferred_between_the_ends_of_its_fairway(name: str, back: bool) -> None:
    way = FAIRWAYS[name][::-1] if back else FAIRWAYS[name]
    opened, closed = across(name, way, length_nm(way))
    assert (opened.event, closed.event) == ("opened", "closed")
    assert closed.evidence["bound"] == end_by(name, way)
    assert closed.evidence["way_round_nm"] > closed.evidence["could_have_sailed_nm"] >= length_nm(way)
    earliest, latest = (parse_rfc3339(closed.evidence[key]) for key in ("earliest", "latest"))
    assert time("08:00") <= earliest < latest <= time("08:00") + length_nm(way) / 12 * HOUR


@pytest.mark.parametrize("name", AS_SHORT)
def test_where_another_way_is_as_short_nothing_is_inferred(name: str) -> None:
    assert across(name, FAIRWAYS[name], length_nm(FAIRWAYS[name])) == []


@pytest.mark.parametrize("name", DETOURS)
@pytest.mark.parametrize("back", [False, True], ids=["out", "back"])
def test_who_went_round_as_fast_as_she_can_is_not_told_to_have_crossed(name: str, back: bool) -> None:
    zone, out = DETOURS[name]
    assert (FAIRWAYS[zone][0], FAIRWAYS[zone][-1]) == (out[0], out[-1])
    assert across(zone, out[::-1] if back else out, length_nm(out), kn=15.0) == []


@pytest.mark.parametrize(
    ("name", "before", "now"),
    [
        ("panama-canal", (9.5, -79.92), (9.55, -78.9)),  # along the Caribbean, nearer to Balboa than to Colon
        ("kerch-strait", (45.6, 36.7), (46.7, 37.2)),  # within the Sea of Azov
        ("hormuz-strait", (26.0, 55.2), (25.35, 55.2)),  # from off the strait to Dubai
        ("dardanelles", (39.98, 26.05), (40.45, 26.6)),  # to the Gulf of Saros, three miles from the Marmara
        ("korea-strait", (33.75, 128.35), (32.5, 131.9)),  # round Kyushu to its eastern side
        ("great-belt", (54.6, 10.85), (55.05, 11.5)),  # by the Storstrom into the Smaaland waters
    ],
)
def test_who_stays_on_one_side_has_crossed_nothing(name: str, before: Fix, now: Fix) -> None:
    assert across(name, (before, now), distance_nm(before, now)) == []


def test_from_dubai_to_fujairah_she_has_passed_hormuz_although_both_lie_south_of_it() -> None:
    dubai, fujairah = (25.35, 55.2), (25.2, 56.6)
    (_, closed) = across("hormuz-strait", (dubai, fujairah), 190.0)
    assert closed.summary.startswith("ANGARA crossed Strait of Hormuz unseen, eastbound, between ")


def test_from_the_black_sea_she_can_have_come_days_later() -> None:
    off_sulina, marmara, off_lemnos = (44.5, 30.5), (40.75, 28.5), (39.7, 25.6)
    assert across("bosporus", (off_sulina, marmara), 1_000.0)
    assert across("dardanelles", (marmara, off_lemnos), 1_000.0)


GATES = [pytest.param(zone, gate, id=f"{zone.id}: {gate.name}") for zone in STRAITS.values() for gate in zone.gates]


@pytest.mark.parametrize(("zone", "gate"), GATES)
def test_close_by_a_gate_and_along_it_nothing_is_entered(zone: Zone, gate: Gate) -> None:
    """Along the gate's longest leg, a fifth of the margin outside it."""
    a, b = max(pairwise(gate.line), key=lambda leg: distance_nm(*leg))
    along = bearing_deg(a, b)
    tenth_nm = distance_nm(a, b) / 10
    ends = (destination(a, along, tenth_nm), destination(a, along, 9 * tenth_nm))
    sides = [[destination(fix, along + aside, zone.margin_nm / 5) for fix in ends] for aside in (90, -90)]
    entered = [what(told(sailed(side, every_ms=MINUTE), [zone])) for side in sides]
    assert sorted(map(len, entered)) == [0, max(map(len, entered))]
    assert entered[0] != entered[1], "on one side she is in it, on the other she is not"
