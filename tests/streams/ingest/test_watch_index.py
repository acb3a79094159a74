import pytest

from alerts.core.hull import Hull
from streams.ingest.watch_index import WatchIndex, is_anothers, is_ship
from tests.streams.ingest.air import ANGARA, ANGARA_IMO, HOMONYM_IMO, HULL, OTHER, WATCH

MARIA = Hull("maria", imo=8517839)
YACHT = Hull("mmsi-235000001", mmsi=235000001)


def test_by_the_mmsi_of_her_entry():
    assert WATCH.by_number(ANGARA, {}) == HULL
    assert WATCH.by_number(OTHER, {}) is None


def test_by_her_imo_number_whatever_the_mmsi():
    assert WATCH.by_identity(OTHER, ANGARA_IMO, {}) == HULL


def test_an_mmsi_that_said_her_imo_number_is_hers_from_then_on():
    assert WATCH.teaches(OTHER, ANGARA_IMO)
    assert WATCH.by_number(OTHER, {OTHER: ANGARA_IMO}) == HULL
    assert WATCH.by_identity(OTHER, None, {OTHER: ANGARA_IMO}) == HULL


def test_another_ship_on_her_mmsi_is_not_taken_for_her():
    assert WATCH.by_identity(ANGARA, HOMONYM_IMO, {}) == HULL
    assert WATCH.by_identity(OTHER, HOMONYM_IMO, {OTHER: ANGARA_IMO}) == HULL
    assert [is_anothers(HULL, imo) for imo in (HOMONYM_IMO, ANGARA_IMO, None)] == [True, False, False]


def test_a_message_that_says_no_valid_imo_number_is_hers_by_its_mmsi():
    assert WATCH.by_identity(ANGARA, None, {}) == HULL


def test_an_entry_without_an_imo_number_is_contradicted_by_none():
    assert WatchIndex.of([YACHT]).by_identity(235000001, HOMONYM_IMO, {}) == YACHT
    assert not is_anothers(YACHT, HOMONYM_IMO)


def test_an_mmsi_of_an_entry_stays_that_ones():
    index = WatchIndex.of([MARIA, YACHT])
    assert index.by_identity(235000001, 8517839, {}) == MARIA
    assert not index.teaches(235000001, 8517839)
    assert index.by_number(235000001, {235000001: 8517839}) == YACHT


@pytest.mark.parametrize("mmsi", [0, 1, 1193046, 2190067, 111265591, 111111111, 123456789, 970123456, 999999999])
def test_a_number_that_is_no_ships_is_never_learned(mmsi):
    assert not WATCH.teaches(mmsi, ANGARA_IMO)
    assert not is_ship(mmsi)


def test_a_hull_that_is_no_longer_watched_is_nobody():
    assert WatchIndex.of([YACHT]).by_number(OTHER, {OTHER: ANGARA_IMO}) is None


def test_nobody_by_name_or_call_sign():
    index = WatchIndex.of([Hull("x", imo=ANGARA_IMO, name="ANGARA", call_sign="UBYT2")])
    assert index.by_identity(OTHER, HOMONYM_IMO, {}) is None
    assert index.by_number(OTHER, {}) is None


@pytest.mark.parametrize("mmsi", [201_000_000, ANGARA, 775_999_999])
def test_every_ship_is_a_hull_where_all_are_watched(mmsi):
    assert WatchIndex.all_ships().by_number(mmsi, {}) == Hull(f"mmsi-{mmsi}", mmsi=mmsi)


@pytest.mark.parametrize(
    "mmsi", [0, 2190067, 20190067, 111265591, 200_999_999, 776_000_000, 800_000_000, 970123456, 982190067, 992509976]
)
def test_but_no_base_station_aircraft_aid_craft_or_beacon(mmsi):
    assert WatchIndex.all_ships().by_number(mmsi, {}) is None


def test_entries_keep_their_ids_where_all_are_watched():
    assert WatchIndex.all_ships([HULL]).by_number(ANGARA, {}) == HULL
    assert WatchIndex.all_ships([HULL]).by_identity(OTHER, ANGARA_IMO, {}) == HULL
