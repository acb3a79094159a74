"""Whatever comes in: every line is accounted for once, chunks do not matter, a reader can stop and go on."""

import gzip
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.instants import HOUR, SECOND, Instant
from streams.feeds.splitting import Splitter
from streams.nmea import FeedRules, LineReader, Output, ReaderState, Reject
from streams.nmea_checksum import checksum, holds
from streams.sentences import Sentence, TimeRecord
from tests.streams.lines import (
    at,
    checked,
    gps,
    needs_recordings,
    parts,
    payload,
    recorded,
    report,
    stamp_before,
    tagged,
)

MORNING = at("08:00:00")

moments = st.one_of(st.integers(0, 40).map(lambda s: MORNING + s * SECOND), st.sampled_from([MORNING + 9 * HOUR, 5, 0]))
stations = st.sampled_from(["", "busan", "ulsan", "\0", "a*b"])
messages = st.one_of(
    st.integers(0, 6).map(lambda n: report(spice=n)),
    st.tuples(st.integers(2, 4), st.integers(0, 1), st.integers(0, 3)).map(lambda p: parts(*p[:2])[p[2] % p[0]]),
)
lines = st.one_of(
    st.binary(max_size=60).map(lambda b: b.replace(b"\n", b"")),
    messages,
    st.builds(tagged, messages, st.none() | moments, stations, st.sampled_from([b"", b"1-2-7", b"2-2-7"])),
    st.builds(lambda m, t: m + b",%d" % t, messages, moments),
    st.builds(lambda m, t: b"%d000000 %s" % (t, m), messages, moments),
    st.builds(stamp_before, messages, st.just("08:00:07")),
    st.sampled_from([gps("08:00:05"), gps("17:00:00"), b"!=IVDM,1,1,,B,1", b"#", b"", b"!" * 5_000]),
)
received = st.sampled_from([None, MORNING + 30 * SECOND])


def drained(reader: LineReader, some: list[bytes], received_at: int | None = None) -> list[Output]:
    return [*reader.read(some, received_at), *reader.finish()]


def accounted(reader: LineReader, output: list[Output], some: list[bytes]) -> None:
    counts = reader.counts
    rejected = Counter(one.reason for one in output if isinstance(one, Reject))
    assert counts.lines == len(some)
    assert counts.lines == counts.passed + counts.other + sum(counts.rejected.values())
    assert counts.passed == sum(one.text.count(b"\n") + 1 for one in output if isinstance(one, Sentence))
    assert counts.rejected == rejected


class LongWay(LineReader):
    """Reads usual lines as it reads all others."""

    def _usual(self, line: bytes, received_at: Instant | None) -> bool:
        return False


def agree_both_ways(some: list[bytes], received_at: Instant | None = None) -> None:
    short, long = LineReader(FeedRules("hormuz")), LongWay(FeedRules("hormuz"))
    for begin in range(0, len(some), 1_000):
        portion = some[begin : begin + 1_000]
        assert short.read(portion, received_at) == long.read(portion, received_at)
        assert short.state == long.state
    assert short.finish() == long.finish()


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=60), received)
def test_the_short_way_of_usual_lines_says_the_same(some: list[bytes], received_at: Instant | None) -> None:
    agree_both_ways(some, received_at)


def test_the_short_way_of_usual_lines_says_the_same_of_spoilt_ones() -> None:
    """While a `$PGHP` line waits nothing is read the short way."""
    agree_both_ways([line for line in fuzzed(20_000, seed=4) if line[:1] != b"$"])
    agree_both_ways(fuzzed(20_000, seed=5), MORNING + HOUR)


@pytest.mark.parametrize("length", [4_096, 4_097])
def test_the_longest_line_is_the_same_both_ways(length: int) -> None:
    agree_both_ways([checked(b"!AIVDM,1,1,,A,%s,0" % (b"0" * (length - 19)))], MORNING)


@settings(max_examples=300, deadline=None)
@given(st.lists(lines, max_size=60), received)
def test_every_line_ends_in_exactly_one_place(some: list[bytes], received_at: int | None) -> None:
    reader = LineReader(FeedRules("hormuz"))
    accounted(reader, drained(reader, some, received_at), some)


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=60), st.lists(st.integers(0, 60), max_size=4), received)
def test_how_the_lines_are_cut_up_does_not_matter(some: list[bytes], cuts: list[int], received_at: int | None) -> None:
    whole = drained(LineReader(FeedRules("hormuz")), some, received_at)
    reader, output, edges = LineReader(FeedRules("hormuz")), [], sorted([0, *cuts, len(some)])
    for begin, end in pairwise(edges):
        output += reader.read(some[begin:end], received_at)
        reader = LineReader(reader.rules, ReaderState.load(reader.state.dump()))
    assert [*output, *reader.read(some[edges[-1] :], received_at), *reader.finish()] == whole


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=60))
def test_groups_are_joined_however_they_interleave(order: list[int]) -> None:
    """Six messages of three parts on distinct keys; `order` says whose part comes next."""
    messages_ = [parts(3, sequence=n % 3, channel=b"AB"[n // 3 : n // 3 + 1], spice=n) for n in range(6)]
    left = [list(message) for message in messages_]
    said = [left[n].pop(0) for n in order if left[n]]
    said += [part for rest in left for part in rest]
    reader = LineReader(FeedRules("hormuz", start=MORNING))
    whole = {one.text for one in drained(reader, said) if isinstance(one, Sentence)}
    assert whole == {b"\n".join(message) for message in messages_}


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=60), st.booleans())
def test_time_records_stand_behind_what_they_speak_of(some: list[bytes], live: bool) -> None:
    """No live sentence is heard later than received; a record never runs ahead of its sentences or backwards."""
    received_at = MORNING + 30 * SECOND if live else None
    newest, reached = 0, 0
    for one in drained(LineReader(FeedRules("hormuz")), some, received_at):
        if isinstance(one, Sentence):
            assert not live or one.heard_at <= MORNING + 30 * SECOND == one.received_at
            newest = max(newest, one.heard_at if holds(one.text) else 0)
        elif isinstance(one, TimeRecord):
            assert one.reached == newest - (0 if one.ended else 10 * SECOND)
            assert one.reached >= reached
            reached = one.reached


@given(st.binary(max_size=4_096))
def test_the_folded_checksum_is_the_plain_one(data: bytes) -> None:
    plain = 0
    for byte in data:
        plain ^= byte
    assert checksum(data) == plain


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_splitting_a_stream_does_not_depend_on_its_chunks(chunks: list[bytes]) -> None:
    splitter = Splitter()
    split = [line for chunk in chunks for line in splitter.lines(chunk)] + splitter.end()
    whole = b"".join(chunks).split(b"\n")
    assert split == (whole if whole[-1] else whole[:-1])


def test_a_line_without_end_costs_no_memory() -> None:
    splitter = Splitter()
    for _ in range(2_000):
        assert splitter.lines(b"!" * 65_536) == []
        assert len(splitter._begun) <= 4_097
    assert [len(line) for line in splitter.lines(b"\n")] == [4_097]


def fuzzed(count: int, seed: int) -> list[bytes]:
    """Good lines of all forms, nine in ten of them spoilt in one of many ways."""
    dice = random.Random(seed)
    good = [report(mmsi, spice) for mmsi in range(273_000_000, 273_000_020) for spice in range(5)]
    good += [part for n in range(20) for part in parts(n % 4 + 2, n % 10, b"AB12"[n % 4 : n % 4 + 1], spice=n)]
    return [_spoilt(_formed(dice.choice(good), dice), dice) for _ in range(count)]


def _formed(sentence: bytes, dice: random.Random) -> bytes:
    when = MORNING + dice.randrange(60_000) * (1 if dice.random() < 0.95 else 10_000)
    forms = (
        lambda: sentence,
        lambda: tagged(sentence, when, dice.choice(["", "busan", "ulsan"]), dice.choice([b"", b"1-2-55", b"2-2-55"])),
        lambda: sentence + b",%d" % (when // SECOND),
        lambda: sentence + b",d-088,r003669945,%d" % (when // SECOND),
        lambda: b"%d000000 %s" % (when, sentence),
        lambda: stamp_before(sentence, "08:00:05"),
        lambda: gps("08:00:05"),
    )
    return dice.choice(forms)()


def _spoilt(line: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(line))
    ways = (
        lambda: line,
        lambda: line[:place],
        lambda: line[place:],
        lambda: line[:place] + dice.randbytes(dice.randrange(1, 9)).replace(b"\n", b"") + line[place:],
        lambda: line[:place] + bytes([dice.randrange(11, 256)]) + line[place + 1 :],
        lambda: line.replace(b",", b"", dice.randrange(3)),
        lambda: line.replace(b"1", dice.choice([b"9", b"-", b"99999999999"])),
        lambda: line + line,
        lambda: line.replace(b"s:", b"s:x"),
        lambda: dice.randbytes(dice.randrange(100)).replace(b"\n", b""),
        lambda: line * (5_000 // len(line)) if dice.random() < 0.01 else line,
    )
    return dice.choice(ways)()


def test_spoilt_lines_are_counted_and_never_stop_the_reader() -> None:
    some = fuzzed(20_000, seed=4)
    for received_at in (None, MORNING + HOUR):
        reader = LineReader(FeedRules("hormuz"))
        accounted(reader, drained(reader, some, received_at), some)
        assert reader.counts.passed > 2_000
        assert len(reader.counts.rejected) >= 3


SANE: dict[str, tuple[int, int]] = {
    "aisnet_kystverket_Ais1000Lines.nm4": (1000, 123),
    "amsa_exact-earth-augmented.txt": (3972, 0),
    "amsa_exact-earth-with-tag-block.txt": (221, 21),
    "amsa_nmea-timestamped.txt": (100, 0),
    "amsa_risky_ais.txt.gz": (32_513, 0),
    "dma_aisabnormal_2013-11-12_5min.txt.gz": (26_146, 69),
    "goais_aistest_2019-02.nmea": (990, 85),
    "gpsd_ais-nmea.log": (181, 11),
    "knapply_20181101.log": (387, 18),
    "kystverket_norwegian_2024-12-09.raw": (223, 27),
    "opencpn_Go_to_Guernesey_2011-07-26.txt.gz": (18_124, 361),
    "uscg_nais_2016-07-28_28s.txt.gz": (59_402, 1_701),
}
"""File to lines passed on and groups joined, counted once with a reader of another make."""


@needs_recordings
@pytest.mark.parametrize("path", recorded("nmea"), ids=lambda path: path.name)
def test_a_recorded_file_is_read_to_its_end_and_every_line_accounted_for(path: Path) -> None:
    data = path.read_bytes()
    some = (gzip.decompress(data) if path.suffix == ".gz" else data).split(b"\n")
    some = some if some[-1] else some[:-1]
    reader = LineReader(FeedRules("recorded"))
    output = drained(reader, some)
    accounted(reader, output, some)
    groups = sum(b"\n" in one.text for one in output if isinstance(one, Sentence))
    assert (reader.counts.passed, groups) == SANE[path.name]
    agree_both_ways(some)


@needs_recordings
def test_the_yachts_rogue_clock_and_pasted_lines_move_nothing() -> None:
    path = next(path for path in recorded("nmea") if path.name.startswith("opencpn"))
    output = drained(LineReader(FeedRules("yacht")), gzip.decompress(path.read_bytes()).split(b"\n"))
    heard = [one.heard_at for one in output if isinstance(one, Sentence)]
    assert (min(heard), max(heard)) == (at("03:53:12", "2011-07-26"), at("22:03:52", "2011-07-26"))


@needs_recordings
def test_the_satellites_lag_is_found() -> None:
    path = next(path for path in recorded("nmea") if path.name.endswith("augmented.txt"))
    output = drained(LineReader(FeedRules("sat", late=True, lateness_ms=2 * HOUR)), path.read_bytes().split(b"\n"))
    lags = sorted(one.received_at - one.heard_at for one in output if isinstance(one, Sentence))
    assert 15 * 60 < lags[0] / SECOND < lags[len(lags) // 2] / SECOND < 28 * 60 < 95 * 60 < lags[-1] / SECOND < 97 * 60


def test_payloads_of_these_tests_carry_their_ship() -> None:
    assert payload(273210440)[:7] == report(273210440).split(b",")[5][:7]
