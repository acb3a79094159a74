import csv
import io
from contextlib import suppress
from string import ascii_letters, ascii_uppercase

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.core.hull import Hull
from alerts.watchlist.entries import COLUMNS, parse
from alerts.watchlist.flaws import WrongFileError

ANGARA = Hull("imo-9179842", 9179842, 273210440, "ANGARA", "UBYT2", "US list, 8 May 2022")


def cell(hull: Hull, column: str) -> object:
    value = getattr(hull, column)
    return ("no", "yes")[value] if isinstance(value, bool) else value


def written(hulls: list[Hull], columns: tuple[str, ...] = COLUMNS) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([columns, *([cell(hull, column) for column in columns] for hull in hulls)])
    return out.getvalue()


def wrong(text: str) -> list[str]:
    with pytest.raises(WrongFileError) as refused:
        parse(text)
    return [str(flaw) for flaw in refused.value.flaws]


@pytest.mark.parametrize(
    "text",
    [
        'imo,mmsi,name,call_sign,reason\n9179842,273210440,ANGARA,UBYT2,"US list, 8 May 2022"\n',
        'reason,call_sign,name,mmsi,imo,id\r\n"US list, 8 May 2022",ubyt2,ANGARA,273210440,9179842,\r\n\r\n',
        ' IMO , Mmsi ,NAME,call_sign,reason\n\n , ,\nIMO 9179842,273210440, ANGARA ,UBYT2,"US list,\n 8 May 2022"',
    ],
    ids=["plain", "other order and line ends", "spaces, blank lines, a line break in quotes"],
)
def test_a_row_is_a_hull(text: str) -> None:
    assert parse(text) == (ANGARA,)


@pytest.mark.parametrize(
    ("text", "hull"),
    [
        ("imo\n9179842", Hull("imo-9179842", 9179842)),
        ("mmsi\n273210440", Hull("mmsi-273210440", mmsi=273210440)),
        ("id,mmsi\nblack.pearl-2,273210440", Hull("black.pearl-2", mmsi=273210440)),
        ("imo,mmsi\n9179842", Hull("imo-9179842", 9179842)),
        ("imo,name\n9179842,Ангара 🚢", Hull("imo-9179842", 9179842, name="Ангара 🚢")),
        ("mmsi\n201000000", Hull("mmsi-201000000", mmsi=201000000)),
        ("mmsi\n775999999", Hull("mmsi-775999999", mmsi=775999999)),
    ],
)
def test_what_a_row_leaves_out_is_unknown(text: str, hull: Hull) -> None:
    assert parse(text) == (hull,)


def test_a_list_may_be_empty_but_for_its_header() -> None:
    assert parse("imo\n") == ()


@pytest.mark.parametrize(
    ("text", "flaws"),
    [
        ("", ["line 1: expected a header with imo, mmsi or both among its columns"]),
        ("name\nANGARA", ["line 1: expected a header with imo, mmsi or both among its columns"]),
        (
            "imo,nane\n",
            ["line 1: expected only the columns id,imo,mmsi,name,call_sign,reason,habitually_dark, got 'nane'"],
        ),
        (
            "imo;mmsi\n",
            ["line 1: expected only the columns id,imo,mmsi,name,call_sign,reason,habitually_dark, got 'imo;mmsi'"],
        ),
        ("imo,imo\n", ["line 1: expected each column once, got 'imo,imo'"]),
        (
            "\n\nimo,x\n",
            ["line 3: expected only the columns id,imo,mmsi,name,call_sign,reason,habitually_dark, got 'x'"],
        ),
        ("imo\n9179843", ["line 2: imo: expected an IMO number whose last digit checks (here 2), got '9179843'"]),
        ("imo\n917984", ["line 2: imo: expected an IMO number of seven digits, got '917984'"]),
        ("imo\n917984\uff12", ["line 2: imo: expected an IMO number of seven digits, got '917984\uff12'"]),
        ("imo\n9179842.0", ["line 2: imo: expected an IMO number of seven digits, got '9179842.0'"]),
        *(
            (
                f"mmsi\n{mmsi}",
                [
                    "line 2: mmsi: expected a ship's MMSI, nine digits of which the first three are 201 to 775, "
                    f"got '{mmsi}'"
                ],
            )
            for mmsi in ("200999999", "776000000", "27321044", "2732104400", "2.7321E+08")
        ),
        ("imo,mmsi\n,\nx", ["line 3: imo: expected an IMO number of seven digits, got 'x'"]),
        ("name,mmsi\nANGARA,", ["line 2: expected an imo, an mmsi or both"]),
        ("imo\n9179842,1", ["line 2: expected 1 values as in the header, got 2"]),
        (
            "id,imo\na b,9179842",
            ["line 2: id: expected at most 64 letters, digits, '.', '-' and '_', a letter or digit first, got 'a b'"],
        ),
        ("imo,call_sign\n9179842,U", ["line 2: call_sign: expected a call sign of 3 to 7 letters and digits, got 'U'"]),
        (
            "imo,name\n9179842,A\x1b[2J",
            ["line 2: name: expected at most 500 characters that can be printed, got 'A\\x1b[2J'"],
        ),
        (
            "imo,name\n9179842,a\u202eb",
            ["line 2: name: expected at most 500 characters that can be printed, got 'a\\u202eb'"],
        ),
        ('imo,name\n9179842,"ANGARA', ["line 2: expected comma-separated values (unexpected end of data)"]),
        ('imo,name\n9179842,"A"B', ["line 2: expected comma-separated values (',' expected after '\"')"]),
        ("imo\n" + "9" * 200_000, ["line 2: expected comma-separated values (field larger than field limit (131072))"]),
        ("mmsi\n273210440\n\n273210440", ["line 4: id: expected one of its own, mmsi-273210440 is also on line 2"]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, flaws: list[str]) -> None:
    assert wrong(text)[: len(flaws)] == flaws


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = 'imo,mmsi,name\n9179843,1,A\n9179842,273210440,"two\nlines"\nx,,\n9179842,,\n'
    assert [flaw.split(":")[0] for flaw in wrong(text)] == ["line 2", "line 2", "line 5", "line 6", "line 6"]


@pytest.mark.parametrize(("cell", "flagged"), [("yes", True), ("YES", True), ("no", False), ("", False)])
def test_a_hull_may_be_habitually_dark(cell: str, flagged: bool) -> None:
    (hull,) = parse(f"imo,habitually_dark\n9179842,{cell}\n")
    assert hull.habitually_dark is flagged


def test_habitually_dark_is_yes_or_no() -> None:
    assert wrong("imo,habitually_dark\n9179842,often\n") == ["line 2: habitually_dark: expected yes or no, got 'often'"]


def test_a_number_or_an_id_has_one_owner() -> None:
    assert wrong("imo,mmsi,id\n9179842,273210440,\n8517839,273210440,\n") == [
        "line 3: mmsi: expected one of its own, 273210440 is also on line 2"
    ]
    assert wrong("imo,mmsi,id\n9179842,,\n8517839,,imo-9179842\n") == [
        "line 3: id: expected one of its own, imo-9179842 is also on line 2"
    ]


def test_two_hulls_without_an_mmsi_do_not_claim_the_same() -> None:
    assert len(parse("imo,mmsi\n9179842,\n8517839,\n")) == 2


def imo(first_six: int) -> int:
    return first_six * 10 + sum(int(digit) * (7 - n) for n, digit in enumerate(str(first_six))) % 10


words = st.text(max_size=60).map(lambda text: " ".join(text.split())).filter(str.isprintable).map(lambda t: t or None)
ids = st.text(ascii_letters + "0123456789._-", min_size=1, max_size=64).filter(lambda text: text[0] not in "._-")
signs = st.text(ascii_uppercase + "0123456789", min_size=3, max_size=7)
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def hull(draw: st.DrawFn) -> Hull:
    number = draw(st.none() | st.integers(100_000, 999_999).map(imo))
    mmsi = draw(st.integers(201_000_000, 775_999_999) | (st.none() if number else st.nothing()))
    own = f"imo-{number}" if number else f"mmsi-{mmsi}"
    return Hull(
        draw(st.just(own) | ids), number, mmsi, draw(words), draw(st.none() | signs), draw(words), draw(st.booleans())
    )


def claims(one: Hull) -> set[object]:
    return {("id", one.id), *((("imo", one.imo),) if one.imo else ()), *((("mmsi", one.mmsi),) if one.mmsi else ())}


@unhurried
@given(st.lists(hull(), max_size=8), st.permutations(COLUMNS))
def test_what_is_written_is_read_again(hulls: list[Hull], columns: list[str]) -> None:
    apart: list[Hull] = []
    for one in hulls:
        if not any(claims(one) & claims(other) for other in apart):
            apart.append(one)
    assert parse(written(apart, tuple(columns))) == tuple(apart)


@unhurried
@given(st.text(alphabet=st.sampled_from('imos,;"\n\r 0123456789x\x00\ufeff'), max_size=200))
def test_no_text_is_more_than_wrong(text: str) -> None:
    for given_text in (text, f"imo,mmsi\n{text}"):
        with suppress(WrongFileError):
            parse(given_text)
