"""The Angara re-enactment tells its story, and is a feed that a chain can be trusted with."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from math import cos, hypot, radians
from typing import Any

import pyais
import pytest
from shapely.geometry import LineString, Point, Polygon

from alerts.core.instants import DAY, HOUR, MINUTE, SECOND, Instant, rfc3339
from streams import scenario
from streams.scenario.angara import ANGARA, ANGARA_MMSI, HOMONYM_MMSI, STATION_FAILURE, angara, cast, watches
from streams.scenario.radio import Air, ship_heard
from streams.scenario.ships import FLEET, imo_number

RAJIN = (42.2333, 130.3)
GATES = (
    ((35.07, 129.08), (34.70, 129.46)),
    ((34.70, 129.46), (34.77, 131.15)),
    ((34.77, 131.15), (34.40, 130.95)),
    ((34.72, 128.70), (33.27, 129.10)),
    ((33.35, 129.10), (33.35, 129.42)),
)
COAST = ((34.40, 130.95), (33.9, 130.9), (33.35, 129.42))
STRAIT = Polygon([point[::-1] for point in (*GATES[0], *GATES[2], *COAST, GATES[4][0], *GATES[3][::-1])])


@dataclass(frozen=True, slots=True)
class Line:
    at: Instant
    station: str
    message: Any

    @property
    def here(self) -> tuple[float, float]:
        return self.message.lat, self.message.lon


def checksum(text: bytes) -> int:
    total = 0
    for byte in text:
        total ^= byte
    return total


def read(lines: Iterator[bytes]) -> Iterator[Line]:
    """Every line in full: its tag block, both checksums, its length, and what pyais makes of it."""
    first: bytes | None = None
    for line in lines:
        assert line.endswith(b"\n")
        assert line.count(b"\\") == 2, line
        _, tags, sentence = line[:-1].split(b"\\")
        body, check = tags.split(b"*")
        assert checksum(body) == int(check, 16)
        assert len(sentence) <= 80
        fields = dict(field.split(b":") for field in body.split(b","))
        if sentence.startswith(b"!AIVDM,2,1"):
            first = sentence
            continue
        parts = (first, sentence) if sentence.startswith(b"!AIVDM,2,2") else (sentence,)
        message = pyais.decode(*parts, error_if_checksum_invalid=True)
        yield Line(int(fields[b"c"]) * SECOND, fields[b"s"].decode(), message)


@pytest.fixture(scope="module")
def raw() -> list[bytes]:
    return list(scenario.lines("angara"))


@pytest.fixture(scope="module")
def heard(raw: list[bytes]) -> list[Line]:
    return list(read(iter(raw)))


@pytest.fixture(scope="module")
def hers(heard: list[Line]) -> list[Line]:
    return [line for line in heard if line.message.mmsi == ANGARA_MMSI]


def nm(start: tuple[float, float], end: tuple[float, float]) -> float:
    return hypot((end[0] - start[0]) * 60, (end[1] - start[1]) * 60 * cos(radians(start[0])))


def stretches(lines: list[Line], gap_ms: int = 30 * MINUTE) -> list[list[Line]]:
    """Split where nothing was heard for longer than half an hour."""
    parts: list[list[Line]] = [[lines[0]]]
    for before, after in pairwise(lines):
        if after.at - before.at > gap_ms:
            parts.append([])
        parts[-1].append(after)
    return parts


def test_the_same_seed_is_the_same_world(raw: list[bytes]) -> None:
    assert sha256(b"".join(scenario.lines("angara", seed=0))).digest() == sha256(b"".join(raw)).digest()


def test_another_seed_is_another_world(raw: list[bytes]) -> None:
    other = scenario.lines("angara", seed=1)
    assert sum(next(other) in raw[:200] for _ in range(100)) < 10


def test_it_is_small(raw: list[bytes]) -> None:
    assert 150_000 < len(raw) < 300_000


def test_time_goes_forward_without_a_gap_that_is_an_outage(heard: list[Line]) -> None:
    steps = [after.at - before.at for before, after in pairwise(heard)]
    assert min(steps) >= 0
    assert max(steps) <= 4 * MINUTE + 10 * SECOND


def test_the_first_stations_are_heard_every_four_minutes_for_seven_weeks(heard: list[Line]) -> None:
    for station in ("rajin", "busan", "zhoushan"):
        beats = [line.at for line in heard if line.message.msg_type == 4 and line.station == station]
        assert max(after - before for before, after in pairwise(beats)) <= 4 * MINUTE + 10 * SECOND
        assert beats[-1] - beats[0] > 52 * DAY


def test_angara_is_on_in_four_stretches_and_silent_between(hers: list[Line]) -> None:
    parts = stretches(hers)
    assert [rfc3339(part[0].at)[:10] for part in parts] == ["2024-01-06", "2024-02-03", "2024-02-09", "2024-02-28"]
    for part, watch in zip(parts, watches(0), strict=True):
        assert watch.begin - SECOND <= part[0].at
        assert part[-1].at <= watch.end


def test_every_light_begins_with_positions_and_no_name(hers: list[Line]) -> None:
    for part in stretches(hers):
        assert {line.message.msg_type for line in part[:4]} <= {1, 3}


def test_she_falls_silent_off_rajin_outside_its_zone(hers: list[Line]) -> None:
    last = stretches(hers)[0][-1]
    assert 8 < nm(RAJIN, last.here) < 15
    assert last.message.speed > 8


def test_the_feed_goes_on_for_an_hour_and_a_half_after_each_of_her_last_reports_but_the_last(
    heard: list[Line], hers: list[Line]
) -> None:
    ends = [part[-1].at for part in stretches(hers)]
    assert all(heard[-1].at - end > 90 * MINUTE for end in ends[:-1])
    assert MINUTE < heard[-1].at - ends[-1] < 30 * MINUTE


def test_six_minutes_in_the_korea_strait_southbound_well_inside_its_gates(hers: list[Line]) -> None:
    part = stretches(hers)[1]
    assert 5 * MINUTE < part[-1].at - part[0].at <= 6 * MINUTE
    assert {line.message.msg_type for line in part} == {1}
    for line in part:
        assert 135 < line.message.course < 225
        assert STRAIT.contains(Point(line.here[::-1]))
        assert min(LineString([a[::-1], b[::-1]]).distance(Point(line.here[::-1])) for a, b in GATES) * 50 > 10


def test_she_runs_in_to_zhoushan_from_outside_and_moors(hers: list[Line]) -> None:
    part = [line for line in stretches(hers)[2] if line.message.msg_type != 5]
    inside = [29.6 < line.here[0] < 30.4 and 121.7 < line.here[1] < 122.6 for line in part]
    assert not any(inside[:100])
    assert inside == sorted(inside)
    stopped = [line for line in part if line.message.status == 5]
    assert {line.message.speed for line in stopped} == {0}
    assert part[part.index(stopped[0]) :] == stopped
    assert stopped[-1].at - stopped[0].at > 30 * MINUTE
    assert nm(stopped[0].here, stopped[-1].here) < 0.05


def test_the_sign_of_life_comes_from_her_berth(hers: list[Line]) -> None:
    _, _, arrival, sign = stretches(hers)
    places = [line.here for line in sign if line.message.msg_type == 3]
    assert len(places) >= 7
    assert all(nm(arrival[-1].here, place) < 0.05 for place in places)
    assert {line.message.imo for line in sign if line.message.msg_type == 5} == {9179842}


def test_the_homonym_is_another_ship_in_the_same_waters(heard: list[Line]) -> None:
    named = [line for line in heard if line.message.msg_type == 5 and line.message.shipname == "ANGARA"]
    assert {line.message.mmsi for line in named} == {ANGARA_MMSI, HOMONYM_MMSI}
    other = [line for line in named if line.message.mmsi == HOMONYM_MMSI]
    assert {line.message.imo for line in other} == {imo_number(476_543)}
    for watch in watches(0)[:2]:
        assert any(watch.begin <= line.at <= watch.end for line in other)


def test_a_station_fails_for_an_hour_while_the_others_go_on_and_it_hears_no_watched_hull(
    heard: list[Line], hers: list[Line]
) -> None:
    day = [line for line in heard if STATION_FAILURE.begin - HOUR < line.at < STATION_FAILURE.end + HOUR]
    by_station = defaultdict(list)
    for line in day:
        by_station[line.station].append(line.at)
    silent = [(a, b) for a, b in pairwise(by_station["shengsi"]) if b - a > MINUTE]
    assert len(silent) == 1
    assert abs(silent[0][1] - silent[0][0] - HOUR) < 20 * SECOND
    assert max(b - a for a, b in pairwise(by_station["zhoushan"])) <= 10 * SECOND
    assert "shengsi" not in {line.station for line in hers}


def test_two_hundred_and_sixty_six_ships_of_all_kinds_are_heard(heard: list[Line]) -> None:
    ships = {line.message.mmsi for line in heard if line.message.msg_type != 4}
    assert len(ships) == 266 == 2 + 4 * sum(count for _, count in FLEET)
    assert Counter(line.message.msg_type for line in heard).keys() == {1, 3, 4, 5, 18, 24}
    names = {line.message.shipname for line in heard if line.message.msg_type == 5}
    assert "<SCRIPT SRC=//X.CO>" in names


def test_no_number_is_used_twice_and_none_is_watched() -> None:
    ships = cast(0)
    imos = [ship.imo for ship in ships if ship.imo]
    assert len({ship.mmsi for ship in ships}) == len(ships)
    assert len(set(imos)) == len(imos)
    assert all(imo == imo_number(imo // 10) for imo in imos)
    assert {8517839, 9161003, 9358010}.isdisjoint(imos)


def test_no_ship_is_faster_than_thirty_knots_between_two_fixes(heard: list[Line]) -> None:
    last: dict[int, Line] = {}
    for line in heard:
        if line.message.msg_type in (4, 5, 24):
            continue
        before = last.setdefault(line.message.mmsi, line)
        hours = (line.at - before.at + SECOND) / HOUR
        assert nm(before.here, line.here) - 0.02 < 30 * hours, line
        last[line.message.mmsi] = line


def test_ships_near_her_are_heard_before_while_and_after_she_is_silent(heard: list[Line]) -> None:
    for watch in watches(0)[:3]:
        spans = [(watch.end + i * 30 * MINUTE, watch.end + (i + 1) * 30 * MINUTE) for i in (-1, 0, 1)]
        where = angara(0).track.at(watch.end)
        for begin, end in spans:
            near = {
                line.message.mmsi
                for line in heard
                if begin <= line.at < end
                and line.message.msg_type in (1, 3)
                and nm((where.lat, where.lon), line.here) < 25
            }
            assert len(near - {ANGARA_MMSI}) >= 4


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("lost", [0.0, 1 / 3])
def test_her_story_is_told_by_twenty_seeds_and_with_a_third_lost(seed: int, lost: float) -> None:
    air = Air(seed, ANGARA.begin, ANGARA.end, ANGARA.failures, lost)
    ship = angara(seed)
    assert ship.watches
    messages = list(ship_heard(ship, 100, ship.watches, air))
    lines = [Line(m.at, m.station, pyais.decode(*m.sentences)) for m in messages]
    rajin, strait, zhoushan, sign = stretches(lines)
    assert 8 < nm(RAJIN, rajin[-1].here) < 15
    assert STRAIT.contains(Point(strait[0].here[::-1]))
    assert len(strait) > 10
    assert zhoushan[0].here[1] > 122.62
    moored = [line for line in zhoushan if line.message.msg_type == 3 and line.message.speed < 0.5]
    assert len(moored) >= 5
    assert zhoushan[-1].at - moored[0].at > 30 * MINUTE
    assert all(part[0].message.msg_type in (1, 3) for part in (rajin, strait, zhoushan, sign))
    assert ANGARA.end - sign[-1].at < 30 * MINUTE
    assert "shengsi" not in {line.station for line in lines}


def test_the_demo_shows_it_in_about_three_minutes_and_never_goes_back() -> None:
    scenes = scenario.SCENES
    assert all(before.end == after.begin for before, after in pairwise(scenes))
    assert scenario.play_at(scenes[0].begin) == 0
    assert 150 < scenario.play_at(scenes[-1].end) < 200
    moments = range(scenes[0].begin, scenes[-1].end, HOUR)
    assert all(scenario.play_at(a) < scenario.play_at(b) for a, b in pairwise(moments))


def test_the_six_minutes_of_light_last_long_enough_to_be_seen() -> None:
    light = watches(0)[1]
    assert scenario.play_at(light.end) - scenario.play_at(light.begin) > 5


def test_a_world_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        scenario.lines("atlantis")
