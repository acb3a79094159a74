"""Hostile lines from the reader to reports: nothing raises, and every line is counted once.

HULLWATCH_FUZZ=100000 is what the CI runs; the ordinary run takes 2,000 lines.
"""

import os
from collections.abc import Iterator
from itertools import islice

import pytest

from streams import codec
from streams.ingest.pipeline import State, dump, load, step
from streams.ingest.tally import NoMessage, Tally
from streams.ingest.watch_index import WatchIndex
from streams.nmea import FeedRules, LineReader, Output
from streams.sentences import Sentence, SentenceBatch, TimeRecord, encode_batch, encode_time
from tests.streams.ingest.air import HULL, SOURCE
from tests.streams.ingest.hostile import hostile_lines
from tests.streams.lines import at

LINES = int(os.environ.get("HULLWATCH_FUZZ", "2000"))
CHUNK = 500
STORED_EVERY = 100


def records(output: list[Output]) -> Iterator[bytes]:
    """What a feed would write: sentences in batches, time records in their place."""
    waiting: list[Sentence] = []
    for one in output:
        if isinstance(one, Sentence):
            waiting.append(one)
        elif isinstance(one, TimeRecord):
            yield encode_batch(SentenceBatch("hostile", tuple(waiting)))
            yield encode_time(one)
            waiting.clear()
    yield encode_batch(SentenceBatch("hostile", tuple(waiting)))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("live", [False, True])
def test_whatever_comes_in_is_counted_and_stops_nothing(live):
    reader, state, tally, offset = LineReader(FeedRules("hostile")), State(), Tally(), 0
    watch, lines, read = WatchIndex.all_ships([HULL]), hostile_lines(int(live), LINES // 2), 0
    chunks = iter(lambda: list(islice(lines, CHUNK)), [])
    for n, chunk in enumerate(chunks):
        read += len(chunk)
        output = reader.read(chunk, at("08:00:00") + 50 * read if live else None)
        batch = list(enumerate(records(output), offset))
        state, out = step(state, batch, SOURCE, watch)
        offset, tally = offset + len(batch), tally + out.tally
        assert all(codec.decode(codec.encode(record)) == record for record in (*out.reports, *out.clock))
        if n % STORED_EVERY == 0:
            assert load(dump(state)) == state
    batch = list(enumerate(records(reader.finish()), offset))
    _, out = step(state, batch, SOURCE, watch)
    tally += out.tally
    counts = reader.counts
    assert counts.lines == read == LINES // 2
    assert counts.lines == counts.other + sum(counts.rejected.values()) + tally.lines
    assert counts.passed == tally.lines
    assert NoMessage.UNDECODABLE not in tally.rejected
    assert NoMessage.RECORD not in tally.rejected
    assert tally.reports > 0
