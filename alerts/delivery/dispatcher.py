"""The dispatcher: takes alerts in, and sends what is wanted.

    take in:   alert --> what is known --> plan --> ledger (offset and outbox in one step) --> wake the worker
    a worker:  wait --> claim --> still wanted? --> send --> done
                 ^                     |              |---> refused, gave up: dead, with its reason
                 |                     '-> dead       '---> postponed
                 '--------------------------------------------'

What an outage or interference explains that was told already is named in the message about that, and not told again.

One worker a destination: a slow one holds back nobody else, and what fails waits in the queue, not at its head.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import msgspec

from alerts.core.alert import Alert, Event
from alerts.core.instants import SECOND, Instant
from alerts.delivery.channel import Answer, Channel, Delivered, Refused, Retry, idempotency_key
from alerts.delivery.happenings import Tell, WasDelayed, WasNotSent, WasSent
from alerts.delivery.ledger import Claimed, Entry, Ledger
from alerts.delivery.messages import Message, called, subject
from alerts.delivery.retry import BackOff, holds_all, wait_ms
from alerts.routing.plan import NotSent, Plan, overtaken, plan
from alerts.routing.routes import Routes

GATHERS_MS = 5 * SECOND
"""So long what is about no hull waits for what it explains, to be told in one message with it."""
_LONGEST_NAP_S = 30.0
"""The wall clock may be set while a worker waits for a moment of it."""


@dataclass(frozen=True, slots=True)
class Published:
    """One record of the alerts' topic; `at` is when Kafka got it.  `alert` is None where it could not be read."""

    partition: int
    offset: int
    at: Instant
    body: bytes
    alert: Alert | None


class Dispatcher:
    """One session: from a lease taken to a lease lost.  `now` is the wall clock, `jitter` draws from [0, 1)."""

    def __init__(
        self,
        ledger: Ledger,
        routes: Routes,
        channels: Mapping[str, Channel],
        now: Callable[[], Instant],
        jitter: Callable[[], float],
        tell: Tell,
        back_off: BackOff = BackOff(),  # noqa: B008  a frozen value
    ) -> None:
        self._ledger, self._routes, self._channels = ledger, routes, channels
        self._now, self._jitter, self._tell, self._back_off = now, jitter, tell, back_off
        self._read: dict[int, int | None] = {}
        self._wake = {name: asyncio.Event() for name in channels}
        self._held_until: dict[str, Instant] = {}
        self._stopping = False

    async def begin(self, partition: int) -> int | None:
        """The offset to read on from; None in an empty ledger."""
        self._read[partition] = await self._ledger.offset(partition)
        return self._read[partition]

    async def take_in(self, record: Published) -> None:
        """Plans one alert and writes outbox and offset; raises SessionOverError where the ledger is no longer ours."""
        planned = Plan((), ())
        if record.alert:
            planned = await self._planned(record, record.alert)
        told = [unsent.destination for unsent in planned.not_sent if unsent.reason is NotSent.TOO_OLD]
        due = self._now() + (GATHERS_MS if record.alert and _gathers(record.alert) else 0)
        superseded = await self._ledger.accept(self._entry(record), planned.send, told, due)
        self._read[record.partition] = record.offset + 1
        self._tell_unsent(record.alert, planned, superseded)
        for destination in planned.send:
            self._wake[destination].set()

    async def work(self, destination: str) -> None:
        """Sends what is wanted at one destination, until `stop`; ends with nothing in hand."""
        await self._ledger.recover(destination, self._now())
        while episode := await self._next(destination):
            await self._handle(destination, episode)

    def stop(self) -> None:
        """Workers end what they have in hand, and claim no more."""
        self._stopping = True
        for wake in self._wake.values():
            wake.set()

    async def _planned(self, record: Published, alert: Alert) -> Plan:
        known = await self._ledger.known(alert.id, alert.cause, [d.name for d in self._routes.destinations])
        if alert.cause and known.cause_told:
            told = [name for name in known.cause_told if known.standings[name].told]
            named = await self._ledger.name(alert.cause, alert.id, called(alert), told)
            known = replace(known, named=named)
        return plan(alert, record.at, self._routes, self._routes.silences, known, self._now())

    def _entry(self, record: Published) -> Entry:
        expected, following = self._read[record.partition], record.offset + 1
        alert = record.alert
        if alert is None:
            return Entry(record.partition, expected, following)
        return Entry(
            record.partition,
            expected,
            following,
            alert.id,
            alert.revision,
            str(alert.event),
            record.at,
            record.body,
            subject(alert),
        )

    def _tell_unsent(self, alert: Alert | None, planned: Plan, superseded: dict[str, int]) -> None:
        if alert is None:
            return self._tell(WasNotSent("", "", -1, NotSent.UNREADABLE))
        for unsent in planned.not_sent:
            self._tell(WasNotSent(unsent.destination, alert.id, alert.revision, unsent.reason))
        for destination, revision in superseded.items():
            self._tell(WasNotSent(destination, alert.id, revision, NotSent.SUPERSEDED))
        return None

    async def _next(self, destination: str) -> str | None:
        """Waits for the next episode that is due; None when stopping."""
        wake = self._wake[destination]
        while not self._stopping:
            wake.clear()
            first = await self._ledger.next_due(destination)
            if self._stopping:
                break
            wait_s = _LONGEST_NAP_S
            if first:
                wait_s = (max(first[1], self._held_until.get(destination, 0)) - self._now()) / SECOND
                if wait_s <= 0:
                    return first[0]
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), min(wait_s, _LONGEST_NAP_S))
        return None

    async def _handle(self, destination: str, episode: str) -> None:
        claimed = await self._ledger.claim(destination, episode)
        if claimed is None:
            return await self._ledger.nothing(destination, episode, self._now())
        tried = claimed.tries_before > 0
        max_age_ms = self._routes.delivery.max_age_ms
        reason = overtaken(claimed.event, claimed.told, claimed.published_at, tried, max_age_ms, self._now())
        if reason:
            return await self._bury(claimed, reason)
        key = idempotency_key(destination, episode, claimed.revision)
        named = await self._ledger.names(destination, episode)
        return await self._conclude(claimed, await self._channels[destination].send(_message(claimed, named), key))

    async def _conclude(self, claimed: Claimed, answer: Answer) -> None:
        match answer:
            case Delivered():
                now = self._now()
                await self._ledger.done(claimed, now)
                took_ms = now - claimed.published_at
                self._tell(WasSent(claimed.destination, claimed.episode, claimed.revision, now, took_ms))
            case Refused(detail):
                await self._bury(claimed, NotSent.REFUSED, detail)
            case Retry():
                await self._postpone(claimed, answer)

    async def _postpone(self, claimed: Claimed, retry: Retry) -> None:
        wait = wait_ms(retry, claimed.tries_before, self._jitter(), self._back_off)
        due = self._now() + wait
        if due - claimed.published_at > self._routes.delivery.max_age_ms:
            return await self._bury(claimed, NotSent.GAVE_UP, f"{retry.reason} {retry.detail}".strip())
        if holds_all(retry):
            self._held_until[claimed.destination] = due
        await self._ledger.postpone(claimed, due, retry.may_have_arrived)
        self._tell(WasDelayed(claimed.destination, claimed.episode, claimed.revision, retry.reason, wait, retry.detail))
        return None

    async def _bury(self, claimed: Claimed, reason: NotSent, detail: str = "") -> None:
        await self._ledger.dead(claimed, reason, self._now())
        self._tell(WasNotSent(claimed.destination, claimed.episode, claimed.revision, reason, detail))


def _gathers(alert: Alert) -> bool:
    """What is about no hull may explain what was told of some: it waits until the engines have said what."""
    return alert.rule in ("outage", "gnss_interference", "area_outage") and alert.event is Event.OPENED


def _message(claimed: Claimed, named: Mapping[str, str]) -> Message:
    record = msgspec.json.decode(claimed.body)
    named = {} if claimed.event is Event.RETRACTED else named
    body = msgspec.json.encode({**record, "explains": list(named)}) if named else claimed.body
    names = tuple(named.values())
    return Message(claimed.destination, Alert.of(record), body, claimed.subject, claimed.corrects, names)
