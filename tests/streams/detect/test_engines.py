"""An engine per owned partition: where it resumes, what it waits for, and what it refuses."""

import pytest

from alerts.core.intervals import Versions
from alerts.core.thresholds import Thresholds
from streams.detect.engines import Engines, MissingRecordsError, RecreatedSourceError
from tests.streams.detect.hands import DARK, closed, report, rows_after, watched


async def never(version: str) -> object:
    raise AssertionError(f"nobody names a version, {version!r} was fetched")


def owning(*records: object) -> Engines:
    engines = Engines({}, never)
    engines.own(0, rows_after(*records))  # type: ignore[arg-type]
    return engines


def test_resumes_after_the_world_when_the_commit_ran_ahead_of_the_changelog() -> None:
    assert owning(*DARK[:3], report(3)).resume_at(0, committed=400, begin=0, end=500) == 3


def test_resumes_at_the_commit_when_the_world_is_further() -> None:
    assert owning(*DARK).resume_at(0, committed=2, begin=0, end=500) == 2


def test_resumes_after_the_world_where_nothing_was_committed() -> None:
    assert owning(*DARK).resume_at(0, committed=None, begin=0, end=500) == 4


def test_resumes_no_earlier_than_the_source_reaches_back() -> None:
    assert owning(watched()).resume_at(0, committed=30, begin=20, end=500) == 20


def test_a_partition_that_is_not_ours_is_not_sought() -> None:
    assert owning(watched()).resume_at(1, committed=30, begin=0, end=500) is None


def test_refuses_a_source_that_was_created_anew() -> None:
    with pytest.raises(RecreatedSourceError, match=r"partition 0: expected offset 3, .* an end at 2: .* made anew"):
        owning(*DARK).resume_at(0, committed=1, begin=0, end=2)


def test_a_record_too_far_ahead_is_loud_and_a_repeat_is_not() -> None:
    engines = owning(*DARK)
    engines.resume_at(0, committed=3, begin=0, end=500)
    for offset in (3, 4, 5, 3, 4):
        engines.arrived(0, offset)
    with pytest.raises(MissingRecordsError, match="expected offset 5, got 8151"):
        engines.arrived(0, 8151)


def test_a_partition_that_moved_away_has_no_engine() -> None:
    engines = owning(*DARK)
    engines.drop(0)
    assert engines.of(0) is None


def test_an_engine_of_foreign_rows_keeps_the_reports_that_wait_to_be_written() -> None:
    engines = owning(*DARK[:3])
    engine = engines.of(0)
    assert engine is not None
    engine.commit(engine.apply(3, report(3)))
    engines.own(0, rows_after(*DARK[:3]))
    exchanged = engines.of(0)
    assert exchanged is not None
    assert exchanged is not engine
    assert exchanged.engine.memory("angara").offset == 3


async def test_a_version_not_yet_known_is_fetched_before_the_record_is_applied() -> None:
    asked: list[str] = []

    async def fetch(version: str) -> object:
        asked.append(version)
        return Thresholds(silence_floor_min=5.0)

    engines = Engines({}, fetch)
    engines.own(0, rows_after(watched(), report(1)))
    engine = engines.of(0)
    assert engine is not None
    step = await engines.knowing_versions(lambda: engine.apply(2, closed(30, Versions(rules="rules/77"))))
    assert asked == ["rules/77"]
    assert step.writes


async def test_the_versions_of_a_stored_world_are_fetched_before_its_engine_is_built() -> None:
    asked: list[str] = []

    async def fetch(version: str) -> object:
        asked.append(version)
        return Thresholds()

    known = Engines({"rules/77": Thresholds()}, never)
    known.own(0, {})
    engine = known.of(0)
    assert engine is not None
    rows = {key.encode(): value for key, value in engine.apply(0, closed(1, Versions(rules="rules/77"))).writes}
    engines = Engines({}, fetch)
    await engines.prepare(rows)
    engines.own(0, rows)
    assert asked == ["rules/77"]
