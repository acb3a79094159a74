import re
import tomllib
from pathlib import Path

import pytest

from alerts.core.alert import Severity
from alerts.routing.destinations import Mail, Post, Screen, Way
from alerts.routing.routes import RouteError, Routes, check_names, parse

DEFAULT = Path(__file__).parents[3] / "deploy" / "config" / "routes.toml"

GOOD = """
[destinations.ops]
channel = "slack"
url_env = "SLACK_URL"

[destinations.crew]
channel = "email"
host = "mail.example.org"
from = "hullwatch@example.org"
to = ["a@example.org", "b@example.org"]

[destinations.hook]
channel = "webhook"
url = "https://example.org/x"

[[routes]]
name = "dark"
rules = ["went_dark"]
severity_at_least = "caution"
hulls = ["imo-9179842"]
zones = ["korea-strait"]
to = ["ops", "crew"]

[[silences]]
rule = "area"
until = 2026-01-31T12:00:00Z
"""


def read(text: str) -> Routes:
    return parse(tomllib.loads(text))


def test_the_default_file_puts_every_alert_on_the_screen() -> None:
    routes = read(DEFAULT.read_text())
    assert [(d.name, d.channel, d.settings) for d in routes.destinations] == [("screen", Way.SCREEN, Screen())]
    assert [r.to for r in routes.routes] == [("screen",)]


def test_what_the_default_file_shows_in_comments_is_right() -> None:
    shown = re.sub(r"(?m)^# (\[|\w+ =)", r"\1", DEFAULT.read_text())
    assert {d.label for d in read(shown).destinations} == {"screen", "slack", "mail", "hook"}


def test_a_routes_file_without_anything_is_good_and_tells_nobody() -> None:
    assert read("") == Routes()


def test_a_route_has_its_conditions() -> None:
    (route,) = read(GOOD).routes
    assert route.severity_at_least is Severity.CAUTION
    assert (route.rules, route.hulls, route.zones) == (("went_dark",), ("imo-9179842",), ("korea-strait",))


def test_each_mail_address_is_a_destination_of_its_own() -> None:
    routes = read(GOOD)
    assert routes.routes[0].to == ("ops", "crew/a@example.org", "crew/b@example.org")
    mails = [d.settings for d in routes.destinations if isinstance(d.settings, Mail)]
    assert [(m.to, m.port, m.tls) for m in mails] == [
        ("a@example.org", 587, "starttls"),
        ("b@example.org", 587, "starttls"),
    ]


def test_a_secret_is_not_printed() -> None:
    assert "example.org/x" not in repr(read(GOOD))
    hook = read(GOOD).destinations[-1].settings
    assert isinstance(hook, Post)
    assert hook.url.value == "https://example.org/x"


@pytest.mark.parametrize(
    ("old", "new", "where", "expected"),
    [
        ('"slack"', '"pigeon"', "destinations.ops.channel", "one of slack, email, webhook, screen"),
        ('channel = "slack"', "", "destinations.ops.channel", "a text"),
        ('url_env = "SLACK_URL"', "", "destinations.ops.url", "either url or url_env"),
        ('url_env = "SLACK_URL"', 'url_env = ""', "destinations.ops.url_env", "a text that is not empty"),
        ('url = "https://', 'url = "ftp://', "destinations.hook.url", "http:// or https://"),
        ('url = "https://', 'url = "', "destinations.hook.url", "http:// or https://"),
        ('"https://example.org/x"', '"https:///x"', "destinations.hook.url", "names a host"),
        ('"https://example.org/x"', '"https://h:99999/"', "destinations.hook.url", "Port out of range"),
        ('"https://example.org/x"', "17", "destinations.hook.url", "a text that is not empty"),
        ('host = "mail.example.org"', "", "destinations.crew.host", "a text"),
        ('host = "mail', 'port = 0\nhost = "mail', "destinations.crew.port", "a number from 1 to 65535"),
        ('host = "mail', 'tls = "ssl"\nhost = "mail', "destinations.crew.tls", "one of starttls, tls, none"),
        ('"a@example.org"', '"a@example.org\\nBcc: x@y.org"', "destinations.crew.to", "a bare mail address"),
        ('"b@example.org"', '"Bo <b@example.org>"', "destinations.crew.to", "a bare mail address"),
        ('from = "hullwatch@example.org"', 'from = "us"', "destinations.crew.from", "a bare mail address"),
        ('from = "hullwatch@example.org"', 'from = "üs@example.org"', "destinations.crew.from", "in ASCII"),
        ("[destinations.ops]", '[destinations."a b"]', "destinations.a b", "a name of at most 40"),
        ('to = ["ops", "crew"]', 'to = ["oops"]', "routes[0].to", "only ops, crew, hook, got 'oops'"),
        ('to = ["ops", "crew"]', "", "routes[0].to", "a list of destinations"),
        ('to = ["ops", "crew"]', 'to = "ops"', "routes[0].to", "a list of texts"),
        ('["went_dark"]', '["went_drak"]', "routes[0].rules", "got 'went_drak'"),
        ('"caution"', '"bad"', "routes[0].severity_at_least", "one of info, caution, warning, critical"),
        ('name = "dark"', "", "routes[0].name", "a text"),
        ("hulls =", "hull =", "routes[0].hull", "no such key here"),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00", "silences[0].until", "a time with its offset"),
        ("2026-01-31T12:00:00Z", "2026-01-31", "silences[0].until", "a time with its offset"),
        ('rule = "area"', "", "silences[0]", "a hull, a rule or both"),
        ("[[silences]]", "[[silence]]", "silence", "no such key here"),
        ("[[silences]]", "[delivery]\nmax_age_h = -1\n[[silences]]", "delivery.max_age_h", "a number from"),
        ("[[silences]]", "[delivery]\nmax_age_h = true\n[[silences]]", "delivery.max_age_h", "a number from"),
        ("[[routes]]", '[[routes]]\nname = "dark"\nto = ["ops"]\n[[routes]]', "routes[1].name", "a name of its own"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(old: str, new: str, where: str, expected: str) -> None:
    assert old in GOOD
    with pytest.raises(RouteError) as wrong:
        read(GOOD.replace(old, new, 1))
    assert wrong.value.where == where
    assert expected in wrong.value.expected


def test_a_password_goes_over_no_open_line() -> None:
    text = GOOD.replace('host = "mail', 'tls = "none"\nusername = "u"\npassword = "secret"\nhost = "mail')
    with pytest.raises(RouteError, match="where there is a password") as wrong:
        read(text)
    assert "secret" not in str(wrong.value)


def test_a_hull_or_zone_that_does_not_exist_is_named() -> None:
    routes = read(GOOD)
    check_names(routes, {"imo-9179842"}, {"korea-strait"})
    with pytest.raises(RouteError, match=r"routes\[0\]\.hulls: expected the id of a watched hull, got 'imo-9179842'"):
        check_names(routes, {"imo-1"}, {"korea-strait"})
    with pytest.raises(RouteError, match=r"routes\[0\]\.zones"):
        check_names(routes, {"imo-9179842"}, {"rajin"})
