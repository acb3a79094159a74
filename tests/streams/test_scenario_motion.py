"""Ships of generated worlds move as ships do, and transmit as often as ITU-R M.1371-5 says."""

from argparse import ArgumentParser
from itertools import pairwise
from random import Random

import pytest

from alerts.core.instants import HOUR, MINUTE, SECOND
from streams import scenario
from streams.scenario.motion import Fix, Passage, Path, Track, distance_nm, turn_deg
from streams.scenario.radio import reporting_interval_ms
from streams.scenario.ships import CARGO, imo_number, to_and_fro

ELBOW = ((34.0, 129.0), (34.5, 129.0), (34.5, 129.6))


def fix(speed_kn: float, turning: int = 0, under_way: bool = True) -> Fix:
    return Fix(34.5, 129.0, speed_kn, 180.0, turning, under_way)


@pytest.mark.parametrize(
    ("transponder", "here", "seconds"),
    [
        ("A", fix(0, under_way=False), 180),
        ("A", fix(0.1), 10),
        ("A", fix(14), 10),
        ("A", fix(14, turning=1), 10 / 3),
        ("A", fix(14.1), 6),
        ("A", fix(14.1, turning=-1), 2),
        ("A", fix(23), 6),
        ("A", fix(23.1), 2),
        ("B", fix(2), 180),
        ("B", fix(2.1), 30),
        ("B", fix(20, turning=1), 30),
    ],
)
def test_reporting_intervals_of_the_itu(transponder: str, here: Fix, seconds: float) -> None:
    assert reporting_interval_ms(transponder, here) == pytest.approx(seconds * SECOND)


def test_a_path_begins_and_ends_at_its_ends_and_cuts_its_corner_by_less_than_a_cable() -> None:
    path = Path.through(ELBOW)
    assert (path.points[0], path.points[-1]) == (ELBOW[0], ELBOW[-1])
    assert min(distance_nm(ELBOW[1], point) for point in path.points) < 0.1


def test_a_ship_turns_in_the_bend_and_nowhere_else() -> None:
    passage = Passage.from_rest(0, Path.through(ELBOW), 12.0)
    fixes = [passage.at(at) for at in range(0, passage.end, SECOND)]
    turning = [fix for fix in fixes if fix.turning]
    assert {fix.turning for fix in turning} == {1}
    assert all(distance_nm((f.lat, f.lon), ELBOW[1]) < 0.15 for f in turning)
    assert max(abs(turn_deg(a.course_deg, b.course_deg)) for a, b in pairwise(fixes)) < 25


def test_speed_and_course_follow_from_the_positions() -> None:
    passage = Passage.from_rest(0, Path.through(ELBOW), 12.0)
    fixes = [passage.at(at) for at in range(0, passage.end + MINUTE, 10 * SECOND)]
    for before, after in pairwise(fixes):
        sailed_kn = distance_nm((before.lat, before.lon), (after.lat, after.lon)) / (10 * SECOND / HOUR)
        assert sailed_kn == pytest.approx((before.speed_kn + after.speed_kn) / 2, abs=0.6)


def test_a_ship_at_rest_lies_where_her_passage_ended() -> None:
    passage = Passage.from_rest(0, Path.through(ELBOW), 12.0)
    rest = Track.of([passage]).at(passage.end + 9 * HOUR)
    assert (rest.lat, rest.lon) == pytest.approx(ELBOW[-1])
    assert (rest.speed_kn, rest.under_way) == (0.0, False)


def test_passing_has_her_at_the_point_at_the_moment_at_cruising_speed() -> None:
    lane = ((34.0, 129.0), (34.5, 129.0), (35.0, 129.0))
    there = Passage.passing((34.5, 129.0), 5 * HOUR, Path.through(lane), 11.0).at(5 * HOUR)
    assert (there.lat, there.speed_kn) == (pytest.approx(34.5, abs=0.002), 11.0)


def test_to_and_fro_never_jumps() -> None:
    track = to_and_fro(CARGO, ELBOW, Random(4), 0, 100 * HOUR)
    fixes = [track.at(at) for at in range(0, 100 * HOUR, MINUTE)]
    assert max(distance_nm((a.lat, a.lon), (b.lat, b.lon)) for a, b in pairwise(fixes)) < 15 / 60


def test_imo_check_digit() -> None:
    assert imo_number(917_984) == 9179842


@pytest.mark.parametrize("wrong", [["atlantis"], ["angara", "--lost", "1.5"], ["angara", "--seed", "x"]])
def test_wrong_arguments_end_with_status_2(wrong: list[str]) -> None:
    parser = ArgumentParser()
    scenario.add_arguments(parser)
    with pytest.raises(SystemExit) as left:
        parser.parse_args(wrong)
    assert left.value.code == 2
