"""`hullwatch check` and `hullwatch apply`, as an operator runs them."""

import asyncio
import shutil
from pathlib import Path

import pytest

from alerts.core.learned import Silences, Source, learned
from streams.cli import main
from streams.coverage import json_of
from streams.settings import DEFAULT_FOLDER, load_config
from streams.topics import Topics
from streams.versions import announced, contents

NAMES = ("HULLWATCH_KAFKA", "HULLWATCH_CONFIG", "HULLWATCH_PREFIX", "HULLWATCH_SLACK_URL", "HULLWATCH_SMTP_PASSWORD")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_FOLDER, tmp_path / "config"))


def test_check_says_what_the_shipped_folder_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    out, err = capsys.readouterr()
    versions = contents(load_config(DEFAULT_FOLDER)).versions
    assert out.splitlines() == [
        f"{DEFAULT_FOLDER}: good",
        "watchlist: 4 hulls, 1 with an MMSI",
        "zones: 63 ports, 31 straits",
        "rules: dark after 15 min, in port 60 min, and 10 false alarms in 1,000 hull-days",
        "feeds: none",
        "routes: 1 route to screen",
        "deliveries: munitions from Rajin",
        f"versions: {versions.watchlist} {versions.zones} {versions.rules}",
    ]
    assert err == ""


def test_check_tells_all_that_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "watchlist.csv").write_text("imo\n1\n9179843\n")
    (folder / "zones.geojson").unlink()
    assert main(["check", str(folder)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        f"hullwatch: {folder}/watchlist.csv: line 2: imo: expected an IMO number of seven digits, got '1'",
        f"{folder}/watchlist.csv: line 3: imo: expected an IMO number whose last digit checks (here 2), got '9179843'",
        f"{folder}/zones.geojson: expected a file that can be read (No such file or directory)",
    ]


def test_check_warns_of_secrets_that_are_not_set(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "routes.toml").write_text('[destinations.s]\nchannel = "slack"\nurl_env = "HULLWATCH_SLACK_URL"\n')
    (folder / "feeds.toml").write_text('[feeds.roof]\nkind = "udp"\nport = 10110\n')
    (folder / "rules.toml").unlink()
    assert main(["check", str(folder)]) == 0
    out, err = capsys.readouterr()
    assert "feeds: roof (udp)\nroutes: 0 routes to s\n" in out
    assert err == (
        f"hullwatch: {folder}/routes.toml: destinations.s.url_env: HULLWATCH_SLACK_URL is not set here; "
        "`hullwatch dispatch` needs it\n"
    )
    monkeypatch.setenv("HULLWATCH_SLACK_URL", "https://example.org/x")
    assert main(["check", str(folder)]) == 0
    assert capsys.readouterr().err == ""


def test_the_folder_is_the_argument_else_the_option_else_the_variable(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HULLWATCH_CONFIG", str(tmp_path / "variable"))
    assert main(["check", "--config", str(folder)]) == 0
    assert main(["check", str(folder), "--config", str(tmp_path / "option")]) == 0
    assert main(["check"]) == 2
    assert f"hullwatch: {tmp_path}/variable: expected a configuration folder" in capsys.readouterr().err


def test_apply_publishes_and_says_what_has_changed(
    kafka: str, topics: Topics, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HULLWATCH_SOURCE_PARTITIONS", str(topics.source_partitions))
    monkeypatch.setenv("HULLWATCH_REPORT_PARTITIONS", str(topics.report_partitions))
    command = ["apply", str(folder), "--kafka", kafka, "--prefix", topics.prefix]
    config = load_config(folder)
    versions, zones = contents(config).versions, sorted(zone.id for zone in config.zones)
    in_force = f"in force: {versions.watchlist} {versions.zones} {versions.rules}"
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines() == [
        "hulls added: imo-8517839, imo-9161003, imo-9179842, imo-9358010",
        f"zones added: {', '.join(zones[:10])} and {len(zones) - 10} more",
        in_force,
    ]
    assert asyncio.run(announced(kafka, topics)) == versions
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines() == ["nothing has changed: the folder is in force", in_force]
    assert main([*command, "--again"]) == 0
    assert capsys.readouterr().out.splitlines() == ["nothing has changed, written again", in_force]
    (folder / "watchlist.csv").write_text("imo,name\n9179842,ANGARA II\n" + "".join(f"{imo(n)}\n" for n in range(12)))
    (folder / "rules.toml").write_text("[silence]\nfloor_min = 20\n")
    assert main(command) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("hulls added: imo-8000")
    assert said[0].endswith(" and 2 more")
    assert said[1:4] == [
        "hulls changed: imo-9179842",
        "hulls removed: imo-8517839, imo-9161003, imo-9358010",
        "rules: changed",
    ]
    (folder / "cover.json").write_text(json_of(learned(Source(0, 1, ("roof",), 1, 2.0), Silences(), ())))
    assert main(command) == 0
    versions = contents(load_config(folder)).versions
    in_force = f"in force: {versions.watchlist} {versions.zones} {versions.rules} {versions.cover}"
    assert capsys.readouterr().out.splitlines() == ["cover: changed", in_force]
    (folder / "cover.json").unlink()
    assert main(command) == 0
    assert capsys.readouterr().out.splitlines()[0] == "cover: the shipped curve again"


def imo(number: int) -> int:
    first_six = 800_000 + number
    return first_six * 10 + sum(int(digit) * (7 - n) for n, digit in enumerate(str(first_six))) % 10


def test_apply_makes_the_topics(kafka: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "--kafka", kafka, "--prefix", "made-by-apply"]) == 0
    assert asyncio.run(announced(kafka, Topics(prefix="made-by-apply"))) is not None


def test_a_wrong_folder_is_not_published(
    kafka: str, topics: Topics, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "zones.geojson").write_text("{}")
    assert main(["apply", str(folder), "--kafka", kafka, "--prefix", topics.prefix]) == 2
    assert asyncio.run(announced(kafka, topics)) is None


def test_a_broker_that_is_not_there_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "--kafka", "127.0.0.1:1"]) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("hullwatch: ")]
    assert len(lines) == 1
    assert lines[0].startswith("hullwatch: kafka 127.0.0.1:1: expected a broker that takes it (")
