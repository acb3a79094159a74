"""Hypothesis worlds: two prompt feeds and a late one, times dense around the thresholds, disorder, gaps, ends."""

from __future__ import annotations

from hypothesis import strategies as st

from alerts.core.going import RECKONED_MS
from alerts.core.reports import Origin
from streams.ingest.ticks import TickState, on_time_record
from streams.sentences import TimeRecord
from tests.properties.chain import (
    BAND,
    CEILING,
    FAR,
    HULLS,
    IN,
    LAG,
    LATENESS,
    LIE,
    LIMIT,
    LOST,
    MIN,
    SILENCE,
    Dice,
    Item,
    Said,
)

STEPS = sorted(
    {
        0,
        MIN // 2,
        MIN,
        2 * MIN,
        3 * MIN,
        4 * MIN,
        LIMIT - MIN,
        LIMIT,
        LIMIT + 1,
        LIMIT + MIN,
        SILENCE - MIN,
        SILENCE,
        SILENCE + 1,
        SILENCE + MIN,
        SILENCE + 4 * MIN,
        CEILING + MIN,
        2 * SILENCE,
    }
)
LONG = RECKONED_MS + LAG + 5 * MIN
"""Out of cover by then, and what is known of the silence is kept in her memory."""
PROMPT = ("A", "B")
EVERY = 2 * MIN
"""A feed's time record, for every so much event time."""

DRAUGHTS_M = (None, None, 7.0, 7.0, 4.0)
"""By time and ship, not drawn: so a draw more costs the search nothing."""

WITNESSES = ((10, IN), (11, IN), (12, FAR), (13, FAR), (14, FAR))
"""Unwatched ships that move and say so every minute: MMSI, where."""
OTHER = 15
"""She lies beside m, until she leaves."""
Timed = tuple[int, Item | None]
"""(newest time of the feed, what it then said; None: a ship without a position, who only keeps the feed alive)."""


@st.composite
def said_by(draw: st.DrawFn, feed: str, disorder: bool, gaps: bool, spread: int) -> list[Timed]:
    """What one feed hears, in its order of arrival."""
    late = feed == "C"
    now, rows = draw(st.integers(0, 2 if not late else 20)) * MIN, []
    for _ in range(draw(st.integers(1 if feed == "A" else 0, 8))):
        step = draw(st.sampled_from(STEPS)) if draw(st.integers(0, 39)) else LONG
        if step > 4 * MIN and (not gaps or draw(st.booleans())):
            rows += [(now + s, None) for s in range(4 * MIN, step, 4 * MIN)]
        now += step
        rows.append((now, draw(said(feed, now, disorder, spread))))
    if rows and draw(st.booleans()):
        rows += [(now + s, None) for s in range(4 * MIN, 44 * MIN, 4 * MIN)]
    return rows


@st.composite
def said(draw: st.DrawFn, feed: str, now: int, disorder: bool, spread: int) -> Said:
    """One report, heard late by up to the feed's lateness."""
    back = draw(st.sampled_from([0, 0, MIN, spread - MIN])) if disorder else 0
    hull = draw(st.sampled_from(["h", "h", "k"]))
    mmsi = draw(st.sampled_from(HULLS[hull]))
    lon = draw(st.sampled_from([FAR, FAR, IN, IN, BAND, LOST, None]))
    speed_kn = draw(st.sampled_from([0.0, 1.0, 9.0, 9.0, 9.0]))
    draught_m = DRAUGHTS_M[(now // MIN + mmsi) % len(DRAUGHTS_M)]
    return Said(feed, max(0, now - back), hull, lon, speed_kn, mmsi, draught_m)


def accompanied(feed: str, rows: list[Timed], witnesses: int) -> list[Timed]:
    """The rows with the first so many witnesses among them, while the feed lives."""
    out: list[Timed] = []
    for (now, item), (then, _) in zip(rows, [*rows[1:], *rows[-1:]], strict=True):
        out.append((now, item))
        minutes = range(now + MIN // 2, then, MIN) if then - now <= 4 * MIN else ()
        out += [(t, Said(feed, t, "", lon, 9.0, mmsi)) for t in minutes for mmsi, lon in WITNESSES[:witnesses]]
    return out


def beside(feed: str, rows: list[Timed], leaves: int) -> list[Timed]:
    """The rows with m among them, and with the other beside her until she leaves, while the feed lives."""
    out: list[Timed] = []
    for (now, item), (then, _) in zip(rows, [*rows[1:], *rows[-1:]], strict=True):
        out.append((now, item))
        for t in range(now + MIN // 3, then, 2 * MIN) if then - now <= 4 * MIN else ():
            out.append((t, Said(feed, t, "m", LIE, 0.5, *HULLS["m"])))
            lon, kn = (LIE, 0.5) if t < leaves else (FAR, 9.0)
            out.append((t, Said(feed, t, "", lon, kn, OTHER)))
    return out


def with_time(
    feed: str, rows: list[Timed], end: int | None, ended: bool, witnesses: int = 0, leaves: int | None = None
) -> list[tuple[int, Item]]:
    """The rows with a time record wherever the feed's newest time has come further, and up to `end`.

    The first stands before all: a feed counts from its first time record, and what it says before is promised by none.
    """
    spread = LAG if feed == "C" else LATENESS
    settings = {"late": feed == "C", "lateness_ms": spread, "outage_limit_ms": None if feed == "C" else LIMIT}
    out: list[tuple[int, Item]] = []
    told = newest = None
    if rows:
        out.append((-LAG, TimeRecord(feed, -LAG - spread, **settings)))
    rows = [*rows, *([(t, None) for t in range(rows[-1][0], end + 1, 4 * MIN)] if end and rows else [])]
    rows = rows if leaves is None else beside(feed, rows, leaves)
    rows = rows if feed == "C" else accompanied(feed, rows, witnesses)
    for now, item in rows:
        newest = now
        if item is not None:
            out.append((now, item))
        if told is None or now - told >= EVERY:
            out.append((now, TimeRecord(feed, now - spread, **settings)))
            told = now
    if newest is not None and ended:
        out.append((newest, TimeRecord(feed, newest, ended=True, **settings)))
    return out


@st.composite
def arrivals(
    draw: st.DrawFn, late: bool = True, disorder: bool = True, gaps: bool = True, second: bool = True
) -> list[Item]:
    """One order of arrival: feeds no more than their lateness apart, while they live."""
    names = ["A", *("B" if second else ""), *("C" if late else "")]
    heard = {n: draw(said_by(n, disorder, gaps, LAG if n == "C" else LATENESS)) for n in names}
    end = max(now for rows in heard.values() for now, _ in rows) + draw(
        st.sampled_from([*[16 * MIN, 40 * MIN] * 2, LONG])
    )
    witnesses, feeds = draw(st.sampled_from([0, 2, len(WITNESSES), len(WITNESSES)])), []
    for name, rows in heard.items():
        lives = name == "A" or draw(st.booleans())
        stop = end + (LAG if name == "C" else LATENESS) if lives else None
        feeds.append((name, rows, stop, draw(st.booleans())))
    chance = draw(st.integers(0, 10**6))
    leaves = {0: 50 * MIN, 1: 70 * MIN, 2: LONG}.get(chance % 12)
    timed = [with_time(*feed, witnesses, leaves if feed[0] == "A" else None) for feed in feeds]
    return promised(merged(timed, Dice(chance)))


def promised(arrival: list[Item]) -> list[Item]:
    """Without the prompt reports that come when the tick has passed them: their feed was out, and came back behind it.

    Nobody waited for it, so what such a report can still change depends on who was quicker (docs/adr/0004).
    """
    out, ticks = [], TickState()
    for item in arrival:
        if isinstance(item, TimeRecord):
            ticks, _ = on_time_record(ticks, item, Origin("s:0", 0, 0))
        elif item.feed in PROMPT and ticks.prompt is not None and item.at < ticks.prompt:
            continue
        out.append(item)
    return out


def merged(feeds: list[list[tuple[int, Item]]], dice: Dice) -> list[Item]:
    """Feeds in a random order of arrival, none further ahead of another than a prompt feed's lateness."""
    feeds = [list(feed) for feed in feeds]
    out: list[Item] = []
    while any(feeds):
        low = min(feed[0][0] for feed in feeds if feed)
        ready = [feed for feed in feeds if feed and feed[0][0] <= low + LATENESS]
        out.append(ready[dice(len(ready))].pop(0)[1])
    return out
