"""The clock: adds up what the partitions say and closes intervals; alerts about ourselves.

Outages of feeds are what ingest says of them (streams/ingest/ticks.py), those of stations are found here, when an
interval closes, by what was heard in it (stations.py).

    waiting --every partition has ticked--> started at the highest of the first ticks
    started --every partition has ticked past the end of an interval--> closed up to there, in one record

One totally ordered log goes in; what comes out is a function of it, whoever runs it.
"""

from collections.abc import Iterable, Iterator

from alerts.core import area_outage, ended, interference
from alerts.core.alert import Alert
from alerts.core.cover import NO_GAPS, Gaps
from alerts.core.ended import Ended, SilencesEnded
from alerts.core.fallen import FellSilent
from alerts.core.frozen import Struct, field, replace
from alerts.core.instants import INTERVAL, Instant, interval_start
from alerts.core.intervals import (
    BY_APPLY,
    BY_CLOCK,
    CellsHeard,
    ClockRecord,
    CountRun,
    Cover,
    CoverRun,
    IntervalClosed,
    Jumped,
    LateTick,
    Outage,
    OutageFound,
    Reception,
    StationRun,
    Tick,
    Versions,
)
from alerts.core.lifecycle import Episode, difference
from alerts.core.meetings import Meetings, met, with_stays
from alerts.core.outages import Verdict, of_feeds, of_station
from alerts.core.reports import Origin
from alerts.core.rule import Finding
from alerts.core.runs import Runs, by_interval, covers_of, parts, up_to, with_runs
from alerts.core.stations import Hearing, judged
from alerts.core.world import Had, had_after, is_repeat

KEPT_MS = 7 * 24 * 60 * INTERVAL
"""How long a closed outage can still be corrected; afterwards it stands."""


class ClockState(Struct, frozen=True):
    """`ticks` is the last tick of each partition, `first` its first time, `clock` the end of the last closed interval.

    `changed` are the outages of feeds, `heard` the reception, and `versions` the announcement that go into the next
    record.  `counted` is what the partitions counted in intervals that are not closed yet, `gaps` what was learned from
    others; `said` is what stations were heard saying in intervals that are not judged yet, `hearings` what is known of
    the stations of each feed.  `meetings` is who lies still where, and beside whom; `sky` what ships jumped, `air` who
    fell silent with whom; `ended` are the silences that ended in intervals that are not closed yet.
    """

    had: Had = ()
    ticks: dict[str, Tick] = field(default_factory=dict)
    first: dict[str, Instant] = field(default_factory=dict)
    clock: Instant | None = None
    verdicts: tuple[Verdict, ...] = ()
    changed: tuple[tuple[str, Instant], ...] = ()
    heard: tuple[tuple[str, str, int], ...] = ()
    versions: Versions = Versions()
    episodes: tuple[Episode, ...] = ()
    counted: Runs[CountRun] = field(default_factory=dict)
    gaps: Gaps = NO_GAPS
    said: dict[str, Runs[StationRun]] = field(default_factory=dict)
    hearings: dict[str, Hearing] = field(default_factory=dict)
    outs: dict[str, Episode] = field(default_factory=dict)
    meetings: Meetings = Meetings()
    sky: interference.Sky = interference.Sky()
    air: area_outage.Air = area_outage.Air()
    ended: tuple[Ended, ...] = ()


Output = Cover | IntervalClosed | Alert


def step(
    state: ClockState, offset: int, record: ClockRecord, source: str, partitions: int
) -> tuple[ClockState, tuple[Output, ...]]:
    """The state after one record of the clock's log, and what it takes: a closed interval, alerts about feeds.

    `source` and `offset` say where the record stands in that log; `partitions` is how many partitions must tick.
    """
    said_by = record.origin.source
    if said_by not in (BY_CLOCK, BY_APPLY):
        if is_repeat(state.had, said_by, record.origin.offset, record.origin.n):
            return state, ()
        state = replace(state, had=had_after(state.had, said_by, record.origin.offset, record.origin.n))
    if isinstance(record, Tick):
        state, alerts = _judged(_heard_again(_ticked(state, record), record))
        state, closed = _closed(state, Origin(source, offset, 0), partitions)
        return state, (*alerts, *closed)
    if isinstance(record, OutageFound):
        return _judged(_found(state, record))
    if isinstance(record, Reception):
        return _received(state, record), ()
    if isinstance(record, CellsHeard):
        meetings = with_stays(state.meetings, said_by, record.stays)
        return replace(state, counted=with_runs(state.counted, said_by, record.runs), meetings=meetings), ()
    if isinstance(record, Jumped):
        return replace(state, sky=interference.with_jumps(state.sky, record.jumps)), ()
    if isinstance(record, FellSilent):
        return replace(state, air=area_outage.with_fallen(state.air, record.ships)), ()
    if isinstance(record, SilencesEnded):
        return replace(state, ended=(*state.ended, *record.ended)), ()
    return replace(state, versions=record.versions), ()


def _received(state: ClockState, record: Reception) -> ClockState:
    counts = {(feed, station): n for feed, station, n in state.heard}
    for run in record.runs:
        times = (run.last - run.first) // INTERVAL + 1
        for station, messages, _, _ in run.stations:
            counts[record.feed, station] = counts.get((record.feed, station), 0) + messages * times
    heard = tuple((feed, station, n) for (feed, station), n in sorted(counts.items()))
    if record.late:
        return replace(state, heard=heard)
    said = with_runs(state.said.get(record.feed, {}), record.origin.source, record.runs)
    return replace(state, heard=heard, said={**state.said, record.feed: said})


def _ticked(state: ClockState, tick: Tick) -> ClockState:
    source = tick.origin.source
    ticks = {**state.ticks, source: tick}
    if source in state.first:
        return replace(state, ticks=ticks)
    at = _reached(tick, prompt_known=any(t.prompt is not None for t in ticks.values()))
    return replace(state, ticks=ticks, first=state.first if at is None else {**state.first, source: at})


def _reached(tick: Tick, prompt_known: bool) -> Instant | None:
    """The time that one partition has reached; where all feeds are late, theirs is the clock."""
    if prompt_known:
        return tick.prompt
    return min((late.tick for late in tick.late), default=None)


def _closed(state: ClockState, origin: Origin, partitions: int) -> tuple[ClockState, tuple[Output, ...]]:
    ticks = state.ticks.values()
    prompt_known = any(tick.prompt is not None for tick in ticks)
    reached = [at for tick in ticks if (at := _reached(tick, prompt_known)) is not None]
    if len(state.first) < partitions or len(reached) < len(ticks):
        return state, ()
    clock = interval_start(max(state.first.values())) if state.clock is None else state.clock
    end = interval_start(min(reached))
    if end < clock + INTERVAL:
        return (state if clock == state.clock else replace(state, clock=clock)), ()
    counted, left = up_to(state.counted, clock, end)
    gaps, covers = covers_of(counted, state.gaps)
    *before, last = parts(covers)
    waiting, (*more, silences) = ended.closed(state.ended, clock, end)
    meetings, news = met(state.meetings, clock, end)
    late, n = _late(state, partitions), len(before) + len(more)
    state, stations, alerts = _stations_judged(state, end, late)
    sky, jumped, told = interference.closed(state.sky, clock, end)
    air, areas, fell = area_outage.closed(state.air, clock, end, _closing(state, covers, late))
    changed = (*(v.outage for v in state.verdicts if (v.feed, v.since) in set(state.changed)), *stations)
    record = IntervalClosed(
        replace(origin, n=n),
        end,
        changed,
        late,
        state.versions,
        state.heard,
        covers=last,
        meetings=news,
        interference=jumped,
        areas=areas,
        ended=silences,
    )
    kept = _kept(state.verdicts, end)
    state = replace(state, counted=left, gaps=gaps, clock=end, changed=(), heard=(), verdicts=kept)
    state = replace(state, meetings=meetings, sky=sky, air=air, ended=waiting)
    covered = _before(origin, before, more)
    return replace(state, episodes=_told(state)), (*alerts, *told, *fell, *covered, record)


def _closing(state: ClockState, covers: tuple[CoverRun, ...], late: tuple[LateTick, ...]) -> area_outage.Closing:
    """Ships of late feeds are not among those that fall silent, so their outages explain nothing; nor does one that
    only the clock's stage said, early, and took back.
    """
    slow = {tick.feed for tick in late}
    out = (v for v in state.verdicts if v.feed not in slow and v.until != {BY_CLOCK: v.since})
    return area_outage.Closing(covers, sorted(v.since for v in out))


def _before(
    origin: Origin, covers: Iterable[tuple[CoverRun, ...]], silences: Iterable[tuple[Ended, ...]]
) -> Iterator[Cover]:
    """What is too large for the interval record."""
    both = [*((part, ()) for part in covers), *(((), rows) for rows in silences)]
    for n, (part, rows) in enumerate(both):
        yield Cover(replace(origin, n=n), part, ended=rows)


def _stations_judged(
    state: ClockState, end: Instant, late: tuple[LateTick, ...]
) -> tuple[ClockState, tuple[Outage, ...], list[Alert]]:
    """The stations up to the end of what closes, those of a late feed up to its own tick."""
    ticks = {tick.feed: tick.tick for tick in late}
    said, hearings, outs = dict(state.said), dict(state.hearings), dict(state.outs)
    outages: dict[tuple[str, str, Instant], Outage] = {}
    out: list[area_outage.Out] = []
    alerts: list[Alert] = []
    for feed, runs in sorted(state.said.items()):
        hearing, until = hearings.get(feed, Hearing()), min(end, interval_start(ticks.get(feed, end)))
        passed, said[feed] = up_to(runs, hearing.until, until)
        for at, counts in by_interval(passed):
            hearing, found = judged(hearing, at, counts)
            for one in found:
                outages[feed, one.station, one.since] = Outage(feed, one.since, one.until, station=one.station)
                alerts += _station_told(outs, of_station(feed, one), at)
                if feed not in ticks and one.until is None:
                    out.append(area_outage.Out(at, feed, one.station, one.since, one.ships))
        hearings[feed] = replace(hearing, until=max(hearing.until, until))
    air = area_outage.with_outs(state.air, out, state.clock or 0)
    state = replace(state, said=said, hearings=hearings, outs=outs, air=air)
    return state, tuple(outage for _, outage in sorted(outages.items())), alerts


def _station_told(outs: dict[str, Episode], finding: Finding, at: Instant) -> tuple[Alert, ...]:
    """What is new of one station; an episode that is closed stands, and is forgotten."""
    known = outs.pop(finding.zone, None)
    (episode,), alerts = difference((known,) if known else (), (finding,), "", None, at)
    if finding.closed is None:
        outs[finding.zone] = episode
    return alerts


def _late(state: ClockState, partitions: int) -> tuple[LateTick, ...]:
    """Each late feed's lowest tick; a partition that it has not reached holds it at the beginning of time."""
    ticks: dict[str, list[LateTick]] = {}
    for tick in state.ticks.values():
        for late in tick.late:
            ticks.setdefault(late.feed, []).append(late)
    return tuple(
        LateTick(feed, min(t.tick for t in seen) if len(seen) == partitions else 0, max(t.lag_ms for t in seen))
        for feed, seen in sorted(ticks.items())
    )


def _found(state: ClockState, record: OutageFound) -> ClockState:
    outage = record.outage
    rows = {(v.feed, v.since, v.kind): v for v in state.verdicts}
    key = outage.feed, outage.since, outage.kind
    known = rows.get(key) or Verdict(*key, {})
    rows[key] = replace(known, until={**known.until, record.origin.source: outage.until})
    changed = tuple(sorted({*state.changed, (outage.feed, outage.since)}))
    return replace(state, verdicts=tuple(v for _, v in sorted(rows.items())), changed=changed)


def _heard_again(state: ClockState, tick: Tick) -> ClockState:
    """An outage that the clock's stage said early is withdrawn when its feed goes on: a gap is told before the tick."""
    newest = dict(tick.newest) if state.verdicts else {}
    for verdict in state.verdicts:
        said_early = BY_CLOCK in verdict.until and verdict.until[BY_CLOCK] is None
        if said_early and newest.get(verdict.feed, verdict.since) > verdict.since:
            withdrawn = Outage(verdict.feed, verdict.since, verdict.since, verdict.kind)
            state = _found(state, OutageFound(Origin(BY_CLOCK, 0, 0), withdrawn))
    return state


def _judged(state: ClockState) -> tuple[ClockState, tuple[Alert, ...]]:
    """Says what is new about the outages of feeds: one that goes on is known when its limit has passed."""
    if not state.verdicts and not state.episodes:
        return state, ()
    ticks = state.ticks.values()
    newest, limits = (at for tick in ticks for _, at in tick.newest), dict(row for tick in ticks for row in tick.limits)
    known_at = max([0, *newest, *(v.outage.until or v.since + limits.get(v.feed, 0) for v in state.verdicts)])
    episodes, alerts = difference(state.episodes, of_feeds(state.verdicts), "", None, known_at)
    return replace(state, episodes=episodes), alerts


def _kept(verdicts: Iterable[Verdict], clock: Instant) -> tuple[Verdict, ...]:
    return tuple(v for v in verdicts if v.outage.until is None or v.outage.until > clock - KEPT_MS)


def _told(state: ClockState) -> tuple[Episode, ...]:
    """Episodes of outages that can still change."""
    kept = {(v.feed, v.since) for v in state.verdicts}
    return tuple(episode for episode in state.episodes if (episode.zone, episode.anchor) in kept)
