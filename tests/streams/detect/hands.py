"""Records and rows for the tests of detect."""

from alerts.core.engine import Engine
from alerts.core.hull import Hull
from alerts.core.instants import MINUTE
from alerts.core.intervals import IntervalClosed, Versions, Watched
from alerts.core.reports import Origin, Report
from alerts.rules import RULES
from streams.memories import StoredEngine

START = 1_706_918_400_000


def watched(name: str = "angara") -> Watched:
    return Watched(name, Hull(name))


def report(minute: int, name: str = "angara") -> Report:
    at = START + minute * MINUTE
    return Report(name, "north", "st", 273210440, 1, at, at, Origin("s:0", minute, 0), 42.0, 131.0, 9.0)


def closed(minute: int, versions: Versions = Versions()) -> IntervalClosed:
    return IntervalClosed(Origin("clock", minute, 0), START + minute * MINUTE, versions=versions)


DARK = (watched(), report(1), closed(2), closed(150))
"""Heard once, and nobody in the hours after: the last record raises `lost_coverage`."""


def rows_after(*records: Watched | Report | IntervalClosed) -> dict[bytes, bytes]:
    """What a table holds after these records, the first of which stands at offset 0."""
    engine, rows = StoredEngine(Engine({}, RULES)), {}
    for offset, record in enumerate(records):
        step = engine.apply(offset, record)
        rows.update((key.encode(), value) for key, value in step.writes)
        engine.commit(step)
    return rows
