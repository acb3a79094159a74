"""One POST, and what its answer means.

Only an answer about this very message (400, 413, 414, 415, 422) is final.  A wrong address or secret is ours, and can
be mended while the message waits.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import aiohttp

from alerts.core.instants import Instant
from alerts.delivery.channel import Answer, Delivered, Failure, Refused, Retry
from alerts.delivery.messages import plain

_BODY_READ_AT_MOST = 4_096
_ABOUT_THE_MESSAGE = {400, 413, 414, 415, 422}
_PASSING = {408, 425}
_LONGEST_PAUSE_S = 3_600.0


def http_session() -> aiohttp.ClientSession:
    """No cookies, no proxies from the environment, no decompression of what strangers answer.

    A connection a post: one that is kept, and that the receiver closes meanwhile, looks as if the message had arrived.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"User-Agent": "hullwatch"},
    )


async def post(
    session: aiohttp.ClientSession, url: str, body: bytes, headers: Mapping[str, str], timeout_s: float, now: Instant
) -> Answer:
    """Redirects are not followed; of the answer's body no more is read than a log line needs."""
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with session.post(url, data=body, headers=headers, timeout=timeout, allow_redirects=False) as response:
            pause_s = retry_after_s(response.headers.get("Retry-After", ""), now)
            return _meaning(response.status, pause_s, await _excerpt(response))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        return Retry(Failure.UNREACHABLE, detail=type(error).__name__)
    except TimeoutError:
        return Retry(Failure.TIMED_OUT, may_have_arrived=True)
    except (aiohttp.ClientError, OSError) as error:
        return Retry(Failure.UNREACHABLE, may_have_arrived=True, detail=type(error).__name__)


def retry_after_s(header: str, now: Instant) -> float | None:
    """Seconds, or a date (RFC 9110, 10.2.3); at most an hour; None where it is neither."""
    try:
        is_number = header.strip().isdecimal()
        pause_s = float(header) if is_number else parsedate_to_datetime(header).timestamp() - now / 1000
    except (ValueError, OverflowError):
        return None
    return min(max(pause_s, 0.0), _LONGEST_PAUSE_S)


def _meaning(status: int, pause_s: float | None, excerpt: str) -> Answer:
    detail = f"{status} {excerpt}".strip()
    if 200 <= status < 300:
        return Delivered()
    if status in _ABOUT_THE_MESSAGE:
        return Refused(detail)
    if status == 429:
        return Retry(Failure.RATE_LIMITED, pause_s, detail=detail)
    if status >= 500 or status in _PASSING:
        return Retry(Failure.SERVER_ERROR, pause_s, detail=detail)
    return Retry(Failure.NOT_ADMITTED, pause_s, detail=detail)


async def _excerpt(response: aiohttp.ClientResponse) -> str:
    """The first of the body that comes; a slow or broken one says nothing: the status has answered already."""
    try:
        body = await response.content.read(_BODY_READ_AT_MOST)
    except (TimeoutError, aiohttp.ClientError):
        return ""
    return plain(body.decode(errors="replace"), 200) if body else ""
