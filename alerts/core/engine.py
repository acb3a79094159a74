"""The engine of one partition: memories of its hulls beside their world, and who is to be asked when.

    record --> apply: alerts and writes, nothing changed yet
               the caller publishes the alerts, awaits the acknowledgement, writes the writes (the world last),
           --> commit: now the engine knows it too

A report without an alert waits for the next interval record before its memory is written (docs/adr/0005): whoever takes
over reads again from the world's offset on.  The same engine runs live, in replay, and in the tests.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping

from alerts.core.alert import Alert
from alerts.core.curve import SHIPPED, Curve
from alerts.core.ended import Ended
from alerts.core.folded import Folded, Folds
from alerts.core.frozen import Struct, replace
from alerts.core.hull import Hull
from alerts.core.instants import MINUTE, Instant
from alerts.core.intervals import Cover, CoverRun, IntervalClosed, Versions, Watched
from alerts.core.lessons import taught
from alerts.core.light import arrival_look
from alerts.core.memory import Memory, in_order, soonest_dark, step, wakes_at
from alerts.core.reports import Origin, Report
from alerts.core.rule import Rule, Terms
from alerts.core.thresholds import Thresholds
from alerts.core.wakes import Wakes
from alerts.core.world import World, closed, is_repeat, with_covers, world_key
from alerts.core.zones import ZoneIndex

MOST_UNWRITTEN = 60
"""Reports of a hull that may wait for an interval record: where the clock stands, Kafka keeps them only for days."""
FOLDS_KEPT_MS = 15 * MINUTE
"""For so long what was folded of a hull is remembered: it keeps the covers of its time alive."""

PART = "\x00part"
"""Under this a part of the covers is new to the engine: it is written with the interval record that follows."""
Record = Report | Watched | Cover | IntervalClosed
Changed = tuple[tuple[str, Memory | World | Cover], ...]
Writes = tuple[tuple[str, Memory | World], ...]
Wake = tuple[str, Instant | None]
"""A hull, and the earliest interval end that is worth asking her at; None: not before the world changes."""


class Step(Struct, frozen=True):
    """What one record takes: alerts to publish first, then writes in their order, memories before the world.

    `changed` is what is new to the engine; of that, `writes` leaves out what may wait and adds what has waited.
    `wakes` are those of all that is changed or written, and of the hulls that an interval asked, whether or not they
    had anything to say.
    """

    alerts: tuple[Alert, ...] = ()
    changed: Changed = ()
    writes: Writes = ()
    wakes: tuple[Wake, ...] = ()


NOTHING = Step()


class UnknownVersionError(LookupError):
    """An interval record names a version whose contents are not at hand: fetch them and apply the record again."""


class Engine:
    """Memories and world of one partition.  `contents` holds what a version id stands for, and may grow."""

    def __init__(self, contents: Mapping[str, object], rules: tuple[Rule, ...]) -> None:
        self._contents = contents
        self._rules = rules
        self._memories: MutableMapping[str, Memory] = {}
        self._parts: dict[Origin, Cover] = {}
        self._world = World()
        self._terms = terms_of(Versions(), contents)
        self._wakes = Wakes()
        self._folds: Folds = {}
        self._unwritten: dict[str, int] = {}

    def load(
        self,
        world: World,
        memories: MutableMapping[str, Memory],
        wakes: Iterable[Wake],
        covers: Iterable[CoverRun] = (),
    ) -> None:
        """Takes over what an earlier owner of the partition had written; no memory is looked at before its time.

        `wakes` may be lower bounds: a hull that is asked too early is asked again.
        """
        self._world = with_covers(world, covers)
        self._memories = memories
        self._terms = terms_of(world.versions, self._contents, world.water.curve)
        for key, at in wakes:
            self._wakes.set(key, at)

    def keep(self, before: "Engine") -> None:
        """Keeps what another engine of this partition knew and had not written, where it is newer."""
        self._parts = dict(before._parts)
        for key, reports in before._unwritten.items():
            memory = before.memory(key)
            if memory.offset > self.memory(key).offset:
                self._memories[key], self._unwritten[key] = memory, reports
                self._wakes.set(key, wakes_at(memory, self._world, self._terms, self._rules, self._folds))

    @property
    def unwritten(self) -> Iterator[tuple[str, Memory]]:
        """The memories whose writes wait for the next interval record."""
        return ((key, self._memories[key]) for key in self._unwritten)

    @property
    def resume_at(self) -> int:
        """The offset from which records must be read again."""
        return self._world.offset + 1

    @property
    def world(self) -> World:
        """As of the last interval record."""
        return self._world

    @property
    def limit_min(self) -> float:
        """Witnessed minutes that make a silence of a ship under way dark, now."""
        return self._terms.curve.threshold_min(self._terms.thresholds.silence_budget)

    @property
    def hulls(self) -> Iterator[Hull]:
        """Those watched now."""
        return (memory.hull for memory in self._memories.values() if memory.hull is not None)

    def memory(self, hull: str) -> Memory:
        """What is kept of one hull; an empty memory where nothing is."""
        return self._memories.get(hull, Memory())

    def apply(self, offset: int, record: Record) -> Step:
        """What this record takes.  Changes nothing; raises UnknownVersionError."""
        if isinstance(record, IntervalClosed):
            return self._interval(offset, record)
        if isinstance(record, Cover):
            return Step((), ((PART, record),))
        key = record.id if isinstance(record, Watched) else record.hull
        memory = self.memory(key)
        after, alerts = step(memory, offset, record, self._world, self._terms, self._rules, self._folds)
        if after is memory:
            return NOTHING
        changed = ((key, after),)
        may_wait = isinstance(record, Report) and not alerts and self._unwritten.get(key, 0) < MOST_UNWRITTEN
        wake = (key, self._wake_after_report(key, memory, after))
        return Step(alerts, changed, () if may_wait else changed, (wake,))

    def commit(self, done: Step) -> None:
        """The step's writes are stored: from now on what it changed holds."""
        for key, value in done.changed:
            if isinstance(value, World):
                self._terms, self._world = self._terms_of(value), value
                self._parts.clear()
                self._folds = {hull: done for hull, done in self._folds.items() if _is_fresh(done, value)}
            elif isinstance(value, Cover):
                self._parts[value.origin] = value
            else:
                self._memories[key] = value
                self._unwritten[key] = self._unwritten.get(key, 0) + 1
        for key, _ in done.writes:
            self._unwritten.pop(key, None)
        for key, at in done.wakes:
            self._wakes.set(key, at)

    def _interval(self, offset: int, record: IntervalClosed) -> Step:
        origin = record.origin
        if offset <= self._world.offset or is_repeat(self._world.had, origin.source, origin.offset, origin.n):
            return NOTHING
        world = self._taught(closed(self._world, offset, record, self._covers_of(record)), record)
        terms = self._terms_of(world)
        alerts: list[Alert] = []
        changed: dict[str, Memory | World] = {}
        wakes = {key: self._wakes.at(key) for key in self._unwritten}
        for key in self._asked_by(record, world):
            memory = self._memories[key]
            after, said = step(memory, offset, record, world, terms, self._rules, self._folds)
            alerts += said
            wakes[key] = wakes_at(after, world, terms, self._rules, self._folds)
            if after is not memory:
                changed[key] = after
        changed[world_key(world)] = world
        writes = {**dict(self.unwritten), **changed}
        return Step(tuple(alerts), tuple(changed.items()), tuple(writes.items()), tuple(wakes.items()))

    def _covers_of(self, record: IntervalClosed) -> tuple[CoverRun, ...]:
        """Its own, and those that came before it: they are of the same origin."""
        return (*(run for part in self._parts_of(record) for run in part.covers), *record.covers)

    def _parts_of(self, record: IntervalClosed) -> list[Cover]:
        before = (self._parts.get(replace(record.origin, n=n)) for n in range(record.origin.n))
        return [part for part in before if part]

    def _taught(self, world: World, record: IntervalClosed) -> World:
        """With what the silences that ended teach; behind stands what the versions say."""
        learned = world.water.curve is not None
        behind = terms_of(world.versions, self._contents) if learned else self._terms_of(world)
        ended: list[Ended] = [row for part in self._parts_of(record) for row in part.ended]
        return taught(world, (*ended, *record.ended), behind.curve, behind.thresholds.silence_budget)

    def _asked_by(self, record: IntervalClosed, world: World) -> list[str]:
        """Those that it is time to ask, and those that meet others."""
        meet = {hull for meeting in record.meetings for hull in meeting.hulls if hull in self._memories}
        asked = self._asked_at(world)
        return sorted(meet.union(asked)) if meet else asked

    def _asked_at(self, world: World) -> list[str]:
        """Hulls whose time has come; all of them when anything but the clock has changed."""
        if world.turned == self._world.turned:
            return self._wakes.due(world.clock or 0)
        return sorted(self._memories)

    def _terms_of(self, world: World) -> Terms:
        known = self._world
        same = world.versions == known.versions and world.water.curve == known.water.curve
        return self._terms if same else terms_of(world.versions, self._contents, world.water.curve)

    def _wake_after_report(self, key: str, before: Memory, after: Memory) -> Instant | None:
        """A report that came in order can only begin a silence, or change how she is awaited: no need to go through all
        that are remembered.
        """
        if not in_order(before, after):
            return wakes_at(after, self._world, self._terms, self._rules, self._folds)
        soonest, look = soonest_dark(after, self._terms), arrival_look(self._folds[key].track, self._world)
        if look is not None:
            soonest = min(soonest, look)
        known = self._wakes.at(key)
        return soonest if known is None else min(known, soonest)


def _is_fresh(done: Folded, world: World) -> bool:
    return (world.clock or 0) - (done.question.world.clock or 0) <= FOLDS_KEPT_MS


def terms_of(versions: Versions, contents: Mapping[str, object], learned: Curve | None = None) -> Terms:
    """What these versions say; an empty id stands for no zones, the default thresholds, the shipped curve.

    `learned` is the curve that was learned since, if one is in force.
    """
    zones = _content(contents, versions.zones, ZoneIndex.of(()))
    thresholds = _content(contents, versions.rules, Thresholds())
    curve = _content(contents, versions.cover, SHIPPED)
    assert isinstance(zones, ZoneIndex)
    assert isinstance(thresholds, Thresholds)
    assert isinstance(curve, Curve)
    if learned is not None:
        return Terms(zones, thresholds, learned, "learned")
    return Terms(zones, thresholds, curve, "shipped" if curve == SHIPPED else "cover.json")


def _content(contents: Mapping[str, object], version: str, unset: object) -> object:
    if not version:
        return unset
    try:
        return contents[version]
    except KeyError:
        raise UnknownVersionError(version) from None
