"""Which fixes are her track: the nearest, in company, bounded; a number of many ships, against its expected split."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import pytest

from alerts.core.geo import Fix
from alerts.core.heard import Heard
from alerts.core.instants import DAY, MINUTE, Instant, parse_rfc3339
from alerts.core.quarantine import FORGOTTEN_MS, MOST_OTHERS, Judged, Other, judged, shared
from streams.config import load_config
from streams.settings import DEFAULT_FOLDER
from tests.fleet import OPEN_SEA, Ship, Watch, east_of, ship, time
from tests.streams.lines import DATA, needs_recordings

ELSEWHERE = east_of(OPEN_SEA, 200)


def at(minute: float, fix: Fix) -> Heard:
    return ship(273210440).near(fix)._with(at=time("08:00") + round(minute * MINUTE)).heard


def after(*heard: Heard) -> tuple[Heard, tuple[Other, ...]]:
    """Her last fix and the other tracks after these fixes."""
    fix, others = heard[0], tuple[Other, ...]()
    for row in heard[1:]:
        done = judged(fix, others, row)
        fix, others = (done.follow or (fix,))[-1], done.others
    return fix, others


def another_track(minute: float = 1) -> list[Heard]:
    return [at(0, OPEN_SEA), *(at(minute + n / 10, ELSEWHERE) for n in range(3)), at(minute + 0.15, OPEN_SEA)]


def test_of_two_tracks_that_a_fix_fits_the_nearer_has_it() -> None:
    """After five hours she could be anywhere within 250 nm, and so at both."""
    for nm, hers in ((99, True), (101, False)):
        heard = at(301, east_of(OPEN_SEA, nm))
        done = judged(*after(at(0, OPEN_SEA), at(1, ELSEWHERE)), heard)
        assert done.follow == ((heard,) if hers else ())
        assert len(done.others[0].fixes) == (1 if hers else 2)


@pytest.mark.parametrize(("nm", "hers"), [(50.4, True), (50.6, False)])
def test_in_company_she_is_not_followed_further_than_an_hour_sails(nm: float, hers: bool) -> None:
    fix, others = after(*sorted(another_track(), key=lambda row: row.at))
    done = judged(fix, others, at(181, east_of(OPEN_SEA, -nm)))
    assert bool(done.follow) == hers
    assert judged(fix, others[:0], at(181, east_of(OPEN_SEA, -50.6))).follow


@pytest.mark.parametrize(("later_ms", "known"), [(DAY, 1), (DAY + 1, 0)])
def test_another_track_is_forgotten_a_day_after_its_last_fix(later_ms: int, known: int) -> None:
    fix, others = after(at(0, OPEN_SEA), at(1, ELSEWHERE))
    later = at(1, OPEN_SEA)
    assert len(judged(fix, others, later._replace(at=later.at + later_ms)).others) == known


def test_so_many_other_tracks_are_kept_and_single_fixes_go_first() -> None:
    lies = [at(2 + n, east_of(OPEN_SEA, 2_000 + 300 * n)) for n in range(MOST_OTHERS + 1)]
    _, others = after(*sorted(another_track(), key=lambda row: row.at), *lies)
    assert len(others) == MOST_OTHERS
    assert [other.last for other in others] == [at(1.2, ELSEWHERE), *lies[2:]]


def test_a_jump_never_leads_into_her_own_past() -> None:
    """The other's three fixes are a day and more apart from end to end, and begin before her last."""
    hers = [at(0, OPEN_SEA), at(0.15, OPEN_SEA)]
    other = [at(0.1, ELSEWHERE), at(23 * 60, ELSEWHERE), at(24 * 60 + 1, ELSEWHERE), at(24 * 60 + 2, ELSEWHERE)]
    fix, others = after(*sorted(hers + other[:3], key=lambda row: row.at))
    assert fix == hers[1]
    assert others[0].beside
    assert judged(fix, others, other[3]) == Judged(tuple(other[1:]), ())


def test_who_shares_her_numbers_stays_the_same_as_long_as_anyone_does() -> None:
    first, second = (Other((at(n, ELSEWHERE),) * 3, beside=True) for n in (1, 2))
    assert shared(None, (Other(first.fixes), second)) == second.fixes[0]
    assert shared(first.fixes[0], (second,)) == first.fixes[0]
    assert shared(first.fixes[0], ()) is None


# a number that many ships use

EXPECTED = DATA / "identity" / "gpsdio_segment_expected_416000000.json"
"""Interleaved tracks around Taiwan and in the Indian Ocean, each fix with the segment that it belongs to."""
Link = tuple[Heard, Heard]


TAIWAN_STRAIT = [zone for zone in load_config(DEFAULT_FOLDER).zones if zone.id == "taiwan-strait"]


def recorded() -> list[tuple[Heard, str]]:
    rows = [json.loads(line) for line in EXPECTED.read_text().splitlines()]
    heard = [Heard(parse_rfc3339(r["timestamp"]), "space", "", r["ssvid"], 1, r["lat"], r["lon"]) for r in rows]
    return sorted(zip(heard, (row["segment"] for row in rows), strict=True), key=lambda row: row[0].at)


def links(fixes: list[Heard]) -> Iterator[Link]:
    """Every two fixes that are taken to be neighbours on one track, hers or another."""
    fix, others = fixes[0], tuple[Other, ...]()
    for heard in fixes[1:]:
        done = judged(fix, others, heard)
        if len(done.follow) == 1:
            yield fix, heard
        fix, others = (done.follow or (fix,))[-1], done.others
        grown = (*(other.fixes for other in done.others), done.follow)
        yield from ((row[-2], heard) for row in grown if len(row) > 1 and row[-1] is heard)


def share_of_two_ships(found: list[Link], segments: list[tuple[Heard, str]]) -> float:
    """Links between segments that go on beside each other: two ships, not one heard again after a pause."""
    at: dict[str, list[Instant]] = {}
    for heard, name in segments:
        at.setdefault(name, []).append(heard.at)
    of = dict(segments)
    wrong = [(a, b) for a, b in found if of[a] != of[b] and (max(at[of[a]]) > b.at or min(at[of[b]]) < a.at)]
    return len(wrong) / len(found)


@needs_recordings
def test_the_split_of_a_number_that_many_ships_use_agrees_with_the_expected_one() -> None:
    segments = recorded()
    fixes = [heard for heard, _ in segments]
    found = list(links(fixes))
    assert len(found) > 0.95 * len(fixes)
    assert share_of_two_ships(found, segments) < 0.015
    assert share_of_two_ships(list(pairwise(fixes)), segments) > 0.09, "unsplit, one link in ten joins two ships"


@needs_recordings
def test_of_each_ship_on_the_number_the_split_keeps_the_links() -> None:
    """Of those up to a day long: behind a longer silence a track that is not hers is forgotten.

    What is lost of the busy ones is where two ships pass within a few miles; of the others, that they were heard once
    or twice a day among hundreds of fixes, and only three tracks are kept beside hers.
    """
    segments = recorded()
    found, ways = set(links([heard for heard, _ in segments])), defaultdict[str, list[Heard]](list)
    for heard, name in dict(segments).items():
        ways[name].append(heard)
    kept = [[link in found for link in pairwise(way) if is_short(link)] for way in ways.values()]
    assert sum(map(sum, kept)) > 0.98 * sum(map(len, kept))
    busy = [sum(row) / len(row) for row in kept if len(row) > 90]
    assert len(busy) == 8
    assert min(busy) > 0.96


def is_short(link: Link) -> bool:
    return link[1].at - link[0].at <= FORGOTTEN_MS


@needs_recordings
def test_no_strait_is_entered_from_another_ships_place() -> None:
    segments = recorded()
    of = {heard.at: name for heard, name in segments}
    before = {b.at: a.at for a, b in links([heard for heard, _ in segments])}
    told = Watch(TAIWAN_STRAIT).hears(*(Ship(heard) for heard, _ in segments))
    visits = [alert.evidence for alert in told if alert.rule == "strait" and alert.event == "opened"]
    jumps = [alert.evidence for alert in told if alert.rule == "position_jump"]
    assert not any("next_fix" in visit for visit in visits), "a crossing was inferred"
    entered = [parse_rfc3339(visit["first_fix"]["at"]) for visit in visits if visit["seen_entering"]]
    assert len(visits) > len(entered) > 0
    assert all(of[at] == of[before[at]] for at in entered)
    first_seen = [visit["first_fix"]["at"] for visit in visits if not visit["seen_entering"]]
    quiet = [at for at in first_seen if not any(j["first_fix"]["at"] <= at <= j["third_fix"]["at"] for j in jumps)]
    another = [at for at in quiet if of[parse_rfc3339(at)] != of[before[parse_rfc3339(at)]]]
    assert another == ["2014-01-10T17:59:00Z"], "82 nm off after ten hours of silence: at 8.4 kn she can be there"
