import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.core.curve import Curve
from alerts.core.frozen import replace
from alerts.core.hull import Hull
from alerts.core.learned import Apart, CellHeard, Learned, Point, Source
from alerts.core.thresholds import Thresholds
from alerts.core.water import LONG_MIN
from alerts.core.zones import Circle, Detour, Gate, Polygon, Zone, ZoneIndex
from alerts.watchlist.seaways import Seaways
from streams.config import Config, ConfigError, load_config
from streams.settings import DEFAULT_FOLDER
from streams.version_contents import content, contents

ANGARA = load_config(DEFAULT_FOLDER)
degrees = st.floats(-90, 90, allow_subnormal=False)
fixes = st.lists(st.tuples(degrees, degrees), min_size=2, max_size=5).map(tuple)
sides = st.lists(st.integers(0, 300), max_size=3).map(tuple)
shapes = st.builds(Circle, degrees, degrees, degrees) | st.builds(Polygon, fixes)
zones = st.builds(
    Zone,
    id=st.text(max_size=5),
    name=st.text(max_size=5),
    kind=st.sampled_from(["area", "port", "strait"]),
    shape=shapes,
    margin_nm=degrees,
    gates=st.lists(st.builds(Gate, st.text(max_size=5), fixes, side_nm=sides), max_size=2).map(tuple),
    flag=st.sampled_from(["info", "critical"]),
    source=st.text(max_size=5),
    uncertainty_nm=degrees,
    detour=st.none() | st.builds(Detour, degrees, st.lists(fixes, max_size=2).map(tuple)),
)


def meant(config: Config) -> dict[str, object]:
    made = contents(config)
    return {version.partition("/")[0]: content(version, value) for version, value in made.values.items()}


def test_a_folder_is_three_versions() -> None:
    versions = contents(ANGARA).versions
    for version, kind in ((versions.zones, "zones"), (versions.rules, "rules"), (versions.watchlist, "watchlist")):
        assert re.fullmatch(f"{kind}/[0-9a-f]{{16}}", version)


def test_what_is_published_is_what_was_read() -> None:
    back = meant(ANGARA)
    assert back["watchlist"] == tuple(sorted(ANGARA.watchlist, key=lambda hull: hull.id))
    assert back["rules"] == ANGARA.thresholds
    assert isinstance(back["zones"], ZoneIndex)
    assert back["zones"].zones == {zone.id: zone for zone in ANGARA.zones}


LEARNED = Learned(
    Source(0, 1, ("roof",), 2, 3.0), (Point(0.0, 3, 1.0), Point(1.0, 1, 0.01)), 4.5, (), 0.0, Apart(1), ()
)


def test_what_was_learned_is_a_version_of_its_own() -> None:
    """Without it there is none, and the shipped curve holds; how well ships are heard where makes none."""
    assert contents(ANGARA).versions.cover == ""
    made = contents(replace(ANGARA, cover=LEARNED))
    assert replace(made.versions, cover="") == contents(ANGARA).versions
    assert re.fullmatch("cover/[0-9a-f]{16}", made.versions.cover)
    assert content(made.versions.cover, made.values[made.versions.cover]) == LEARNED.curve
    assert LEARNED.curve == Curve(((0.0, 1.0), (1.0, 0.01)), 4.5).with_least(LONG_MIN, 10.0)
    cells = replace(LEARNED, cells=(CellHeard(5, 1.0, 2.0),))
    assert contents(replace(ANGARA, cover=cells)) == made
    assert contents(replace(ANGARA, cover=replace(LEARNED, moving_a_hull_day=450.0))).versions != made.versions


def test_sea_distances_are_published_with_the_zones_as_replay_makes_them() -> None:
    back, own = meant(ANGARA)["zones"], ZoneIndex.of(ANGARA.zones, Seaways(ANGARA.zones))
    assert isinstance(back, ZoneIndex)
    places = [(lat, lon) for lat in range(10, 60, 7) for lon in range(110, 180, 9)]
    for port in own.ports:
        assert [back.sailed_nm(port.id, fix) for fix in places] == [own.sailed_nm(port.id, fix) for fix in places]
    assert back.sailed_nm("wonsan", (38.7, 125.3)) > 5 * back.straight_nm("wonsan", (38.7, 125.3))
    assert len(contents(ANGARA).values[contents(ANGARA).versions.zones]) < 10_000 * len(own.ports)


@settings(deadline=None, max_examples=20)
@given(st.lists(zones, max_size=3, unique_by=lambda zone: zone.id))
def test_any_zones_come_back_as_they_were(some: list[Zone]) -> None:
    back = meant(Config(zones=tuple(some)))["zones"]
    assert isinstance(back, ZoneIndex)
    assert back.zones == {zone.id: zone for zone in some}


def test_the_order_in_a_file_makes_no_version_but_every_word_does() -> None:
    turned = replace(ANGARA, watchlist=ANGARA.watchlist[::-1], zones=ANGARA.zones[::-1])
    assert contents(turned) == contents(ANGARA)
    renamed = replace(ANGARA.watchlist[0], reason="another")
    other = contents(replace(ANGARA, watchlist=(renamed, *ANGARA.watchlist[1:]))).versions
    before = contents(ANGARA).versions
    assert other == replace(before, watchlist=other.watchlist) != before
    assert contents(replace(ANGARA, thresholds=Thresholds(31.0))).versions.rules != before.rules


def test_bytes_that_are_not_the_version_are_nothing() -> None:
    ((version, value), *_) = contents(ANGARA).values.items()
    assert content(version, value) is not None
    for other in (value + b" ", value[:-1], b"", value.replace(b"/1 ", b"/2 ", 1)):
        assert content(version, other) is None
    assert content("cover/0123456789abcdef", b"cover/1 {}") is None
    assert content("", b"") is None


def test_a_list_that_does_not_fit_a_record_is_refused() -> None:
    many = tuple(Hull(f"h{n}", mmsi=201_000_000 + n, reason="r" * 300) for n in range(25_000))
    with pytest.raises(ConfigError, match=r"watchlist: expected at most 8,000,000 bytes as one version, got 10,"):
        contents(Config(many))


def test_fifty_thousand_plain_hulls_fit() -> None:
    many = tuple(Hull(f"mmsi-{n}", 9_000_000 + n, n, "A LONG NAME OF A SHIP", "ABCDE7") for n in range(50_000))
    assert contents(Config(many)).versions.watchlist
