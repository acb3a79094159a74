"""The waters of the generated worlds: who listens there, and where ships sail, fish and lie.  All by hand.

Positions were laid on a coast line of 1:10,000,000: lanes keep to the water at that scale, no better.
"""

from dataclasses import dataclass

from streams.scenario.motion import Point

VHF_RANGE_NM = 40.0
"""How far a coast station on a hill hears a class A ship."""


@dataclass(frozen=True, slots=True)
class Station:
    """A base station: hears the ships in range and sends message 4."""

    name: str
    mmsi: int
    point: Point


@dataclass(frozen=True, slots=True)
class Ground:
    """A circle in which ships fish or lie at anchor."""

    centre: Point
    radius_nm: float


@dataclass(frozen=True, slots=True)
class Waters:
    """One place.  The first station is heard in the thin weeks too every four minutes; `mids` are flags (ITU MID)."""

    name: str
    stations: tuple[Station, ...]
    lanes: tuple[tuple[Point, ...], ...]
    ferries: tuple[tuple[Point, ...], ...]
    grounds: tuple[Ground, ...]
    roads: tuple[Ground, ...]
    mids: tuple[int, ...]
    destinations: tuple[str, ...]


RAJIN = Waters(
    "rajin",
    (Station("rajin", 4450001, (42.240, 130.320)), Station("gamov", 2730101, (42.560, 131.220))),
    lanes=(
        ((42.195, 130.285), (42.15, 130.29), (42.08, 130.42), (42.12, 130.80), (42.38, 131.45), (42.85, 131.75)),
        ((41.75, 129.88), (41.78, 130.02), (41.98, 130.22), (42.12, 130.44), (42.22, 130.51), (42.29, 130.49)),
        ((42.56, 130.96), (42.48, 131.05), (42.30, 131.10), (41.85, 130.75), (41.20, 130.35)),
        ((41.15, 130.25), (41.80, 130.85), (42.20, 131.35), (42.62, 131.75)),
    ),
    ferries=(((42.58, 130.93), (42.47, 131.06), (42.45, 131.40), (42.70, 131.70), (42.88, 131.70)),),
    grounds=(Ground((42.02, 130.62), 3.5), Ground((42.22, 130.92), 3.5), Ground((41.88, 130.45), 4)),
    roads=(Ground((42.13, 130.34), 0.9), Ground((42.28, 130.48), 0.8), Ground((42.53, 130.98), 1.2)),
    mids=(445, 273, 273, 412, 413, 514),
    destinations=("RAJIN", "VLADIVOSTOK", "POSYET", "CHONGJIN", "VOSTOCHNY", "BUSAN"),
)

KOREA_STRAIT = Waters(
    "korea-strait",
    (Station("busan", 4400101, (35.080, 129.080)), Station("tsushima", 4310101, (34.420, 129.300))),
    lanes=(
        ((35.05, 129.09), (34.98, 129.08), (34.80, 128.98), (34.55, 128.90), (34.20, 128.60), (33.85, 128.15)),
        ((35.45, 129.75), (35.00, 129.40), (34.75, 129.18), (34.45, 128.98), (34.05, 128.72), (33.75, 128.30)),
        ((34.95, 130.40), (34.55, 129.95), (34.15, 129.60), (33.75, 129.25), (33.45, 128.75)),
        ((35.05, 129.12), (34.85, 129.50), (34.60, 129.62), (34.30, 129.50), (34.20, 129.37)),
    ),
    ferries=(((35.06, 129.11), (34.98, 129.20), (34.78, 129.55), (34.20, 130.00), (33.85, 130.20), (33.73, 130.28)),),
    grounds=(Ground((34.30, 128.88), 4), Ground((34.85, 129.33), 4), Ground((34.10, 129.65), 4)),
    roads=(Ground((35.015, 129.10), 1.0), Ground((34.22, 129.40), 1.0)),
    mids=(440, 441, 440, 431, 432, 412, 351, 636),
    destinations=("BUSAN", "ULSAN", "HAKATA", "IZUHARA", "SHANGHAI", "NIIGATA"),
)

ZHOUSHAN = Waters(
    "zhoushan",
    (Station("zhoushan", 4120101, (29.960, 122.300)), Station("shengsi", 4120102, (30.720, 122.460))),
    lanes=(
        (
            (29.58, 122.95),
            (29.66, 122.70),
            (29.70, 122.45),
            (29.75, 122.24),
            (29.83, 122.185),
            (29.935, 122.17),
            (29.965, 122.07),
        ),
        ((29.60, 122.92), (29.70, 122.66), (29.765, 122.46), (29.815, 122.35), (29.875, 122.327), (29.94, 122.25)),
        ((30.95, 122.75), (30.45, 122.80), (29.90, 122.85), (29.40, 122.60), (28.95, 122.30)),
        ((30.62, 122.10), (30.58, 122.40), (30.55, 122.75), (30.40, 123.15)),
    ),
    ferries=(((30.66, 122.53), (30.55, 122.62), (30.25, 122.65), (29.87, 122.60), (29.78, 122.46), (29.815, 122.355)),),
    grounds=(Ground((30.05, 122.74), 3), Ground((29.58, 122.35), 3), Ground((30.45, 122.72), 3)),
    roads=(Ground((29.945, 122.23), 0.4), Ground((29.62, 122.58), 2.5), Ground((30.60, 122.50), 1.5)),
    mids=(412, 413, 413, 412, 477, 352, 538, 636),
    destinations=("ZHOUSHAN", "NINGBO", "SHANGHAI", "YANGSHAN", "QINGDAO", "XIAMEN"),
)
