"""The dispatch stage as a process that dies by `kill -9`, again and again, at named points; then it may live.

tests/alerts/delivery/test_killed.py walks over every point in one process; here are those of Kafka, and real deaths.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from streams.leashed import leashed
from streams.settings import Settings
from tests.integration.stages import environ_of
from tests.integration.test_dispatch import episodes, publish, until
from tests.integration.test_restarts import told_to
from tests.receivers import http_receiver

AT_KAFKA = (
    ("after AIOKafkaConsumer.start", 1),
    ("after AIOKafkaConsumer.end_offsets", 1),
    ("after AIOKafkaConsumer.getmany", 1),
)
AT_REDIS = (
    ("after Ledger.acquire", 1),
    ("after Ledger.accept", 2),
    ("after Ledger.claim", 1),
)
WITH_THE_ANSWER_IN_HAND = (("after Webhook.send", 2), ("before Ledger.done", 1))


async def lived(settings: Settings, log: Path, point: str, n: int) -> asyncio.subprocess.Process:
    with log.open("ab") as said:
        command = leashed([sys.executable, "-m", "tests.integration.dying_dispatch", point, str(n)])
        return await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **environ_of(settings)}, stdout=said, stderr=said
        )


@pytest.mark.parametrize("deaths", [AT_KAFKA, (*AT_REDIS, *WITH_THE_ANSWER_IN_HAND)], ids=["Kafka", "Redis"])
async def test_a_process_that_is_killed_again_and_again_loses_nothing(
    deaths: tuple[tuple[str, int], ...], settings: Settings, tmp_path: Path
) -> None:
    published = 0
    async with http_receiver() as receiver:
        own = Settings(settings.kafka, settings.redis, told_to(receiver, tmp_path / "config"), settings.topics)
        for point, n in deaths:
            await publish(own, *episodes(4, first=published))
            published += 4
            process = await lived(own, tmp_path / "log", point, n)
            assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL, (tmp_path / "log").read_text()
        process = await lived(own, tmp_path / "log", "never", 1)
        try:
            await until(lambda: len({request.body for request in receiver.taken}) == published, 60)
            await asyncio.sleep(0.3)
        finally:
            process.terminate()
            await process.wait()
    taken = Counter(request.body for request in receiver.taken)
    in_hand = sum(point in ("after Webhook.send", "before Ledger.done") for point, _ in deaths)
    assert in_hand - 1 <= taken.total() - published <= in_hand, "one repeat a death between accepted and committed"
    assert len({(r.body, r.headers["Idempotency-Key"]) for r in receiver.taken}) == published
