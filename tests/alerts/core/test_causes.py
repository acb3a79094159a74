"""What an area outage explains keeps it as its cause, for as long as it is told."""

from __future__ import annotations

import pytest

from alerts.core.alert import Alert
from alerts.core.cells import cell_of
from alerts.core.fallen import RULE, AreaOutage
from alerts.core.frozen import replace
from alerts.core.instants import DAY, Instant
from alerts.core.world import AREAS_KEPT
from tests.fleet import OPEN_SEA, Watch, ship, time

AREA = f"{RULE}.here"


def area(name: str, at: Instant, known: Instant) -> AreaOutage:
    return AreaOutage(name, at, None, ((cell_of(*OPEN_SEA), known),))


@pytest.fixture
def dark() -> Watch:
    """Called dark at half past eight, of an area that is known to be out from 08:31 on."""
    watch = Watch()
    watch.hears(ship(273210440).at("08:00"))
    assert said(watch.until("08:30")) == [("went_dark", "opened", None)]
    return watch


def told(watch: Watch, clock: str, *areas: AreaOutage, day: int = 0) -> list[tuple[str, str, str | None]]:
    return said(watch.takes(replace(watch.closing(clock, day=day), areas=areas)))


def said(alerts: list[Alert]) -> list[tuple[str, str, str | None]]:
    return [(alert.rule, str(alert.event), alert.cause) for alert in alerts]


HERE = area(AREA, time("08:00"), time("08:31"))


def test_a_silence_that_was_told_names_it_once_it_is_known(dark: Watch) -> None:
    assert told(dark, "08:31", HERE) == [("went_dark", "amended", AREA)]
    assert told(dark, "08:32", replace(HERE, until=time("08:32"))) == []


def test_it_is_no_longer_named_when_it_was_withdrawn(dark: Watch) -> None:
    told(dark, "08:31", HERE)
    assert told(dark, "08:40", replace(HERE, until=HERE.at)) == [("went_dark", "amended", None)]


def test_it_stays_named_when_many_newer_ones_are_known(dark: Watch) -> None:
    told(dark, "08:31", HERE)
    newer = [area(f"{RULE}.{n}", time("09:00", day=1) + n, time("09:11", day=1)) for n in range(AREAS_KEPT)]
    assert told(dark, "10:00", *newer, day=1) == []
    assert AREA not in {one.id for one in dark.engine.world.areas}
    assert said(dark.hears(ship(273210440).at("11:00", day=1)))[0] == ("went_dark", "closed", AREA)


def test_who_fell_silent_a_day_later_has_nothing_to_do_with_it() -> None:
    watch = Watch()
    watch.until("08:00", day=1)
    watch.hears(ship(273210440).at("08:01", day=1))
    assert time("08:01", day=1) - HERE.at > DAY
    told(watch, "08:02", HERE, day=1)
    assert said(watch.until("08:40", day=1)) == [("went_dark", "opened", None)]
