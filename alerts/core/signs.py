"""How a hull is heard that had gone dark: once and for good, or now and then.

    dark --heard--> lit up --heard for six hours--> over
                      '--dark within six hours, heard within two more--------------------> signs of life
    dark in port --heard where she was---------------------------------------------------> signs of life

    signs of life --silent for half an hour, heard--> one light more
                  |--a light of six hours--> over: heard steadily
                  |--a mile from her berth--> over: under way
                  '--dark: under way after two hours, where she lies after a day under cover--> over: silent again

While there are signs of life no shorter silence is told (alerts/core/silence.py): it would be one pair of alerts more.
"""

from enum import StrEnum
from typing import NamedTuple

from alerts.core.frozen import Struct, replace
from alerts.core.heard import Heard
from alerts.core.instants import DAY, HOUR, MINUTE, Instant
from alerts.core.quarantine import apart_nm

STEADY_MS = 6 * HOUR
SILENT_MS, SILENT_STILL_MS = 2 * HOUR, DAY
_APART_MS = 30 * MINUTE
"""Moored she sends every 3 min (ITU-R M.1371-5 table 1): with one report in three lost, 15 min pass in one light."""
_BERTH_NM = 1.0


class Ending(StrEnum):
    """What signs of life came to."""

    STEADY = "heard steadily"
    SILENT = "silent again"
    UNDER_WAY = "under way"


class Lights(Struct, frozen=True):
    """Short lights: `count` of them since `since`; the newest began at `begin`.

    The second, at a berth the first, made them signs of life: `first` is its report, `anchor` the last report before.
    `berth` is the flagged port in which she lies.
    """

    anchor: Instant
    first: Heard
    since: Instant
    begin: Instant
    count: int = 1
    berth: str | None = None

    @property
    def are_signs(self) -> bool:
        """Whether she is heard now and then, and not only lit up."""
        return self.count > 1 or self.berth is not None


Over = tuple[Lights, Ending]
"""Signs of life, and what they came to."""


class Lit(NamedTuple):
    """The lights after a report, and signs of life that it found to be over."""

    lights: Lights | None = None
    over: Over | None = None


_NOTHING = Lit()


class Dark(NamedTuple):
    """A dark silence that a report ended; `port`: her last fix lay in it."""

    port: str | None


def lit(
    lights: Lights | None,
    last: Heard | None,
    fix: Heard | None,
    heard: Heard,
    fixes: tuple[Heard, ...],
    dark: Dark | None,
) -> Lit:
    """After one more report; `last` and `fix` are those before it, `fixes` those by which her track goes on."""
    if last is None or (lights is None and dark is None):
        return _NOTHING
    now = fixes[-1] if fixes else None
    if dark is not None:
        return Lit(_again(lights, last, fix, heard, now, dark), _over(lights, Ending.SILENT))
    assert lights is not None
    if lights.berth is not None and now is not None and not _at_berth(lights.first, now):
        return Lit(None, _over(lights, Ending.UNDER_WAY))
    if heard.at - last.at > _APART_MS and lights.are_signs:
        return Lit(replace(lights, count=lights.count + 1, begin=heard.at))
    if heard.at - lights.begin >= STEADY_MS:
        return Lit(None, _over(lights, Ending.STEADY))
    return Lit(lights)


def _again(
    lights: Lights | None, last: Heard, fix: Heard | None, heard: Heard, now: Heard | None, dark: Dark
) -> Lights:
    berth = dark.port if now is not None and fix is not None and _at_berth(fix, now) else None
    short = lights is not None and last.at - lights.begin < STEADY_MS and heard.at - last.at < SILENT_MS
    if lights is None or not short:
        return Lights(last.at, heard, heard.at, heard.at, 1, berth)
    return Lights(last.at, heard, lights.since, heard.at, lights.count + 1, berth)


def silent_again(lights: Lights | None) -> Over | None:
    """That her signs of life are over, if there are any: she is dark."""
    return _over(lights, Ending.SILENT)


def _over(lights: Lights | None, ending: Ending) -> Over | None:
    return (lights, ending) if lights is not None and lights.are_signs else None


def _at_berth(before: Heard, now: Heard) -> bool:
    return apart_nm(before, now) <= _BERTH_NM
