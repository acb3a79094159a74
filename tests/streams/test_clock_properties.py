"""Two clocks, one killed: what they write is what one undisturbed writes, repeats aside, wherever its batches ended."""

import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.alert import Alert
from alerts.core.clock import ClockState, Output, step
from alerts.core.ended import Ended, SilencesEnded
from alerts.core.frozen import replace
from alerts.core.instants import MINUTE, SECOND
from alerts.core.intervals import ClockRecord, Cover, IntervalClosed, Reception, StationCount, StationRun, Tick
from alerts.core.reports import Origin
from alerts.core.runs import with_run
from streams.clock import dumped, loaded
from streams.codec import encode_alert
from streams.ingest.pipeline import State
from streams.ingest.pipeline import step as ingested
from streams.ingest.watch_index import WatchIndex
from tests.integration.logs import by_source
from tests.streams.ingest.air import OTHER, SOURCE, batch, heard, position, reached
from tests.streams.lines import at

PARTITIONS = 2
WATCH = WatchIndex.of([])
LOG = "ais.clock:1:0"


def source(dice: random.Random) -> list[tuple[int, bytes]]:
    """A partition on which two feeds go on, fall silent for long, and come back; one of them may end."""
    now, log = at("08:00:00"), list[bytes]()
    for _ in range(dice.randrange(10, 40)):
        now += dice.choice([0, 10, 30, 60, 400]) * SECOND
        feed = dice.choice(["coast", "harbour"])
        if dice.random() < 0.5:
            log.append(batch(heard(position(OTHER), now, dice.choice("ab")), feed=feed))
        log.append(reached(now, feed, ended=feed == "harbour" and dice.random() < 0.05))
    return list(enumerate(log))


def clocks_log(dice: random.Random) -> list[ClockRecord]:
    """What ingest writes of its partitions, in any order; some of it twice, as after a death."""
    rows = [list(ingested(State(), source(dice), f"{SOURCE}{n}", WATCH)[1].clock) for n in range(PARTITIONS)]
    place, log = [0] * PARTITIONS, list[ClockRecord]()
    while unread := [n for n, records in enumerate(rows) if place[n] < len(records)]:
        n = dice.choice(unread)
        log.append(rows[n][place[n]])
        place[n] += 1
        if dice.random() < 0.1:
            place[n] = max(0, place[n] - dice.randint(1, 5))
    return log


def told(state: ClockState, log: list[ClockRecord], begin: int, end: int) -> tuple[ClockState, list[Output]]:
    outputs: list[Output] = []
    for offset in range(begin, end):
        state, out = step(state, offset, log[offset], LOG, PARTITIONS)
        outputs += out
    return state, outputs


def taken_in_turns(log: list[ClockRecord], dice: random.Random) -> list[Output]:
    """By whoever has the partition: portions of any size, a snapshot now and then, a death at any time."""
    at, state, kept, written = 0, ClockState(), (0, dumped(ClockState())), list[Output]()
    while at < len(log):
        end = dice.randint(at + 1, min(at + 7, len(log)))
        state, out = told(state, log, at, end)
        written, at = [*written, *out], end
        if dice.random() < 0.3:
            kept = at, dumped(state)
        if dice.random() < 0.2:
            at, state = kept[0], loaded(kept[1])
    return written


def revisions(outputs: list[Output]) -> list[bytes]:
    """As they are published, repeats aside."""
    return list(dict.fromkeys(encode_alert(one) for one in outputs if isinstance(one, Alert)))


@given(st.integers(0, 10**9).map(random.Random))
def test_two_clocks_one_killed_write_what_one_undisturbed_writes_repeats_aside(dice):
    log = clocks_log(dice)
    _, alone = told(ClockState(), log, 0, len(log))
    shared = taken_in_turns(log, dice)
    closed = [[one for one in outputs if isinstance(one, IntervalClosed)] for outputs in (shared, alone)]
    assert by_source(closed[0]) == by_source(closed[1])
    assert revisions(shared) == revisions(alone)


@given(st.integers(0, 10**9).map(random.Random))
def test_what_ingest_wrote_twice_changes_nothing(dice):
    log = clocks_log(dice)
    once = [record for record, had in zip(log, firsts(log), strict=True) if had]
    closed = [one.end for one in told(ClockState(), log, 0, len(log))[1] if isinstance(one, IntervalClosed)]
    assert closed == [one.end for one in told(ClockState(), once, 0, len(once))[1] if isinstance(one, IntervalClosed)]


def firsts(log: list[ClockRecord]) -> list[bool]:
    newest: dict[str, tuple[int, int]] = {}
    new = []
    for record in log:
        place = record.origin.offset, record.origin.n
        new.append(place > newest.get(record.origin.source, (-1, -1)))
        newest[record.origin.source] = max(place, newest.get(record.origin.source, (-1, -1)))
    return new


MINUTES, STATIONS = 120, ("mast", "roof", "hill")


def heard_each_minute(dice: random.Random) -> list[list[StationCount]]:
    """What stations hear: each goes on for long, then is silent, then goes on."""
    silent = {station: dice.randrange(30, MINUTES) for station in STATIONS}
    returns = {station: silent[station] + dice.randrange(40) for station in STATIONS}
    return [
        [StationCount(s, *dice.choice([(40, 8, 1), (41, 9, 1)])) for s in STATIONS if not silent[s] <= n < returns[s]]
        for n in range(MINUTES)
    ]


def told_of_by(said: list[list[StationCount]], partitions: int, dice: random.Random) -> list[Output]:
    """The same, shared out among partitions that are told of it in pieces of any length."""
    base, place, log = at("08:00:00"), [0] * partitions, list[ClockRecord]()
    shares = [shared_out(counts, partitions, dice) for counts in said]
    while unread := [p for p in range(partitions) if place[p] < MINUTES]:
        partition = dice.choice(unread)
        first, last = place[partition], min(MINUTES, place[partition] + dice.randint(1, 9))
        runs: list[StationRun] = []
        for n in range(first, last):
            if shares[n][partition]:
                with_run(runs, StationRun(base + n * MINUTE, base + n * MINUTE, tuple(shares[n][partition])))
        origin = Origin(f"s:{partition}", last, 0)
        tick = base + (last - 1) * MINUTE
        log += [Reception(origin, "coast", tuple(runs)), Tick(replace(origin, n=1), tick, (), (("coast", tick),))]
        place[partition] = last
    state, outputs = ClockState(), list[Output]()
    for offset, record in enumerate(log):
        state, out = step(state if dice.random() < 0.9 else loaded(dumped(state)), offset, record, LOG, partitions)
        outputs += out
    return outputs


def shared_out(counts: list[StationCount], partitions: int, dice: random.Random) -> list[list[StationCount]]:
    """A ship lives on one partition: counts are cut anywhere."""
    shares: list[list[StationCount]] = [[] for _ in range(partitions)]
    for count in counts:
        left = count
        for partition in range(partitions):
            part = (
                left
                if partition == partitions - 1
                else left._replace(messages=dice.randint(0, left.messages), ships=dice.randint(0, left.ships), shore=0)
            )
            left = StationCount(left.station, *(a - b for a, b in zip(left[1:], part[1:], strict=True)))
            if any(part[1:]):
                shares[partition].append(part)
    return shares


@given(st.integers(0, 10**9).map(random.Random))
def test_stations_are_judged_alike_however_many_partitions_hear_them_and_wherever_runs_end(dice):
    said = heard_each_minute(dice)
    alone, shared = told_of_by(said, 1, dice), told_of_by(said, dice.randint(1, 3), dice)
    assert revisions(alone) == revisions(shared)
    assert last_known(alone) == last_known(shared)


def last_known(outputs: list[Output]) -> dict[tuple[str, int], int | None]:
    closed = [one for one in outputs if isinstance(one, IntervalClosed)]
    return {(outage.station, outage.since): outage.until for one in closed for outage in one.outages}


def silences(dice: random.Random) -> list[Ended]:
    """A few in each of twenty minutes, of other ships each time."""
    base = at("08:00:00")
    known = [base + dice.randint(1, 20) * MINUTE for _ in range(40)]
    way = 10.0, 140.0, 12.0, 0.0, 12.0, 60.0, 9
    back = [end - dice.randint(1, MINUTE) for end in known]
    ends = enumerate(zip(known, back, strict=True))
    return [Ended(end, n, 0, end - 9 * MINUTE, *way, back_at, 10.0, 140.1) for n, (end, back_at) in ends]


def sent_on(rows: list[Ended], partitions: int, dice: random.Random) -> list[Ended]:
    """What engines get, from partitions that are each told of them with ticks of any length, and of some twice."""
    base, place, log = at("08:00:00"), [0] * partitions, list[ClockRecord]()
    while unread := [p for p in range(partitions) if place[p] < 20]:
        p = dice.choice(unread)
        first, last = place[p], min(20, place[p] + dice.randint(1, 4))
        mine = [row for row in rows if row.mmsi % partitions == p and base + first * MINUTE < row.known]
        mine = [row for row in mine if row.known <= base + last * MINUTE]
        origin, tick = Origin(f"s:{p}", last, 0), base + last * MINUTE
        new = [SilencesEnded(origin, tuple(mine)), Tick(replace(origin, n=1), tick, (), (("coast", tick),))]
        first_tick = [Tick(Origin(f"s:{p}", 0, 0), base, (), (("coast", base),))] if first == 0 else []
        log += [*first_tick, *new, *(new if dice.random() < 0.3 else ())]
        place[p] = last
    state, outputs = ClockState(), list[Output]()
    for offset, record in enumerate(log):
        state, out = step(state if dice.random() < 0.8 else loaded(dumped(state)), offset, record, LOG, partitions)
        outputs += out
    assert state.ended == ()
    return [row for one in outputs if isinstance(one, Cover | IntervalClosed) for row in one.ended]


@given(st.integers(0, 10**9).map(random.Random))
def test_silences_that_ended_go_on_once_and_in_their_order_however_many_partitions_tell_of_them(dice):
    rows = silences(dice)
    assert sent_on(rows, dice.randint(1, 3), dice) == sorted(rows)


def test_a_snapshot_from_before_silences_were_sent_on_is_read():
    value = dumped(ClockState(clock=at("08:00:00")))
    version, body = value[:8], msgspec.msgpack.decode(value[8:])
    assert body.pop("ended") == []
    assert loaded(version + msgspec.msgpack.encode(body)) == ClockState(clock=at("08:00:00"))
