"""`hullwatch demo` as a user runs it: what it says, how it ends, and that nothing of it is left."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import aiohttp
import pytest

from streams import scenario

GOLDEN = Path(__file__).parents[1] / "golden" / "angara.jsonl"
ENDED_WITHIN_S = 15.0
_ALERT = re.compile(
    r"(?P<happened_at>\d{4}-\S+Z)  (?P<severity>[A-Z]+) +(?P<rule>[a-z_]+) +(?P<event>[a-z]+) +(?P<summary>.+)"
)


class Demo:
    """The process, and the lines that it has said."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process, self._folder, self.lines = process, folder, list[str]()

    async def says(self, what: str, within_s: float = 90.0) -> None:
        """Returns once a line holds it."""
        async with asyncio.timeout(within_s):
            while not any(what in line for line in self.lines):
                assert await self._line(), f"it ended without saying {what!r}: {self.lines}"

    async def ends(self, within_s: float = ENDED_WITHIN_S) -> int:
        """Its exit status; it has said everything."""
        async with asyncio.timeout(within_s):
            while await self._line():
                pass
            return await self.process.wait()

    async def _line(self) -> bool:
        assert self.process.stdout
        line = (await self.process.stdout.readline()).decode()
        self.lines += [line.rstrip("\n")] if line else []
        return bool(line)

    def left(self) -> list[str]:
        """What of it still runs, and the folders that it has made."""
        return [*self.running(), *(str(path) for path in self._folder.iterdir())]

    def running(self) -> list[str]:
        """Its processes: each knows the folder, or (valkey-server overwrites what it knows) works in it."""
        return [command for _, command in self.processes()]

    def processes(self) -> list[tuple[str, str]]:
        """The number and the command of each."""
        found = ((process.name, self._named(process)) for process in Path("/proc").glob("[0-9]*"))
        return [(number, command) for number, command in found if command]

    def _named(self, process: Path) -> str | None:
        try:
            knows = f"TMPDIR={self._folder}".encode() in (process / "environ").read_bytes().split(b"\0")
            works = os.readlink(process / "cwd").startswith(f"{self._folder}/")
            return (process / "cmdline").read_text().replace("\0", " ") if knows or works else None
        except OSError:
            return None  # it has ended, or is not ours


@asynccontextmanager
async def demo(folder: Path, *arguments: str) -> AsyncIterator[Demo]:
    """With temporary files in `folder`; killed with the block, if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "streams", "demo", *arguments),
        env={**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield Demo(process, folder)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.timeout(900)
async def test_it_tells_the_story_and_ends(tmp_path: Path) -> None:
    """All of it, also where one of the stages stands still when the last line is fed."""
    async with demo(tmp_path, "--exit", "--faster", "8") as play:
        await play.says("port_call", within_s=400)
        ingest = next(int(pid) for pid, command in play.processes() if " ingest" in command)
        os.kill(ingest, signal.SIGSTOP)
        await asyncio.sleep(12)
        assert "the story is told" not in play.lines
        os.kill(ingest, signal.SIGCONT)
        assert await play.ends(within_s=460) == 0
    golden = [json.loads(line.replace("feed replay", "feed angara")) for line in GOLDEN.read_text().splitlines()]
    told = [match.groupdict() for line in play.lines if (match := _ALERT.match(line))]
    keys = ("happened_at", "rule", "event", "summary")
    assert sorted([row[key] for key in keys] for row in told) == sorted([row[key] for key in keys] for row in golden)
    assert any(re.fullmatch(r"dashboard: http://127\.0\.0\.1:\d+/\?token=\S{20,}", line) for line in play.lines)
    assert play.lines[-1] == "the story is told"
    deliveries = {line.strip() for line in play.lines}
    last = {row["id"]: row for row in golden}  # a newer revision may overtake one that is not sent yet
    for row in last.values():
        assert f"webhook: {row['rule']} {row['event']}" in deliveries
        whom = "ANGARA (IMO 9179842)" if row["hull"] else "about ourselves"
        assert f"mail: [hullwatch] {whom}: {row['rule']}" in deliveries
    assert play.left() == []


async def test_ctrl_c_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    async with demo(tmp_path, "--faster", "4") as play:
        await play.says("went_dark")
        assert len(play.running()) == 8
        play.process.send_signal(signal.SIGINT)
        assert await play.ends() == 0
        assert play.lines[-1] == "stopped: nothing is left running"
        assert play.left() == []


async def test_sigterm_while_it_gets_ready_leaves_nothing(tmp_path: Path) -> None:
    async with demo(tmp_path) as play:
        async with asyncio.timeout(60):
            while len(play.running()) < 8:
                await asyncio.sleep(0.05)
        play.process.send_signal(signal.SIGTERM)
        assert await play.ends() == 0
        assert play.lines[-1] == "stopped: nothing is left running"
        assert play.left() == []


async def test_its_page_opens_and_its_processes_end_when_it_is_killed(tmp_path: Path) -> None:
    async with demo(tmp_path) as play, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await play.says("dashboard: ")
        async with session.get(play.lines[-1].removeprefix("dashboard: ")) as page:
            assert page.status == 200
        assert len(play.running()) == 8
        play.process.kill()
        await play.process.wait()
        async with asyncio.timeout(5):
            while play.running():
                await asyncio.sleep(0.05)


async def test_a_recording_is_played_instead(tmp_path: Path) -> None:
    folder, path = tmp_path / "tmp", tmp_path / "harbour.nmea"
    folder.mkdir()
    path.write_bytes(b"".join(islice(scenario.lines("harbour"), 3_000)))
    async with demo(folder, str(path), "--seconds", "3", "--exit") as play:
        assert await play.ends(within_s=460) == 0
        assert play.lines[-1] == "the story is told"
        assert play.left() == []


async def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    async with demo(tmp_path, "/nowhere/at.all") as play:
        assert await play.ends() == 2
        assert play.lines[1:] == [
            "hullwatch: /nowhere/at.all: expected a readable file, got: No such file or directory"
        ]
        assert play.left() == []
