"""A Slack incoming webhook.  It can neither thread nor edit, so each revision is a message of its own.

The text goes as `plain_text`, in which Slack reads no formatting, links or mentions; & < > are written as Slack wants
them, for whatever else reads the same form.
"""

from collections.abc import Callable

import aiohttp
import msgspec

from alerts.core.instants import Instant
from alerts.delivery.channel import Answer
from alerts.delivery.http import post
from alerts.delivery.messages import Message, text

_LONGEST = 2_900
"""Of the 3,000 characters that a block takes."""


class SlackWebhook:
    """Slack has no idempotency key: a repeat after a crash is a second message."""

    def __init__(self, session: aiohttp.ClientSession, url: str, timeout_s: float, now: Callable[[], Instant]) -> None:
        self._session, self._url, self._timeout_s, self._now = session, url, timeout_s, now

    async def send(self, message: Message, idempotency_key: str) -> Answer:  # noqa: ARG002  Slack has no use for it
        """One message into the webhook's channel."""
        body = msgspec.json.encode(payload(message))
        headers = {"Content-Type": "application/json"}
        return await post(self._session, self._url, body, headers, self._timeout_s, self._now())


def payload(message: Message) -> dict[str, object]:
    """The JSON of one message: a line for the notification, a block for the channel."""
    shown = _escaped(f"{message.subject}\n{text(message)}")
    return {
        "text": _escaped(message.subject),
        "mrkdwn": False,
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": shown, "emoji": False}}],
    }


def _escaped(said: str) -> str:
    """Cut first, so that no escape is cut in two."""
    return said[:_LONGEST].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
