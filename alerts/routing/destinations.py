"""Where messages can go, as the routes file says it.  Secrets may be named by environment variables."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit

from alerts.routing.table import RouteError, Table


class Way(StrEnum):
    """The kinds of channel."""

    SLACK = "slack"
    EMAIL = "email"
    WEBHOOK = "webhook"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value given in the file, or the name of the environment variable that has it."""

    where: str
    value: str = field(default="", repr=False)
    env: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """An http(s) address: a Slack incoming webhook, or somebody's own."""

    url: Secret
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Mail:
    """One mailbox by one SMTP server; `tls` is `starttls`, `tls` (from the first byte) or `none`."""

    host: str
    port: int
    sender: str
    to: str
    tls: str = "starttls"
    username: str = ""
    password: Secret | None = None
    timeout_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Screen:
    """The standard output of the dispatcher."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One receiver.  A mail destination with several addresses is several of these, `name/address`."""

    name: str
    channel: Way
    settings: Post | Mail | Screen

    @property
    def label(self) -> str:
        """The name in the file, for metrics: without the address."""
        return self.name.partition("/")[0]


def destinations(name: str, table: Table) -> tuple[Destination, ...]:
    """All that one `[destinations.NAME]` stands for; raises RouteError."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
        raise RouteError(table.where, "a name of at most 40 letters, digits, - and _")
    way = Way(table.choice("channel", [str(w) for w in Way]))
    found = _READERS[way](name, way, table)
    table.finish()
    return found


def _post(name: str, way: Way, table: Table) -> tuple[Destination, ...]:
    timeout_s = table.number("timeout_s", 10.0, 0.1, 120)
    return (Destination(name, way, Post(_url(table), timeout_s)),)


def _mail(name: str, way: Way, table: Table) -> tuple[Destination, ...]:
    addresses = [_address(text, table.path("to")) for text in _listed(table, "to")]
    mail = _server(table)
    if len(addresses) == 1:
        return (Destination(name, way, replace(mail, to=addresses[0])),)
    return tuple(Destination(f"{name}/{address}", way, replace(mail, to=address)) for address in addresses)


def _server(table: Table) -> Mail:
    tls = table.choice("tls", list(_PORTS), "starttls")
    username = table.text("username", "")
    password = _secret(table, "password") if username else None
    if password and tls == "none":
        raise RouteError(table.path("tls"), "starttls or tls where there is a password")
    return Mail(
        host=table.text("host"),
        port=int(table.number("port", _PORTS[tls], 1, 65535)),
        sender=_address(table.text("from"), table.path("from")),
        to="",
        tls=tls,
        username=username,
        password=password,
        timeout_s=table.number("timeout_s", 30.0, 0.1, 300),
    )


def _screen(name: str, way: Way, _: Table) -> tuple[Destination, ...]:
    return (Destination(name, way, Screen()),)


_READERS: dict[Way, Callable[[str, Way, Table], tuple[Destination, ...]]] = {
    Way.SLACK: _post,
    Way.WEBHOOK: _post,
    Way.EMAIL: _mail,
    Way.SCREEN: _screen,
}
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _secret(table: Table, key: str) -> Secret:
    """`KEY = "..."`, or `KEY_env = "NAME"`; one of them."""
    value, env = table.get(key), table.get(f"{key}_env")
    if (value is None) == (env is None):
        raise RouteError(table.path(key), f"either {key} or {key}_env")
    if value is None:
        return Secret(table.path(f"{key}_env"), env=table.text(f"{key}_env"))
    if not isinstance(value, str) or not value:
        raise RouteError(table.path(key), "a text that is not empty")
    return Secret(table.path(key), value=value)


def _url(table: Table) -> Secret:
    secret = _secret(table, "url")
    return replace(secret, value=http_url(secret.value, secret.where)) if secret.value else secret


def http_url(url: str, where: str) -> str:
    """`url` if it is an absolute http or https address; raises RouteError, which never shows it (a secret)."""
    expected = "an address that starts with http:// or https:// and names a host"
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError as error:
        raise RouteError(where, f"{expected} ({error})") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good or re.search(r"\s", url):
        raise RouteError(where, expected)
    return url


def _listed(table: Table, key: str) -> tuple[str, ...]:
    """One text or a list of them."""
    if isinstance(table.get(key), str):
        return (table.text(key),)
    addresses = table.texts(key)
    if not addresses:
        raise RouteError(table.path(key), "a mail address or a list of them")
    return addresses


def _address(text: str, where: str) -> str:
    if not text.isascii() or not re.fullmatch(r"[^\s@<>,;:\"/]+@[^\s@<>,;:\"/]+", text):
        raise RouteError(where, f"a bare mail address as ops@example.org, in ASCII, got {text!r:.60}")
    return text
