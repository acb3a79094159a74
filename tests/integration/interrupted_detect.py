"""`python -m tests.integration.interrupted_detect N`: the detect stage, told to stop in the moment of a rebalance.

Once it has taken the first N records of partition 0 it is sent SIGTERM.  While its last commit is under way, the group
is rebalanced.  Only this order is ours, in which Faust closed aiokafka in the middle of both.
"""

import asyncio
import os
import signal
import sys
from typing import Any

from streams.cli import run_stage
from streams.detect import app
from streams.detect.agent import Detective
from streams.detect.source import ConsumerThread
from streams.settings import Settings

NEVER_S = 3_600.0
_take, _create_app = Detective.take, app.create_app
_commit, _revoked = ConsumerThread._commit, ConsumerThread.on_partitions_revoked
_assigned = ConsumerThread.on_partitions_assigned
_goes_on = asyncio.Event()
"""The commit: when partitions are assigned anew, or when the rebalance waits for the stop."""


def created(*args: Any) -> app.App:
    """It commits when it stops, and not before."""
    detecting = _create_app(*args)
    detecting.conf.broker_commit_interval = NEVER_S
    return detecting


async def take(self: Detective, message: Any) -> None:
    await _take(self, message)
    if (message.partition, message.offset + 1) == (0, int(sys.argv[1])):
        os.kill(os.getpid(), signal.SIGTERM)


async def commit(self: ConsumerThread, offsets: Any) -> bool:
    if self.app.should_stop and not _goes_on.is_set():
        self._consumer._coordinator.request_rejoin()  # as a heartbeat does whose answer says so
        await _goes_on.wait()
    return await _commit(self, offsets)


async def revoked(self: ConsumerThread, partitions: Any) -> None:
    revoking = asyncio.ensure_future(_revoked(self, partitions))
    await asyncio.wait([revoking], timeout=1)
    if not revoking.done():
        _goes_on.set()
    await revoking


async def assigned(self: ConsumerThread, partitions: Any, generation: int) -> None:
    if not self.app.should_stop:
        await _assigned(self, partitions, generation)
        return
    transport = _connection_to_coordinator(self._consumer)._writer.transport
    transport.pause_reading()  # the broker's answer to the commit is on its way for so long
    _goes_on.set()
    await asyncio.sleep(0.5)
    await _assigned(self, partitions, generation)
    await asyncio.sleep(0.5)
    transport.resume_reading()


def _connection_to_coordinator(consumer: Any) -> Any:
    (found,) = (of for (_, group), of in consumer._client._conns.items() if group.name == "COORDINATION")
    return found


if __name__ == "__main__":
    settings = Settings.from_env(os.environ)
    app.create_app = created
    Detective.take = take  # type: ignore[method-assign]
    ConsumerThread._commit = commit  # type: ignore[method-assign]
    ConsumerThread.on_partitions_revoked = revoked  # type: ignore[method-assign]
    ConsumerThread.on_partitions_assigned = assigned  # type: ignore[method-assign]
    sys.exit(run_stage(lambda: app.run(settings), settings))
