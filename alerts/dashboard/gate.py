"""What stands before every answer: the token, and the headers that keep a browser from asking anybody else.

Nothing of the page is served without the token, but for the form that asks for it.
"""

from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.dashboard.auth import Token

STATIC = Path(__file__).parent / "static"
MAX_FORM_BYTES = 4_096
_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "worker-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types default",
        )
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), usb=()",
}
_OPEN = frozenset({"/static/login.css"})


class Gate:
    """ASGI middleware.  `without_token` are paths that whoever runs this has opened, such as `/healthz`."""

    def __init__(self, app: ASGIApp, token: Token, without_token: frozenset[str]) -> None:
        """See the class."""
        self._app = app
        self._token = token
        self._open = _OPEN | without_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let pass; headers go on both."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await (await self._answer(scope, receive) or self._app)(scope, receive, _with_headers(send, scope["path"]))

    async def _answer(self, scope: Scope, receive: Receive) -> Response | None:
        request = Request(scope, receive)
        path, method = scope["path"], scope["method"]
        if method == "POST" and path == "/login":
            return self._enter(request, await _form_token(request))
        if path == "/" and "token" in request.query_params:
            return self._enter(request, request.query_params["token"])
        if path in self._open or self._opens(request.headers):
            return None
        return _refusal(path)

    def _opens(self, headers: Headers) -> bool:
        return self._token.opens(headers.get("authorization", ""), headers.get("cookie", ""))

    def _enter(self, request: Request, offered: str) -> Response:
        if not self._token.matches(offered):
            return _refusal("/")
        # To "/" again, so that the token does not stay in the address line.
        return RedirectResponse(
            "/", status_code=303, headers={"Set-Cookie": self._token.set_cookie(request.url.scheme == "https")}
        )


async def _form_token(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return ""
    return parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0].strip()


def _refusal(path: str) -> Response:
    challenge = {"WWW-Authenticate": 'Bearer realm="hullwatch"'}
    if path == "/":
        return HTMLResponse((STATIC / "login.html").read_text("utf-8"), 401, challenge)
    return JSONResponse(
        {"error": "expected the token: Authorization: Bearer TOKEN, or open /?token=TOKEN"}, 401, challenge
    )


def _with_headers(send: Send, path: str) -> Send:
    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(_HEADERS)
            headers["Cache-Control"] = "no-cache" if path.startswith("/static/") else "no-store"
        await send(message)

    return sender
