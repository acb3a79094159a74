"""loitering: she stays where she is, far from land, where nobody waits for a berth.

Slower than 2 kn in the mean of an hour, 20 nm and more from all land, for two hours at least (Global Fishing Watch,
technical documentation; its portal shows such of one hour, its reports of carriers meeting fishing vessels those of
four, eight in Miller et al. 2018).  Not in a flagged port.  How it is counted: alerts/core/drift.py.

Opened with `info`, amended each time that what was seen has doubled, `caution` from eight hours on; closed when she is
under way, near land, in a port, or was unheard for twelve hours: up to the last fix at which she was slow.
"""

from typing import Any

from alerts.core.alert import Severity
from alerts.core.drift import Drift, Ending, Seen
from alerts.core.instants import HOUR, MINUTE, rfc3339, spoken
from alerts.core.offshore import OFF_THE_COAST, OFFSHORE, is_offshore
from alerts.core.quarantine import apart_nm
from alerts.core.rule import Finding, Moment, Said, as_evidence, called, position_of

LONG_MS = 8 * HOUR


def loitering(moment: Moment) -> tuple[Finding, ...]:
    """One finding for loitering that was over with this report, or that goes on."""
    if moment.drift_over is not None:
        return (_finding(moment, *moment.drift_over),)
    drift = moment.before.drift if moment.heard is None else None
    return (_finding(moment, drift, None),) if drift is not None and drift.told is not None else ()


def _finding(moment: Moment, drift: Drift, ending: Ending | None) -> Finding:
    assert drift.told is not None
    first, slow = drift.first, drift.slow
    told = _said(moment, drift, drift.told.seen, "has been loitering for more than")
    if ending is None:
        return Finding("loitering", "", first.at, first.at, None, told)
    over = _said(moment, drift, slow, "loitered for")
    evidence = over.evidence | {"until": rfc3339(slow.last.at), "ended": str(ending)}
    closed = Said(over.severity, first.at, position_of(slow.last), None, over.summary, evidence)
    return Finding("loitering", "", first.at, first.at, slow.last.at, told, closed)


def _said(moment: Moment, drift: Drift, seen: Seen, verb: str) -> Said:
    severity = Severity.CAUTION if seen.seen_ms >= LONG_MS else Severity.INFO
    evidence = _evidence(moment, drift, seen)
    length, nm = spoken(seen.last.at - drift.first.at), evidence["shore_nm_at_least"]
    unseen = f", {spoken(evidence['unseen_min'] * MINUTE)} of it unseen" if evidence["unseen_min"] else ""
    drifted = f"she drifted {evidence['drift_nm']:.1f} nm at {evidence['mean_speed_kn']:.1f} kn"
    summary = f"{called(moment.hull)} {verb} {length}{unseen}, {nm:.0f} nm and more from land: {drifted}"
    return Said(severity, drift.first.at, position_of(seen.last), None, summary, evidence)


def _evidence(moment: Moment, drift: Drift, seen: Seen) -> dict[str, Any]:
    length_ms = seen.last.at - drift.first.at
    far = is_offshore(drift.first.where) and is_offshore(seen.last.where)
    return {
        "first_fix": as_evidence(drift.first),
        "seen_min": seen.seen_ms // MINUTE,
        "unseen_min": (length_ms - seen.seen_ms) // MINUTE,
        "mean_speed_kn": round(seen.made_nm / (length_ms / HOUR), 1),
        "drift_nm": round(apart_nm(drift.first, seen.last), 1),
        "shore_nm_at_least": (OFFSHORE if far else OFF_THE_COAST).nm,
        **_nearest(moment, drift),
    }


def _nearest(moment: Moment, drift: Drift) -> dict[str, Any]:
    nearest = drift.told.nearest if drift.told else None
    port = moment.terms.zones.zones.get(nearest[1]) if nearest else None
    if nearest is None or port is None:
        return {}
    return {"nearest_port": {"zone": port.id, "name": port.name, "distance_nm": round(nearest[0], 1)}}
