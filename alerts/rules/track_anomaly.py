"""track_anomaly: she says another speed, or another course, than her positions make.

For half an hour on end: by more than 10 kn, or by more than 60 degrees where she makes way (the limits of the track
check of ships' weather reports, marine_qc, after the Met Office's MDS; how legs are compared: alerts/core/claims.py).
A position that stands still while she steams, or that steams while she lies, is a known sign of a forged track, and of
a broken receiver.  Where positions jump, position_jump tells of it: a leg begins anew behind a jump.

Closed when her legs have agreed for a quarter of an hour.  In 716 ship-hours of recorded traffic no leg of five minutes
was beyond either limit.
"""

from alerts.core.alert import Severity
from alerts.core.claims import Doubt, Way
from alerts.core.instants import MINUTE, rfc3339, spoken
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of


def track_anomaly(moment: Moment) -> tuple[Finding, ...]:
    """One finding for an anomaly that was over with this report, or that goes on."""
    if moment.doubt_over is not None:
        return (_finding(moment, moment.doubt_over, over=True),)
    claims = moment.before.claims if moment.heard is None else None
    doubt = claims.doubt if claims else None
    return (_finding(moment, doubt, over=False),) if doubt is not None and doubt.told is not None else ()


def _finding(moment: Moment, doubt: Doubt, over: bool) -> Finding:
    assert doubt.told is not None
    first, until = doubt.first, doubt.last.at
    told = _said(moment, doubt, doubt.told)
    if not over:
        return Finding("track_anomaly", "", first.at, first.at, None, told)
    closed = _said(moment, doubt, doubt.way)
    summary = f"{called(moment.hull)} says again what her positions make, after {spoken(until - first.at)}"
    evidence = closed.evidence | {"until": rfc3339(until)}
    closed = Said(closed.severity, first.at, position_of(doubt.last), None, summary, evidence)
    return Finding("track_anomaly", "", first.at, first.at, until, told, closed)


def _said(moment: Moment, doubt: Doubt, way: Way) -> Said:
    limits, said_kn, made_kn = moment.terms.thresholds, round(way.said_kn, 1), round(way.made_kn, 1)
    apart_kn, apart_deg = round(way.apart_kn, 1), round(way.apart_deg)
    by_speed = way.apart_kn / limits.anomaly_speed_kn >= way.apart_deg / limits.anomaly_course_deg
    what = f"she says {said_kn} kn" if by_speed else f"she says a course {apart_deg} degrees beside it"
    summary = f"The positions of {called(moment.hull)} make {made_kn} kn, and {what}, for {spoken(way.ms)}"
    evidence = {
        "first_fix": as_evidence(doubt.first),
        "differs": "speed" if by_speed else "course",
        "said_speed_kn": said_kn,
        "made_speed_kn": made_kn,
        "speed_apart_kn": apart_kn,
        "course_apart_deg": apart_deg,
        "contradicting_min": way.ms // MINUTE,
    }
    return Said(Severity.CAUTION, doubt.first.at, position_of(doubt.first), None, summary, evidence)
