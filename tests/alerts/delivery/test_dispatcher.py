"""The dispatcher on a real Redis: nothing is lost, order holds, and every end has its reason."""

import asyncio
import json
import random
from collections.abc import AsyncIterator

import pytest

from alerts.core.alert import Alert, Event, Severity
from alerts.core.frozen import replace
from alerts.core.instants import DAY, HOUR
from alerts.delivery import dispatcher
from alerts.delivery.channel import Failure
from alerts.delivery.happenings import WasDelayed, WasSent
from alerts.delivery.ledger import Entry, Over, SessionOverError
from alerts.routing.plan import NotSent
from tests.alerts.delivery.floor import LEASE_MS, Floor, Killed, floor
from tests.alerts.routing.samples import alert
from tests.receivers import HttpReceiver, Reply


@pytest.fixture
async def watch(valkey: str, receiver: HttpReceiver) -> AsyncIterator[Floor]:
    async with floor(valkey, receiver) as floor_:
        yield floor_


def revision(n: int, event: Event = Event.AMENDED, episode: str = "a") -> Alert:
    return alert(id=episode, revision=n, event=Event.OPENED if n == 0 else event)


def received(receiver: HttpReceiver) -> list[tuple[str, int]]:
    return [(body["id"], body["revision"]) for body in (json.loads(request.body) for request in receiver.requests)]


async def test_an_alert_is_sent_once_however_often_it_is_published(watch: Floor, receiver: HttpReceiver) -> None:
    watch.publish(revision(0), revision(0))
    await watch.session()
    await watch.session()
    watch.publish(revision(0))
    await watch.session()
    assert received(receiver) == [("a", 0)]
    assert watch.reasons() == [(0, NotSent.REPEATED), (0, NotSent.REPEATED)]


async def test_each_revision_goes_out_in_its_order(watch: Floor, receiver: HttpReceiver) -> None:
    for n in range(3):
        watch.publish(revision(n))
        await watch.session()
    watch.publish(revision(3, Event.CLOSED))
    await watch.session()
    assert received(receiver) == [("a", 0), ("a", 1), ("a", 2), ("a", 3)]


async def test_a_newer_revision_overtakes_what_is_not_sent_yet(watch: Floor, receiver: HttpReceiver) -> None:
    watch.publish(revision(0), revision(1), revision(0, episode="b"), revision(2))
    await watch.session()
    assert sorted(received(receiver)) == [("a", 2), ("b", 0)]
    assert watch.reasons() == [(0, NotSent.SUPERSEDED), (1, NotSent.SUPERSEDED)]


async def test_a_revision_that_comes_while_the_last_one_is_under_way_follows_it(
    watch: Floor, receiver: HttpReceiver
) -> None:
    ledger = watch.ledger()
    await ledger.acquire(LEASE_MS)
    dispatcher = watch.dispatcher(ledger)
    await dispatcher.begin(0)
    receiver.script = [Reply(wait_s=0.1)]
    watch.publish(revision(0), revision(1))
    await dispatcher.take_in(watch.topic[0])
    working = asyncio.ensure_future(dispatcher.work("ops"))
    await receiver.arrived.wait()
    await dispatcher.take_in(watch.topic[1])
    while len(receiver.answered) < 2:
        await asyncio.sleep(0.01)
    dispatcher.stop()
    await working
    assert received(receiver) == [("a", 0), ("a", 1)]
    assert watch.reasons() == []


async def test_what_is_retracted_before_it_is_sent_is_never_sent(watch: Floor, receiver: HttpReceiver) -> None:
    watch.publish(revision(0), revision(1, Event.RETRACTED))
    await watch.session()
    assert received(receiver) == []
    assert watch.reasons() == [(0, NotSent.SUPERSEDED), (1, NotSent.RETRACTED_BEFORE_SENT)]
    watch.publish(revision(2, Event.OPENED))
    await watch.session()
    assert received(receiver) == [("a", 2)], "found again"


async def test_a_retraction_is_told_where_nobody_knows_whether_the_opening_arrived(
    watch: Floor, receiver: HttpReceiver
) -> None:
    receiver.script = [Reply(wait_s=1)]
    watch.publish(revision(0))
    ledger = watch.ledger()
    await ledger.acquire(LEASE_MS)
    dispatcher = watch.dispatcher(ledger)
    await dispatcher.begin(0)
    await dispatcher.take_in(watch.topic[0])
    working = asyncio.ensure_future(dispatcher.work("ops"))
    while not watch.happened:
        await asyncio.sleep(0.01)
    dispatcher.stop()
    await working
    watch.publish(revision(1, Event.RETRACTED))
    await watch.session()
    assert received(receiver) == [("a", 0), ("a", 1)]


async def test_a_retraction_is_told_where_a_kill_hid_whether_the_opening_arrived(
    watch: Floor, receiver: HttpReceiver
) -> None:
    watch.publish(revision(0))
    watch.fuse.steps_left = 4
    with pytest.raises(Killed):
        await watch.session()
    assert received(receiver) == [("a", 0)], "killed between accepted and written"
    watch.publish(revision(1, Event.RETRACTED))
    await watch.session()
    assert received(receiver) == [("a", 0), ("a", 1)]


async def test_who_was_told_hears_of_a_retraction(watch: Floor, receiver: HttpReceiver) -> None:
    watch.publish(revision(0))
    await watch.session()
    watch.publish(revision(1, Event.RETRACTED))
    await watch.session()
    assert received(receiver) == [("a", 0), ("a", 1)]


async def test_a_receiver_in_trouble_gets_it_later_with_the_same_key(watch: Floor, receiver: HttpReceiver) -> None:
    receiver.script = [Reply(500), Reply(503), Reply(404), Reply(wait_s=0.5)]
    watch.publish(revision(0))
    await watch.session()
    assert received(receiver) == [("a", 0)] * 5
    assert len(set(receiver.keys)) == 1
    delays = [h.reason for h in watch.happened if isinstance(h, WasDelayed)]
    assert delays == [Failure.SERVER_ERROR, Failure.SERVER_ERROR, Failure.NOT_ADMITTED, Failure.TIMED_OUT]
    assert isinstance(watch.happened[-1], WasSent)


async def test_one_message_in_trouble_does_not_hold_back_the_others(watch: Floor, receiver: HttpReceiver) -> None:
    receiver.script = [Reply(500)]
    watch.publish(revision(0), revision(0, episode="b"))
    await watch.session()
    assert sorted(received(receiver)[:2]) == [("a", 0), ("b", 0)]


async def test_a_pause_that_the_receiver_asks_for_holds_everything(watch: Floor, receiver: HttpReceiver) -> None:
    receiver.script = [Reply(429, {"Retry-After": "1"})]
    watch.publish(revision(0), revision(0, episode="b"))
    await watch.session()
    assert len(received(receiver)) == 3
    sent = [h.at for h in watch.happened if isinstance(h, WasSent)]
    delayed = next(h for h in watch.happened if isinstance(h, WasDelayed))
    assert delayed.wait_ms == 1_000
    assert min(sent) >= watch.topic[0].at + 1_000


async def test_what_the_receiver_will_never_take_is_given_up_with_its_reason(
    watch: Floor, receiver: HttpReceiver
) -> None:
    receiver.script = [Reply(400, body=b"bad")]
    watch.publish(revision(0))
    await watch.session()
    await watch.session()
    assert received(receiver) == [("a", 0)]
    assert watch.reasons() == [(0, NotSent.REFUSED)]
    watch.publish(revision(1))
    await watch.session()
    assert received(receiver)[-1] == ("a", 1), "the next revision is tried again"


async def test_trying_ends_with_the_age_of_the_message(watch: Floor, receiver: HttpReceiver) -> None:
    receiver.script = [Reply(500)] * 3
    watch.publish(revision(0))
    watch.now += DAY - 3
    await watch.session()
    assert watch.reasons() == [(0, NotSent.GAVE_UP)]
    assert 1 <= len(receiver.requests) <= 3


async def test_an_emptied_ledger_replays_the_topic_but_tells_nothing_old(watch: Floor, receiver: HttpReceiver) -> None:
    watch.publish(revision(0))
    watch.now += 25 * HOUR
    watch.publish(revision(0, episode="b"))
    await watch.session()
    assert received(receiver) == [("b", 0)]
    assert watch.reasons() == [(0, NotSent.TOO_OLD)]
    watch.publish(revision(1, Event.CLOSED))
    await watch.session()
    assert received(receiver) == [("b", 0), ("a", 1)], "who would have been told is taken to have been"


async def test_what_was_refused_its_route_leaves_no_trace_but_its_reason(valkey: str, receiver: HttpReceiver) -> None:
    async with floor(valkey, receiver, severity_at_least=Severity.CRITICAL) as watch:
        watch.publish(revision(0), revision(1, Event.CLOSED))
        await watch.session()
        assert watch.reasons() == [(0, NotSent.BELOW_SEVERITY), (1, NotSent.BELOW_SEVERITY)]
        assert received(receiver) == []


async def test_an_unreadable_record_is_passed_over_with_its_reason(watch: Floor, receiver: HttpReceiver) -> None:
    watch.publish(None, revision(0))
    await watch.session()
    assert received(receiver) == [("a", 0)]
    assert watch.reasons("") == [(-1, NotSent.UNREADABLE)]


async def test_a_later_message_says_which_one_it_corrects(watch: Floor) -> None:
    ledger = watch.ledger()
    await ledger.acquire(LEASE_MS)
    for n in (0, 1):
        event = str(Event.AMENDED)
        await ledger.accept(Entry(0, n or None, n + 1, "a", n, event, 5, b"{}", f"subject {n}"), ["ops"], [], 7)
        claimed = await ledger.claim("ops", "a")
        assert claimed is not None
        assert claimed.subject == "subject 0", "the first one's, for the whole episode"
        assert (claimed.corrects and (claimed.corrects.revision, claimed.corrects.at)) == ((0, 9) if n else None)
        await ledger.done(claimed, 9 + n)


async def test_a_second_dispatcher_waits_for_the_lease_and_one_that_lost_it_can_do_nothing(watch: Floor) -> None:
    first, second = watch.ledger(), watch.ledger()
    assert await first.acquire(LEASE_MS)
    assert await first.acquire(LEASE_MS), "renewed"
    assert not await second.acquire(LEASE_MS)
    await second.release()
    assert not await second.acquire(LEASE_MS), "nobody gives back what is not his"
    await first.release()
    assert await second.acquire(LEASE_MS)
    entry = Entry(0, None, 1, "a", 0, "opened", 5, b"{}", "s")
    for refused in (first.accept(entry, ["ops"], [], 7), first.claim("ops", "a"), first.recover("ops", 7)):
        with pytest.raises(SessionOverError) as over:
            await refused
        assert over.value.why is Over.LEASE_LOST


async def test_a_dispatcher_that_was_overtaken_while_it_sent_still_says_that_it_did(watch: Floor) -> None:
    first, second = watch.ledger(), watch.ledger()
    await first.acquire(LEASE_MS)
    await first.accept(Entry(0, None, 1, "a", 0, "opened", 5, b"{}", "s"), ["ops"], [], 7)
    claimed = await first.claim("ops", "a")
    assert claimed is not None
    await first.release()
    await second.acquire(LEASE_MS)
    await first.done(claimed, 8)
    assert await second.recover("ops", 9) == 0
    assert await second.claim("ops", "a") is None


async def test_a_ledger_that_was_rolled_back_is_noticed_and_read_on_from_where_it_stands(
    watch: Floor, receiver: HttpReceiver
) -> None:
    watch.publish(revision(0))
    ledger = watch.ledger()
    await ledger.acquire(LEASE_MS)
    dispatcher = watch.dispatcher(ledger)
    await dispatcher.begin(0)
    await dispatcher.take_in(watch.topic[0])
    await watch.redis.delete("{" + watch.name + "}:offsets", "{" + watch.name + "}:queue:ops")
    watch.publish(revision(0, episode="b"))
    with pytest.raises(SessionOverError) as over:
        await dispatcher.take_in(watch.topic[1])
    assert over.value.why is Over.OFFSET_MOVED
    await watch.redis.delete("{" + watch.name + "}:pair:ops:a")
    await watch.session()
    assert sorted(received(receiver)) == [("a", 0), ("b", 0)]


async def test_the_ledger_forgets_ended_episodes_in_the_end_and_open_ones_much_later(watch: Floor) -> None:
    watch.publish(revision(0), revision(0, episode="b"))
    await watch.session()
    watch.publish(revision(1, Event.CLOSED, "b"))
    await watch.session()
    days_left = [await watch.redis.pttl("{" + watch.name + "}:pair:ops:" + e) / DAY for e in "ab"]
    assert days_left == pytest.approx([365, 90], abs=0.01)
    watch.publish(revision(1))
    ledger = watch.ledger()
    await watch.redis.delete("{" + watch.name + "}:lease")
    await ledger.acquire(LEASE_MS)
    dispatcher = watch.dispatcher(ledger)
    await dispatcher.begin(0)
    await dispatcher.take_in(watch.topic[-1])
    assert await watch.redis.pttl("{" + watch.name + "}:pair:ops:a") == -1, "what is wanted is kept"


async def test_a_redis_that_does_not_answer_ends_the_session(receiver: HttpReceiver) -> None:
    async with floor("unix:///nowhere", receiver) as nowhere:
        with pytest.raises(SessionOverError) as over:
            await nowhere.ledger().acquire(LEASE_MS)
    assert over.value.why is Over.UNAVAILABLE


@pytest.mark.parametrize("steps", range(12))
async def test_killed_at_any_step_nothing_is_lost_and_a_repeat_has_the_same_key(
    steps: int, watch: Floor, receiver: HttpReceiver
) -> None:
    """Steps: before and after each of accept, claim, postpone, claim, done."""
    receiver.script = [Reply(500)]
    watch.publish(revision(0))
    watch.fuse.steps_left = steps
    await watch.until_quiet()
    assert watch.fuse.blown == (steps < 10)
    assert received(receiver) in ([("a", 0)] * 2, [("a", 0)] * 3)
    assert len(set(receiver.keys)) == 1
    assert receiver.answered[-1] == 200
    repeats = receiver.answered.count(200) - 1
    assert repeats == (steps == 8), "only a kill between accepted and written repeats"


@pytest.mark.parametrize("seed", range(12))
async def test_at_random(seed: int, watch: Floor, receiver: HttpReceiver) -> None:
    """Episodes, repeats, troubles and kills as they come; then all that should be known is known."""
    random_ = random.Random(seed)
    newest: dict[str, int] = {}
    for _ in range(30):
        if random_.random() < 0.7:
            episode = random_.choice("abc")
            newest[episode] = newest.get(episode, -1) + 1
            watch.publish(revision(newest[episode], random_.choice([Event.AMENDED, Event.CLOSED]), episode))
        if random_.random() < 0.2 and watch.topic:
            watch.publish(random_.choice(watch.topic).alert)
        if random_.random() < 0.4:
            receiver.script.append(Reply(random_.choice([500, 404, 429])))
        if random_.random() < 0.4:
            watch.fuse.steps_left = random_.randrange(12)
        if random_.random() < 0.6:
            await watch.until_quiet()
    watch.fuse.steps_left = None
    receiver.script = []
    await watch.until_quiet()
    taken = [row for row, status in zip(received(receiver), receiver.answered, strict=True) if status == 200]
    for episode, last in newest.items():
        revisions = [n for e, n in taken if e == episode]
        assert revisions == sorted(revisions), "order per episode holds"
        assert revisions[-1] == last, "the newest one arrived"
    assert len(taken) - len(set(taken)) <= watch.fuse.blown
    assert len(set(receiver.keys)) == len(set(received(receiver)))


# one cause, one message


OUTAGE = "outage.coast:mast.20240203T080000Z"


def outage(n: int, event: Event = Event.OPENED) -> Alert:
    return alert(id=OUTAGE, rule="outage", hull=None, revision=n, event=event)


def dark(episode: str, n: int, cause: str | None = None, event: Event = Event.AMENDED) -> Alert:
    return alert(id=episode, revision=n, event=event if n else Event.OPENED, cause=cause)


async def test_what_an_outage_explains_is_named_in_its_one_message(
    watch: Floor, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "GATHERS_MS", 100)
    watch.publish(dark("a", 0), dark("b", 0))
    await watch.session()
    watch.publish(outage(0), dark("a", 1, OUTAGE), dark("b", 1, OUTAGE), dark("c", 0, OUTAGE))
    await watch.session()
    assert received(receiver) == [("a", 0), ("b", 0), (OUTAGE, 0)]
    assert json.loads(receiver.requests[-1].body)["explains"] == ["a", "b"]
    assert watch.reasons() == [(1, NotSent.INHIBITED), (1, NotSent.INHIBITED), (0, NotSent.INHIBITED)]
    watch.publish(dark("a", 2, OUTAGE, Event.RETRACTED), outage(1, Event.CLOSED), dark("b", 2))
    await watch.session()
    assert sorted(received(receiver)[3:]) == [("b", 2), (OUTAGE, 1)], "what she does later is told again"


async def test_what_comes_when_the_message_about_its_cause_is_sent_is_told_by_itself(
    watch: Floor, receiver: HttpReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "GATHERS_MS", 1)
    watch.publish(dark("a", 0), outage(0))
    await watch.session()
    watch.publish(dark("a", 1, OUTAGE))
    await watch.session()
    assert sorted(received(receiver)) == [("a", 0), ("a", 1), (OUTAGE, 0)]
    assert not any("explains" in json.loads(request.body) for request in receiver.requests)


@pytest.mark.parametrize("rule", ["outage", "gnss_interference", "area_outage"])
async def test_what_is_of_no_hull_waits_for_what_it_explains(watch: Floor, rule: str) -> None:
    ledger = watch.ledger()
    assert await ledger.acquire(LEASE_MS)
    taking = watch.dispatcher(ledger)
    await taking.begin(0)
    watch.publish(replace(outage(0), rule=rule), dark("a", 0))
    for record in watch.topic:
        await taking.take_in(record)
    queue = dict(await watch.redis.zrange("{" + watch.name + "}:queue:ops", 0, -1, withscores=True))
    assert queue == {b"a": watch.now, OUTAGE.encode(): watch.now + dispatcher.GATHERS_MS}
