"""A day off Busan with forty minutes in which the whole feed is deaf: one outage, and not one ship dark of it."""

from alerts.core.instants import parse_rfc3339
from streams.scenario.radio import Failure
from streams.scenario.ships import Ship, fleet
from streams.scenario.waters import KOREA_STRAIT
from streams.scenario.worlds import Scene, World

_BEGIN, _END = parse_rfc3339("2024-05-14T04:00:00Z"), parse_rfc3339("2024-05-14T12:00:00Z")
OUTAGE = Failure(
    tuple(station.name for station in KOREA_STRAIT.stations),
    parse_rfc3339("2024-05-14T08:00:00Z"),
    parse_rfc3339("2024-05-14T08:40:00Z"),
)


def cast(seed: int) -> tuple[Ship, ...]:
    """The fleet of the Korea Strait."""
    return tuple(fleet(KOREA_STRAIT, seed, _BEGIN, _END, 1))


HARBOUR = World(
    name="harbour",
    summary="a working day off Busan; the whole feed is out for forty minutes",
    scenes=(Scene("a working day", _BEGIN, _END, 300.0, KOREA_STRAIT),),
    waters=(KOREA_STRAIT,),
    cast=cast,
    failures=(OUTAGE,),
)
