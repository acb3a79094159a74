import json
import re
from email import message_from_bytes, policy

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.core.alert import Event, Place, Position
from alerts.core.frozen import replace
from alerts.core.hull import Hull
from alerts.core.instants import parse_rfc3339
from alerts.delivery.email import letter
from alerts.delivery.messages import Message, Sent, line, plain, subject, text
from alerts.delivery.slack import payload
from alerts.routing.destinations import Mail
from tests.alerts.routing.samples import ANGARA, alert

MAIL = Mail("mail.example.org", 25, "hullwatch@example.org", "watch@example.org", "none")
NOW = parse_rfc3339("2024-01-05T12:31:02Z")
TRICKS = [
    "<SCRIPT SRC=//X.CO>",
    '=HYPERLINK("//X.CO")',
    "<!channel> <!here>",
    "@channel",
    "<@U123|BOSS>",
    "*~_`ANGARA`_~*",
    "HTTPS://EVIL.EXAMPLE",
    "WWW.EVIL.EXAMPLE",
    "A\r\nBcc: all@example.org",
    "A\n\n--x\nContent-Type: text/html",
    "\u202eARAGNA\u202c",
    "ANG\u200bARA\x00\x07",
    "&amp;&lt;",
    "\ud800",
    "=?utf-8?q?x?=",
]
hostile = st.one_of(st.sampled_from(TRICKS), st.text(max_size=40), st.lists(st.sampled_from(TRICKS)).map(" ".join))


def message(name: str = "ANGARA", corrects: Sent | None = None, **changes) -> Message:
    told = alert(**{"hull": replace(ANGARA, name=name), **changes})
    return Message("ops", told, b"{}", subject(told), corrects)


def test_the_subject_says_who_and_what_and_stays_the_same_for_the_whole_episode() -> None:
    assert subject(alert()) == "[hullwatch] ANGARA (IMO 9179842): went_dark"
    closed = alert(revision=3, event=Event.CLOSED, summary="She is back", position=Position(34.7, 129.2))
    assert subject(closed) == subject(alert())


@pytest.mark.parametrize(
    ("hull", "expected"),
    [
        (Hull("mmsi-273210440", None, 273210440, None), "[hullwatch] MMSI 273210440: went_dark"),
        (Hull("h1", None, None, "MARIA", "UBYT2"), "[hullwatch] MARIA (h1): went_dark"),
    ],
)
def test_a_ship_without_an_imo_number_is_named_by_what_is_known(hull: Hull, expected: str) -> None:
    assert subject(alert(hull=hull)) == expected


def test_an_outage_is_about_ourselves() -> None:
    assert subject(alert(hull=None, rule="outage", position=None)) == "[hullwatch] about ourselves: outage"


def test_what_is_of_no_ship_is_named_by_where_it_is() -> None:
    jump = alert(hull=None, rule="gnss_interference")
    assert subject(jump) == "[hullwatch] 42° 09.00' N 130° 21.00' E: gnss_interference"


def test_the_text_says_what_happened_when_where_and_what_it_corrects() -> None:
    told = message(
        corrects=Sent(0, parse_rfc3339("2024-01-05T12:31:05Z")),
        revision=1,
        event=Event.AMENDED,
        place=Place("rajin", "Rajin", "port", "left"),
        cause="feed.outage.1",
    )
    assert text(told).split("\n") == [
        "warning: went_dark, amended",
        "ANGARA has been silent for 31 min",
        "",
        "Ship: ANGARA, IMO 9179842, MMSI 273210440, call sign UBYT2",
        "Watched because: carried munitions from Rajin",
        "Place: Rajin (port), left",
        "Position: 42\u00b0 09.00' N 130\u00b0 21.00' E",
        "Happened: 2024-01-05 12:00:00 UTC",
        "Known: 2024-01-05 12:31:00 UTC",
        "Explained by: feed.outage.1",
        "Episode: imo-9179842.went_dark.20240105T120000Z, revision 1",
        "Corrects the message of 2024-01-05 12:31:05 UTC (revision 0)",
    ]


def test_a_retraction_shouts() -> None:
    assert text(message(event=Event.RETRACTED)).startswith("RETRACTED: went_dark was not so\n")


@pytest.mark.parametrize(
    ("position", "shown"),
    [
        (Position(-33.999999, -0.00001), "34\u00b0 00.00' S 0\u00b0 00.00' W"),
        (Position(0.0, 180.0), "0\u00b0 00.00' N 180\u00b0 00.00' E"),
    ],
)
def test_a_position_is_degrees_and_minutes(position: Position, shown: str) -> None:
    assert f"Position: {shown}\n" in text(message(position=position))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("HTTP://X.CO", "HTTP[:]//X[.]CO"),
        ("WWW.X.CO.UK", "WWW[.]X.CO[.]UK"),
        ("BOSS@X.COM", "BOSS(at)X[.]COM"),
        ("0.5 kn. Then", "0.5 kn. Then"),
        ("A\r\nB\tC", "A B C"),
        ("X" * 70, "X" * 59 + "\u2026"),
    ],
)
def test_what_a_program_would_make_a_link_of_is_broken(name: str, shown: str) -> None:
    assert plain(name) == shown


@given(hostile, hostile, hostile)
def test_no_name_can_do_anything_in_slack(name: str, summary: str, place: str) -> None:
    told = message(name, summary=summary, place=Place("z", place, "port", "entered"))
    sent = json.loads(json.dumps(payload(told)))
    (block,) = sent["blocks"]
    assert block["text"]["type"] == "plain_text"
    assert len(block["text"]["text"]) >= 1
    for said in (sent["text"], block["text"]["text"]):
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", said)
        assert "@" not in said
        assert "://" not in said


@given(hostile, hostile, hostile, hostile)
@example("\u00a1 \u00a1", "", "", "0000000000\u00a1\u00a1\u00a1 \u00a1")
@example("\ud800", "", "", "0000000000\u00a1\u00a1\u00a1 \u00a1")
@example("\ud7fc", "", "", "r")
@example("A" * 60, "", "", "B" * 60)
def test_no_name_can_write_a_header_or_a_second_part_of_a_mail(name: str, summary: str, reason: str, key: str) -> None:
    told = message(summary=summary, hull=replace(ANGARA, name=name, reason=reason), rule=key or "r")
    raw = letter(told, MAIL, "0" * 32, NOW).as_bytes()
    mail = message_from_bytes(raw, policy=policy.default)
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert mail["To"] == "watch@example.org"
    assert mail.get_content_type() == "text/plain"
    assert not mail.is_multipart()
    assert mail["Subject"] == told.subject
    assert max(map(len, raw.split(b"\r\n"))) <= 78


@given(hostile, hostile)
def test_every_field_stays_on_its_line(name: str, summary: str) -> None:
    assert len(text(message(name, summary=summary)).split("\n")) == len(text(message()).split("\n"))
    assert len(line(message(name, summary=summary)).splitlines()) == 1


def test_all_mails_of_an_episode_are_one_thread() -> None:
    first = letter(message(), MAIL, "a" * 32, NOW)
    second = letter(message(revision=1), MAIL, "b" * 32, NOW)
    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert first["Subject"] == second["Subject"]
    assert first["Message-ID"] == f"<{'a' * 32}@example.org>" != second["Message-ID"]
    other = letter(message(id="imo-9179842.went_dark.20240206T120000Z"), MAIL, "c" * 32, NOW)
    assert other["References"] != first["References"]


def test_a_message_names_what_it_explains_and_of_a_fleet_the_first() -> None:
    told = alert(rule="outage", hull=None)
    names = ("ANGARA (IMO 9179842): went_dark", "<SCRIPT SRC=//X.CO>\n: went_dark")
    shown = text(Message("ops", told, b"{}", subject(told), explains=names))
    assert "\nExplains, and takes back: ANGARA (IMO 9179842): went_dark, <SCRIPT SRC=//X[.]CO> : went_dark\n" in shown
    many = text(Message("ops", told, b"{}", subject(told), explains=("X: went_dark",) * 60))
    assert many.count("X: went_dark") == 50
    assert " and 10 more\n" in many
