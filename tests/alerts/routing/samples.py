"""Alerts as the rules write them, for the tests of who hears of them."""

from typing import Any

from alerts.core.alert import Alert, Event, Place, Position, Severity
from alerts.core.frozen import replace
from alerts.core.hull import Hull
from alerts.core.instants import parse_rfc3339

ANGARA = Hull("imo-9179842", 9179842, 273210440, "ANGARA", "UBYT2", "carried munitions from Rajin")
KOREA_STRAIT = Place("korea-strait", "Korea Strait", "strait", "first seen inside")


def alert(**changes: Any) -> Alert:
    """Angara went dark off Rajin, revision 0, a warning."""
    opened = Alert(
        id="imo-9179842.went_dark.20240105T120000Z",
        revision=0,
        event=Event.OPENED,
        rule="went_dark",
        severity=Severity.WARNING,
        hull=ANGARA,
        happened_at=parse_rfc3339("2024-01-05T12:00:00Z"),
        known_at=parse_rfc3339("2024-01-05T12:31:00Z"),
        position=Position(42.15, 130.35),
        place=None,
        cause=None,
        summary="ANGARA has been silent for 31 min",
        evidence={"silent_min": 31},
    )
    return replace(opened, **changes)
