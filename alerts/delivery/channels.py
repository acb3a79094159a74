"""Destinations to channels: where the secrets are looked up."""

from collections.abc import Callable, Mapping
from typing import TextIO

import aiohttp

from alerts.core.instants import Instant
from alerts.delivery.channel import Channel
from alerts.delivery.email import Email
from alerts.delivery.screen import Screen
from alerts.delivery.slack import SlackWebhook
from alerts.delivery.webhook import Webhook
from alerts.routing import destinations
from alerts.routing.destinations import Destination, Secret, Way, http_url
from alerts.routing.table import RouteError


def open_channel(
    destination: Destination,
    environ: Mapping[str, str],
    session: aiohttp.ClientSession,
    now: Callable[[], Instant],
    out: TextIO,
) -> Channel:
    """Raises RouteError where a variable of the environment is missing, or is no http(s) address."""
    match destination.settings:
        case destinations.Mail() as mail:
            return Email(mail, _secret(mail.password, environ) if mail.password else None, now)
        case destinations.Post(url, timeout_s):
            kind = SlackWebhook if destination.channel is Way.SLACK else Webhook
            return kind(session, http_url(_secret(url, environ), url.where), timeout_s, now)
        case destinations.Screen():
            return Screen(out)


def _secret(secret: Secret, environ: Mapping[str, str]) -> str:
    if not secret.env:
        return secret.value
    value = environ.get(secret.env, "").strip()
    if not value:
        raise RouteError(secret.where, f"the environment variable {secret.env} to be set")
    return value
