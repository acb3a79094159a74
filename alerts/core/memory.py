"""The memory of one hull, and the one `step` that changes it.

    settled (track) | reports since, in order (time, content), younger than the clock less the lag of late feeds
                    ^ floor

A report is folded in, what should be said is compared with what was said, and what can no longer change is settled.
"""

from collections.abc import Iterable, Iterator

from alerts.core.alert import Alert, Event
from alerts.core.causes import by_outage, with_areas
from alerts.core.due import LEAST_MS
from alerts.core.fold import fold, overdue_in, settled, silence_looks, vigil_kept
from alerts.core.folded import Folds, Question
from alerts.core.frozen import Struct, replace
from alerts.core.heard import Heard, by_time_and_content
from alerts.core.hull import Hull
from alerts.core.instants import Instant, interval_end
from alerts.core.intervals import IntervalClosed, Meeting, Watched
from alerts.core.jumps import standing, without_old
from alerts.core.lifecycle import Episode, difference
from alerts.core.outages import outage_id
from alerts.core.reports import Report
from alerts.core.rule import Finding, Rule, Terms
from alerts.core.silence import State, shortest_ms
from alerts.core.told import Told
from alerts.core.track import Track
from alerts.core.world import Had, World, explaining, had_after, is_repeat, judged_from, keeps_ms

AT_MOST = 256
"""Reports kept unsettled; with more, the oldest is settled early, and counted."""


class Memory(Struct, frozen=True):
    """All that an engine keeps of one hull between two records.

    `offset` of the last record applied; `had` per source the last (offset, n); `hull` None: not watched;
    `early` counts reports settled before their time, `older` those that came after theirs; `meetings` go on.
    """

    offset: int = -1
    had: Had = ()
    hull: Hull | None = None
    track: Track = Track()
    recent: tuple[Heard, ...] = ()
    episodes: tuple[Episode, ...] = ()
    early: int = 0
    older: int = 0
    meetings: tuple[Meeting, ...] = ()


Applied = tuple[Memory, tuple[Alert, ...]]


def step(
    memory: Memory,
    offset: int,
    record: Report | Watched | IntervalClosed,
    world: World,
    terms: Terms,
    rules: tuple[Rule, ...],
    folds: Folds | None = None,
) -> Applied:
    """The memory after one record, and the alerts that it takes.

    A record at or below the memory's offset, or had from its source before, changes nothing.  For an interval record
    `world` is the world after it, and the memory changes only where something is said: when she is asked is no part
    of what she is.  `folds` spares work and changes nothing else.
    """
    if offset <= memory.offset:
        return memory, ()
    if isinstance(record, Watched):
        return _watched(memory, offset, record, world)
    if memory.hull is None:
        return memory, ()
    told, folds = _told_silences(memory.episodes), {} if folds is None else folds
    question = Question(memory.hull, world, terms, rules, folds, told, memory.meetings)
    if isinstance(record, IntervalClosed):
        return _closed(memory, offset, record, question)
    origin = record.origin
    if is_repeat(memory.had, origin.source, origin.offset, origin.n):
        return memory, ()
    had = had_after(memory.had, origin.source, origin.offset, origin.n)
    return _reported(memory, offset, had, record, question)


def _closed(memory: Memory, offset: int, record: IntervalClosed, question: Question) -> Applied:
    """After an interval record: her meetings change by these alone; one that is over is told once, and forgotten."""
    meetings = _meetings_after(memory, record)
    question = replace(question, meetings=meetings)
    asked, alerts = _asked(replace(memory, offset=offset, meetings=meetings), question, record.end)
    keeps = _keeps_at(memory, question.world)
    if not alerts and meetings is memory.meetings and (keeps is None or keeps > record.end):
        return memory, ()
    kept = _kept(_settled(asked, question), question)
    changed = alerts or kept != asked or meetings is not memory.meetings
    return (_parted(kept), alerts) if changed else (memory, ())


def _meetings_after(memory: Memory, record: IntervalClosed) -> tuple[Meeting, ...]:
    assert memory.hull is not None
    hers = [meeting for meeting in record.meetings if memory.hull.id in meeting.hulls]
    if not hers:
        return memory.meetings
    rows = {(meeting.since, meeting.ships): meeting for meeting in (*memory.meetings, *hers)}
    return tuple(meeting for _, meeting in sorted(rows.items(), key=lambda row: row[0]))


def _parted(memory: Memory) -> Memory:
    """Without the meetings that are over and what was said of them: the clock says no more of these."""
    meetings = tuple(meeting for meeting in memory.meetings if meeting.until is None)
    if len(meetings) == len(memory.meetings):
        return memory
    left = {(str(ship), meeting.since) for meeting in meetings for ship in meeting.ships}
    kept = tuple(e for e in memory.episodes if e.rule != "rendezvous" or (e.zone, e.anchor) in left)
    return replace(memory, meetings=meetings, episodes=kept)


def wakes_at(
    memory: Memory, world: World, terms: Terms, rules: tuple[Rule, ...], folds: Folds | None = None
) -> Instant | None:
    """The earliest interval end that is worth asking at, if no report comes; None: not before the world changes.

    A lower bound: ask again when woken.
    """
    if memory.hull is None or (memory.track.last is None and not memory.recent):
        return None
    folds = {} if folds is None else folds
    question = Question(memory.hull, world, terms, rules, folds, _told_silences(memory.episodes))
    silences = (e for e in memory.episodes if not by_outage(e) and e.event is not Event.RETRACTED)
    told = {(e.begin, _told_of(e)) for e in silences}
    looks = silence_looks(memory.track, memory.recent, question)
    times = [look.at for look in looks if (look.since, look.what) not in told]
    keeps = _keeps_at(memory, world)
    return min(times if keeps is None else [*times, keeps], default=None)


def in_order(before: Memory, after: Memory) -> bool:
    """Whether all that was added is one report, newer than all before; some of these may have been settled."""
    if before.hull != after.hull or not after.recent:
        return False
    old = len(before.recent) + 1 - len(after.recent)
    if old < 0 or before.recent[old:] != after.recent[:-1] or (old == 0 and before.track is not after.track):
        return False
    return not before.recent or before.recent[-1].at < after.recent[-1].at


def soonest_dark(memory: Memory, terms: Terms) -> Instant:
    """A lower bound of when the silence after her newest report can be dark, or she overdue, wherever she is."""
    return interval_end(memory.recent[-1].at + min(shortest_ms(terms.thresholds), LEAST_MS))


_SILENCES = {"went_dark": State.DARK, "dark_in_port": State.DARK, "lost_coverage": State.LOST}


def _told_of(episode: Episode) -> str | None:
    """What needs no more looks of the silence that it is about."""
    return overdue_in(episode.zone) if episode.rule == "overdue" else _SILENCES.get(episode.rule)


def _told_silences(episodes: Iterable[Episode]) -> dict[Instant, Told]:
    """What was said of silences of moving ships."""
    rows = {e.begin: e.said.evidence for e in episodes if e.rule in _SILENCES and e.event is not Event.RETRACTED}
    return {begin: Told.by(row) for begin, row in rows.items() if "share_as_long" in row}


def _watched(memory: Memory, offset: int, record: Watched, world: World) -> Applied:
    """A new or changed entry keeps what is known of her; one that is removed is forgotten, her episodes withdrawn."""
    if record.hull is not None:
        track = memory.track
        if memory.hull is None:
            track = replace(track, watched_at=world.clock)
        return replace(memory, offset=offset, hull=record.hull, track=track), ()
    known_at = world.clock or 0
    _, alerts = difference(memory.episodes, (), record.id, memory.hull, known_at)
    return Memory(offset=offset, had=memory.had), alerts


def _reported(memory: Memory, offset: int, had: Had, report: Report, question: Question) -> Applied:
    memory = _settled(memory, question, room=1)
    heard = Heard.of(report)
    last = memory.track.last
    if last is not None and heard.at <= last.at:
        return replace(memory, offset=offset, had=had, older=memory.older + 1), ()
    memory = replace(memory, offset=offset, had=had, recent=_with(memory.recent, heard))
    return _asked(memory, question, report.received_at)


def _with(recent: tuple[Heard, ...], heard: Heard) -> tuple[Heard, ...]:
    if not recent or recent[-1].at < heard.at:
        return (*recent, heard)
    return tuple(sorted({*recent, heard}, key=by_time_and_content))


def _asked(memory: Memory, question: Question, known_at: Instant) -> Applied:
    """What should be said now, against what was said."""
    hull = question.hull
    findings = _said(memory.track, memory.recent, memory.episodes, question)
    if not findings and not memory.episodes:
        return memory, ()
    episodes, alerts = difference(memory.episodes, findings, hull.id, hull, known_at)
    return replace(memory, episodes=episodes), alerts


def _said(
    track: Track, recent: tuple[Heard, ...], episodes: tuple[Episode, ...], question: Question
) -> tuple[Finding, ...]:
    """What should be said now: also of silences that an outage explains which was found when they were told already.

    They stand until she is heard, or is silent for long enough without the outage, dark or lost.  A jump stands for as
    long as it waits for others.
    """
    jumps = tuple(standing(episodes, track, question.world))
    track, findings = fold(track, recent, question)
    findings = (*with_areas(findings, episodes, question.world), *jumps)
    known = {f.begin for f in findings if f.rule in _SILENCES}
    silences = (e for e in episodes if e.rule in _SILENCES and e.event in (Event.OPENED, Event.AMENDED))
    return (*findings, *_explained([e for e in silences if e.begin not in known], track, question.world))


def _explained(silences: Iterable[Episode], track: Track, world: World) -> Iterator[Finding]:
    for episode in silences:
        if track.last is not None and episode.begin == track.last.at:
            cause = explaining(world, track.last.at, track.feeds_of_last_hour, track.stations_of_last_hour)
            if cause is not None:
                said, begin = episode.said, episode.begin
                yield Finding(episode.rule, "", episode.anchor, begin, None, said, cause=outage_id(cause))


def _settled(memory: Memory, question: Question, room: int = 0) -> Memory:
    """Settles what is older than the floor, and forgets the episodes that can no longer change.

    `room` is for how many reports to come.
    """
    floor = floor_of(memory.recent, memory.track, question.world)
    old = sum(1 for heard in memory.recent if floor is not None and heard.at < floor)
    excess = max(0, len(memory.recent) + room - old - AT_MOST)
    if old + excess == 0:
        return memory
    track = settled(memory.track, memory.recent[: old + excess], question)
    kept = memory.recent[old + excess :]
    findings = _said(track, kept, memory.episodes, question) if memory.episodes else ()
    current = {(f.rule, f.zone, f.begin) for f in findings}
    episodes = tuple(e for e in memory.episodes if (e.rule, e.zone, e.begin) in current or _may_return(e, track, floor))
    episodes = without_old(episodes, track, question.world)
    return replace(memory, track=track, recent=kept, episodes=episodes, early=memory.early + excess)


def _keeps_at(memory: Memory, world: World) -> Instant | None:
    """When what covers say of a silence must be kept, before they are forgotten; None: it is.

    Also of one that has ended: as long as it is not settled, it is looked at again.
    """
    if memory.hull is None:
        return None
    track = memory.track
    begins = [heard.at for heard in memory.recent[:1]]
    if track.last is not None and (track.vigil is None or track.vigil.state == State.LATE):
        begins.append(track.vigil.upto if track.vigil else track.last.at)
    return interval_end(min(begins) + keeps_ms(world)) if begins else None


def _kept(memory: Memory, question: Question) -> Memory:
    """The memory with the vigil of the silence after the last settled report, once covers may be forgotten."""
    keeps = _keeps_at(memory, question.world)
    if memory.track.last is None or keeps is None or keeps > (question.world.clock or 0):
        return memory
    return replace(memory, track=vigil_kept(memory.track, question))


def _may_return(episode: Episode, track: Track, floor: Instant | None) -> bool:
    """A retracted id is remembered while its moment is unsettled: it may be opened again, with the next revision."""
    if episode.event is not Event.RETRACTED:
        return False
    return floor is None or episode.anchor >= floor or episode.anchor in _unsettled(track)


def _unsettled(track: Track) -> set[Instant]:
    """Moments that are settled themselves, and of which something new may yet be said."""
    known = [track.last, track.fix, track.shared, *(visit.first for visit in track.visits)]
    known += [fix for other in track.others for fix in other.fixes]
    known += [] if track.drift is None else [track.drift.first]
    known += [] if track.turns is None else [track.turns.first]
    known += [track.claims.doubt.first] if track.claims and track.claims.doubt else []
    flash = set() if track.flash is None else {track.flash.at}
    return flash | track.statics.moments | {heard.at for heard in known if heard is not None}


def floor_of(recent: Iterable[Heard], track: Track, world: World) -> Instant | None:
    """What is older can no longer change: the clock less the lag of late feeds, and what those that hear her passed.

    A late feed's silences are known by its own tick: settled before that, one would never be said.  Where that stands
    still for hours, what began when covers are not kept any more is settled nevertheless: nobody could judge it again.
    """
    if world.clock is None:
        return None
    heard_by = {heard.feed for heard in recent} | set(track.feeds_of_last_hour)
    ticks = (late.tick for late in world.late if late.feed in heard_by)
    return max(min([world.clock - world.lag_ms, *ticks]), judged_from(world))
