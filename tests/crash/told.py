"""What the chain has said and sent, against an undisturbed replay of the same lines."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree

from alerts.core.alert import Alert
from streams.codec import encode_alert
from streams.nmea import FeedRules
from streams.settings import Settings
from tests.crash.bench import Bench
from tests.crash.outcome import Outcome
from tests.integration import paced_feed
from tests.integration.feeds import expected, log_of
from tests.integration.test_restarts import published, said, sendings
from tests.receivers import HttpReceiver

SENT_WITHIN_S = 90.0
Truth = Mapping[str, Alert]
"""Of each episode the last revision."""


def told_to(receiver: HttpReceiver, config: Path, bench: Bench) -> Settings:
    """This configuration, with everything routed to the receiver, on topics of its own."""
    folder = bench.folder / "config"
    copytree(config, folder)
    destination = f'[destinations.hook]\nchannel = "webhook"\nurl = "{receiver.url}/alerts"\n'
    (folder / "routes.toml").write_text(f'{destination}[[routes]]\nname = "everything"\nto = ["hook"]\n')
    return replace(bench.settings(), config_dir=folder)


async def until_sent(receiver: HttpReceiver, truth: Truth) -> None:
    """Returns when the last revisions have come, or nothing new has for long; and waits for what is wrong."""
    last = {(alert.id, alert.revision) for alert in truth.values()}
    count, changed_s = 0, time.monotonic()
    while not last <= sendings(receiver).keys() and time.monotonic() - changed_s < SENT_WITHIN_S:
        if len(receiver.requests) != count:
            count, changed_s = len(receiver.requests), time.monotonic()
        await asyncio.sleep(0.2)
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


async def judged(settings: Settings, path: Path, truth: Truth, receiver: HttpReceiver, outcome: Outcome) -> None:
    """Writes into the outcome what is lost, wrong and repeated."""
    alerts = await published(settings)
    outcome.keys = len(truth)
    _compared(truth, alerts, outcome)
    sent(truth, alerts, receiver, outcome)
    await _fed(settings, path, outcome)


def _compared(truth: Truth, alerts: Sequence[Alert], outcome: Outcome) -> None:
    contents: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    for alert in alerts:
        contents[alert.id, alert.revision].add(encode_alert(replace(alert, known_at=0)))
    for revision, several in contents.items():
        if len(several) > 1:
            outcome.wrong(f"{revision} was said in {len(several)} ways")
            return
    final = said(alerts)
    for key in truth.keys() - final.keys():
        outcome.lost(1, f"never said: {truth[key].summary} ({key})")
    for key in final.keys() - truth.keys():
        outcome.wrong(f"a new id: {final[key].summary} ({key})")
    for key in final.keys() & truth.keys():
        if final[key] != truth[key]:
            outcome.wrong(
                f"{key}: {final[key].event} {final[key].summary}, not {truth[key].event} {truth[key].summary}"
            )
    outcome.repeated += len(alerts) - len(contents)


def sent(truth: Truth, alerts: Sequence[Alert], receiver: HttpReceiver, outcome: Outcome) -> None:
    """Writes into the outcome what of all that was said the receiver has not got, or got otherwise."""
    had = sendings(receiver)
    said_ = {(alert.id, alert.revision) for alert in alerts}
    for revision in {(alert.id, alert.revision) for alert in truth.values()} - had.keys():
        outcome.lost(1, f"never sent: {revision}")
    for revision in had.keys() - said_:
        outcome.wrong(f"sent, but never said: {revision}")
    for revision, ways in had.items():
        if len(ways) > 1:
            outcome.wrong(f"{revision} was sent in {len(ways)} ways")
    keys = {key for ways in had.values() for key, _ in ways}
    if len(keys) != sum(map(len, had.values())):
        outcome.wrong("two revisions were sent under one key")
    outcome.repeated += len(receiver.requests) - len(keys)


async def _fed(settings: Settings, path: Path, outcome: Outcome) -> None:
    rows = path.read_bytes().splitlines()
    outcome.events = len(rows)
    wanted = expected(rows, settings, FeedRules(paced_feed.FEED))
    for number, (right, found) in enumerate(zip(wanted, await log_of(settings), strict=True)):
        if right == found:
            continue
        missing, more = Counter(right) - Counter(found), Counter(found) - Counter(right)
        if missing:
            outcome.lost(missing.total(), f"sentences of the feed on partition {number}")
        if more or not missing:
            outcome.wrong(f"the feed wrote {more.total()} twice, or in another order, on partition {number}")
