"""Who hears of alerts in the demo: a mail server and a web server on loopback that keep nothing."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy

from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.delivery.messages import plain
from streams.embedded import free_port

Told = Callable[[str, str, str], None]
"""Hears of each delivery: by which way, of which revision (see `revision_of`), and what it says of it."""


def revision_of(episode: str, revision: int) -> str:
    """The revision of an episode as a mail names it in its text."""
    return f"{plain(episode, 200)}, revision {revision}"


@asynccontextmanager
async def mail_catcher(told: Told) -> AsyncIterator[int]:
    """The port of an SMTP server that takes every mail and tells its Subject."""
    controller = Controller(_Catcher(told), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class _Catcher:
    def __init__(self, told: Told) -> None:
        self._told = told

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's own name
        letter = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        named = _EPISODE.search(str(letter.get_content()))
        self._told("mail", named[1].strip() if named else "", plain(str(letter["Subject"])))
        return "250 OK"


_EPISODE = re.compile(r"^Episode: (.*)$", re.MULTILINE)


@asynccontextmanager
async def webhook_catcher(told: Told) -> AsyncIterator[str]:
    """The address of a web server that takes every POST and tells the alert's rule and event."""

    async def take(request: web.Request) -> web.Response:
        record = await request.json()
        revision = revision_of(record["id"], record["revision"])
        told("webhook", revision, plain(f"{record['rule']} {record['event']}"))
        return web.Response(text="taken\n")

    app = web.Application()
    app.router.add_post("/alerts", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/alerts"
    finally:
        await runner.cleanup()
