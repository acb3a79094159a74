"""name_change and destination_change: what is told of a hull that says another name, call sign or destination."""

from __future__ import annotations

import pytest

from alerts.core.alert import Alert
from alerts.core.heard import Says
from tests.crews import a_call, her, lay_still, out_of_the_dark, typing, under_way, unheard
from tests.fleet import OPEN_SEA, Watch, east_of, time

ANGARA, NEVA = Says(None, "ANGARA", "UBYT2"), Says(None, "NEVA", "V3AB7")


def told_by(watch: Watch, rule: str) -> list[Alert]:
    return [alert for alert in watch.told if alert.rule == rule]


def test_another_name_and_call_sign_are_one_alert_when_they_were_said_for_an_hour() -> None:
    early = Watch()
    early.follows(*typing("06:00", "07:00", ANGARA), *typing("07:06", "08:00", NEVA))
    assert told_by(early, "name_change") == []
    (told,) = told_by(under_way(ANGARA, NEVA), "name_change")
    assert (told.event, told.severity) == ("opened", "caution")
    assert (told.happened_at, told.known_at) == (time("07:06:06"), time("08:06:06"))
    assert told.summary == (
        "ANGARA says the name NEVA and the call sign V3AB7, and said the name ANGARA and the call sign UBYT2 "
        "until 2024-02-03T07:00:06Z"
    )
    assert told.evidence == {
        "before_name": "ANGARA",
        "after_name": "NEVA",
        "before_call_sign": "UBYT2",
        "after_call_sign": "V3AB7",
        "before_since": "2024-02-03T06:00:06Z",
        "before_until": "2024-02-03T07:00:06Z",
        "after_since": "2024-02-03T07:06:06Z",
        "between": "under way",
    }


@pytest.mark.parametrize(
    ("other", "changed"),
    [
        (Says(None, "ANGARA", "V3AB7"), {"after_call_sign"}),
        (Says(None, "NEVA", "UBYT2"), {"after_name"}),
        (Says(None, "NEVA"), {"after_name"}),
        (Says(None, " AN GARA.", "UBYT-2"), set()),
        (Says(None, "ANGARA"), set()),
        (Says(None, "-", None), set()),
        (Says(7.0), set()),
    ],
)
def test_what_is_not_said_has_not_changed_nor_what_is_typed_otherwise(other: Says, changed: set[str]) -> None:
    found = {key for alert in told_by(under_way(ANGARA, other), "name_change") for key in alert.evidence}
    assert {key for key in found if key.startswith("after_") and key != "after_since"} == changed


def test_out_of_the_dark_the_first_word_counts_and_is_taken_back() -> None:
    watch = out_of_the_dark(ANGARA)
    (opened,) = watch.hears(her.at("15:02").says(name="NEVA", call_sign="UBYT2"))
    assert (opened.rule, opened.event, opened.severity) == ("name_change", "opened", "warning")
    assert opened.evidence["between"] == "dark"
    (closed,) = watch.hears(her.at("15:08").says(name="ANGARA", call_sign="UBYT2"))
    assert (closed.id, closed.event) == (opened.id, "closed")
    assert closed.summary == "ANGARA says the name ANGARA again; the name NEVA is taken back"


def test_parts_of_class_b_are_put_together() -> None:
    """24A says the name, 24B the call sign: the call sign that stays proves nothing of the name."""
    watch = Watch()
    for begin, end, name in (("06:00", "07:00", "ANGARA"), ("07:06", "08:06", "NEVA")):
        for a, b in zip(typing(begin, end, Says(None, name)), typing(begin, end, ANGARA), strict=True):
            watch.follows(a)
            if b.heard.says is not None:
                part_b = b.says(call_sign="UBYT2")
                watch.follows(part_b._with(at=b.heard.at + 1_000))
    (told,) = told_by(watch, "name_change")
    assert told.summary == "ANGARA says the name NEVA, and said the name ANGARA until 2024-02-03T07:00:07Z"


def test_two_transponders_on_one_number_are_no_change() -> None:
    watch = Watch()
    for n in range(20):
        begun = f"{6 + n // 4:02}:{15 * (n % 4):02}"
        watch.follows(*typing(begun, begun, (ANGARA, NEVA)[n % 2]))
    assert told_by(watch, "name_change") == []


def test_while_two_ships_use_her_numbers_identity_conflict_says_it() -> None:
    watch = Watch()
    watch.follows(*typing("06:00", "07:00", ANGARA))
    far = typing("07:03", "09:03", NEVA, her.near(east_of(OPEN_SEA, 300)))
    watch.follows(*sorted([*far, *typing("07:06", "09:06", Says(7.0))], key=lambda one: one.heard.at))
    assert ("identity_conflict", "opened") in watch.events
    assert told_by(watch, "name_change") == []


def bound_for(destination: str) -> Says:
    return Says(None, None, None, destination)


def test_another_destination_under_way_is_told_for_information() -> None:
    (told,) = told_by(under_way(bound_for("RU VVO>CN ZOS"), bound_for("BUSAN")), "destination_change")
    assert (told.event, told.severity) == ("opened", "info")
    assert told.summary == "ANGARA is bound for BUSAN, and said RU VVO>CN ZOS until 2024-02-03T07:00:06Z"
    assert told.evidence == {
        "before": "RU VVO>CN ZOS",
        "after": "BUSAN",
        "before_since": "2024-02-03T06:00:06Z",
        "before_until": "2024-02-03T07:00:06Z",
        "after_since": "2024-02-03T07:06:06Z",
        "between": "under way",
    }


@pytest.mark.parametrize("same", ["cnzos", "CN ZOS", "RUVVO >> CN-ZOS", "CN ZOS.", "KR PUS > CN ZOS", ">", "..."])
def test_the_same_in_another_form_is_no_change(same: str) -> None:
    assert told_by(under_way(bound_for("RU VVO>CN ZOS"), bound_for(same)), "destination_change") == []


def test_the_next_voyage_is_no_change_nor_what_nobody_heard() -> None:
    here, there = bound_for("RAJIN"), bound_for("BUSAN")
    for watch in (a_call("info", here, there), lay_still(here, there), unheard(here, there), out_of_the_dark(here)):
        watch.follows(*typing("15:02", "16:30", there))
        assert told_by(watch, "destination_change") == []
