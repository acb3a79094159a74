"""How time passes below ingest: the records from which `clock` closes intervals, and the record that closes them.

Every output carries its Origin, so that what comes twice is recognised.
"""

from enum import StrEnum
from typing import NamedTuple

from alerts.core.cells import Cell
from alerts.core.cover import CellCount, CellSum
from alerts.core.ended import Ended, SilencesEnded
from alerts.core.fallen import AreaOutage, FellSilent
from alerts.core.frozen import Struct
from alerts.core.geo import Fix
from alerts.core.hull import Hull
from alerts.core.instants import Instant
from alerts.core.reports import Origin

BY_CLOCK, BY_APPLY = "clock", "apply"
"""Sources of what the clock's stage and `apply` write themselves: idempotent, so never skipped as a repeat."""


class LateTick(Struct, frozen=True):
    """A late feed's own time: nothing of it is missing before `tick`; its reports may be `lag_ms` behind."""

    feed: str
    tick: Instant
    lag_ms: int


class Tick(Struct, frozen=True):
    """From ingest to the clock: nothing prompt is missing before `prompt` on this partition.

    `prompt` is None where no prompt feed has spoken yet; `late` are the ticks of late feeds; `newest` is each
    feed's last time record, and `read_to_end` says that the partition had nothing more to read (a repeat of the
    last tick, made by the wall clock, which moves nothing).  `limits` are the outage limits in ms of the feeds that
    have one and have not ended.
    """

    origin: Origin
    prompt: Instant | None
    late: tuple[LateTick, ...] = ()
    newest: tuple[tuple[str, Instant], ...] = ()
    read_to_end: bool = False
    limits: tuple[tuple[str, int], ...] = ()


class Outage(Struct, frozen=True):
    """A span in which nothing counts of a feed: until None = it goes on; until == since = it was withdrawn.

    `kind` is `outage`, or `ended`: a file played to its end, which is no outage and is not waited for.  `station` is
    the one that was silent while others of the feed were heard; empty: the whole feed.
    """

    feed: str
    since: Instant
    until: Instant | None
    kind: str = "outage"
    station: str = ""


class OutageFound(Struct, frozen=True):
    """From ingest to the clock; early also from the clock's own stage (origin source `clock`)."""

    origin: Origin
    outage: Outage


class StationCount(NamedTuple):
    """What one station was heard saying in one interval: messages, watched or not, and from how many ships and how
    many on shore (base stations, aids to navigation) they came.  Sums over partitions are plain sums.
    """

    station: str
    messages: int
    ships: int
    shore: int


class StationRun(Struct, frozen=True):
    """What stations were heard saying in each of the intervals that end from `first` to `last`: in all the same."""

    first: Instant
    last: Instant
    stations: tuple[StationCount, ...]

    @property
    def steady(self) -> tuple[StationCount, ...]:
        """What is the same in each of them."""
        return self.stations


class Reception(Struct, frozen=True):
    """What one partition heard of one feed in the intervals that a time record of the feed passes, in order.

    `late`: that is more of intervals that were told before, and judges no station.
    """

    origin: Origin
    feed: str
    runs: tuple[StationRun, ...]
    late: bool = False


class CountRun(Struct, frozen=True):
    """What was counted in each of the intervals that end from `first` to `last`: in all of them the same.

    `gaps` counts the gaps between reports of moving ships by bucket; where there are any, it is one interval.
    """

    first: Instant
    last: Instant
    cells: tuple[CellCount, ...]
    gaps: tuple[int, ...] = ()

    @property
    def steady(self) -> tuple[CellCount, ...] | None:
        """What is the same in each of them; None: it is one interval, and the next is another run."""
        return None if self.gaps else self.cells


class How(StrEnum):
    """What became of a ship that lies still: she does, she left, or she is no longer heard."""

    LIES = "lies"
    LEFT = "left"
    UNHEARD = "unheard"


class Stay(NamedTuple):
    """From the interval that ends at `end` on a ship lies still here, or no longer does; nothing is said until more
    changes.  `hull` is whose she is; empty: nobody watches her.
    """

    end: Instant
    mmsi: int
    lat: float
    lon: float
    hull: str
    how: How


class CellsHeard(Struct, frozen=True):
    """What one partition expected and heard of the ships of all prompt feeds in the intervals that a tick passes.

    Two runs may speak of one interval: they are added up.  `stays` are in order of time.
    """

    origin: Origin
    runs: tuple[CountRun, ...]
    stays: tuple[Stay, ...] = ()


class Versions(Struct, frozen=True):
    """Ids of the contents in force, each `kind/sha256-prefix`; empty = nothing was applied yet."""

    zones: str = ""
    rules: str = ""
    watchlist: str = ""
    cover: str = ""


class Announced(Struct, frozen=True):
    """From `apply` (origin source `apply`): these versions take hold with the next interval that closes."""

    origin: Origin
    versions: Versions


class Jump(NamedTuple):
    """A ship, watched or not, whose fixes go on where she cannot have sailed: three agree there with each other.

    `known` is the end of the interval in which the third was heard; she was first there `at`, and last `before` that.
    `hull` is the id of who is watched, else empty.
    """

    known: Instant
    mmsi: int
    at: Instant
    there: Fix
    before: Fix
    hull: str = ""


class Jumped(Struct, frozen=True):
    """What ships of one partition jumped in the intervals that a tick passes, all feeds together."""

    origin: Origin
    jumps: tuple[Jump, ...]


ClockRecord = Tick | OutageFound | Reception | CellsHeard | Jumped | FellSilent | SilencesEnded | Announced


class CoverRun(Struct, frozen=True):
    """How well ships were heard in each of the intervals that end from `first` to `last`: in all of them the same.

    `usual_s` is the usual gap between reports.  Cells are told without those around them, which are added up where it
    is asked how well one is covered (cover.py).
    """

    first: Instant
    last: Instant
    usual_s: float
    cells: dict[Cell, CellSum]


class Beside(NamedTuple):
    """When two ships had lain beside each other for so many minutes: where, and how far apart."""

    minutes: int
    lat: float
    lon: float
    apart_m: int


class Meeting(Struct, frozen=True):
    """Two ships, by their MMSIs, that lie beside each other since `since`, one at least a watched hull's.

    `hulls` are whose they are (empty: nobody watches her); `beside` grows as time passes; `until`: when they last lay
    so (None: it goes on), `unheard` those that were then no longer heard.
    """

    ships: tuple[int, int]
    hulls: tuple[str, str]
    since: Instant
    beside: tuple[Beside, ...]
    until: Instant | None = None
    unheard: tuple[int, ...] = ()


class Interference(Struct, frozen=True):
    """A place to which ships jump together (interference.py): `id` is its alert's, until None = it goes on."""

    id: str
    since: Instant
    until: Instant | None
    place: Fix


class IntervalClosed(Struct, frozen=True):
    """From the clock to every partition of `ais.reports`: all intervals up to `end` are closed.

    `outages` are those that changed, each whole (they replace what was known of (feed, since, station)); `late` the
    ticks of late feeds, the lowest of all partitions; `heard` the messages of each (feed, station) since the last
    record.
    `covers` are those of the intervals that it closes, or the last of them where `Cover` records came before it;
    `meetings`, `interference` and `areas` those that changed, each whole; `ended` the silences that ended in them, as
    `covers`.
    """

    origin: Origin
    end: Instant
    outages: tuple[Outage, ...] = ()
    late: tuple[LateTick, ...] = ()
    versions: Versions = Versions()
    heard: tuple[tuple[str, str, int], ...] = ()
    covers: tuple[CoverRun, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    interference: tuple[Interference, ...] = ()
    areas: tuple[AreaOutage, ...] = ()
    ended: tuple[Ended, ...] = ()


class Cover(Struct, frozen=True):
    """From the clock to every partition of `ais.reports`: what is too large for the interval record that follows.

    It counts from that record on.  An engine keeps the covers of an interval record in the same form; `offset` is then
    that of the record.
    """

    origin: Origin
    covers: tuple[CoverRun, ...]
    offset: int = -1
    ended: tuple[Ended, ...] = ()


class Watched(Struct, frozen=True):
    """From `apply` to a hull's own partition: she is watched from now on (`hull`), or no longer (None)."""

    id: str
    hull: Hull | None
