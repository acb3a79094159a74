"""What is on the air, and records of it: `position(ANGARA, lat=42.2)`, `heard(position(ANGARA), "08:00:05")`."""

from collections.abc import Iterable, Iterator

from pyais import encode_dict

from alerts.core.hull import Hull
from alerts.core.instants import Instant
from alerts.core.intervals import Reception, Tick
from alerts.core.reports import Origin
from streams.ingest.pipeline import Outputs, State, step
from streams.ingest.tally import Tally
from streams.ingest.traffic import OpenTraffic, Traffic
from streams.ingest.validity import LENGTHS
from streams.ingest.watch_index import WatchIndex
from streams.sentences import Sentence, SentenceBatch, TimeRecord, encode_batch, encode_time
from tests.streams.lines import SIX_BITS, at, checked

ANGARA, ANGARA_IMO = 273210440, 9179842
HOMONYM_IMO = 9077549
OTHER = 352001234
HULL = Hull("imo-9179842", imo=ANGARA_IMO, mmsi=ANGARA, name="ANGARA")
WATCH = WatchIndex.of([HULL])
SOURCE = "sentences:1:0"
ORIGIN = Origin("s", 7, 0)
Said = tuple[Instant, bytes]
"""When a position was heard, and its key (streams/ingest/fixes.py)."""


def sent(**fields: object) -> bytes:
    """One message as sentence text, through pyais' encoder; parts joined by a newline."""
    lines = encode_dict(fields, talker_id="AI", sentence_type="VDM", radio_channel="A", seq_id=3)
    return "\n".join(lines).encode()


def position(mmsi: int, lat: float = 42.2, lon: float = 130.3, **more: object) -> bytes:
    """A class A position report; `second` makes it another message."""
    values = {"speed": 12.0, "course": 200.0, "heading": 201, "status": 0, "second": 5} | more
    return sent(type=1, mmsi=mmsi, lat=lat, lon=lon, **values)


def voyage(mmsi: int, imo: int, name: str = "ANGARA", **more: object) -> bytes:
    """A type 5: static and voyage data, in two parts."""
    return sent(type=5, mmsi=mmsi, imo=imo, shipname=name, callsign="UBYT2", ship_type=70, **more)


def armoured(payload: bytes, fill: int = 0) -> bytes:
    """A sentence of this payload, whatever it is."""
    return checked(b"!AIVDM,1,1,,A,%s,%d" % (payload, fill))


def zeros(kind: int, mmsi: int) -> bytes:
    """A message of this type in which all but the MMSI is zero, of the shortest length that the type has."""
    length = min(LENGTHS[kind])
    bits = (kind << 36 | mmsi << 4) << 6 * length - 42
    return armoured(bytes(SIX_BITS[bits >> shift & 63] for shift in range(6 * length - 6, -1, -6)))


def heard(text: bytes, clock: str | Instant, station: str = "busan") -> Sentence:
    """A sentence as a station heard it, received a second later."""
    when = at(clock) if isinstance(clock, str) else clock
    return Sentence(text, station, when, when + 1_000)


def batch(*sentences: Sentence, feed: str = "coast") -> bytes:
    """One record of sentences."""
    return encode_batch(SentenceBatch(feed, sentences))


def reached(clock: str | Instant, feed: str = "coast", **more: object) -> bytes:
    """One time record."""
    when = at(clock) if isinstance(clock, str) else clock
    return encode_time(TimeRecord(feed, when, **more))  # type: ignore[arg-type]


def run(*values: bytes, watch: WatchIndex = WATCH, state: State | None = None, first: int = 0) -> tuple[State, Outputs]:
    """One step over records that follow each other from offset `first`."""
    return step(state or State(), list(enumerate(values, first)), SOURCE, watch)


def joined(outputs: Iterable[Outputs]) -> Outputs:
    """Those of several steps as if of one."""
    rows = list(outputs)
    return Outputs(
        tuple(report for row in rows for report in row.reports),
        tuple(record for row in rows for record in row.clock),
        tuple(reject for row in rows for reject in row.rejects),
        sum((row.tally for row in rows), Tally()),
    )


def receptions(outputs: Outputs) -> list[Reception]:
    """Only these of the clock's records."""
    return [record for record in outputs.clock if isinstance(record, Reception)]


def ticks(outputs: Outputs) -> list[Tick]:
    """Only these of the clock's records."""
    return [record for record in outputs.clock if isinstance(record, Tick)]


def passed(said: Iterable[Said], ticks: Iterable[Instant]) -> Iterator[OpenTraffic]:
    """All traffic at each of these ticks; between two of them all that was heard before the later."""
    said, traffic, begin = list(said), Traffic(), 0
    for tick in ticks:
        opened = OpenTraffic(traffic)
        for when, key in said:
            if begin <= when < tick:
                opened.hear(key, when)
        opened.passed(tick, ORIGIN)
        yield opened
        traffic, begin = opened.closed(), tick
