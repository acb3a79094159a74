"""Servers that are written by hand, line by line: they answer, fall silent or hang up wherever they are told to."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum


class Act(Enum):
    """What comes instead of an answer."""

    CLOSE = "closes"
    RESET = "resets"
    SILENCE = "says nothing"


Said = str | bytes | Act


@dataclass
class Port:
    """Where it listens, and what it has read whole."""

    number: int = 0
    read: list[bytes] = field(default_factory=list)


class _LeftError(Exception):
    pass


@asynccontextmanager
async def smtp_server(says: Mapping[str, Said]) -> AsyncIterator[Port]:
    """Answers to CONNECT, EHLO, HELO, MAIL, RCPT, DATA, BODY and QUIT as `says` has it, else as all is well."""
    port = Port()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _say(writer, says.get("CONNECT", "220 here"))
        while command := (await reader.readline()).decode().strip()[:4].upper():
            await _say(writer, says.get(command, _WELL.get(command, "250 ok")))
            if command == "DATA" and "DATA" not in says:
                port.read.append(await reader.readuntil(b"\r\n.\r\n"))
                await _say(writer, says.get("BODY", "250 taken"))

    async with _listening(port, serve):
        yield port


_WELL = {"DATA": "354 go on", "QUIT": "221 bye"}


@asynccontextmanager
async def http_server(says: Said, before_reading: bool = False) -> AsyncIterator[Port]:
    """Reads a request whole, and answers with these bytes; or does so before it reads."""
    port = Port()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not before_reading:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            port.read.append(head + await reader.readexactly(length))
        await _say(writer, says)

    async with _listening(port, serve):
        yield port


async def _say(writer: asyncio.StreamWriter, said: Said) -> None:
    if said is Act.SILENCE:
        await asyncio.sleep(60)
    if said is Act.RESET:
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(said, Act):
        raise _LeftError
    writer.write(said if isinstance(said, bytes) else said.encode() + b"\r\n")
    await writer.drain()


@asynccontextmanager
async def _listening(port: Port, serve: object) -> AsyncIterator[None]:
    tasks: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        with suppress(_LeftError, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await serve(reader, writer)  # type: ignore[operator]
        writer.close()

    async with await asyncio.start_server(one, "127.0.0.1", 0) as server:
        port.number = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
