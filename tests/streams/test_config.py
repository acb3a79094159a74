import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.core.hull import Hull
from alerts.core.thresholds import Thresholds
from alerts.routing.routes import Routes
from streams.config import MAX_FILE_MB, Config, ConfigError, ConfigErrors, load_config
from streams.settings import DEFAULT_FOLDER

EMPTY = '{"type": "FeatureCollection", "features": []}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "watchlist.csv").write_text("imo\n9179842\n")
    (tmp_path / "zones.geojson").write_text(EMPTY)
    return tmp_path


def refused(folder: Path, watchlist: Path | None = None) -> str:
    """The error without the folder's name."""
    with pytest.raises(ConfigError) as error:
        load_config(folder, watchlist)
    return str(error.value).replace(f"{folder}/", "")


def test_two_files_are_enough(folder: Path) -> None:
    config = load_config(folder)
    assert config == Config((Hull("imo-9179842", 9179842),), (), Thresholds(), (), Routes())
    assert config == load_config(folder)


def test_all_five_are_read() -> None:
    config = load_config(DEFAULT_FOLDER)
    assert [hull.name for hull in config.watchlist] == ["ANGARA", "MARIA", "LADY R", "MAIA-1"]
    assert Counter(zone.kind for zone in config.zones) == {"port": 63, "strait": 31}
    assert config.thresholds == Thresholds()
    assert config.feeds == ()
    assert [route.name for route in config.routes.routes] == ["everything"]


def test_feeds_start_at_the_folder(folder: Path) -> None:
    (folder / "feeds.toml").write_text('[feeds.a]\nkind = "file"\npath = "x.nmea"\n')
    assert load_config(folder).feeds[0].path == str(folder / "x.nmea")


def test_another_watchlist_can_be_read_in_its_place(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("mmsi\n273210440\n")
    (folder / "watchlist.csv").unlink()
    assert load_config(folder, other).watchlist == (Hull("mmsi-273210440", mmsi=273210440),)


def test_routes_may_name_hulls_that_another_watchlist_does_not_have(folder: Path, tmp_path: Path) -> None:
    routes = '[destinations.d]\nchannel = "screen"\n[[routes]]\nname = "r"\nto = ["d"]\nhulls = ["imo-8517839"]\n'
    (folder / "routes.toml").write_text(routes)
    assert refused(folder) == "routes.toml: routes[0].hulls: expected the id of a watched hull, got 'imo-8517839'"
    other = tmp_path / "other.csv"
    other.write_text("mmsi\n273210440\n")
    assert load_config(folder, other)


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    assert "nowhere: expected a configuration folder: watchlist.csv" in refused(tmp_path / "nowhere")


def test_a_file_in_place_of_the_folder_is_named(folder: Path) -> None:
    assert "watchlist.csv: expected a configuration folder" in refused(folder / "watchlist.csv")


@pytest.mark.parametrize("name", ["watchlist.csv", "zones.geojson"])
def test_what_must_be_there_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refused(folder) == f"{name}: expected a file that can be read (No such file or directory)"


def text(content: str | bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


def directory(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def dangling(path: Path) -> None:
    path.symlink_to("/nonexistent")


@pytest.mark.parametrize(
    ("name", "make", "error"),
    [
        ("watchlist.csv", text(b"imo\n\xff"), "line 2: expected text in UTF-8, got the byte 0xff"),
        ("watchlist.csv", text("imo\n".encode("utf-16")), "line 1: expected text in UTF-8, got the byte 0xff"),
        ("watchlist.csv", text(bytes(range(256))), "line 2: expected text in UTF-8, got the byte 0x80"),
        ("watchlist.csv", text("imo\n" + "9" * 33_000_000), f": expected a file of at most {MAX_FILE_MB} MB"),
        ("watchlist.csv", text("imo\n1"), "line 2: imo: expected an IMO number of seven digits, got '1'"),
        ("watchlist.csv", directory, ": expected a file that can be read (Is a directory)"),
        ("rules.toml", directory, ": expected a file that can be read (Is a directory)"),
        ("rules.toml", dangling, ": expected a file that can be read (No such file or directory)"),
        (
            "rules.toml",
            text("[silence]\nfloor_min ="),
            ": expected well-formed TOML (Invalid value (at ",
        ),
        ("rules.toml", text("a=1\na=2"), ": expected well-formed TOML (Cannot overwrite a value (at "),
        (
            "rules.toml",
            text("[silence]\nbudget = 1e999"),
            "silence.budget: expected a number from 0.01 to 10000, got inf",
        ),
        ("rules.toml", text("[silence]\nbudget = " + "9" * 5000), ": expected well-formed TOML ("),
        ("rules.toml", text("[silence]\nbudget = 0x" + "f" * 5000), ": expected well-formed TOML ("),
        ("rules.toml", text("a = " + "[" * 100_000), ": expected values nested less deeply"),
        ("feeds.toml", text("[feeds.a]\nkind = 'tpc'"), "feeds.a.kind: expected one of tcp, udp, file, stdin, kafka, "),
        (
            "routes.toml",
            text("[[routes]]\nname = 'x'\nto = []"),
            "routes[0].to: expected a list of texts, at least one",
        ),
        ("zones.geojson", text(""), ": expected well-formed GEOJSON (Expecting value: line 1 column 1 (char 0))"),
        ("zones.geojson", text("[" * 1_000_000), ": expected values nested less deeply"),
        ("zones.geojson", text('{"a":' * 1_000_000), ": expected values nested less deeply"),
        ("zones.geojson", text("[" * 900 + "]" * 900), ": expected a table, got [[[["),
        ("zones.geojson", text("NaN"), ": expected well-formed GEOJSON (NaN is no JSON number)"),
        (
            "zones.geojson",
            text('{"a": -Infinity}'),
            ": expected well-formed GEOJSON (-Infinity is no JSON number)",
        ),
        ("zones.geojson", text("9" * 5000), ": expected well-formed GEOJSON ("),
        (
            "zones.geojson",
            text('{"type": 1, "a": {"b": 1, "b": 2}}'),
            ": expected well-formed GEOJSON (the key 'b' ",
        ),
        (
            "zones.geojson",
            text("{" + "".join(f'"{n}":0,' for n in range(300_000)) + '"299999":1}'),
            ": expected well-formed GEOJSON (the key '299999' ",
        ),
        ("zones.geojson", text(EMPTY.replace("[]", "[1]")), "features[0]: expected a table, got 1"),
    ],
)
def test_a_wrong_file_is_named_with_what_was_expected(
    folder: Path, name: str, make: Callable[[Path], object], error: str
) -> None:
    make(folder / name)
    assert refused(folder).replace(f"{name}: ", "", 1).startswith(error.removeprefix(": "))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(folder: Path) -> None:
    (folder / "zones.geojson").chmod(0)
    assert refused(folder) == "zones.geojson: expected a file that can be read (Permission denied)"


def test_what_is_wrong_in_all_files_is_told_at_once(folder: Path) -> None:
    (folder / "watchlist.csv").write_text("imo\n1\n2\n")
    (folder / "rules.toml").write_text("x = 1")
    (folder / "routes.toml").write_text("y = 1")
    lines = refused(folder).splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        ["watchlist.csv", "line 2"],
        ["watchlist.csv", "line 3"],
        ["rules.toml", "x"],
        ["routes.toml", "y"],
    ]


def test_twenty_errors_of_a_file_are_told_and_the_rest_counted(folder: Path) -> None:
    (folder / "watchlist.csv").write_text("imo\n" + "1\n" * 25)
    with pytest.raises(ConfigErrors) as error:
        load_config(folder)
    assert len(error.value.errors) == 21
    assert str(error.value).endswith("watchlist.csv: expected nothing else wrong, got 5 more errors")
    assert error.value.where == "line 2: imo"


def test_a_mark_at_the_beginning_is_no_part_of_the_text(folder: Path) -> None:
    for name in ("watchlist.csv", "zones.geojson"):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    (folder / "rules.toml").write_bytes(b"\xef\xbb\xbf[silence]\r\nfloor_min = 5\r\n")
    assert load_config(folder).thresholds.silence_floor_min == 5
