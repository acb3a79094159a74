"""`hullwatch replay` as a command: what it reads, prints, counts and refuses."""

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from pyais.encode import encode_dict

from alerts.core.instants import MINUTE, SECOND
from streams.cli import main
from streams.settings import DEFAULT_FOLDER
from tests.streams.lines import DATA, at, needs_recordings, recorded, report, tagged

ANGARA = 273210440


def position(mmsi: int, lat: float, lon: float, speed_kn: float = 10.0) -> bytes:
    """One class A report, encoded by pyais."""
    fields = {"type": 1, "mmsi": mmsi, "lat": lat, "lon": lon, "speed": speed_kn, "course": 90.0}
    return str(encode_dict(fields, talker_id="AI", radio_channel="A")[0]).encode()


def night(begin: str = "2024-02-03T08:00:00Z", silent_min: int = 45, mmsi: int = ANGARA) -> bytes:
    """Angara reports for ten minutes, is silent, and lights up; other ships are heard near her all the while."""
    first = at(begin[11:19], begin[:10])
    lines = []
    for minute in range(20 + silent_min):
        when = first + minute * MINUTE
        if minute < 10 or minute >= 10 + silent_min:
            lines.append(tagged(position(mmsi, 40.0, 131.0 + minute / 600), when + SECOND, "pohang"))
        for other in range(5):
            there = position(440_000_001 + other, 40.01 + other / 100, 131.0 + minute / 600)
            lines.append(tagged(there, when + (2 + other) * SECOND, "pohang"))
    return b"\n".join(lines) + b"\n"


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "streams", "replay", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def alerts(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def said(output: bytes) -> list[tuple[str, str]]:
    return [(a["rule"], a["event"]) for a in alerts(output)]


DARK_AND_LIT = [
    ("went_dark", "opened"),
    ("went_dark", "closed"),
    ("lit_up", "opened"),
    ("overdue_arrival", "opened"),
]


def test_prints_alerts_and_nothing_else_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "night.nmea").write_bytes(night())
    one, other = run(str(tmp_path / "night.nmea")), run(str(tmp_path / "night.nmea"))
    assert one.returncode == 0
    assert one.stderr == b"hullwatch: 345 lines: 345 accepted; 20 reports of watched hulls, 4 alert records\n"
    assert said(one.stdout) == DARK_AND_LIT
    assert one.stdout == other.stdout


def test_reads_standard_input_and_every_compression(tmp_path: Path) -> None:
    plain = run("-", stdin=night()).stdout
    assert said(plain) == DARK_AND_LIT
    (tmp_path / "a.gz").write_bytes(gzip.compress(night()))
    (tmp_path / "b.zst").write_bytes(zstandard.ZstdCompressor().compress(night()))
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("night.nmea", night())
    for file in ("a.gz", "b.zst", "c.zip"):
        assert run(str(tmp_path / file)).stdout == plain, file
    assert run("-", stdin=gzip.compress(night())).stdout == plain


def test_several_files_are_one_feed_in_the_order_of_their_first_times(tmp_path: Path) -> None:
    lines = night().splitlines(keepends=True)
    (tmp_path / "whole").write_bytes(night())
    (tmp_path / "2-first-half").write_bytes(b"".join(lines[:30]))
    (tmp_path / "1-second-half").write_bytes(b"".join(lines[30:]))
    whole = run(str(tmp_path / "whole")).stdout
    assert said(whole) == DARK_AND_LIT
    assert run(str(tmp_path / "1-second-half"), str(tmp_path / "2-first-half")).stdout == whole


def test_several_feeds_are_merged_by_arrival(tmp_path: Path) -> None:
    """The second feed hears her in the middle of what would be a silence."""
    (tmp_path / "shore").write_bytes(night(silent_min=50))
    ways = [(m * MINUTE, position(ANGARA, 40.0, 131.0 + m / 600)) for m in range(0, 70, 5)]
    buoy = [tagged(sentence, at("08:00:00") + after, "buoy") for after, sentence in ways]
    (tmp_path / "buoy").write_bytes(b"\n".join(buoy))
    alone = run("--feed", f"shore={tmp_path}/shore")
    both = run("--feed", f"shore={tmp_path}/shore", "--feed", f"buoy={tmp_path}/buoy")
    assert said(alone.stdout) == DARK_AND_LIT
    assert (both.returncode, both.stdout) == (0, b"")


def test_counts_each_line_once(tmp_path: Path) -> None:
    spoilt = tagged(report(ANGARA), at("08:00:05"))[:-1] + b"G"
    wrong_sum = report(ANGARA)[:-2] + b"00"
    lines = [
        *night().splitlines(),
        night().splitlines()[-6],  # hers
        b"$GPGGA,1",
        b"# a comment",
        b"",
        wrong_sum,
        spoilt,
        b"!AIVDM,2,1,7,A,x,0*00",
    ]
    done = run("-", "--stats", str(tmp_path / "stats"), stdin=b"\n".join(lines))
    stats = json.loads((tmp_path / "stats").read_text())
    assert done.returncode == 0
    assert stats["lines"] == len(lines)
    rejected = stats["rejected"]
    assert stats["lines"] == stats["accepted"] + stats["duplicate"] + stats["other"] + sum(rejected.values())
    assert (stats["duplicate"], stats["other"], rejected) == (1, 3, {"checksum": 2, "incomplete": 1})
    assert stats["alerts"] == {"went_dark": 2, "lit_up": 1, "overdue_arrival": 1}
    assert stats["reports"] == 20


def test_watches_every_ship_that_is_heard() -> None:
    other = night(mmsi=311_000_111)
    assert run("-", stdin=other).stdout == b""
    everyone = alerts(run("-", "--watch-all", stdin=other).stdout)
    assert [(a["rule"], a["hull"]["id"]) for a in everyone] == [
        ("went_dark", "mmsi-311000111"),
        ("went_dark", "mmsi-311000111"),
        ("lit_up", "mmsi-311000111"),
        ("overdue_arrival", "mmsi-311000111"),
    ]


def test_reads_another_watchlist(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,mmsi,name\nmy-hull,311000111,OTHER\n")
    mine = alerts(run("-", "--watchlist", str(tmp_path / "mine.csv"), stdin=night(mmsi=311_000_111)).stdout)
    assert {(a["hull"]["id"], a["hull"]["name"]) for a in mine} == {("my-hull", "OTHER")}


def test_lines_without_a_time_need_to_be_told_when_they_begin(tmp_path: Path) -> None:
    lines = position(ANGARA, 40.0, 131.0) + b"\n"
    stats = tmp_path / "stats"
    untold = run("-", "--stats", str(stats), stdin=lines)
    assert untold.returncode == 1
    assert b"1 lines: 0 accepted, 1 no_time; expected lines that name their time, or --start TIME" in untold.stderr
    assert json.loads(stats.read_text())["rejected"] == {"no_time": 1}
    assert run("-", "--stats", str(stats), "--start", "2024-02-03T08:00:00Z", stdin=lines).returncode == 0
    assert json.loads(stats.read_text())["accepted"] == 1


@pytest.mark.parametrize("text", [b"", b"# a list of ships\n"])
def test_where_nothing_is_accepted_it_says_what_was_expected(text: bytes) -> None:
    done = run("-", stdin=text)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"0 accepted; expected AIS sentences, or rows of a NOAA or traj archive" in done.stderr


def test_prints_a_table_that_names_cannot_steer(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text('mmsi,name\n273210440,"ANG\x1b[31mARA"\n')
    done = run("-", "--format", "table", "--watchlist", str(tmp_path / "mine.csv"), stdin=night())
    assert b"\x1b" not in done.stdout + done.stderr
    good = run("-", "--format", "table", stdin=night()).stdout.decode().splitlines()
    assert len(good) == 4
    assert "critical" in good[2]
    assert "ANGARA lit up after 46 min of silence" in good[2]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "expected at least one file"),
        (["nowhere.nmea"], "nowhere.nmea: expected a file that exists"),
        (["-", "-"], "expected standard input once"),
        (["-", "--config", "nowhere"], "nowhere"),
        (["-", "--watchlist", "nowhere.csv"], "nowhere.csv"),
        (["-", "--stats", "no/such/folder"], "no/such/folder"),
    ],
)
def test_wrong_arguments_are_told_in_one_line_and_exit_with_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(*arguments, stdin=night())
    assert done.returncode == 2
    assert told in done.stderr.decode()
    assert len(done.stderr.decode().strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", [["--start", "yesterday", "-"], ["--feed", "noequals"], ["--format", "xml", "-"]])
def test_arguments_that_do_not_parse_exit_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["replay", *arguments])
    assert stopped.value.code == 2


def test_a_file_that_breaks_off_is_told_after_what_it_held(tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(night() * 1, mtime=0)[:-9])
    done = run(str(tmp_path / "cut.gz"))
    assert done.returncode == 1
    assert b"expected a whole compressed file" in done.stderr


def test_sentences_and_rows_do_not_mix_in_one_feed(tmp_path: Path) -> None:
    (tmp_path / "a.nmea").write_bytes(night())
    (tmp_path / "b.csv").write_text("MMSI,BaseDateTime,LAT,LON\n273210440,2024-02-03T08:00:00,40,131\n")
    done = run(str(tmp_path / "a.nmea"), str(tmp_path / "b.csv"))
    assert done.returncode != 0
    assert b"expected files of one kind" in done.stderr


def test_decoded_rows_raise_the_same_alerts(tmp_path: Path) -> None:
    rows = ["MMSI,BaseDateTime,LAT,LON,SOG,COG"]
    for minute in [*range(10), *range(60, 70)]:
        rows.append(f"{ANGARA},2024-02-03T{8 + minute // 60:02}:{minute % 60:02}:00,40.0,{131 + minute / 600},10,90")
    for n in range(5):
        times = ((m, f"2024-02-03T{8 + m // 60:02}:{m % 60:02}:30") for m in range(70))
        rows += [f"44000000{n},{when},40.0{n},{131 + m / 600},10,90" for m, when in times]
    (tmp_path / "night.csv").write_text("\n".join(rows) + "\n")
    assert said(run(str(tmp_path / "night.csv")).stdout) == DARK_AND_LIT


@needs_recordings
@pytest.mark.parametrize("file", [*recorded("nmea"), DATA / "decoded" / "noaa_NYHarbor_2020-06-30_first_hour.csv.gz"])
def test_every_recording_is_read_to_its_end_and_accounted_for(file: Path, tmp_path: Path) -> None:
    done = run(str(file), "--start", "2018-11-01T00:00:00Z", "--stats", str(tmp_path / "stats"))
    assert done.returncode == 0
    stats = json.loads((tmp_path / "stats").read_text())
    rejected = sum(stats["rejected"].values())
    assert stats["lines"] == stats["accepted"] + stats["duplicate"] + stats["other"] + rejected
    assert stats["accepted"] > 0
    assert rejected < 0.15 * stats["lines"]


def test_the_default_folder_is_the_angara_case() -> None:
    assert (DEFAULT_FOLDER / "watchlist.csv").read_text().count("9179842") == 1
