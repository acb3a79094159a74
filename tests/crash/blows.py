"""What is done to whom: a crew of processes of one stage, its blows, and those to its servers.

A member that ends by itself is started again, as whoever runs a stage does; it is counted.
"""

import asyncio
import itertools
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from streams.settings import Settings
from tests.crash.outcome import Outcome
from tests.crash.stage import Changes, Command, Process
from tests.integration.stages import environ_of
from tests.servers import Server

SESSION_S = 6.0
"""Of detect and of the exact loop: who is silent for longer has lost its partitions."""
_LOOK_EVERY_S = 0.1
_AGAIN_AFTER_S = 0.5
_numbers = itertools.count()


class Crew:
    """The processes of one stage, each with the same command, until the block ends."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        outcome: Outcome,
        *command: str,
        module: str = "streams.cli",
        changes: Callable[[], Changes] = Changes,
    ) -> None:
        self.name, self._arguments = command[0], command[1:]
        self._environ = {**environ_of(settings), "TMPDIR": str(folder)}  # who is killed leaves what it has there
        self._folder, self._module = folder, module
        self._outcome, self._changes = outcome, changes
        self.members: list[Process] = []
        self._finished = 0
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Crew":
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._watching is not None
        self._watching.cancel()
        with suppress(asyncio.CancelledError):
            await self._watching
        await self.dismiss()

    def join(self) -> Process:
        """One more member."""
        log = self._folder / f"{self.name}-{next(_numbers)}.log"
        command = Command(self.name, self._arguments, self._environ, log, self._module)
        self.members.append(Process(command, self._changes()))
        return self.members[-1]

    async def leave(self, member: Process, number: signal.Signals) -> None:
        """By a signal."""
        if member not in self.members:
            return  # it was at the end of its file
        self.members.remove(member)
        status = await asyncio.to_thread(member.end, number)
        if number is signal.SIGTERM and status != 0:
            self._outcome.wrong(f"{self.name} told to stop ended with {status}: {member.command.log}")

    async def dismiss(self) -> None:
        """All of them, by SIGTERM."""
        members, self.members = self.members, []
        await asyncio.gather(*(asyncio.to_thread(member.end) for member in members))

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            for member in [one for one in self.members if one.ended is not None]:
                self.members.remove(member)
                if member.ended == 0:
                    continue  # it was at the end of its file
                if member.ended != -signal.SIGKILL:  # else it struck itself
                    self._outcome.done[f"{self.name} ended by itself"] += 1
                    await asyncio.sleep(_AGAIN_AFTER_S)
                self.join()


@dataclass(frozen=True)
class Blows:
    """To one crew; each returns when what it does is done, not when all is well again.

    `session_s` is the crew's, where it is not production's.
    """

    crew: Crew
    outcome: Outcome
    dice: Random
    session_s: float | None = None

    def _count(self, what: str) -> None:
        self.outcome.done[f"{self.crew.name} {what}"] += 1

    async def kill(self) -> None:
        """kill -9 of one member, which is started again at once."""
        self._count("killed")
        await self._again(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM, and started again."""
        self._count("stopped")
        await self._again(signal.SIGTERM)

    async def _again(self, number: signal.Signals) -> None:
        member = self.dice.choice(self.crew.members)
        await self.crew.leave(member, number)
        if member.ended != 0 or number is signal.SIGTERM:
            self.crew.join()

    async def pause(self, taken_over: Callable[[], "asyncio.Future[None]"] | None = None) -> None:
        """Stands still until the group has given its partitions to another, and for a moment more; wakes up."""
        self._count("paused")
        member = self.dice.choice(self.crew.members)
        member.send(signal.SIGSTOP)
        try:
            await asyncio.sleep((self.session_s or SESSION_S) + self.dice.uniform(0.5, 2.5))
            if taken_over is not None:
                await taken_over()
                await asyncio.sleep(self.dice.uniform(0.0, 2.0))
        finally:
            member.send(signal.SIGCONT)

    async def come_and_go(self) -> None:
        """One more comes, later one goes, as it is told or killed."""
        if len(self.crew.members) < 3 and (len(self.crew.members) < 2 or self.dice.random() < 0.5):
            self._count("joined")
            self.crew.join()
            return
        number = self.dice.choice([signal.SIGTERM, signal.SIGKILL])
        self._count("left" if number is signal.SIGTERM else "killed")
        await self.crew.leave(self.dice.choice(self.crew.members), number)


async def knocked_over(server: Server, outcome: Outcome, dice: Random, away_s: Iterable[float] = (0.2, 3.0)) -> None:
    """A server is told to stop or killed, and started again with what it had written."""
    number = dice.choice([signal.SIGTERM, signal.SIGKILL])
    outcome.done[f"{server.name} {'stopped' if number is signal.SIGTERM else 'killed'}"] += 1
    await asyncio.to_thread(server.end, number)
    await asyncio.sleep(dice.uniform(*away_s))
    server.begin()
    await asyncio.to_thread(server.wait_until_up)
