"""What a step gives does not depend on where a batch ends, on a state stored between, or on how often it is asked."""

import random

from hypothesis import given
from hypothesis import strategies as st

from alerts.core.hull import Hull
from alerts.core.instants import INTERVAL
from alerts.core.intervals import Reception, StationRun
from streams.ingest.pipeline import OpenIngest, Outputs, State, dump, load, step
from streams.ingest.watch_index import WatchIndex
from streams.sentences import BATCH, decode
from tests.integration.logs import by_source
from tests.streams.ingest.air import (
    ANGARA,
    ANGARA_IMO,
    HOMONYM_IMO,
    HULL,
    OTHER,
    SOURCE,
    armoured,
    batch,
    heard,
    joined,
    position,
    reached,
    receptions,
    voyage,
)
from tests.streams.lines import at

CUT_SHORT = b"HWS1 cut short"
WATCH = WatchIndex.of([HULL, Hull("maria", imo=8517839)])
TEXTS = [
    *(position(mmsi, lat=lat, second=second) for mmsi in (ANGARA, OTHER) for lat in (42.2, 43.9) for second in (1, 2)),
    *(voyage(mmsi, imo) for mmsi in (ANGARA, OTHER) for imo in (ANGARA_IMO, HOMONYM_IMO, 8517839)),
    armoured(b"l" * 28),
    position(ANGARA)[:-1],
]
FEEDS = st.sampled_from(["coast", "harbour", "satellite"])
TIMES = st.integers(0, 12).map(lambda tens: at("08:00:00") + 10_000 * tens)
SENTENCES = st.builds(heard, st.sampled_from(TEXTS), TIMES, st.sampled_from(["a", "b"]))
BATCHES = st.builds(lambda rows, feed: batch(*rows, feed=feed), st.lists(SENTENCES, max_size=4), FEEDS)
TIME_RECORDS = st.builds(
    lambda when, feed, ended: reached(when, feed, ended=ended, late=feed == "satellite"),
    TIMES,
    FEEDS,
    st.sampled_from([False] * 5 + [True]),
)
VALUES = st.one_of(BATCHES, BATCHES, TIME_RECORDS, TIME_RECORDS, st.just(CUT_SHORT))
LOGS = st.lists(VALUES, max_size=25).map(lambda values: list(enumerate(values)))
CUTS = st.lists(st.integers(0, 25), max_size=6).map(sorted)


def pieces(log: list[tuple[int, bytes]], cuts: list[int]) -> list[list[tuple[int, bytes]]]:
    ends = [*cuts, len(log)]
    return [log[start:end] for start, end in zip([0, *cuts], ends, strict=True)]


def stepwise(log: list[tuple[int, bytes]], cuts: list[int], stored: bool) -> tuple[State, Outputs]:
    state, outputs = State(), []
    for piece in pieces(log, cuts):
        state, out = step(load(dump(state)) if stored else state, piece, SOURCE, WATCH)
        outputs.append(out)
    return state, joined(outputs)


@given(LOGS, CUTS, st.booleans())
def test_it_does_not_matter_where_batches_end_or_whether_the_state_was_stored_between(log, cuts, stored):
    assert stepwise(log, cuts, stored) == step(State(), log, SOURCE, WATCH)


@given(LOGS)
def test_a_replay_that_keeps_it_open_and_hands_over_what_records_hold_says_the_same(log):
    opened, said = OpenIngest(State(), SOURCE, WATCH), []
    for offset, value in log:
        opened.record(offset, value if value == CUT_SHORT else decode(value))
        opened.sentences()
        said.append(opened.said())
    assert opened.said() == ([], [], [])
    state, alone = step(State(), log, SOURCE, WATCH)
    told = (tuple(one for part in parts for one in part) for parts in zip(*said, strict=True))
    assert tuple(told) == ((alone.reports, alone.clock, alone.rejects) if log else ())
    assert (opened.tally, opened.closed()) == (alone.tally, state)


@given(LOGS, st.integers(0, 25))
def test_what_is_read_again_from_a_stored_state_says_the_same_again(log, died_at):
    state, _ = step(State(), log[:died_at], SOURCE, WATCH)
    snapshot = dump(state)
    first = step(state, log[died_at:], SOURCE, WATCH)
    assert step(load(snapshot), log[died_at:], SOURCE, WATCH) == first
    assert dump(state) == snapshot


def shared(logs: list[list[tuple[int, bytes]]], dice: random.Random) -> list[Outputs]:
    """What two workers write who share the logs: portions of any size, snapshots now and then, one killed at any time.

    Whoever takes over goes back to the last snapshot.
    """
    written: list[list[Outputs]] = [[] for _ in logs]
    kept = [(0, dump(State())) for _ in logs]
    owned = [(0, State()) for _ in logs]
    while unread := [number for number, log in enumerate(logs) if owned[number][0] < len(log)]:
        number = dice.choice(unread)
        at, state = owned[number]
        end = dice.randint(at + 1, min(at + 5, len(logs[number])))
        state, out = step(state, logs[number][at:end], f"{SOURCE}{number}", WATCH)
        written[number].append(out)
        owned[number] = end, state
        if dice.random() < 0.5:
            kept[number] = end, dump(state)
        if dice.random() < 0.4:
            dead = {n for n in range(len(logs)) if dice.random() < 0.5}
            owned = [(kept[n][0], load(kept[n][1])) if n in dead else owned[n] for n in range(len(logs))]
    return [joined(outputs) for outputs in written]


LONG = st.lists(VALUES, min_size=10, max_size=25).map(lambda values: list(enumerate(values)))


@given(st.lists(LONG, min_size=2, max_size=3), st.integers(0, 10**6))
def test_two_workers_one_killed_write_what_one_undisturbed_writes_repeats_aside(logs, seed):
    for number, (log, written) in enumerate(zip(logs, shared(logs, random.Random(seed)), strict=True)):
        _, alone = step(State(), log, f"{SOURCE}{number}", WATCH)
        for name in ("reports", "clock"):
            rows = by_source(getattr(written, name))
            assert rows == by_source(getattr(alone, name))
        assert set(written.rejects) == set(alone.rejects)


@given(LOGS)
def test_every_line_is_accepted_a_duplicate_or_rejected(log):
    _, out = step(State(), log, SOURCE, WATCH)
    whole = [value for _, value in log if value[:4] == BATCH and value != CUT_SHORT]
    broken = sum(value == CUT_SHORT for _, value in log)
    assert out.tally.lines == sum(value.count(b"*") for value in whole) + broken
    assert out.tally.reports == len(out.reports)
    assert sum(out.tally.rejected.values()) == sum(1 + reject.text.count(b"\n") for reject in out.rejects)


@given(LOGS)
def test_outputs_come_in_the_order_of_their_origins(log):
    _, out = step(State(), log, SOURCE, WATCH)
    for outputs in (out.reports, out.clock, out.rejects):
        origins = [one.origin for one in outputs]
        assert origins == sorted(set(origins))


@given(LOGS, FEEDS)
def test_reception_is_a_function_of_the_feeds_own_records(log, feed):
    own = [(offset, value) for offset, value in log if feed.encode() in value]
    _, among_others = step(State(), log, SOURCE, WATCH)
    _, alone = step(State(), own, SOURCE, WATCH)
    assert reception(among_others, feed) == reception(alone, feed)


@given(LOGS)
def test_every_message_is_written_down_as_heard_once_its_feed_has_ended(log):
    ends = enumerate((reached("09:00:00", feed, ended=True) for feed in ("coast", "harbour", "satellite")), len(log))
    _, out = step(State(), [*log, *ends], SOURCE, WatchIndex.of([]))
    sentences = [
        row for _, value in log if value[:4] == BATCH and value != CUT_SHORT for row in decode(value).sentences
    ]
    good = [row for row in sentences if row.text in TEXTS[:-2]]
    runs = [run for record in receptions(out) for run in record.runs]
    assert sum(count.messages * len(ends_of(run)) for run in runs for count in run.stations) == len(good)


def ends_of(run: StationRun) -> range:
    return range(run.first, run.last + 1, INTERVAL)


def reception(outputs: Outputs, feed: str) -> list[Reception]:
    return [record for record in receptions(outputs) if record.feed == feed]
