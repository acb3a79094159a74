"""Whatever stands in place of a value in a good file, the file is read or its error is named."""

import copy
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.routing import routes
from alerts.routing.routes import RouteError
from alerts.watchlist import rules, zones
from alerts.watchlist.flaws import WrongFileError
from streams import feed_settings
from streams.config import Config
from streams.settings import DEFAULT_FOLDER
from streams.version_contents import contents

HOSTILE = [
    None, True, 0, -1, 10**400, 1e308, float("nan"), float("inf"), "", " ", "x" * 1000, "\x00", "\ud800", "🚢", [],
    [[]], [None], [[[[]]]], {}, {"": {}}, {"type": []}, [1, 2], ["a", "b"], datetime(2026, 1, 1, tzinfo=UTC),
]  # fmt: skip


def shown(name: str) -> Any:
    """The shipped file with the examples in its comments."""
    text = (DEFAULT_FOLDER / name).read_text()
    return tomllib.loads(re.sub(r"(?m)^# (\[|\w+ += )", r"\1", text))


def one_of_each(path: Path) -> Any:
    """Of the shipped zones the first of each kind and shape: 94 are read no differently."""
    document = json.loads(path.read_text())
    found = {(zone["properties"]["kind"], zone["geometry"]["type"]): zone for zone in document["features"][::-1]}
    assert len(found) == 3, "a strait, a port that is a circle, and one that is none"
    return document | {"features": list(found.values())}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value[:4]) if isinstance(value, list) else ()
    for key, child in inside:
        yield from places(child, (*path, key))


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    here = changed
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("document", "parse"),
    [
        (one_of_each(DEFAULT_FOLDER / "zones.geojson"), zones.parse),
        (shown("rules.toml"), rules.parse),
        (shown("feeds.toml"), lambda data: feed_settings.parse(data, Path())),
        (shown("routes.toml"), routes.parse),
    ],
    ids=["zones", "rules", "feeds", "routes"],
)
def test_a_value_that_does_not_belong_there_is_an_error_and_no_more(document: Any, parse: Callable[[Any], Any]) -> None:
    parse(document)
    for path in places(document):
        for value in HOSTILE:
            with suppress(RouteError, WrongFileError):
                read = parse(put(document, path, value))
                if parse is zones.parse:
                    assert contents(Config(zones=read)), path
