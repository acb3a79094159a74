"""What a crew types about their ship: her draught, her name and call sign, her destination (types 5, 19 and 24).

    holds --said again--> holds
      '--another--> holds, and another one is said
                      |--that one again, an hour after it came up--> it holds: a change
                      |--what holds again--> taken back
                      '--a third--> that one comes up

What comes up out of the dark is told at once, and that it is taken back, too: nobody knows for how long she is heard.

One value repeated for so long is believed, and none that alternates with what holds: a slip of the hand is mended in
minutes, and of two ships or two transponders on one number both are heard.  What differs by less than the threshold,
or in blanks and punctuation, is the same.  All this is a fold over her reports in their order.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from alerts.core.frozen import Struct
from alerts.core.geo import Fix
from alerts.core.heard import Heard, Says
from alerts.core.instants import HOUR, MINUTE, Instant
from alerts.core.thresholds import Thresholds

Names = tuple[str | None, str | None]
"""Name and call sign: part A of a type 24 says the one, part B the other."""
What = float | str | Names


class Span(NamedTuple):
    """From one moment to another; of a dark silence, where she lit up, if she said so at once."""

    since: Instant
    until: Instant
    where: Fix | None = None


class Call(NamedTuple):
    """A call at a flagged port, from when she stopped there; `until`: she sailed, or lies there still."""

    port: str
    since: Instant
    until: Instant


class Past(NamedTuple):
    """The newest of each: a call at a flagged port, a dark silence, another in which she can have called, a stop."""

    call: Call | None = None
    dark: Span | None = None
    unheard: Span | None = None
    stop: Span | None = None

    def since(self, at: Instant) -> "Past":
        """What of it was not over by then."""
        over = {name: None for name, one in self._asdict().items() if one is not None and one.until <= at}
        return self._replace(**over)

    def silent(self, silence: Span, dark: bool, call_ms: int) -> "Past":
        """With a silence that a report ended, if it was dark or long enough for a call."""
        if dark:
            return self._replace(dark=silence)
        return self._replace(unheard=silence) if silence.until - silence.since >= max(call_ms, HOUR) else self

    def still(self, was: Instant | None, now: Instant | None) -> "Past":
        """With a fix; `was` is when her fix before it was, if she lay still by it, `now` when this one is, if so."""
        if now is not None and was is None:
            return self._replace(stop=Span(now, now))
        if was is not None and now is None and self.stop is not None:
            return self._replace(stop=self.stop._replace(until=was))
        return self


class Value(NamedTuple):
    """One value, from when until when it was said; of one that came up, how she fared before.

    `past` is what happened after the value before was first said, `where` her fix then, `under_way` that she sailed.
    """

    what: What
    first: Instant
    last: Instant
    past: Past = Past()
    where: Fix | None = None
    under_way: bool = False


class Standing(NamedTuple):
    """What holds of one thing, and another value that is said since."""

    holds: Value
    other: Value | None = None

    @property
    def other_is_from_the_dark(self) -> bool:
        """Whether the dark parts the two, and not a port in which she lay before it."""
        if self.other is None or self.other.past.dark is None:
            return False
        dark, call = self.other.past.dark, self.other.past.call
        return dark.until > self.holds.last and not (call and call.since <= dark.since <= call.until)


class Changed(NamedTuple):
    """A value that came up after another; `taken_back`: it did not stand, though it came out of the dark."""

    before: Value
    after: Value
    taken_back: bool = False

    @property
    def where(self) -> Fix | None:
        """Where she lit up with it, else where she said it; a fix of the same second can amend that."""
        dark = self.after.past.dark
        lit = Standing(self.before, self.after).other_is_from_the_dark
        return dark.where if lit and dark is not None and dark.where is not None else self.after.where


class Statics(Struct, frozen=True):
    """What a hull says of herself, and how she fared."""

    past: Past = Past()
    draught: Standing | None = None
    names: Standing | None = None
    destination: Standing | None = None

    @property
    def moments(self) -> set[Instant]:
        """When each that holds was last said: by that a change is named."""
        standing = (self.draught, self.names, self.destination)
        return {one.holds.last for one in standing if one is not None}


class Between(StrEnum):
    """What lay between two values, as far as is known: the newest that did."""

    DARK = "dark"
    CALL = "call"
    UNHEARD = "unheard"
    STOP = "stop"
    UNDER_WAY = "under way"
    UNKNOWN = "unknown"


def between(changed: Changed) -> Between:
    """The dark above all, where nothing was said after it before the change."""
    past = changed.after.past
    if Standing(changed.before, changed.after).other_is_from_the_dark:
        return Between.DARK
    spans = ((Between.CALL, past.call), (Between.DARK, past.dark), (Between.UNHEARD, past.unheard))
    known = [(span.until, what) for what, span in (*spans, (Between.STOP, past.stop)) if span is not None]
    if not known:
        return Between.UNDER_WAY if changed.after.under_way else Between.UNKNOWN
    return max(known, key=lambda row: row[0])[1]


Read = Callable[[Statics], Standing | None]
"""One of the things that a ship says of herself."""


def changes(before: Statics, after: Statics | None, read: Read) -> tuple[Changed, ...]:
    """Those that a report made or showed to be none; as things stand (None), one that is told before it is believed."""
    was = read(before)
    if was is None or was.other is None:
        return ()
    pending = Changed(was.holds, was.other)
    if after is None:
        return (pending,) if was.other_is_from_the_dark else ()
    now = read(after)
    assert now is not None
    if now.holds.first == was.other.first:
        return (Changed(was.holds, now.holds),)
    back = now.other is None and was.other_is_from_the_dark
    return (pending._replace(taken_back=True),) if back else ()


def heeded(statics: Statics, heard: Heard, past: Past, fix: Heard | None, thresholds: Thresholds) -> Statics:
    """After a report that says something of herself; `past` is how she fared up to it, `fix` her last."""
    says, near = heard.says, fix is not None and heard.at - fix.at <= HOUR
    assert says is not None
    sails = near and fix is not None and (fix.speed_kn or 0) > thresholds.departed_above_kn
    terms = _Terms(thresholds.draught_change_m, round(thresholds.stands_min * MINUTE))

    def now(standing: Standing | None, what: What | None) -> Standing | None:
        if what is None:
            return standing
        where = fix.where if near and fix is not None else None
        return _said(standing, Value(what, heard.at, heard.at, past, where, sails), terms)

    return Statics(
        past,
        now(statics.draught, says.draught_m),
        now(statics.names, _names(says)),
        now(statics.destination, _destination(says)),
    )


class _Terms(NamedTuple):
    least_m: float
    stands_ms: int


def _said(standing: Standing | None, said: Value, terms: _Terms) -> Standing:
    if standing is None:
        return Standing(_alone(said))
    holds, other = standing
    as_holds = not _differ(holds.what, said.what, terms)
    as_other = other is not None and not _differ(other.what, said.what, terms)
    if as_holds:
        return standing if as_other else Standing(holds._replace(what=_joined(holds.what, said.what), last=said.last))
    if said.first == holds.last:
        return standing  # two at one moment: neither is the later
    if other is None or not as_other:
        return Standing(holds, said._replace(past=said.past.since(holds.first)))
    again = other._replace(what=_newest(other.what, said.what), last=said.last)
    return Standing(again) if said.last - other.first >= terms.stands_ms else Standing(holds, again)


def _alone(said: Value) -> Value:
    """The first that is known: nothing is asked of what was before."""
    return Value(said.what, said.first, said.last)


def _differ(one: What, other: What, terms: _Terms) -> bool:
    match one, other:
        case float(), float():
            return round(abs(one - other), 2) >= terms.least_m
        case str(), str():
            return bound_for(one) != bound_for(other)
        case (name, call_sign), (other_name, other_call_sign):
            return contradict(name, other_name) or contradict(call_sign, other_call_sign)
    raise TypeError(f"cannot compare {one!r} with {other!r}")


def contradict(one: str | None, other: str | None) -> bool:
    """Whether both are known, and are not the same."""
    return one is not None and other is not None and plain(one) != plain(other)


def _joined(known: What, said: What) -> What:
    """What holds is measured against as it was first said; of names a part that was not known is learned."""
    match known, said:
        case (name, call_sign), (other_name, other_call_sign):
            return name or other_name, call_sign or other_call_sign
    return known


def _newest(known: What, said: What) -> What:
    return _joined(known, said) if isinstance(known, tuple) else said


def plain(text: str) -> str:
    """Letters and digits: what blanks and punctuation around them say is how somebody types."""
    return "".join(filter(str.isalnum, text.upper()))


def bound_for(destination: str) -> str:
    """What stands behind the last `>` (`RU VVO > CN ZOS`: IMO SN.1/Circ.244), plain; else all of it."""
    return plain(destination.rpartition(">")[2]) or plain(destination)


def _names(says: Says) -> Names | None:
    name, call_sign = (text if text and plain(text) else None for text in (says.name, says.call_sign))
    return (name, call_sign) if name or call_sign else None


def _destination(says: Says) -> str | None:
    return says.destination if says.destination and bound_for(says.destination) else None
