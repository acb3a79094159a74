"""What is news of few ships after an interval, one after the other: the same as jumps, fallen and ended say in columns.

Each looks at the ships before and after it; mostly there is none.
"""

from alerts.core.cover import BEACON, FELL_MS
from alerts.core.ended import Ended
from alerts.core.fallen import Fallen
from alerts.core.going import KNOWN_FROM, Going
from alerts.core.habit import SHORT_MS
from alerts.core.heard import Heard
from alerts.core.instants import INTERVAL, Instant
from alerts.core.quarantine import agree
from alerts.core.silence import SLOWED
from streams.ingest.ended import ended_row
from streams.ingest.fallen import fallen_row
from streams.ingest.jumps import bare_fix, is_far
from streams.ingest.ships import MISSED_FOR_MS, Ships, moves


def strayed(before: Ships, after: Ships, end: Instant) -> list[Heard]:
    """As jumps.strayed."""
    found = list[Heard]()
    for mmsi, (now, kind) in after.items():
        known, _ = before.get(mmsi, _NOBODY)
        if known is None or known is now or kind == BEACON or known.at < end - INTERVAL - MISSED_FOR_MS:
            continue
        if is_far(abs(now.lat - known.lat) + abs(now.lon - known.lon), now.at - known.at):
            old = bare_fix(mmsi, *known[:3])
            found += [] if agree(old, bare_fix(mmsi, *now[:3])) else [old]
    return found


def fallen(before: Ships, after: Ships, end: Instant) -> list[Fallen]:
    """As fallen.passed."""
    fell, back = list[Fallen](), list[Fallen]()
    for mmsi, (going, kind) in after.items():
        silent_ms = end - going.at
        if silent_ms <= INTERVAL:
            known, kind_before = before.get(mmsi, _NOBODY)
            if known and known.at < end - INTERVAL - FELL_MS and _under_way(known, kind_before):
                back.append(fallen_row(end, mmsi, *going[:3], True))
        elif FELL_MS < silent_ms <= FELL_MS + INTERVAL and _under_way(going, kind):
            fell.append(fallen_row(end, mmsi, *going[:3], False))
    return sorted(fell) + sorted(back)


def ended(before: Ships, after: Ships, end: Instant) -> list[Ended]:
    """As ended.ended."""
    begin = end - INTERVAL
    found = list[Ended]()
    for mmsi, (known, kind) in before.items():
        if not begin - MISSED_FOR_MS <= known.at < begin - SHORT_MS or known.at + known.late_ms >= begin:
            continue
        now, kind_now = after[mmsi]
        slowed = known.speed_kn < SLOWED * known.before_kn
        if now.at >= begin and kind_now != BEACON and _under_way(known, kind) and not slowed:
            found.append(ended_row(end, (mmsi, *known, kind), (mmsi, *now, kind_now), known.mean_gap_s))
    return sorted(found)


_NOBODY = (None, 0)


def _under_way(going: Going, kind: int) -> bool:
    return moves(going, kind) and going.reports >= KNOWN_FROM
