from dataclasses import replace

import pytest

from alerts.core.alert import Event, Severity
from alerts.core.instants import DAY, HOUR, MINUTE
from alerts.routing.destinations import Destination, Screen, Way
from alerts.routing.plan import Known, NotSent, Plan, Standing, Unsent, overtaken, plan
from alerts.routing.routes import Delivery, Route, Routes, Silence
from tests.alerts.routing.samples import KOREA_STRAIT, alert

NOW = 1_700_000_000_000
OPS = Destination("ops", Way.SCREEN, Screen())
CREW = Destination("crew", Way.SCREEN, Screen())
TOLD_OPENING = Standing(wanted=0, settled=0, told=True)
WAITING = Standing(wanted=0, settled=-1)


def routes(*rows: Route, silences: tuple[Silence, ...] = ()) -> Routes:
    return Routes((OPS,), rows, silences, Delivery(max_age_ms=24 * HOUR))


EVERYTHING = routes(Route("all", ("ops",)))


def reason(
    asked: Routes, standing: Standing | None = None, cause_told: bool = False, age_ms: int = 0, **changes
) -> NotSent | None:
    known = Known({"ops": standing} if standing else {}, frozenset({"ops"}) if cause_told else frozenset())
    planned = plan(alert(**changes), NOW - age_ms, asked, asked.silences, known, NOW)
    return None if planned.send == ("ops",) else planned.not_sent[0].reason


def test_every_destination_is_told_or_has_a_reason() -> None:
    asked = Routes((OPS, CREW), (Route("all", ("ops",)),))
    assert plan(alert(), NOW, asked, (), Known(), NOW) == Plan(("ops",), (Unsent("crew", NotSent.NO_ROUTE),))


def test_without_destinations_there_is_no_route() -> None:
    assert plan(alert(), NOW, Routes(), (), Known(), NOW) == Plan((), (Unsent("", NotSent.NO_ROUTE),))


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (Route("r", ("ops",)), None),
        (Route("r", ("ops",), rules=("went_dark", "strait")), None),
        (Route("r", ("ops",), rules=("strait",)), NotSent.NO_ROUTE),
        (Route("r", ("ops",), hulls=("imo-9179842",)), None),
        (Route("r", ("ops",), hulls=("imo-8517839",)), NotSent.NO_ROUTE),
        (Route("r", ("ops",), zones=("korea-strait",)), None),
        (Route("r", ("ops",), zones=("rajin",)), NotSent.NO_ROUTE),
        (Route("r", ("ops",), severity_at_least=Severity.WARNING), None),
        (Route("r", ("ops",), severity_at_least=Severity.CRITICAL), NotSent.BELOW_SEVERITY),
        (Route("r", ("ops",), rules=("strait",), severity_at_least=Severity.CRITICAL), NotSent.NO_ROUTE),
        (Route("r", ("crew",)), NotSent.NO_ROUTE),
    ],
)
def test_all_conditions_of_a_route_must_hold(route: Route, expected: NotSent | None) -> None:
    assert reason(routes(route), place=KOREA_STRAIT) == expected


def test_one_route_that_holds_is_enough() -> None:
    both = routes(Route("a", ("ops",), severity_at_least=Severity.CRITICAL), Route("b", ("ops",), rules=("went_dark",)))
    assert reason(both) is None


def test_an_outage_goes_by_no_route_for_certain_hulls_or_zones() -> None:
    outage = {"rule": "outage", "hull": None}
    assert reason(EVERYTHING, **outage) is None
    assert reason(routes(Route("r", ("ops",), hulls=("imo-9179842",))), **outage) is NotSent.NO_ROUTE
    assert reason(routes(Route("r", ("ops",), zones=("rajin",))), **outage) is NotSent.NO_ROUTE


@pytest.mark.parametrize(
    ("silence", "expected"),
    [
        (Silence(NOW + 1, hull="imo-9179842"), NotSent.SILENCED),
        (Silence(NOW, hull="imo-9179842"), None),
        (Silence(NOW + 1, hull="imo-8517839"), None),
        (Silence(NOW + 1, rule="went_dark"), NotSent.SILENCED),
        (Silence(NOW + 1, hull="imo-9179842", rule="area"), None),
        (Silence(NOW + 1, hull="imo-9179842", rule="went_dark"), NotSent.SILENCED),
    ],
)
def test_a_silence_holds_for_its_hull_and_rule_until_its_end(silence: Silence, expected: NotSent | None) -> None:
    assert reason(replace(EVERYTHING, silences=(silence,))) == expected


QUIET = replace(EVERYTHING, silences=(Silence(NOW + HOUR, rule="went_dark"),))


@pytest.mark.parametrize("event", [Event.CLOSED, Event.RETRACTED])
def test_who_was_told_hears_how_it_ended_whatever_routes_and_silences_say_by_then(event: Event) -> None:
    nobody = routes(Route("r", ("ops",), rules=("strait",)))
    assert reason(nobody, TOLD_OPENING, revision=1, event=event) is None
    assert reason(QUIET, TOLD_OPENING, revision=1, event=event) is None


def test_who_was_told_hears_an_amendment_that_is_below_the_floor_but_not_a_silenced_one() -> None:
    severe = routes(Route("r", ("ops",), severity_at_least=Severity.WARNING))
    amended = {"revision": 1, "event": Event.AMENDED, "severity": Severity.INFO}
    assert reason(severe, TOLD_OPENING, **amended) is None
    assert reason(severe, **amended) is NotSent.BELOW_SEVERITY
    assert reason(QUIET, TOLD_OPENING, **amended) is NotSent.SILENCED


def test_what_waits_in_the_outbox_is_corrected_even_under_a_silence() -> None:
    assert reason(QUIET, WAITING, revision=1, event=Event.AMENDED) is None


def test_who_was_never_told_does_not_hear_the_end() -> None:
    assert reason(EVERYTHING, revision=1, event=Event.CLOSED) is NotSent.NEVER_TOLD
    assert reason(EVERYTHING, revision=1, event=Event.RETRACTED) is NotSent.RETRACTED_BEFORE_SENT


def test_what_is_found_again_after_a_retraction_is_told() -> None:
    retracted = Standing(wanted=1, settled=1)
    assert reason(EVERYTHING, retracted, revision=2, event=Event.OPENED) is None


@pytest.mark.parametrize("revision", [0, 1])
def test_a_revision_at_or_below_the_newest_is_a_repeat(revision: int) -> None:
    assert reason(EVERYTHING, Standing(1, 0), revision=revision) is NotSent.REPEATED
    assert reason(EVERYTHING, Standing(1, 1, told=True), revision=revision) is NotSent.REPEATED


def test_what_an_outage_explains_is_inhibited_where_the_outage_was_told() -> None:
    assert reason(EVERYTHING, cause="feed.outage.1", cause_told=True) is NotSent.INHIBITED
    assert reason(EVERYTHING, cause="feed.outage.1") is None
    assert reason(EVERYTHING, TOLD_OPENING, True, cause="feed.outage.1", revision=1, event=Event.AMENDED) is None


def test_a_hull_that_stays_dark_in_spite_of_an_area_outage_is_told() -> None:
    """It held her back as long as it could; what is opened then rests on more."""
    area = "area_outage.4103N13500E.20240203T085900Z"
    assert reason(EVERYTHING, cause=area, cause_told=True) is None
    assert reason(EVERYTHING, cause=area, cause_told=True, revision=1, event=Event.AMENDED) is NotSent.INHIBITED


def test_what_the_message_about_its_cause_names_is_not_told_by_itself() -> None:
    def following(cause: str | None, event: Event) -> NotSent | None:
        known = Known({"ops": TOLD_OPENING}, frozenset({"ops"}), named=frozenset({"ops"}))
        planned = plan(alert(cause=cause, revision=1, event=event), NOW, EVERYTHING, (), known, NOW)
        return planned.not_sent[0].reason if planned.not_sent else None

    assert following("feed.outage.1", Event.AMENDED) is NotSent.INHIBITED
    assert following("feed.outage.1", Event.RETRACTED) is NotSent.INHIBITED
    assert following(None, Event.AMENDED) is None, "raised on new evidence"


def test_what_was_published_longer_ago_than_the_limit_is_too_old() -> None:
    assert reason(EVERYTHING, age_ms=24 * HOUR) is None
    assert reason(EVERYTHING, age_ms=24 * HOUR + 1) is NotSent.TOO_OLD
    assert reason(EVERYTHING, TOLD_OPENING, age_ms=25 * HOUR, revision=1, event=Event.CLOSED) is NotSent.TOO_OLD
    nobody = routes(Route("r", ("ops",), rules=("strait",)))
    assert reason(nobody, age_ms=25 * HOUR) is NotSent.NO_ROUTE, "only who would have been told is taken as told"


@pytest.mark.parametrize(
    ("event", "told", "age_ms", "tried", "expected"),
    [
        (Event.OPENED, False, 0, False, None),
        (Event.RETRACTED, False, 0, False, NotSent.RETRACTED_BEFORE_SENT),
        (Event.RETRACTED, True, 0, False, None),
        (Event.OPENED, False, DAY, True, None),
        (Event.OPENED, False, DAY + 1, False, NotSent.TOO_OLD),
        (Event.OPENED, False, DAY + 1, True, NotSent.GAVE_UP),
        (Event.CLOSED, True, DAY + MINUTE, True, NotSent.GAVE_UP),
    ],
)
def test_what_waits_is_asked_once_more_before_it_is_sent(event, told, age_ms, tried, expected) -> None:
    assert overtaken(event, told, NOW - age_ms, tried, DAY, NOW) == expected
