"""Mail by SMTP: plain text, one episode one thread.

Every mail of an episode names the same root in References (a message that never was), and has the same Subject.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from hashlib import sha256

import aiosmtplib

from alerts.core.instants import Instant
from alerts.delivery.channel import Answer, Delivered, Failure, Refused, Retry
from alerts.delivery.messages import Message, plain, text
from alerts.routing.destinations import Mail


class _Subject(UniqueUnstructuredHeader):
    """Folded as a whole: EmailMessage folds word by word, and loses a space between two that are not ASCII."""

    def fold(self, *, policy: Policy) -> str:
        encoded = Header(str(self), header_name="Subject").encode(linesep=policy.linesep)
        return f"Subject: {encoded}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)  # type: ignore[arg-type]  # a mixin, like those of the standard library
_POLICY = SMTP.clone(header_factory=_HEADERS)


_BYE_S = 1.0
"""The mail was taken or not: nobody waits for the good-bye."""


class Email:
    """One mailbox by one SMTP server; a connection a mail.  The time-out is that of each answer."""

    def __init__(self, mail: Mail, password: str | None, now: Callable[[], Instant]) -> None:
        self._mail, self._password, self._now = mail, password, now

    async def send(self, message: Message, idempotency_key: str) -> Answer:
        """One mail; its Message-ID is derived from the key."""
        server = self._server()
        given = False
        try:
            await server.connect()
            await server.mail(self._mail.sender)
            await server.rcpt(self._mail.to)
            given = True
            await server.data(letter(message, self._mail, idempotency_key, self._now()).as_bytes())
        except (aiosmtplib.SMTPException, OSError) as error:
            return _meaning(error, given)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                await server.quit(timeout=_BYE_S)
            server.close()
        return Delivered()

    def _server(self) -> aiosmtplib.SMTP:
        mail = self._mail
        return aiosmtplib.SMTP(
            hostname=mail.host,
            port=mail.port,
            username=mail.username or None,
            password=self._password,
            use_tls=mail.tls == "tls",
            start_tls=mail.tls == "starttls",
            timeout=mail.timeout_s,
        )


def letter(message: Message, mail: Mail, idempotency_key: str, now: Instant) -> EmailMessage:
    """The mail as it goes out."""
    domain = mail.sender.partition("@")[2]
    root = sha256(f"{message.destination}\n{message.alert.id}".encode()).hexdigest()[:32]
    letter = EmailMessage(policy=_POLICY)
    letter["From"], letter["To"], letter["Subject"] = mail.sender, mail.to, message.subject
    letter["Date"] = format_datetime(datetime.fromtimestamp(now / 1000, UTC))
    letter["Message-ID"] = f"<{idempotency_key}@{domain}>"
    letter["In-Reply-To"] = letter["References"] = f"<{root}.root@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text(message) + "\n", cte="quoted-printable")
    return letter


def _meaning(error: aiosmtplib.SMTPException | OSError, given: bool) -> Answer:
    """`given`: the letter was on its way, so where no answer came nobody knows."""
    match error:
        case aiosmtplib.SMTPRecipientRefused() | aiosmtplib.SMTPDataError():
            return _coded(error.code, Refused(_detail(error)))
        case aiosmtplib.SMTPResponseException() if not given:
            return _coded(error.code, Retry(Failure.NOT_ADMITTED, detail=_detail(error)))
        case aiosmtplib.SMTPConnectError():
            return Retry(Failure.UNREACHABLE, detail=_detail(error))
        case TimeoutError():
            return Retry(Failure.TIMED_OUT, may_have_arrived=given)
        case OSError() | aiosmtplib.SMTPResponseException():
            return Retry(Failure.UNREACHABLE, may_have_arrived=given, detail=_detail(error))
        case _:
            return Retry(Failure.NOT_ADMITTED, detail=_detail(error))


def _coded(code: int, if_final: Answer) -> Answer:
    """RFC 5321, 4.2.1: 4yz may do later, 5yz will not."""
    return Retry(Failure.SERVER_ERROR, detail=str(code)) if 400 <= code < 500 else if_final


def _detail(error: Exception) -> str:
    return plain(f"{type(error).__name__} {error}", 200)
