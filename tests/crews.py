"""What crews type every six minutes, and how their ships fare between."""

from __future__ import annotations

from alerts.core.frozen import replace
from alerts.core.heard import Says
from alerts.core.instants import MINUTE, SECOND
from tests.fleet import ANGARA, HAVEN, HAVEN_NM, OPEN_SEA, SHOAL, Ship, Watch, east_of, haven, ship, time

her = ship(ANGARA.mmsi or 0)
OFF = east_of(SHOAL, 40)
LADEN, IN_BALLAST = Says(7.0), Says(4.0)


def typing(begin: str, end: str, says: Says, moves: Ship = her) -> list[Ship]:
    """A fix, and six seconds later what is typed."""
    found, at = list[Ship](), time(begin)
    while at <= time(end):
        found += [moves._with(at=at), moves.says()._with(at=at + 6 * SECOND, says=says)]
        at += 6 * MINUTE
    return found


def out_of_the_dark(says: Says = LADEN) -> Watch:
    """Heard until 07:00, then dark for eight hours, and lit up."""
    watch = Watch(waters=(OFF, OPEN_SEA))
    watch.follows(*typing("06:00", "07:00", says, her.near(OFF)))
    watch.until("15:00")
    watch.hears(her.at("15:01").near(OFF))
    return watch


def a_call(flag: str, before: Says = LADEN, after: Says = IN_BALLAST) -> Watch:
    """In to Haven, an hour there, and out."""
    watch = Watch((replace(haven, flag=flag),))
    out = her.near(east_of(HAVEN, HAVEN_NM + 5))
    watch.follows(*typing("06:00", "06:30", before, out))
    watch.follows(*typing("07:00", "08:00", before, her.near(HAVEN).moving(0)))
    watch.follows(*typing("08:30", "09:30", after, out))
    return watch


def lay_still(before: Says = LADEN, after: Says = IN_BALLAST) -> Watch:
    """In the open sea, for half an hour."""
    watch = Watch()
    watch.follows(*typing("06:00", "06:30", before), *typing("06:36", "07:00", before, her.moving(0)))
    watch.follows(*typing("07:06", "08:06", after))
    return watch


def unheard(before: Says = LADEN, after: Says = IN_BALLAST) -> Watch:
    """Where nobody is heard, for hours."""
    watch = Watch(waters=())
    watch.follows(*typing("06:00", "06:30", before))
    watch.until("11:00")
    watch.follows(*typing("11:06", "12:06", after))
    return watch


def under_way(before: Says = LADEN, after: Says = IN_BALLAST) -> Watch:
    """At 12 kn all the time; the other is said from 07:06 to 08:06."""
    watch = Watch()
    watch.follows(*typing("06:00", "07:00", before), *typing("07:06", "08:06", after))
    return watch
