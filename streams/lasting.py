"""A stage that lasts: it waits for Kafka, begins again where Kafka went away, and ends where it is stuck.

    wait for Kafka --> stage --> ended, told to stop, a wrong setting, a bug: it ends
          ^              |
          '--------------'   Kafka went away: as after a death, which every stage is made for

What a stage waits for is no reason to end.  A watch asks Kafka every few seconds, since aiokafka hides an outage.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import collect_hosts
from aiokafka.errors import KafkaError, KafkaTimeoutError

from streams.heeding import heed_cancellation
from streams.metrics import BEGAN_AGAIN, READY
from streams.needs import AGAIN_S, Need, all_missing, missing, there, until_there
from streams.progress import PROGRESS

ASK_EVERY_S = 2.0
_ANSWER_S = 3.0
_log = logging.getLogger("stage")


class StuckError(Exception):
    """The stage can make no progress, though all is there that it needs."""


async def lasting(stage: Callable[[], Coroutine[Any, Any, None]], kafka: str) -> None:
    """Runs a stage until it ends; raises what is no passing trouble of Kafka's."""
    while True:
        await until_there(Need.KAFKA, kafka, lambda: answers(kafka))
        try:
            return await stage()
        except KafkaError as error:
            if not passes(error):
                raise
            _again(error)
        except asyncio.CancelledError as error:
            # aiokafka's `stop` cancels itself where the broker went away: seen to end ingest and clock without a word.
            heed_cancellation()
            _again(error)
        heed_cancellation()
        await asyncio.sleep(AGAIN_S)


def _again(error: BaseException) -> None:
    READY.set(0)
    PROGRESS.forget()
    BEGAN_AGAIN.labels(reason=type(error).__name__).inc()
    _log.warning("begins again: %s", str(error) or type(error).__name__)


def passes(error: BaseException) -> bool:
    """Whether it is an outage of Kafka's, and no mistake of ours; aiokafka does not call a timeout retriable."""
    return isinstance(error, KafkaTimeoutError) or (isinstance(error, KafkaError) and bool(error.retriable))


async def answers(kafka: str) -> bool:
    """Whether a broker accepts a connection, and says who leads what; one that stops names nobody (brokers.py)."""
    if not await _accepts(kafka):
        return False
    client = AIOKafkaClient(bootstrap_servers=kafka, request_timeout_ms=round(_ANSWER_S * 1000))
    try:
        async with asyncio.timeout(_ANSWER_S):
            await client.bootstrap()
        return bool(client.cluster.brokers())
    except (KafkaError, OSError):  # TimeoutError is one
        return False
    finally:
        await client.close()


async def _accepts(kafka: str) -> bool:
    """Asked first: aiokafka says more than one line about a port where nobody listens."""
    for host, port, _ in collect_hosts(kafka):
        with suppress(OSError):
            async with asyncio.timeout(_ANSWER_S):
                _, writer = await asyncio.open_connection(host, port)
            writer.close()
            return True
    return False


def quieten() -> None:
    """While Kafka is away aiokafka says so many times a second; we have said it once."""
    logging.getLogger("aiokafka").setLevel(logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.name.startswith(("aiokafka", "faust", "mode")) and Need.KAFKA in all_missing())


@asynccontextmanager
async def watched(kafka: str, ends: Callable[[], object] = lambda: None) -> AsyncIterator[None]:
    """Says while the block runs whether Kafka is there; cancels the block, and raises StuckError, where it is stuck.

    `ends` is called then, by which who is too stuck even for that can be left.
    """
    block, stuck = asyncio.current_task(), list[str]()
    watching = asyncio.create_task(_watch(kafka, stuck, block, ends))
    try:
        yield
    except asyncio.CancelledError:
        if stuck:
            raise StuckError(stuck[0]) from None
        raise
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(kafka: str, stuck: list[str], block: "asyncio.Task[Any] | None", ends: Callable[[], object]) -> None:
    while True:
        await asyncio.sleep(ASK_EVERY_S)
        if not await answers(kafka):
            missing(Need.KAFKA, kafka)
            PROGRESS.excuse(time.monotonic())
            continue
        there(Need.KAFKA)
        reason = PROGRESS.stuck(time.monotonic())
        if reason is not None and block is not None:
            _log.error("ends, it is stuck: %s", reason)
            stuck.append(reason)
            ends()
            block.cancel()
            return
