"""The rules file (rules.toml) as thresholds.

    [silence]            [places]                   [rendezvous]
    floor_min = 15       stopped_below_kn = 0.5     lasts_min = 120
    ceiling_min = 720    departed_above_kn = 2.0    port_nm = 5.4
    budget = 10          arrival_wait_h = 24
    port_min = 60        call_h = 3                 [loitering]
    stopped_min = 10080                             below_kn = 2.0
                                                    hours = 2
    [anomaly]
    speed_kn = 10        course_deg = 60            minutes = 30

    [statics]
    draught_change_m = 1.0
    stands_min = 60

What is left out is as in `Thresholds`.
"""

from typing import Any

from alerts.core.thresholds import Thresholds
from alerts.routing.table import Table
from alerts.watchlist.flaws import Flaws

_TABLES: dict[str, dict[str, tuple[str, float, float]]] = {
    # key: field of Thresholds, lowest, highest
    "silence": {
        "floor_min": ("silence_floor_min", 1, 14 * 1440),
        "ceiling_min": ("silence_ceiling_min", 1, 90 * 1440),
        "budget": ("silence_budget", 0.01, 10_000),
        "port_min": ("port_silence_min", 1, 90 * 1440),
        "stopped_min": ("stopped_silence_min", 1, 90 * 1440),
    },
    "places": {
        "stopped_below_kn": ("stopped_below_kn", 0.1, 5),
        "departed_above_kn": ("departed_above_kn", 0.1, 20),
        "arrival_wait_h": ("arrival_wait_h", 0, 30 * 24),
        "call_h": ("call_h", 0, 30 * 24),
    },
    "rendezvous": {
        "lasts_min": ("rendezvous_min", 30, 120),
        "port_nm": ("rendezvous_port_nm", 0, 100),
    },
    "loitering": {
        "below_kn": ("loitering_below_kn", 0.1, 5),
        "hours": ("loitering_h", 1, 30 * 24),
    },
    "anomaly": {
        "speed_kn": ("anomaly_speed_kn", 1, 100),
        "course_deg": ("anomaly_course_deg", 10, 180),
        "minutes": ("anomaly_min", 5, 1440),
    },
    "statics": {
        "draught_change_m": ("draught_change_m", 0.1, 20),
        "stands_min": ("stands_min", 1, 7 * 1440),
    },
}


def parse(data: dict[str, Any]) -> Thresholds:
    """The rules file as `tomllib` reads it; raises WrongFileError with all that is wrong."""
    flaws, numbers, root = Flaws(), dict[str, float](), Table("", data)
    for name in _TABLES:
        value = root.get(name)
        with flaws.noted():
            numbers |= _numbers(Table(name, {} if value is None else value), flaws)
    with flaws.noted():
        root.finish()
    thresholds = Thresholds(**numbers)
    if thresholds.departed_above_kn < thresholds.stopped_below_kn:
        flaws.note("places.departed_above_kn", f"no less than stopped_below_kn, {thresholds.stopped_below_kn:g}")
    flaws.refuse()
    return thresholds


def _numbers(table: Table, flaws: Flaws) -> dict[str, float]:
    """Always floats: `30` and `30.0` are the same version."""
    numbers = {}
    for key, (field, low, high) in _TABLES[table.where].items():
        with flaws.noted():
            numbers[field] = float(table.number(key, getattr(_UNSET, field), low, high))
    with flaws.noted():
        table.finish()
    return numbers


_UNSET = Thresholds()
