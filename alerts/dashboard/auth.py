"""The one token that opens the page, as a header, or once in the address and then as a cookie.

The cookie holds a digest of the token, never the token: cookies go to every port of a host.  It is named after
another digest, so that two dashboards on one host do not throw each other out.
"""

import hmac
import re
import secrets
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

_FORM = re.compile(r"[A-Za-z0-9_.~-]{16,200}")


class Token:
    """Compared in constant time.  Raises ValueError for a token that is short or does not fit into an address."""

    def __init__(self, secret: str) -> None:
        """16 to 200 characters out of A-Z a-z 0-9 - _ . ~"""
        if not _FORM.fullmatch(secret):
            raise ValueError("token: expected 16 to 200 characters out of A-Z a-z 0-9 - _ . ~")
        self.secret = secret
        self.cookie_name = "hullwatch_" + _digest("name", secret)[:8]
        self._cookie_value = _digest("cookie", secret)

    @classmethod
    def drawn(cls) -> "Token":
        """A new one of 256 bits."""
        return cls(secrets.token_urlsafe(32))

    def matches(self, offered: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(offered.encode(), self.secret.encode())

    def opens(self, authorization: str, cookies: str) -> bool:
        """Whether a request with these two headers may pass (both may be empty)."""
        scheme, _, offered = authorization.partition(" ")
        if scheme.lower() == "bearer" and self.matches(offered.strip()):
            return True
        return hmac.compare_digest(_cookie(cookies, self.cookie_name).encode(), self._cookie_value.encode())

    def set_cookie(self, secure: bool) -> str:
        """The Set-Cookie header."""
        tail = "; Secure" if secure else ""
        return f"{self.cookie_name}={self._cookie_value}; Path=/; HttpOnly; SameSite=Strict{tail}"


def _digest(purpose: str, secret: str) -> str:
    return sha256(f"hullwatch {purpose} {secret}".encode()).hexdigest()


def _cookie(header: str, name: str) -> str:
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
