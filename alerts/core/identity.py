"""Two ships on one number that sail so near each other that no motion tells them apart: what they say of themselves.

    (none) --another IMO number--> said --hers--> answered --that other again--> in turn: two ships
      ^                             |               |                              |
      '---------- not said for a day ---------------'----------- nor by then ------'

One message that was garbled says a number once; a transponder that was reprogrammed says hers no more; one that was
programmed wrong and set right says the other no more.  Only in turn they are two.  A number said again within three
minutes counts once: it may be the same message, over a feed with another clock.

What is said with another's number is no word of hers, and no sign that she was heard.
"""

from typing import NamedTuple

from alerts.core.heard import Heard
from alerts.core.instants import DAY, MINUTE, Instant
from alerts.core.quarantine import Other, shared

FORGOTTEN_MS = DAY
AGAIN_MS = 3 * MINUTE
"""Half of what lies between two static reports (ITU-R M.1371-5, table 2)."""


class Turns(NamedTuple):
    """The first report that said another number, and when that one was last said; what was heard since."""

    first: Heard
    last: Instant
    answered: bool = False
    in_turn: bool = False

    @property
    def imo(self) -> int:
        """The other number."""
        assert self.first.says is not None
        assert self.first.says.another_imo is not None
        return self.first.says.another_imo


def turned(turns: Turns | None, heard: Heard) -> Turns | None:
    """After one more report under her numbers."""
    if heard.is_anothers:
        return _another(turns, heard)
    if turns is None or heard.at - turns.last > FORGOTTEN_MS:
        return None
    hers = heard.says is not None and heard.says.imo is not None and heard.mmsi == turns.first.mmsi
    return turns._replace(answered=True) if hers else turns


def _another(turns: Turns | None, heard: Heard) -> Turns:
    """One that comes up while two are told changes nothing: a third ship."""
    fresh = Turns(heard, heard.at)
    if turns is None:
        return fresh
    assert heard.says is not None
    same = (heard.mmsi, heard.says.another_imo) == (turns.first.mmsi, turns.imo)
    if turns.in_turn:
        return turns._replace(last=heard.at) if same else turns
    if not same or heard.at - turns.last > FORGOTTEN_MS:
        return fresh
    again = turns.answered and heard.at - turns.first.at >= AGAIN_MS
    return turns._replace(last=heard.at, in_turn=again)


def two_ships(known: Heard | None, others: tuple[Other, ...], turns: Turns | None) -> Heard | None:
    """The first report of another ship that uses her numbers, by its motion or its word; `known` is told already."""
    if turns is None or not turns.in_turn:
        return shared(known, others)
    return known or shared(None, others) or turns.first
