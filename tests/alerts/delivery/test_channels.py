"""Each channel against a real server."""

import asyncio
import io
import json
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from alerts.core.alert import Event
from alerts.delivery.channel import Answer, Channel, Delivered, Failure, Refused, Retry
from alerts.delivery.channels import open_channel
from alerts.delivery.email import Email
from alerts.delivery.http import http_session
from alerts.delivery.messages import Message, Sent, subject
from alerts.delivery.slack import SlackWebhook
from alerts.delivery.webhook import Webhook
from alerts.routing.destinations import Mail
from alerts.routing.routes import RouteError, parse
from streams.embedded import free_port
from tests.alerts.routing.samples import alert
from tests.receivers import HttpReceiver, Mailbox, Reply

KEY = "0123456789abcdef0123456789abcdef"
NOW = 1_704_457_862_000
BODY = b'{"id":"imo-9179842.went_dark.20240105T120000Z","revision":0}'


def now() -> int:
    return NOW


def told(**changes) -> Message:
    return Message("ops", alert(**changes), BODY, subject(alert()), Sent(0, NOW) if changes else None)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with http_session() as session:
        yield session


@pytest.fixture
def webhook(session: aiohttp.ClientSession, receiver: HttpReceiver) -> Webhook:
    return Webhook(session, receiver.url + "/hook", 0.5, now)


async def test_a_webhook_gets_the_published_record_and_its_key(webhook: Webhook, receiver: HttpReceiver) -> None:
    assert await webhook.send(told(), KEY) == Delivered()
    (request,) = receiver.requests
    assert (request.path, request.body) == ("/hook", BODY)
    assert request.headers["Idempotency-Key"] == KEY
    assert request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (Reply(204, body=b""), Delivered()),
        (Reply(429, {"Retry-After": "7"}, b"slow"), Retry(Failure.RATE_LIMITED, 7.0, detail="429 slow")),
        (Reply(429, body=b""), Retry(Failure.RATE_LIMITED, detail="429")),
        (Reply(500, body=b"<h1>\r\noh"), Retry(Failure.SERVER_ERROR, detail="500 <h1> oh")),
        (Reply(503, {"Retry-After": "nonsense"}), Retry(Failure.SERVER_ERROR, detail="503 ok")),
        (Reply(408), Retry(Failure.SERVER_ERROR, detail="408 ok")),
        (Reply(302, {"Location": "/elsewhere"}), Retry(Failure.NOT_ADMITTED, detail="302 ok")),
        (Reply(401), Retry(Failure.NOT_ADMITTED, detail="401 ok")),
        (Reply(404), Retry(Failure.NOT_ADMITTED, detail="404 ok")),
        (Reply(400, body=b"bad"), Refused("400 bad")),
        (Reply(413), Refused("413 ok")),
        (Reply(200, wait_s=2), Retry(Failure.TIMED_OUT, may_have_arrived=True)),
    ],
)
async def test_what_an_answer_means(webhook: Webhook, receiver: HttpReceiver, reply: Reply, answer: Answer) -> None:
    receiver.script = [reply]
    assert await webhook.send(told(), KEY) == answer
    assert [request.path for request in receiver.requests] == ["/hook"], "a redirect is not followed"


async def test_a_slow_body_holds_nothing_up_and_undoes_no_success(webhook: Webhook, receiver: HttpReceiver) -> None:
    receiver.script = [Reply(200, body=b"", dribble_s=0.3), Reply(500, body=b"", dribble_s=0.3)]
    begin = time.monotonic()
    assert await webhook.send(told(), KEY) == Delivered()
    assert await webhook.send(told(), KEY) == Retry(Failure.SERVER_ERROR, detail="500 .")
    assert time.monotonic() - begin < 2


async def test_of_a_huge_body_only_the_beginning_is_read(webhook: Webhook, receiver: HttpReceiver) -> None:
    receiver.script = [Reply(500, body=b"x" * 50_000_000)]
    answer = await webhook.send(told(), KEY)
    assert isinstance(answer, Retry)
    assert len(answer.detail) < 300


async def test_nobody_listens(session: aiohttp.ClientSession) -> None:
    answer = await Webhook(session, f"http://127.0.0.1:{free_port()}/", 0.5, now).send(told(), KEY)
    assert answer == Retry(Failure.UNREACHABLE, detail="ClientConnectorError")


async def test_a_connection_that_breaks_may_have_brought_it(session: aiohttp.ClientSession) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await Webhook(session, f"http://127.0.0.1:{port}/", 0.5, now).send(told(), KEY)
    assert answer == Retry(Failure.UNREACHABLE, may_have_arrived=True, detail="ServerDisconnectedError")


async def test_slack_gets_escaped_plain_text(session: aiohttp.ClientSession, receiver: HttpReceiver) -> None:
    slack = SlackWebhook(session, receiver.url + "/services/T/B/x", 0.5, now)
    assert await slack.send(told(summary="<SCRIPT SRC=//X.CO> & more"), KEY) == Delivered()
    said = json.loads(receiver.requests[0].body)
    assert said["text"] == "[hullwatch] ANGARA (IMO 9179842): went_dark"
    shown = said["blocks"][0]["text"]["text"].split("\n")
    assert shown[:3] == [said["text"], "warning: went_dark", "&lt;SCRIPT SRC=//X[.]CO&gt; &amp; more"]
    assert shown[-1] == "Corrects the message of 2024-01-05 12:31:02 UTC (revision 0)"


def email(box: Mailbox, **changes) -> Email:
    settings = Mail(box.host, box.port, "hullwatch@example.org", "watch@example.org", "none", timeout_s=1.0)
    return Email(replace(settings, **changes), None, now)


async def test_a_mail_arrives_as_plain_text_in_its_thread(box: Mailbox) -> None:
    channel = email(box)
    assert await channel.send(told(), KEY) == Delivered()
    assert await channel.send(told(revision=1, event=Event.CLOSED), KEY[::-1]) == Delivered()
    first, second = box.letters
    assert first["Subject"] == second["Subject"] == "[hullwatch] ANGARA (IMO 9179842): went_dark"
    assert first["Message-ID"] == f"<{KEY}@example.org>" != second["Message-ID"]
    assert first["References"] == second["References"]
    assert first.get_content_type() == "text/plain"
    assert "Position: 42\u00b0 09.00' N 130\u00b0 21.00' E" in first.get_content()
    assert second.get_content().startswith("over: went_dark")


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ("451 come back", Retry(Failure.SERVER_ERROR, detail="451")),
        ("554 spam", Refused("SMTPDataError (554, 'spam')")),
    ],
)
async def test_a_mail_server_that_will_not_take_it(box: Mailbox, data: str, answer: Answer) -> None:
    box.script = [data]
    assert await email(box).send(told(), KEY) == answer


async def test_a_mailbox_that_does_not_exist_or_is_busy(box: Mailbox) -> None:
    box.refused["watch@example.org"] = "550 no such user"
    assert isinstance(await email(box).send(told(), KEY), Refused)
    box.refused["watch@example.org"] = "450 greylisted"
    assert await email(box).send(told(), KEY) == Retry(Failure.SERVER_ERROR, detail="450")


async def test_a_mail_server_without_the_encryption_asked_for_gets_nothing(box: Mailbox) -> None:
    answer = await email(box, tls="starttls").send(told(), KEY)
    assert isinstance(answer, Retry)
    assert box.letters == []


async def test_a_mail_server_that_is_away_or_silent(box: Mailbox) -> None:
    away = await email(box, port=free_port()).send(told(), KEY)
    assert isinstance(away, Retry)
    assert (away.reason, away.may_have_arrived) == (Failure.UNREACHABLE, False)
    async with await asyncio.start_server(_say_nothing, "127.0.0.1", 0) as server:
        silent = await email(box, port=server.sockets[0].getsockname()[1]).send(told(), KEY)
    assert isinstance(silent, Retry)


MAIL_TABLE = {"channel": "email", "host": "h", "from": "a@b", "to": "c@d", "username": "u", "password_env": "SECRET"}


@pytest.mark.parametrize("table", [{"channel": "slack", "url_env": "SECRET"}, MAIL_TABLE])
async def test_a_secret_comes_from_the_environment(table: dict[str, str], session: aiohttp.ClientSession) -> None:
    (destination,) = parse({"destinations": {"ops": table}}).destinations
    with pytest.raises(RouteError, match=r"ops\.\w+_env: expected the environment variable SECRET to be set"):
        open_channel(destination, {}, session, now, io.StringIO())
    channel: Channel = open_channel(destination, {"SECRET": "https://h/x"}, session, now, io.StringIO())
    assert channel


async def test_an_address_from_the_environment_is_checked_and_not_shown(session: aiohttp.ClientSession) -> None:
    (destination,) = parse({"destinations": {"ops": {"channel": "webhook", "url_env": "X"}}}).destinations
    with pytest.raises(RouteError) as wrong:
        open_channel(destination, {"X": "file:///etc/passwd"}, session, now, io.StringIO())
    assert "passwd" not in str(wrong.value)


async def test_the_screen_shows_one_line(session: aiohttp.ClientSession) -> None:
    out = io.StringIO()
    (destination,) = parse({"destinations": {"s": {"channel": "screen"}}}).destinations
    assert await open_channel(destination, os.environ, session, now, out).send(told(), KEY) == Delivered()
    assert out.getvalue() == (
        "2024-01-05 12:00:00 UTC  warning: went_dark  ANGARA (IMO 9179842)  ANGARA has been silent for 31 min\n"
    )


async def _say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()
