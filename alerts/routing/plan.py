"""What to send to whom, and for all that is not sent the reason.

For each destination the steps are asked in their order, and the first that answers decides:

    nobody was told yet:    repeated? no route? below severity? ended untold? inhibited? silenced? too old? --> send
    told, or about to be:   repeated? named?                  silenced, and only amended?          too old? --> send

So whoever was told an episode hears how it ended, whatever the routes or silences say by then: of what an outage
explains by the message about the outage, which names it, once for all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.core.alert import Alert, Event
from alerts.core.fallen import is_area
from alerts.core.instants import Instant
from alerts.routing.routes import Route, Routes, Silence


class NotSent(StrEnum):
    """Why something is not sent: the log field, the metric's label, the test's expectation."""

    NO_ROUTE = "no_route"
    """No route that leads there concerns this alert."""
    BELOW_SEVERITY = "below_severity"
    """A route would, if the alert were more severe."""
    NEVER_TOLD = "never_told"
    """It closes something of which nobody there was told."""
    INHIBITED = "inhibited"
    """The outage or area episode that explains it was told there, or its message names it."""
    SILENCED = "silenced"
    """Somebody asked for quiet."""
    REPEATED = "repeated"
    """This revision, or a later one, has been taken in before."""
    SUPERSEDED = "superseded"
    """A newer revision came before it was sent."""
    RETRACTED_BEFORE_SENT = "retracted_before_sent"
    """It was retracted before anybody there was told."""
    TOO_OLD = "too_old"
    """It was published longer ago than `max_age`; who would have been told is taken to have been."""
    GAVE_UP = "gave_up"
    """Tried for `max_age`, without success."""
    REFUSED = "refused"
    """The receiver will never take this message."""
    UNREADABLE = "unreadable"
    """The record is no alert that this program reads."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an episode stands with one destination: the newest revision taken in and the newest settled (-1: none)."""

    wanted: int = -1
    settled: int = -1
    told: bool = False

    @property
    def is_concerned(self) -> bool:
        """Told, or about to be."""
        return self.told or self.wanted > self.settled


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows: the episode's standing by destination, and where its cause was told or is about to be.

    `named`: where the message about the cause names the episode, or will.
    """

    standings: Mapping[str, Standing] = field(default_factory=dict)
    cause_told: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unsent:
    """`destination` is "" where there is none at all."""

    destination: str
    reason: NotSent


@dataclass(frozen=True, slots=True)
class Plan:
    """Every destination is in exactly one of the two."""

    send: tuple[str, ...]
    not_sent: tuple[Unsent, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """One alert, one destination."""

    alert: Alert
    published_at: Instant
    now: Instant
    max_age_ms: int
    standing: Standing
    cause_was_told: bool
    is_named: bool
    routes: tuple[Route, ...]
    silences: tuple[Silence, ...]


def plan(
    alert: Alert, published_at: Instant, routes: Routes, silences: tuple[Silence, ...], known: Known, now: Instant
) -> Plan:
    """`published_at` and `now` are of the wall clock; in the order of the routes file."""
    if not routes.destinations:
        return Plan((), (Unsent("", NotSent.NO_ROUTE),))
    send, not_sent = [], []
    for destination in routes.destinations:
        reason = _why_not(
            _Case(
                alert,
                published_at,
                now,
                routes.delivery.max_age_ms,
                known.standings.get(destination.name, Standing()),
                destination.name in known.cause_told,
                destination.name in known.named,
                tuple(route for route in routes.routes if destination.name in route.to),
                silences,
            )
        )
        if reason is None:
            send.append(destination.name)
        else:
            not_sent.append(Unsent(destination.name, reason))
    return Plan(tuple(send), tuple(not_sent))


def overtaken(
    event: Event, told: bool, published_at: Instant, tried: bool, max_age_ms: int, now: Instant
) -> NotSent | None:
    """Why what waits in the outbox need not be sent any more."""
    if event is Event.RETRACTED and not told:
        return NotSent.RETRACTED_BEFORE_SENT
    if now - published_at > max_age_ms:
        return NotSent.GAVE_UP if tried else NotSent.TOO_OLD
    return None


def _why_not(case: _Case) -> NotSent | None:
    steps = _FOLLOWING if case.standing.is_concerned else _FIRST
    return next((reason for step in steps if (reason := step(case))), None)


def _repeated(case: _Case) -> NotSent | None:
    return NotSent.REPEATED if case.alert.revision <= case.standing.wanted else None


def _unrouted(case: _Case) -> NotSent | None:
    concerned = [route for route in case.routes if route.concerns(case.alert)]
    if not concerned:
        return NotSent.NO_ROUTE
    return None if any(route.is_severe_enough(case.alert) for route in concerned) else NotSent.BELOW_SEVERITY


def _ended_untold(case: _Case) -> NotSent | None:
    if case.alert.event is Event.RETRACTED:
        return NotSent.RETRACTED_BEFORE_SENT
    is_unheard_of = case.standing.wanted < 0
    return NotSent.NEVER_TOLD if case.alert.event is Event.CLOSED and is_unheard_of else None


def _inhibited(case: _Case) -> NotSent | None:
    """But for a hull that an area outage holds back: what is told of her then is new evidence, in spite of it."""
    lasts = case.alert.event is Event.OPENED and is_area(case.alert.cause or "")
    return NotSent.INHIBITED if case.alert.cause and case.cause_was_told and not lasts else None


def _named(case: _Case) -> NotSent | None:
    return NotSent.INHIBITED if case.alert.cause and case.is_named else None


def _silenced(case: _Case) -> NotSent | None:
    return NotSent.SILENCED if any(s.covers(case.alert, case.now) for s in case.silences) else None


def _silenced_amendment(case: _Case) -> NotSent | None:
    only_amended = case.alert.event is Event.AMENDED and case.standing.settled == case.standing.wanted
    return _silenced(case) if only_amended else None


def _too_old(case: _Case) -> NotSent | None:
    return NotSent.TOO_OLD if case.now - case.published_at > case.max_age_ms else None


_Step = Callable[[_Case], NotSent | None]
_FIRST: tuple[_Step, ...] = (_repeated, _unrouted, _ended_untold, _inhibited, _silenced, _too_old)
_FOLLOWING: tuple[_Step, ...] = (_repeated, _named, _silenced_amendment, _too_old)
