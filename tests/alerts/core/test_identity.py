"""Two ships by their word: in turn they are two, and what the other one says is no sign of hers."""

from __future__ import annotations

import pytest

from alerts.core.heard import Says
from tests.fleet import OPEN_SEA, SHOAL, Ship, Watch, east_of, events, ship, time

HERS, ANOTHER, THIRD = Says(imo=9179842), Says(another_imo=9077549), Says(another_imo=8517839)
her = ship(273210440).near(OPEN_SEA).moving(0.0)
UNDER_WAY = ship(273210440).near(OPEN_SEA)


def said(words: str, every_s: float = 360) -> list[Ship]:
    """One static report after the other from 08:00 on: `h`ers, `a`nother's, a `t`hird's, of class B (no number), hers
    over another `m`msi; a `f`ix.
    """
    reports = {
        "h": her.without_position()._with(says=HERS),
        "a": her.without_position()._with(says=ANOTHER),
        "t": her.without_position()._with(says=THIRD),
        "b": her.says(name="ANGARA"),
        "m": her.without_position()._with(says=HERS, mmsi=273999999),
        "f": her,
    }
    return [reports[word]._with(at=time("08:00") + round(n * every_s * 1000)) for n, word in enumerate(words)]


OPENED, CLOSED = ("identity_conflict", "opened"), ("identity_conflict", "closed")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("haha", True),
        ("fafhfa", True),
        ("ffahhha", True),
        ("hah", False),  # one that was garbled
        ("hhaaaaaa", False),  # programmed anew
        ("aaaahhhh", False),  # ... and set right
        ("fafafafa", False),  # hers is never said
        ("abababab", False),
        ("hathat", False),  # two that were garbled, each in its own way
        ("amamam", False),  # her old MMSI was given to another ship
    ],
)
def test_two_numbers_in_turn_are_two_ships(words: str, told: bool) -> None:
    assert events(Watch().hears(*said(words))) == [OPENED] * told


def test_it_is_told_with_the_third_word_and_once() -> None:
    watch = Watch()
    assert watch.hears(*said("hah")) == []
    (alert,) = watch.hears(said("haha")[-1])
    assert (alert.happened_at, alert.position) == (time("08:06"), None)
    assert alert.evidence["other_imo"] == 9077549
    assert alert.summary == "Two ships use the numbers of ANGARA; the other one says IMO 9077549"
    assert watch.follows(*said("haha" + "ha" * 200)[4:]) == []


@pytest.mark.parametrize(("every_s", "told"), [(89, False), (90, True)])
def test_said_again_within_three_minutes_it_may_be_the_same_message(every_s: float, told: bool) -> None:
    assert events(Watch().hears(*said("aha", every_s))) == [OPENED] * told


@pytest.mark.parametrize(("hours", "told"), [(24, True), (24.1, False)])
def test_what_was_not_said_for_a_day_is_forgotten(hours: float, told: bool) -> None:
    watch = Watch()
    watch.hears(*said("ah"))
    late = said("a")[0]
    assert events(watch.hears(late._with(at=late.heard.at + round(hours * 3_600_000)))) == [OPENED] * told


@pytest.mark.parametrize(("hours", "told"), [(24, []), (24.01, [CLOSED])])
def test_a_day_without_the_other_number_ends_it(hours: float, told: list[tuple[str, str]]) -> None:
    watch = Watch()
    watch.hears(*said("aha"))
    late = her._with(at=time("08:12") + round(hours * 3_600_000))
    alerts = [alert for alert in watch.hears(late) if alert.rule == "identity_conflict"]
    assert events(alerts) == told


def test_the_order_of_arrival_makes_no_difference() -> None:
    a, h, again = said("aha")
    for order in ([again, h, a], [h, again, a], [a, again, h]):
        watch = Watch()
        watch.hears(*order)
        assert watch.events == [OPENED]


def test_by_motion_and_by_word_it_is_one_alert() -> None:
    """The other ship is far off, too: what is told of it grows."""
    watch = Watch()
    far = [her.near(SHOAL if n % 2 else east_of(SHOAL, 300))._with(at=time("09:00") + n * 60_000) for n in range(20)]
    watch.hears(*said("aha"), *far)
    assert watch.events == [OPENED]
    watch = Watch()
    watch.hears(*[one._with(at=one.heard.at - 7_200_000) for one in far], *said("aha"))
    assert watch.events == [OPENED, ("identity_conflict", "amended")]
    assert len({alert.id for alert in watch.told}) == 1


def test_what_another_ship_says_ends_no_silence_and_lights_nobody_up() -> None:
    watch = Watch()
    watch.hears(UNDER_WAY.at("08:00"))
    watch.until("08:20")
    watch.hears(*[one._with(at=time("08:20")) for one in said("a")])
    watch.until("08:40")
    assert watch.events == [("went_dark", "opened")]
    assert watch.told[0].happened_at == time("08:00")
    assert watch.hears(*[one._with(at=time("09:00")) for one in said("a")]) == []
    assert ("went_dark", "closed") in events(watch.hears(UNDER_WAY.at("10:00")))


def test_what_a_crew_types_is_not_judged_while_it_lasts() -> None:
    watch = Watch()
    typed = [her.says(name="ANGARA" if n < 12 else "NEVA")._with(at=time("06:00") + n * 600_000) for n in range(40)]
    words = said("ah" * 30)
    watch.follows(*sorted([*typed, *words], key=lambda one: one.heard.at))
    assert watch.events == [OPENED]
