"""Who gets in."""

import pytest

from alerts.dashboard.auth import Token
from tests.alerts.dashboard.screen import TOKEN


def cookie(token: Token) -> str:
    return token.set_cookie(secure=False).split(";")[0]


def test_the_token_opens_as_bearer_or_as_the_cookie_that_was_set():
    assert TOKEN.opens(f"Bearer {TOKEN.secret}", "")
    assert TOKEN.opens(f"bearer {TOKEN.secret}", "")
    assert TOKEN.opens("", f"other=1; {cookie(TOKEN)}")


@pytest.mark.parametrize(
    ("authorization", "cookies"),
    [
        ("", ""),
        ("Bearer ", ""),
        ("Bearer wrong", ""),
        (f"Basic {TOKEN.secret}", ""),
        (f"Bearer {TOKEN.secret}x", ""),
        ("Bearer tökén", ""),
        ("", f"{TOKEN.cookie_name}="),
        ("", f"{TOKEN.cookie_name}={TOKEN.secret}"),
        ("", "\x00; ==;"),
        ("", cookie(Token("another-token-0123456789"))),
    ],
)
def test_nothing_else_opens(authorization, cookies):
    assert not TOKEN.opens(authorization, cookies)


def test_the_cookie_does_not_show_the_token_and_stays_in_this_browser():
    header = TOKEN.set_cookie(secure=True)
    assert TOKEN.secret not in header
    assert all(word in header for word in ("HttpOnly", "SameSite=Strict", "Path=/", "Secure"))
    assert "Secure" not in TOKEN.set_cookie(secure=False)


@pytest.mark.parametrize("secret", ["", "short", "with space 0123456789", "a/b/c/d/e/f/g/h/i/j", "x" * 201])
def test_a_token_that_is_weak_or_does_not_fit_an_address_is_refused(secret):
    with pytest.raises(ValueError, match="16 to 200 characters"):
        Token(secret)


def test_drawn_tokens_differ():
    assert Token.drawn().secret != Token.drawn().secret
