"""One of two stations off Busan falls silent for forty minutes: one outage, and not one ship dark of it.

Through the real chain, every ship watched; beside it the same hours without the cut, and on two partitions.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from alerts.core import clock
from alerts.core.alert import Alert
from alerts.core.instants import MINUTE, SECOND
from alerts.core.intervals import ClockRecord
from alerts.core.thresholds import Thresholds
from alerts.routing.routes import Routes
from streams.chain import Chain, values
from streams.config import Config
from streams.ingest.decode import mmsi_of, payload_of
from streams.ingest.pipeline import State, Value, step
from streams.ingest.watch_index import WatchIndex
from streams.nmea import FeedRules
from streams.recordings import Arrived, Recording
from streams.scenario.harbour import HARBOUR
from streams.sentences import SentenceBatch, TimeRecord, encode_batch, encode_time

BEGIN = HARBOUR.begin
CUT, BACK, END = BEGIN + 60 * MINUTE, BEGIN + 100 * MINUTE, BEGIN + 130 * MINUTE
Key = tuple[str, str, int]


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> list[Arrived]:
    """The first hours of the harbour, without its own outage."""
    world = replace(HARBOUR, scenes=(replace(HARBOUR.scenes[0], end=END),), failures=())
    path = tmp_path_factory.mktemp("harbour") / "harbour.nmea"
    path.write_bytes(b"\n".join(world.lines(1, 0.0)) + b"\n")
    return list(Recording(FeedRules("coast"), [str(path)]).arrivals())


@pytest.fixture(scope="module")
def uncut(heard: list[Arrived]) -> list[Key]:
    return replayed(heard)


def without(heard: list[Arrived], station: str, seconds_left: int = 0) -> list[Arrived]:
    """What is heard when a station is silent from CUT to BACK, but for so many seconds of each minute."""

    def silent(one: Arrived) -> bool:
        within = CUT <= one.at < BACK and one.at % MINUTE >= seconds_left * SECOND
        return within and getattr(one.item, "station", "") == station

    return [one for one in heard if not silent(one)]


def replayed(arrivals: list[Arrived]) -> list[Key]:
    config = Config((), (), Thresholds(), (), Routes((), ()))
    return sorted(key(alert) for alert in Chain(config, watch_all=True).run(arrivals))


def key(alert: Alert) -> Key:
    return alert.id, str(alert.event), alert.known_at


@pytest.mark.parametrize("station", ["busan", "tsushima"])
def test_a_station_that_falls_silent_is_one_outage_and_nothing_fires_when_it_returns(
    heard: list[Arrived], uncut: list[Key], station: str
) -> None:
    cut = replayed(without(heard, station))
    later = [row[0].split(".")[1] for row in uncut if row not in cut]
    assert set(later) <= {"lost_coverage"}, "what waits for two hours in which we listened"
    outage = f"outage.coast:{station}.20240514T050000Z"
    assert [row for row in cut if row not in uncut] == [
        (outage, "closed", BACK + MINUTE),
        (outage, "opened", CUT + 5 * MINUTE),
    ]


def test_a_station_that_slows_down_without_stopping_is_none(heard: list[Arrived], uncut: list[Key]) -> None:
    slow = replayed(without(heard, "busan", seconds_left=10))
    assert [row for row in slow if row[0].startswith("outage")] == []
    assert len(slow) == len(uncut)


def test_two_partitions_and_one_call_the_same_station_out(heard: list[Arrived]) -> None:
    cut = list(values(without(heard, "busan")))
    one, two = (clocks_alerts([list(part(cut, n, count)) for n in range(count)]) for count in (1, 2))
    assert [key(alert)[:2] for alert in one] == [
        ("outage.coast:busan.20240514T050000Z", e) for e in ("opened", "closed")
    ]
    assert one == two


def part(log: list[Value], number: int, count: int) -> Iterator[tuple[int, bytes]]:
    """The records of one partition of so many: a ship stays on one."""
    for offset, value in enumerate(log):
        if isinstance(value, TimeRecord):
            yield offset, encode_time(value)
            continue
        assert isinstance(value, SentenceBatch)
        here = tuple(one for one in value.sentences if whose(one.text) % count == number)
        if here:
            yield offset, encode_batch(SentenceBatch(value.feed, here))


def whose(text: bytes) -> int:
    payload = payload_of(text)
    assert payload is not None
    return mmsi_of(payload[0])


def clocks_alerts(logs: list[list[tuple[int, bytes]]]) -> list[Alert]:
    """What the clock tells of these partitions, which are read one after the other."""
    records: list[ClockRecord] = []
    for number, log in enumerate(logs):
        records += step(State(), log, f"s:1:{number}", WatchIndex.of([]))[1].clock
    state, alerts = clock.ClockState(), list[Alert]()
    for offset, record in enumerate(records):
        state, out = clock.step(state, offset, record, "clock:1:0", len(logs))
        alerts += [one for one in out if isinstance(one, Alert)]
    return alerts
