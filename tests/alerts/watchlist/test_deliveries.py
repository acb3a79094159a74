"""deliveries.toml: what is read, and what is refused with its key."""

import tomllib

import pytest

from alerts.voyages.deliveries import Pattern
from alerts.watchlist.deliveries import parse
from alerts.watchlist.flaws import WrongFileError

PORTS = {"rajin", "dunay"}
GOOD = '[[delivery]]\nname = "trade"\nfrom = ["rajin"]\nto = ["dunay"]\n'


def test_a_pattern_with_what_is_left_out() -> None:
    assert parse(tomllib.loads(GOOD), PORTS) == (Pattern("trade", ("rajin",), ("dunay",), 30),)
    assert parse({}, PORTS) == ()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (GOOD.replace('"rajin"', '"atlantis"'), "delivery[0].from"),
        (GOOD.replace('from = ["rajin"]\n', ""), "delivery[0].from"),
        (GOOD.replace('"dunay"', '"rajin"'), "delivery[0].to"),
        (GOOD + "within_days = 0\n", "delivery[0].within_days"),
        (GOOD + "speed_kn = 500\n", "delivery[0].speed_kn"),
        (GOOD + 'colour = "red"\n', "delivery[0].colour"),
        (GOOD + "[other]\n", "other"),
    ],
)
def test_what_is_wrong_is_named(text: str, where: str) -> None:
    with pytest.raises(WrongFileError) as wrong:
        parse(tomllib.loads(text), PORTS)
    assert wrong.value.flaws[0].where == where


def test_a_folder_without_ports_is_told_so() -> None:
    with pytest.raises(WrongFileError, match=r"expected only \(zones.geojson has no port\), got 'rajin'"):
        parse(tomllib.loads(GOOD), ())
