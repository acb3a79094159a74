"""What comes of a message where the other side answers, falls silent or hangs up, at every step of its protocol.

`may_have_arrived` is said only where the whole message was on its way: who was told nothing needs no retraction.
"""

import pytest

from alerts.delivery.channel import Answer, Delivered, Failure, Refused, Retry
from alerts.delivery.email import Email
from alerts.delivery.http import http_session
from alerts.delivery.messages import Message, subject
from alerts.delivery.slack import SlackWebhook
from alerts.delivery.webhook import Webhook
from alerts.routing.destinations import Mail
from tests.alerts.delivery.wire import Act, Said, http_server, smtp_server
from tests.alerts.routing.samples import alert

KEY = "0123456789abcdef0123456789abcdef"
NOW = 1_704_457_862_000
MESSAGE = Message("ops", alert(), b'{"id":"a"}', subject(alert()))
LATER, OURS = Retry(Failure.SERVER_ERROR), Retry(Failure.NOT_ADMITTED)
AWAY, SLOW = Retry(Failure.UNREACHABLE), Retry(Failure.TIMED_OUT)
PERHAPS_AWAY = Retry(Failure.UNREACHABLE, may_have_arrived=True)
PERHAPS_SLOW = Retry(Failure.TIMED_OUT, may_have_arrived=True)
NEVER = Refused("")


def now() -> int:
    return NOW


def without_detail(answer: Answer) -> Answer:
    match answer:
        case Refused():
            return NEVER
        case Retry(reason, after_s, may_have_arrived):
            return Retry(reason, after_s, may_have_arrived)
    return answer


BY_MAIL: list[tuple[str, Said, Answer]] = [
    ("CONNECT", "421 too busy", LATER),
    ("CONNECT", "554 not you", OURS),
    ("CONNECT", Act.CLOSE, AWAY),
    ("CONNECT", Act.SILENCE, AWAY),
    ("CONNECT", "SSH-2.0-OpenSSH", OURS),
    ("EHLO", "421 closing", LATER),
    ("EHLO", Act.CLOSE, AWAY),
    ("EHLO", Act.SILENCE, SLOW),
    ("MAIL", "451 disk full", LATER),
    ("MAIL", "550 not from you", OURS),
    ("MAIL", Act.RESET, AWAY),
    ("MAIL", Act.SILENCE, SLOW),
    ("RCPT", "450 greylisted", LATER),
    ("RCPT", "550 no such user", NEVER),
    ("RCPT", Act.CLOSE, AWAY),
    ("RCPT", Act.SILENCE, SLOW),
    ("DATA", "451 later", LATER),
    ("DATA", "554 no", NEVER),
    ("DATA", Act.SILENCE, PERHAPS_SLOW),
    ("BODY", "452 full", LATER),
    ("BODY", "554 spam", NEVER),
    ("BODY", "garbage", PERHAPS_AWAY),
    ("BODY", Act.CLOSE, PERHAPS_AWAY),
    ("BODY", Act.RESET, PERHAPS_AWAY),
    ("BODY", Act.SILENCE, PERHAPS_SLOW),
    ("QUIT", "500 what", Delivered()),
    ("QUIT", Act.CLOSE, Delivered()),
    ("QUIT", Act.RESET, Delivered()),
    ("QUIT", Act.SILENCE, Delivered()),
]


@pytest.mark.parametrize(("command", "said", "answer"), BY_MAIL)
async def test_by_mail(command: str, said: Said, answer: Answer) -> None:
    async with smtp_server({command: said, "HELO": said if command == "EHLO" else "250 ok"}) as server:
        mail = Mail("127.0.0.1", server.number, "hullwatch@example.org", "watch@example.org", "none", timeout_s=0.3)
        assert without_detail(await Email(mail, None, now).send(MESSAGE, KEY)) == answer
    arrived = isinstance(answer, Delivered) or command == "BODY"
    assert [KEY.encode() in letter for letter in server.read] == [True] * arrived


HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BY_HTTP: list[tuple[Said, Answer]] = [
    (HELLO, Delivered()),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nok", Delivered()),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz", PERHAPS_AWAY),
    (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok", Delivered()),
    (b"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n", Retry(Failure.RATE_LIMITED, 3.0)),
    (b"HTTP/1.1 503 No\r\nRetry-After: 3\r\nContent-Length: 9\r\n\r\n", Retry(Failure.SERVER_ERROR, 3.0)),
    (b"HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n", NEVER),
    (b"HTTP/1.1 200 O", PERHAPS_AWAY),
    (b"HTTP/1.1 abc OK\r\n\r\n", PERHAPS_AWAY),
    (b"SSH-2.0-OpenSSH\r\n", PERHAPS_AWAY),
    (b"\x00\xff\r\n\r\n", PERHAPS_AWAY),
    (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\n\r\n", PERHAPS_AWAY),
    (Act.CLOSE, PERHAPS_AWAY),
    (Act.RESET, PERHAPS_AWAY),
    (Act.SILENCE, PERHAPS_SLOW),
]


@pytest.mark.parametrize("kind", [Webhook, SlackWebhook])
@pytest.mark.parametrize(("said", "answer"), BY_HTTP)
async def test_by_http(said: Said, answer: Answer, kind: type[Webhook] | type[SlackWebhook]) -> None:
    async with http_server(said) as server, http_session() as session:
        channel = kind(session, f"http://127.0.0.1:{server.number}/", 0.3, now)
        assert without_detail(await channel.send(MESSAGE, KEY)) == answer
    assert len(server.read) == 1, "read whole, and once"


@pytest.mark.parametrize(("said", "answer"), [(Act.RESET, PERHAPS_AWAY), (Act.SILENCE, PERHAPS_SLOW)])
async def test_by_http_where_nobody_reads(said: Said, answer: Answer) -> None:
    async with http_server(said, before_reading=True) as server, http_session() as session:
        channel = Webhook(session, f"http://127.0.0.1:{server.number}/", 0.3, now)
        large = Message("ops", alert(), b"x" * 20_000_000, subject(alert()))
        assert without_detail(await channel.send(large, KEY)) == answer
    assert server.read == []


async def test_a_receiver_that_closes_what_it_was_expected_to_keep_is_asked_anew() -> None:
    async with http_server(HELLO) as server, http_session() as session:
        channel = Webhook(session, f"http://127.0.0.1:{server.number}/", 0.3, now)
        assert [await channel.send(MESSAGE, KEY) for _ in range(3)] == [Delivered()] * 3
