"""Real receivers on loopback: an HTTP server that answers by a script, and an SMTP server that keeps its mail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted answer: `wait_s` before the status, `dribble_s` between ten pieces of the body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    wait_s: float = 0.0
    dribble_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


class HttpReceiver:
    """Answers with `script` in its order, then with 200; keeps every request as soon as it has been read."""

    def __init__(self) -> None:
        self.script: list[Reply] = []
        self.requests: list[Request] = []
        self.answered: list[int] = []
        self.taken: list[Request] = []
        self.arrived = asyncio.Event()
        self.url = ""

    @property
    def keys(self) -> list[str]:
        return [request.headers["Idempotency-Key"] for request in self.requests]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.requests.append(read := Request(request.path, dict(request.headers), body))
        self.arrived.set()
        reply = self.script.pop(0) if self.script else Reply()
        await asyncio.sleep(reply.wait_s)
        if 200 <= reply.status < 300:
            self.taken.append(read)
        response = web.StreamResponse(status=reply.status, headers=reply.headers)
        await response.prepare(request)
        for piece in range(10 if reply.dribble_s else 1):
            await response.write(reply.body if not piece else b".")
            await asyncio.sleep(reply.dribble_s)
        await response.write_eof()
        self.answered.append(reply.status)
        return response


@asynccontextmanager
async def http_receiver(port: int = 0) -> AsyncIterator[HttpReceiver]:
    receiver = HttpReceiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield receiver
    finally:
        await runner.cleanup()


class Mailbox:
    """Keeps its mail; `script` holds answers to DATA (None: take it), `refused` answers to RCPT by address."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.script: list[str | None] = []
        self.refused: dict[str, str] = {}
        self.host, self.port = "127.0.0.1", 0

    async def handle_RCPT(  # noqa: N802  the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.script.pop(0) if self.script else None
        if answer:
            return answer
        content: Any = envelope.content
        self.raw.append(content)
        self.letters.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


class _AnyPort(Controller):
    """aiosmtpd asks its own `port` whether it answers: here that is the one that the system chose."""

    def _trigger_server(self) -> None:
        assert self.server
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    box = Mailbox()
    controller = _AnyPort(box, hostname=box.host, port=0)
    await asyncio.to_thread(controller.start)
    box.port = controller.port
    try:
        yield box
    finally:
        await asyncio.to_thread(controller.stop)
