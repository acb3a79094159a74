"""Ships that jump: of all traffic, those whose positions go on where they cannot have sailed.

    last fix of an interval too far from that before it --> suspect --three agree there------> jumped
                                                              |---her own track goes on-----> two ships, or a repeat
                                                              '---ten minutes without news--> forgotten

It is the question that is asked of watched hulls (alerts/core/quarantine.py), here of the few ships whom the columns of
an interval give away: what is there and back within one is none.  Of two ships that use one number both tracks are kept
while the other is heard within the hour, and followed only now and then.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from alerts.core.cover import BEACON
from alerts.core.going import COPY_MS
from alerts.core.heard import Heard
from alerts.core.instants import HOUR, INTERVAL, MINUTE, Instant
from alerts.core.intervals import Jump
from alerts.core.quarantine import FASTEST_KN, SLACK_NM, Other, agree, apart_nm, judged
from streams.ingest.fixes import fix_of
from streams.ingest.fleet import SAID
from streams.ingest.sailing import SHIP, Ships
from streams.ingest.ships import MISSED_FOR_MS, in_order
from streams.ingest.usual import Numbers, mmsis_at

FORGOTTEN_MS, QUIET_MS = 10 * MINUTE, 10 * MINUTE
MOST = 5_000
"""Suspects on one partition: those with the lowest numbers."""
_DEGREE_NM = 60.1
_ROW = np.dtype({"names": ["first", "mmsi"], "formats": ["u1", "<u4"], "offsets": [0, 2], "itemsize": SAID.itemsize})


@dataclass(frozen=True, slots=True)
class Suspect:
    """`fix` is her last, `others` are tracks that are not hers; so until then, and not followed before `asked_from`."""

    fix: Heard
    others: tuple[Other, ...] = ()
    until: Instant = 0
    asked_from: Instant = 0


Suspects = dict[int, Suspect]
"""By MMSI."""


class Passed(NamedTuple):
    """After an interval."""

    suspects: Suspects
    jumps: list[Jump]


def passed(suspects: Suspects, strayed: list[Heard], said: bytes, end: Instant) -> Passed:
    """The interval that ends at `end`: `said` is what was heard in it, `strayed` who gave herself away."""
    known = {mmsi: one for mmsi, one in suspects.items() if one.until > end - INTERVAL}
    asked = {mmsi: one for mmsi, one in known.items() if one.asked_from < end}
    asked |= {fix.mmsi: Suspect(fix) for fix in strayed if fix.mmsi not in known}
    if not asked:
        return Passed(known, [])
    jumps: list[Jump] = []
    for mmsi, heard in _said_by(said, sorted(asked)).items():
        known[mmsi] = _followed(asked[mmsi], heard, end, jumps)
    kept = sorted(mmsi for mmsi, one in known.items() if one.until > end)[:MOST]
    return Passed({mmsi: known[mmsi] for mmsi in kept}, jumps)


def strayed(before: bytes, after: bytes, end: Instant) -> list[Heard]:
    """The last fixes before the interval of the ships that are too far from them at its end: all ships (ships.py)."""
    known, now = _both(np.frombuffer(before, SHIP), np.frombuffer(after, SHIP))
    degrees = np.abs(now["lat"] - known["lat"]) + np.abs(now["lon"] - known["lon"])
    far = is_far(degrees, now["at"] - known["at"])
    if not far.any():
        return []
    far &= (now["kind"] != BEACON) & (known["at"] >= end - INTERVAL - MISSED_FOR_MS)
    rows = zip(known[far].tolist(), now[far].tolist(), strict=True)
    pairs = [(bare_fix(*old[:4]), bare_fix(*new[:4])) for old, new in rows]
    return [old for old, new in pairs if not agree(old, new)]


def is_far(degrees: Any, after_ms: Any) -> Any:
    """Whether it is further than a ship can have sailed: of one, or of a column of them."""
    return degrees * _DEGREE_NM > SLACK_NM + FASTEST_KN / HOUR * after_ms


def _both(before: Ships, after: Ships) -> tuple[Ships, Ships]:
    """The ships that were known before and are still, side by side: mostly these are all."""
    if len(before) == len(after) and (before["mmsi"] == after["mmsi"]).all():
        return before, after
    _, old, new = np.intersect1d(before["mmsi"], after["mmsi"], assume_unique=True, return_indices=True)
    return before[old], after[new]


def bare_fix(mmsi: int, at: Instant, lat: float, lon: float) -> Heard:
    """One of any ship, as quarantine.py knows them."""
    return Heard(at, "", "", mmsi, 1, lat, lon)


def _said_by(said: bytes, mmsis: list[int]) -> dict[int, list[Heard]]:
    """What each of them said, once, in the order of time and content."""
    wanted, of = np.array(mmsis, np.int64), _mmsis(said)
    found = wanted[np.minimum(np.searchsorted(wanted, of), len(wanted) - 1)] == of
    mine = np.frombuffer(said, SAID)[found].tobytes()
    told: dict[int, list[Heard]] = {}
    for at, key in in_order(mine):
        if (fix := fix_of(key)) is not None:
            told.setdefault(fix.mmsi, []).append(bare_fix(fix.mmsi, at, fix.lat, fix.lon))
    return told


def _mmsis(said: bytes) -> Numbers:
    """Whose each key is (fixes.py): a row of an archive, or a payload."""
    rows = np.frombuffer(said, _ROW)
    return np.where(rows["first"] == 0, rows["mmsi"], mmsis_at(said, np.arange(len(rows)) * SAID.itemsize))


def _followed(suspect: Suspect, said: list[Heard], end: Instant, jumps: list[Jump]) -> Suspect:
    """After what she said in the interval that ends at `end`; `jumps` gets what is found."""
    fix, others = suspect.fix, suspect.others
    for heard in said:
        if any(_is_copy(heard, last) for last in (fix, *(other.last for other in others))):
            continue
        found = judged(fix, others, heard)
        if len(found.follow) > 1:
            first = found.follow[0]
            jumps.append(Jump(end, heard.mmsi, first.at, first.where, fix.where))
        fix, others = found.follow[-1] if found.follow else fix, found.others
    until = max((other.last.at + (HOUR if other.beside else FORGOTTEN_MS) for other in others), default=end)
    both = any(other.beside and other.last.at >= end - INTERVAL for other in others)
    return Suspect(fix, others, until, end + QUIET_MS if both else end)


def _is_copy(heard: Heard, last: Heard) -> bool:
    """By another station, or one of a pair: of the same track, for a repeat of what is old can come as soon."""
    return heard.at - last.at < COPY_MS and apart_nm(heard, last) <= SLACK_NM
