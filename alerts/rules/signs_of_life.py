"""signs_of_life: a hull that had gone dark is heard now and then, and that is one story, not a pair of alerts a light.

Opened, in the step that brings the report, by the second of two short lights within hours, or by the first at the berth
in a flagged port where she was silent (alerts/core/signs.py); amended at the second, third, fifth, tenth ... of them;
closed when she is heard for six hours, leaves the berth, or is dark: after two hours under way, a day where she lies.

We found no published rule for this; the numbers are ours.
"""

from alerts.core.alert import Place, Severity
from alerts.core.instants import rfc3339, spoken
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of
from alerts.core.signs import Ending, Lights

TOLD_AT = (1, 2, 3, 5)
"""Lights at which she is told, and ten, a hundred ... times as many."""


def signs_of_life(moment: Moment) -> tuple[Finding, ...]:
    """One finding for signs of life that are over with this moment, or that go on."""
    if moment.signs_over is not None:
        return (_finding(moment, *moment.signs_over),)
    lights = moment.before.lights if moment.heard is None else None
    return (_finding(moment, lights, None),) if lights is not None and lights.are_signs else ()


def _finding(moment: Moment, lights: Lights, ending: Ending | None) -> Finding:
    place = _place(moment, lights)
    opened = Said(
        Severity.CAUTION if place else Severity.WARNING,
        lights.first.at,
        position_of(lights.first),
        place,
        _told(moment, lights, place),
        {
            "first_report": as_evidence(lights.first),
            "silent_since": rfc3339(lights.anchor),
            "lit_since": rfc3339(lights.since),
            "lights": told_at(lights.count),
        },
    )
    anchor, begin = lights.anchor, lights.first.at
    if ending is None:
        return Finding("signs_of_life", "", anchor, begin, None, opened)
    end, words = _ended(moment, lights, ending)
    evidence = opened.evidence | {"lights": lights.count, "until": rfc3339(end), "ended": str(ending)}
    summary = f"{called(moment.hull)} {words}, after {_counted(lights.count)}{_in(place)}"
    closed = Said(opened.severity, opened.happened_at, opened.position, place, summary, evidence)
    return Finding("signs_of_life", "", anchor, begin, end, opened, closed)


def _place(moment: Moment, lights: Lights) -> Place | None:
    zone = moment.terms.zones.zones.get(lights.berth) if lights.berth else None
    return Place(zone.id, zone.name, zone.kind, "sign of life") if zone else None


def _told(moment: Moment, lights: Lights, place: Place | None) -> str:
    name, after = called(moment.hull), spoken(lights.first.at - lights.anchor)
    if lights.berth and lights.count == 1:
        return f"{name} gave a sign of life{_in(place)}, where she had been silent for {after}"
    return f"{name} is heard now and then{_in(place)}: {_counted(told_at(lights.count))} since {rfc3339(lights.since)}"


def _ended(moment: Moment, lights: Lights, ending: Ending) -> tuple[int, str]:
    """When they were over, and the words for it."""
    last, heard = moment.before.last, moment.heard
    assert last is not None
    if ending is Ending.SILENT:
        return last.at, f"is silent again since {rfc3339(last.at)}"
    assert heard is not None
    if ending is Ending.UNDER_WAY:
        return heard.at, "is no longer where she gave signs of life"
    return heard.at, f"has been heard steadily since {rfc3339(lights.begin)}"


def _in(place: Place | None) -> str:
    return f" in {place.name}" if place else ""


def _counted(lights: int) -> str:
    return "1 short light" if lights == 1 else f"{lights} short lights"


def told_at(count: int) -> int:
    """The greatest of 1, 2, 3, 5, 10, 20, 30, 50, 100 ... that is not above the count."""
    scale = 1
    while count >= 10 * scale:
        scale *= 10
    return max(scale * step for step in TOLD_AT if scale * step <= count)
