"""Many sentences by numpy or few one by one: outputs and states are the same, whatever comes in."""

import os
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import count, islice
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.hull import Hull
from alerts.core.instants import SECOND
from streams.chain import values
from streams.ingest import pipeline, traffic
from streams.ingest.block import block_of
from streams.ingest.decode import mmsi_of
from streams.ingest.duplicates import OpenWindow
from streams.ingest.pipeline import Outputs, State, Value, dump, load, step
from streams.ingest.tally import NoMessage
from streams.ingest.usual import usual
from streams.ingest.validity import LENGTHS, message_of
from streams.ingest.watch_index import WatchIndex, is_ship
from streams.nmea import FeedRules
from streams.recordings import Recording
from streams.sentences import (
    BATCH,
    MalformedRecordError,
    Sentence,
    SentenceBatch,
    TimeRecord,
    columns,
    encode_batch,
    encode_time,
    packed,
)
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
    voyage,
    zeros,
)
from tests.streams.ingest.hostile import hostile_lines
from tests.streams.ingest.test_pipeline_properties import LOGS
from tests.streams.lines import DATA, at, checked, needs_recordings

LINES = int(os.environ.get("HULLWATCH_FUZZ", "2000"))
WATCH = WatchIndex.of([HULL, Hull("maria", imo=8517839)])
ONE_BY_ONE, TOGETHER = 1 << 40, 0
Log = list[tuple[int, bytes]]


def taken(log: Log, watch: WatchIndex, many_bytes: int, ends: list[int]) -> tuple[State, Outputs]:
    """A log in portions, the state stored between; all from `many_bytes` on is taken together, ships too."""
    state, outputs, begin = State(), [], 0
    with patch.object(pipeline, "MANY_BYTES", many_bytes), patch.object(traffic, "MANY_BYTES", many_bytes):
        for end in [*ends, len(log)]:
            state, out = step(load(dump(state)), log[begin:end], SOURCE, watch)
            outputs.append(out)
            begin = end
    return state, joined(outputs)


def cut(log: Log, dice: Random) -> list[int]:
    return sorted(dice.randrange(len(log) + 1) for _ in range(dice.randrange(6)))


def assert_same(log: Log, dice: Random, watch: WatchIndex = WATCH) -> Outputs:
    state, outputs = taken(log, watch, ONE_BY_ONE, cut(log, dice))
    assert taken(log, watch, TOGETHER, cut(log, dice)) == (state, outputs)
    assert taken(log, watch, dice.randrange(5_000), cut(log, dice)) == (state, outputs)
    return outputs


# --- one sentence


GOOD = [position(ANGARA), *(zeros(kind, mmsi) for kind in LENGTHS for mmsi in (ANGARA, 0, (1 << 30) - 1))]


def told(texts: list[bytes]) -> dict[int, tuple[int, bytes, int]]:
    """What numpy says of sentences: by place type, payload and MMSI of the usual ones."""
    block = block_of(SOURCE, [(0, batch(*(heard(text, "08:00:00") for text in texts)))])
    assert block is not None
    found = usual(block.text, block.starts, block.stops)
    rows = zip(found.rows, found.kinds, found.begins, found.ends, found.mmsis, strict=True)
    return {int(row): (int(kind), block.text[begin:end], int(mmsi)) for row, kind, begin, end, mmsi in rows}


def plain(text: bytes) -> tuple[int, bytes, int] | None:
    message = message_of(text)
    if isinstance(message, NoMessage):
        return None
    kind, payload, _ = message
    return kind, payload, mmsi_of(payload)


def test_every_type_of_every_length_is_usual_and_read_as_the_plain_functions_read_it() -> None:
    singles = [text for text in GOOD if b"\n" not in text]
    texts = [text.replace(b",A,", channel) for text in singles for channel in (b",A,", b",B,", b",,", b",1,")]
    texts = [checked(text.partition(b"*")[0]) for text in texts]
    found = told(texts)
    assert [found.get(n) for n in range(len(texts))] == [plain(text) for text in texts]
    assert len(found) == len(texts)


@pytest.mark.parametrize(
    "text",
    [
        position(ANGARA)[:-1],
        position(ANGARA)[:-2] + b"aB",
        position(ANGARA) + b" ",
        position(ANGARA) + b"0",
        b" " + position(ANGARA),
        checked(position(ANGARA)[:-4] + b"6"),
        checked(position(ANGARA)[:-4]),
        checked(position(ANGARA)[:-4] + b",0"),
        checked(position(ANGARA).partition(b"*")[0].replace(b",A,", b",X,")),
        checked(position(ANGARA).partition(b"*")[0].replace(b",A,", b",A\n")),
        checked(position(ANGARA).partition(b"*")[0].replace(b",A,", b",A!,")),
        checked(b"!AIVDM,1,1,,A,,0"),
        checked(b"!AIVDM" + b"A" * 2_000 + b",1,1,,A," + position(ANGARA).split(b",")[5] + b",0"),
        armoured(b"7" * 5),
        armoured(b"0" * 28),
        armoured(b"1" * 29),
        armoured(b"1" * 300),
        armoured(b"w" * 28),
        armoured(b"1" + b"x" * 27),
        voyage(ANGARA, ANGARA_IMO),
        b"\n",
        b"*",
    ],
)
def test_what_is_only_nearly_so_is_left_to_the_plain_functions(text: bytes) -> None:
    assert 1 not in told([position(OTHER), text, position(OTHER)])


@given(st.lists(st.one_of(st.sampled_from(GOOD), st.binary(min_size=1, max_size=40)), min_size=1, max_size=30))
def test_what_is_usual_is_a_message_by_the_plain_functions_too(texts: list[bytes]) -> None:
    for place, found in told(texts).items():
        assert found == plain(texts[place])


# --- one record


@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 255))
def test_a_record_that_cannot_be_read_can_by_neither(tail: bytes, place: int, byte: int) -> None:
    value = bytearray(batch(heard(position(ANGARA), "08:00:00", "a"), heard(position(OTHER), "08:00:01", "é")))
    value[place % len(value)] = byte
    for record in (bytes(value), bytes(value) + tail, bytes(value)[: len(tail)], batch(), batch() + tail):
        assert readable(packed, record) == readable(columns, record)


def readable(read, record: bytes) -> bool:
    try:
        read(record)
    except MalformedRecordError:
        return False
    return True


# --- whole logs


@given(LOGS, st.integers(0, 10**6))
def test_logs_of_all_kinds(log: Log, seed: int) -> None:
    assert_same(log, Random(seed))


def air(dice: Random, lines: int) -> Iterator[bytes]:
    """Records of two feeds: lines good and bent, said again by others, now and then anywhere in time."""
    hostile = [line or b"-" for line in hostile_lines(dice.randrange(1 << 30), lines // 2)]
    groups = [voyage(mmsi, imo) for mmsi in (ANGARA, OTHER) for imo in (ANGARA_IMO, HOMONYM_IMO, 8517839)]
    pool = [*hostile, *groups, *(position(mmsi, second=s) for mmsi in (ANGARA, OTHER) for s in range(20))]
    now = at("08:00:00")
    for n in count():
        feed = dice.choice(["coast", "harbour"])
        some = dice.choices(pool, k=dice.choice([0, 1, 3, 200])) + dice.choices(pool[-46:], k=dice.choice([0, 0, 40]))
        yield batch(*(said(text, now, dice) for text in some), feed=feed)
        now += dice.choice([0, 1, 5, 40]) * SECOND
        if n % 3 == 0:
            yield reached(now - 10 * SECOND, feed)


def said(text: bytes, now: int, dice: Random) -> Sentence:
    when = now + dice.randrange(-9_000, 9_000)
    if dice.random() < 0.002:
        when = dice.choice([0, -1, 1 << 49, (1 << 62) - 1, dice.randrange(1 << 50)])
    return Sentence(text, dice.choice(["a", "b", "ä" * 20, ""]), when, when + dice.randrange(1_000))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(max(2, LINES // 20_000)))
def test_hostile_air(seed: int) -> None:
    dice = Random(seed)
    log = list(enumerate(islice(air(dice, 1_000), 60)))
    outputs = assert_same(log, dice)
    assert outputs.reports
    assert {NoMessage.CHECKSUM, NoMessage.LENGTH} <= set(outputs.tally.rejected)


@given(st.integers(0, 10**6))
@settings(max_examples=5)
def test_a_window_that_is_full(seed: int) -> None:
    dice = Random(seed)
    log = list(enumerate(islice(air(dice, 100), 30)))
    with patch.object(pipeline, "OpenWindow", partial(OpenWindow, most_kept=dice.randrange(5, 200))):
        assert_same(log, dice)


def test_what_an_imo_number_teaches_holds_from_there_on() -> None:
    """In one batch: her position, the type 5 that binds her MMSI, her position again."""
    log = [(0, batch(*(heard(text, "08:00:00") for text in (position(OTHER), voyage(OTHER, ANGARA_IMO)))))]
    log += [(1, batch(heard(position(OTHER, second=9), "08:00:01")))]
    outputs = assert_same(log, Random(1))
    assert [(report.type, report.origin.offset) for report in outputs.reports] == [(5, 0), (1, 1)]


def heard_in(log: Log) -> set[int]:
    """The MMSIs of all that is good in a log."""
    texts = (text for _, value in log if value[:4] == BATCH for text in columns(value).texts)
    return {mmsi_of(message[1]) for message in map(message_of, texts) if not isinstance(message, NoMessage)}


def records(said: Iterable[Value]) -> Iterator[bytes]:
    """As the feed writes them."""
    for value in said:
        if isinstance(value, TimeRecord):
            yield encode_time(value)
        elif isinstance(value, SentenceBatch):
            yield encode_batch(value)


@needs_recordings
@pytest.mark.parametrize(
    "name",
    [
        "uscg_nais_2016-07-28_28s.txt.gz",
        "amsa_risky_ais.txt.gz",
        "dma_aisabnormal_2013-11-12_5min.txt.gz",
        "gpsd_ais-nmea.log",
    ],
)
def test_recordings(name: str) -> None:
    feed = Recording(FeedRules("recorded", start=at("08:00:00")), [str(DATA / "nmea" / name)])
    log = list(enumerate(records(values(feed.arrivals()))))
    watched = sorted(heard_in(log))[::20]
    outputs = assert_same(log, Random(name), WatchIndex.of([Hull(f"mmsi-{mmsi}", mmsi=mmsi) for mmsi in watched]))
    assert {report.mmsi for report in outputs.reports} >= set(filter(is_ship, watched))


def test_a_time_that_numpy_cannot_count_with_is_left_to_python() -> None:
    far = batch(Sentence(position(ANGARA), "a", (1 << 62) - 5, 0))
    assert block_of(SOURCE, [(0, far)]) is None
    assert assert_same([(0, far)], Random(1)).tally.accepted == 1
