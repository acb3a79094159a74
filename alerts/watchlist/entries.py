"""The watchlist file (CSV) as hulls.

    imo,mmsi,name,call_sign,reason,id
    9179842,273210440,ANGARA,UBYT2,"US list, 8 May 2022",

The header names the columns: any of them, in any order.  A row has an IMO number or an MMSI at least.  A hull's `id` is
given once and never changed; without one it is `imo-N`, else `mmsi-N`.  `habitually_dark` is `yes` or `no` (or nothing:
no): her first report ever, or in seven days, lights her up.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.core.hull import Hull
from alerts.routing.table import RouteError
from alerts.watchlist.flaws import Flaws

COLUMNS = ("id", "imo", "mmsi", "name", "call_sign", "reason", "habitually_dark")
ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
ID_EXPECTED = "at most 64 letters, digits, '.', '-' and '_', a letter or digit first"
PRINTABLE = "at most 500 characters that can be printed"
MID_FIRST, MID_LAST = 201, 775
"""The first three digits of a ship's MMSI: her flag (ITU, table of maritime identification digits)."""


def parse(text: str) -> tuple[Hull, ...]:
    """The hulls in the file's order; raises WrongFileError with all that is wrong."""
    flaws, entries = Flaws(), list[_Entry]()
    with flaws.noted():
        rows = _rows(text)
        columns = _columns(*next(rows, (1, [])))
        for line, cells in rows:
            with flaws.noted():
                entries += _entry(line, columns, cells, flaws)
    flaws.found += _claimed_twice(entries)
    flaws.refuse()
    return tuple(entry.hull for entry in entries)


def is_printable(text: str) -> bool:
    """Short enough, and without characters that steer a terminal or turn the direction of reading."""
    return text.isprintable() and len(text) <= 500


@dataclass(frozen=True, slots=True)
class _Entry:
    line: int
    hull: Hull


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise RouteError(f"line {line}", f"comma-separated values ({error})") from None


def _columns(line: int, cells: list[str]) -> tuple[str, ...]:
    names = tuple(cell.strip().lower() for cell in cells)
    for name in names:
        if name not in COLUMNS:
            raise RouteError(f"line {line}", f"only the columns {','.join(COLUMNS)}, got {name!r:.60}")
    if len(set(names)) < len(names):
        raise RouteError(f"line {line}", f"each column once, got {','.join(names)!r}")
    if not {"imo", "mmsi"} & set(names):
        raise RouteError(f"line {line}", "a header with imo, mmsi or both among its columns")
    return names


def _entry(line: int, columns: Sequence[str], cells: list[str], flaws: Flaws) -> Iterator[_Entry]:
    """The row's entry, or none and as many flaws as it has."""
    if len(cells) > len(columns):
        raise RouteError(f"line {line}", f"{len(columns)} values as in the header, got {len(cells)}")
    so_far = len(flaws.found)
    values = _values(line, columns, cells, flaws)
    if len(flaws.found) > so_far:
        return
    if values.get("imo") is None and values.get("mmsi") is None:
        raise RouteError(f"line {line}", "an imo, an mmsi or both")
    yield _Entry(line, Hull(**values | {"id": values.get("id") or _own_id(values)}))


def _values(line: int, columns: Sequence[str], cells: list[str], flaws: Flaws) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        text = " ".join(cell.split())
        try:
            if text or column != "habitually_dark":
                values[column] = _READERS[column](text) if text else None
        except ValueError as error:
            flaws.note(f"line {line}: {column}", f"{error}, got {text!r:.60}")
    return values


def _own_id(values: dict[str, Any]) -> str:
    return f"imo-{values['imo']}" if values.get("imo") else f"mmsi-{values['mmsi']}"


def _id(text: str) -> str:
    if not re.fullmatch(ID_PATTERN, text):
        raise ValueError(ID_EXPECTED)
    return text


def _imo(text: str) -> int:
    """IMO resolution A.1117(30): the last digit checks the first six, weighted 7 to 2."""
    digits = re.sub(r"(?i)^imo ?", "", text)
    if not re.fullmatch(r"[1-9][0-9]{6}", digits):
        raise ValueError("an IMO number of seven digits")
    check = sum(int(digit) * (7 - n) for n, digit in enumerate(digits[:6])) % 10
    if int(digits[6]) != check:
        raise ValueError(f"an IMO number whose last digit checks (here {check})")
    return int(digits)


def _mmsi(text: str) -> int:
    if not re.fullmatch(r"[0-9]{9}", text) or not MID_FIRST <= int(text[:3]) <= MID_LAST:
        raise ValueError(f"a ship's MMSI, nine digits of which the first three are {MID_FIRST} to {MID_LAST}")
    return int(text)


def _call_sign(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{3,7}", text):
        raise ValueError("a call sign of 3 to 7 letters and digits")
    return text.upper()


def _words(text: str) -> str:
    if not is_printable(text):
        raise ValueError(PRINTABLE)
    return text


def _yes_or_no(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("yes or no")
    return text.lower() == "yes"


_READERS: dict[str, Callable[[str], int | str]] = {
    "id": _id,
    "imo": _imo,
    "mmsi": _mmsi,
    "name": _words,
    "call_sign": _call_sign,
    "reason": _words,
    "habitually_dark": _yes_or_no,
}


def _claimed_twice(entries: Sequence[_Entry]) -> Iterator[RouteError]:
    first: dict[tuple[str, int | str], int] = {}
    for entry in entries:
        for claim in ("id", "imo", "mmsi"):
            value = getattr(entry.hull, claim)
            line = first.setdefault((claim, value), entry.line)
            if value is not None and line != entry.line:
                yield RouteError(f"line {entry.line}: {claim}", f"one of its own, {value} is also on line {line}")
