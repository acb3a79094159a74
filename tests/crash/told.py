"""What the chain has said and sent, against an undisturbed replay of the same lines."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

from alerts.core import frozen
from alerts.core.alert import Alert
from streams.codec import encode_alert
from streams.nmea import FeedRules
from streams.settings import Settings
from tests.crash.bench import Bench
from tests.crash.outcome import Outcome
from tests.integration import paced_feed
from tests.integration.feeds import expected, log_of
from tests.integration.test_restarts import published, sendings
from tests.receivers import HttpReceiver

SENT_WITHIN_S = 90.0
Record = Mapping[str, Any]
Final = dict[str, str]
Revision = tuple[str, int]


def told_to(receiver: HttpReceiver, config: Path, bench: Bench) -> Settings:
    """This configuration, with everything routed to the receiver, on topics of its own."""
    folder = bench.folder / "config"
    copytree(config, folder)
    destination = f'[destinations.hook]\nchannel = "webhook"\nurl = "{receiver.url}/alerts"\n'
    (folder / "routes.toml").write_text(f'{destination}[[routes]]\nname = "everything"\nto = ["hook"]\n')
    return replace(bench.settings(), config_dir=folder)


def finally_said(records: Iterable[Record]) -> Final:
    """By id what holds in the end, as tests/properties/chain.py has it, of the ids that were not retracted.

    Into how many revisions it was cut shows only how soon it was known: with her second fix before the first interval
    an entry is opened with her direction, else it is amended.
    """
    newest: dict[str, Record] = {}
    for record in records:
        if record["id"] not in newest or record["revision"] > newest[record["id"]]["revision"]:
            newest[record["id"]] = record
    return {key: _held(record) for key, record in newest.items() if record["event"] != "retracted"}


def _held(record: Record) -> str:
    event = "open" if record["event"] in ("opened", "amended") else record["event"]
    kept = {name: value for name, value in record.items() if name not in ("revision", "known_at", "cause")}
    return json.dumps({**kept, "event": event}, sort_keys=True)


def records_of(alerts: Iterable[Alert]) -> Iterator[Record]:
    """As they are published."""
    return (json.loads(encode_alert(alert)) for alert in alerts)


def had_by(receiver: HttpReceiver) -> Iterator[Record]:
    """In the order in which they came."""
    return (json.loads(request.body) for request in receiver.requests)


async def until_sent(receiver: HttpReceiver, truth: Final) -> None:
    """Returns when all of it has come, or nothing new has for long; and waits for what is wrong.

    What has come is read when no more does: thousands of requests take longer to read than to wait for.
    """
    count, compared, changed_s = -1, -1, time.monotonic()
    while time.monotonic() - changed_s < SENT_WITHIN_S:
        if len(receiver.requests) != count:
            count, changed_s = len(receiver.requests), time.monotonic()
        elif count != compared:
            compared = count
            if finally_said(had_by(receiver)) == truth:
                break
        await asyncio.sleep(0.5)
    await asyncio.sleep(1.0)


class Longest:
    """How long the receiver waited for its next request, the longest."""

    def __init__(self, receiver: HttpReceiver) -> None:
        self._receiver, self._longest_s = receiver, 0.0
        self._count, self._seen_s = 0, time.monotonic()
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Longest":
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.stop()

    def stop(self) -> float:
        assert self._looking is not None
        self._looking.cancel()
        return self._longest_s

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            if len(self._receiver.requests) != self._count:
                now = time.monotonic()
                self._longest_s = max(self._longest_s, now - self._seen_s if self._count else 0.0)
                self._count, self._seen_s = len(self._receiver.requests), now


async def judged(
    settings: Settings, path: Path, truth: Final, receiver: HttpReceiver, outcome: Outcome, broker_died: bool
) -> None:
    """Writes into the outcome what is lost, wrong and repeated.

    A broker that dies between taking a flush and saying so is given it again: where it did, the feed may repeat.
    """
    alerts = await published(settings)
    outcome.keys = len(truth)
    _compared(truth, alerts, outcome)
    sent(alerts, receiver, outcome)
    await _fed(settings, path, outcome, broker_died)


def _compared(truth: Final, alerts: Sequence[Alert], outcome: Outcome) -> None:
    ways: dict[Revision, set[bytes]] = defaultdict(set)
    for alert in alerts:
        ways[alert.id, alert.revision].add(encode_alert(frozen.replace(alert, known_at=0)))
    for revision in (revision for revision, several in ways.items() if len(several) > 1):
        outcome.wrong(f"{revision} was said in several ways")
    final = finally_said(records_of(alerts))
    for key in truth.keys() - final.keys():
        outcome.lost(1, f"never said: {truth[key]}")
    for key in final.keys() - truth.keys():
        outcome.wrong(f"a new id: {final[key]}")
    for key in final.keys() & truth.keys():
        if final[key] != truth[key]:
            outcome.wrong(f"said {final[key]}, not {truth[key]}")
    outcome.repeated += len(alerts) - len(ways)


def sent(alerts: Sequence[Alert], receiver: HttpReceiver, outcome: Outcome) -> None:
    """Writes into the outcome what of all that was said the receiver has not got, or got otherwise."""
    had, said = sendings(receiver), {(alert.id, alert.revision) for alert in alerts}
    newest: dict[str, int] = {}
    for key, revision in said:
        newest[key] = max(revision, newest.get(key, 0))
    for last in newest.items() - had.keys():
        outcome.lost(1, f"never sent: {last}")
    for more in had.keys() - said:
        outcome.wrong(f"sent, but never said: {more}")
    for several in (revision for revision, ways in had.items() if len(ways) > 1):
        outcome.wrong(f"{several} was sent in several ways")
    keys = {key for ways in had.values() for key, _ in ways}
    if len(keys) != sum(map(len, had.values())):
        outcome.wrong("two revisions were sent under one key")
    outcome.repeated += len(receiver.requests) - len(keys)


async def _fed(settings: Settings, path: Path, outcome: Outcome, may_repeat: bool) -> None:
    rows = path.read_bytes().splitlines()
    outcome.events = len(rows)
    wanted = expected(rows, settings, FeedRules(paced_feed.FEED))
    for number, (right, found) in enumerate(zip(wanted, await log_of(settings), strict=True)):
        if may_repeat:
            once = list(dict.fromkeys(found))
            outcome.repeated += len(found) - len(once)
            found = once
        if right == found:
            continue
        missing, more = Counter(right) - Counter(found), Counter(found) - Counter(right)
        if missing:
            outcome.lost(missing.total(), f"sentences of the feed on partition {number}")
        if more or not missing:
            outcome.wrong(f"the feed wrote {more.total()} twice, or in another order, on partition {number}")
