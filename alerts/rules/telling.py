"""How the rules put what they found: silences and visits in words and as data."""

from collections.abc import Iterable, Sequence
from typing import Any

from alerts.core.alert import Place, Severity
from alerts.core.curve import LEAST_SAID
from alerts.core.frozen import replace
from alerts.core.habit import Habit
from alerts.core.heard import Heard, expected_interval_ms
from alerts.core.instants import SECOND, rfc3339, spoken
from alerts.core.reach import Window
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of, zone_of
from alerts.core.silence import Limits, Silence
from alerts.core.track import Vigil, Visit

_NEIGHBOURHOOD_NM = 12
"""From the middle of a cell to the edge of those around it it is nine, to the corner of a far one seventeen."""


def of_silence(moment: Moment, silence: Silence, rule: str, severity: Severity, place: Place | None) -> Finding:
    """A dark silence, going on or ended, as a finding of `rule`."""
    since = silence.since
    where = f" in {place.name}" if place else ""
    length = spoken(silence.at - since.at)
    told = f"{called(moment.hull)} has been silent{where} since {rfc3339(since.at)}, for more than {length}"
    opened = Said(
        severity,
        since.at,
        position_of(moment.before.fix),
        place,
        f"{told}. {_witnesses(moment, silence)}",
        _silence_evidence(moment, silence) | {"dark_at": rfc3339(silence.at)},
    )
    return _until(moment, silence, rule, opened, f"was silent{where}")


def of_lost(moment: Moment, silence: Silence, severity: Severity) -> Finding:
    """A silence that is out of cover, whatever else it has become since."""
    silence = replace(silence, at=silence.vigil.upto, sparse=False)
    since = silence.since
    told = f"{called(moment.hull)} was last heard at {rfc3339(since.at)}, and is where little or nothing is heard"
    evidence = _silence_evidence(moment, silence) | {"lost_at": rfc3339(silence.at)}
    opened = Said(severity, since.at, position_of(moment.before.fix), None, told, evidence)
    return _until(moment, silence, "lost_coverage", opened, "was not heard")


def _until(moment: Moment, silence: Silence, rule: str, opened: Said, verb: str) -> Finding:
    since, until = silence.since.at, silence.until
    if until is None:
        return Finding(rule, "", since, since, None, opened, cause=silence.cause)
    told = f"{called(moment.hull)} {verb} for {spoken(until.at - since)}, until {rfc3339(until.at)}"
    evidence = opened.evidence | {"first_report": as_evidence(until)}
    closed = replace(opened, summary=told, evidence=evidence)
    return Finding(rule, "", since, since, until.at, opened, closed, cause=silence.cause)


def _witnesses(moment: Moment, silence: Silence) -> str:
    """What a watch officer reads: expected, heard meanwhile, and how rare that is."""
    vigil = silence.vigil
    if silence.sparse:
        return (
            "Nobody is heard there; by the rule for the open ocean: twelve hours, begun 50 nm from land, after 14 "
            "positions in the twelve hours before"
        )
    told = f"{_expected(moment, silence)} reports expected. {_heard_meanwhile(vigil)}"
    if silence.limits.witnessed_min is None or vigil.witnessed_min < silence.limits.witnessed_min:
        return f"{told}; she was silent under cover for {spoken(vigil.covered_ms)}"
    share, factor = _share_as_long(moment, silence), silence.limits.factor
    weak = f", hers lasting {factor:g} times as long as others'" if factor > 1 else ""
    return f"{told}. Fewer than 1 in {_rounded(1 / share):,} natural silences last as long under such witnesses{weak}"


def _heard_meanwhile(vigil: Vigil) -> str:
    """Ships and what they said; an interval's neighbourhood is three cells wide."""
    ships = "1 ship" if vigil.ships == 1 else f"{vigil.ships} ships"
    times = "once" if vigil.reports == 1 else f"{vigil.reports} times"
    told = f"{ships} within some {_NEIGHBOURHOOD_NM} nm {'was' if vigil.ships == 1 else 'were'} heard {times} meanwhile"
    return f"{told}, at last {', '.join(map(str, vigil.some))}" if vigil.some else told


def _rounded(ratio: float) -> int:
    """Down to two digits."""
    step: int = 10 ** max(0, len(str(int(ratio))) - 2)
    return int(ratio) // step * step


def _expected(moment: Moment, silence: Silence) -> int:
    """By how often she was heard before, not by what the standard says."""
    going = moment.before.going
    gap_s = going.mean_gap_s if going else expected_interval_ms(moment.before.fix) / SECOND
    listened_ms = silence.at - silence.since.at if silence.sparse else silence.vigil.listened_ms
    return int(listened_ms / SECOND / max(gap_s, 1.0))


def _silence_evidence(moment: Moment, silence: Silence) -> dict[str, Any]:
    vigil, going = silence.vigil, moment.before.going
    evidence: dict[str, Any] = {
        "last_report": as_evidence(silence.since),
        "last_fix": as_evidence(moment.before.fix),
        "class": str(silence.kind),
        "sparse_cover": silence.sparse,
        "reports_expected": _expected(moment, silence),
        "mean_interval_s": round(going.mean_gap_s, 1) if going else None,
        "listened_s": vigil.listened_ms // SECOND,
        "covered_s": vigil.covered_ms // SECOND,
        "ships_heard": vigil.ships,
        "reports_heard": vigil.reports,
        "ships_last_heard": list(vigil.some),
        "ships_fallen_silent": max(0, vigil.fell - 1),
        "feeds": list(moment.before.feeds_of_last_hour),
    }
    if silence.limits.witnessed_min is not None:
        evidence["witnessed_min"] = round(vigil.witnessed_min, 2)
        evidence["witnessed_limit_min"] = silence.limits.witnessed_min
        evidence["share_as_long"] = _share_as_long(moment, silence)
        evidence |= _limit_from(moment, silence) | _own_reception(moment.before.habit, silence.limits)
    return evidence


def _limit_from(moment: Moment, silence: Silence) -> dict[str, Any]:
    """As it was told, if it was: nothing, where an older hullwatch did."""
    known = moment.terms.curve_from if silence.told is None else silence.told.limit_from
    return {} if known is None else {"limit_from": known}


def _own_reception(habit: Habit | None, limits: Limits) -> dict[str, Any]:
    """What her own reception was before; nothing where she was never silent for minutes under way and heard again."""
    if habit is None:
        return {}
    own = {
        "since": rfc3339(habit.since),
        "silences": habit.silences,
        "longest_witnessed_min": habit.longest_min,
        "counted": habit.counted,
        "mean_beyond_min": habit.mean_beyond_min,
        "factor": limits.factor,
        "usual_limit_min": limits.witnessed_min if limits.usual_min is None else limits.usual_min,
    }
    return {"own_reception": own}


def _share_as_long(moment: Moment, silence: Silence) -> float:
    """By the curve in force, stretched for her, or as it was told."""
    witnessed_min, factor, told = silence.vigil.witnessed_min, silence.limits.factor, silence.told
    if told is not None and (told.witnessed_min, told.factor) == (round(witnessed_min, 2), factor):
        return told.share_as_long
    return round(max(LEAST_SAID, moment.terms.curve.share_as_long(witnessed_min / factor)), 5)


def of_visit(moment: Moment, visit: Visit, rule: str, what: str, ended: str) -> Finding:
    """A visit to a flagged zone, going on or ended, as a finding of `rule`."""
    zone = zone_of(moment, visit)
    severity = Severity(zone.flag)
    position = position_of(visit.first)
    evidence = _visit_evidence(visit)
    opened = _said(moment, visit, severity, Place(zone.id, zone.name, zone.kind, what), evidence, visit.first)
    over = _over(visit)
    closed = None
    if over is not None:
        place = Place(zone.id, zone.name, zone.kind, ended)
        closed = _said(moment, visit, severity, place, evidence | {"until": rfc3339(over.at)}, over)
    assert position is not None
    left_at = visit.left.at if visit.left else None
    return Finding(rule, zone.id, visit.first.at, visit.first.at, left_at, opened, closed)


def _over(visit: Visit) -> Heard | None:
    """The fix that ended it: a port call is over by departing, any visit by leaving."""
    return visit.departed or visit.left


def _visit_evidence(visit: Visit) -> dict[str, Any]:
    evidence: dict[str, Any] = {
        "first_fix": as_evidence(visit.first),
        "seen_entering": visit.seen_entering,
        "confirmed": visit.confirmed,
    }
    if visit.gate:
        evidence["gate"] = visit.gate
    if visit.arrived_at:
        evidence["arrived_at"] = rfc3339(visit.arrived_at)
    return evidence


def _said(moment: Moment, visit: Visit, severity: Severity, place: Place, evidence: dict[str, Any], fix: Heard) -> Said:
    gate = f" by {visit.gate}" if visit.gate and place.what == "entered" else ""
    doubt = "" if visit.confirmed else ", unconfirmed position"
    summary = f"{called(moment.hull)} {_VERBS.get(place.what, place.what)} {place.name}{gate}{doubt}"
    return Said(severity, visit.first.at, position_of(fix), place, summary, evidence)


_VERBS = {
    "first seen inside": "was first seen inside",
    "arrived": "arrived at",
    "turned back": "turned back in",
}


def entry(visit: Visit) -> str:
    """`entered`, or `first seen inside` where no fix outside came shortly before."""
    return "entered" if visit.seen_entering else "first seen inside"


def windows_of(moment: Moment, windows: Iterable[Window]) -> list[dict[str, Any]]:
    """Ports with their windows as data."""
    zones = moment.terms.zones.zones
    return [
        {
            "zone": window.zone,
            "name": zones[window.zone].name,
            "distance_nm": window.distance_nm,
            "earliest": rfc3339(window.earliest),
            "latest": rfc3339(window.latest),
        }
        for window in windows
        if window.zone in zones
    ]


_NAMED = 3


def named(moment: Moment, windows: Sequence[Window]) -> str:
    """`Busan (from 2024-02-03T18:00:00Z to 2024-02-04T09:00:00Z) and 11 more`."""
    zones = moment.terms.zones.zones
    told = [f"{zones[w.zone].name} (from {rfc3339(w.earliest)} to {rfc3339(w.latest)})" for w in windows[:_NAMED]]
    more = len(windows) - _NAMED
    return ", ".join(told) + (f" and {more} more" if more > 0 else "")
