import tomllib

import pytest

from alerts.core.thresholds import Thresholds
from alerts.watchlist.flaws import WrongFileError
from alerts.watchlist.rules import parse


def test_what_is_left_out_is_as_by_default() -> None:
    assert parse({}) == Thresholds()
    assert parse(tomllib.loads("[silence]\nfloor_min = 15\n[places]")) == Thresholds(silence_floor_min=15.0)


def test_every_number_can_be_set() -> None:
    text = """
    [silence]
    floor_min = 1
    ceiling_min = 2
    budget = 3
    port_min = 4
    stopped_min = 5
    [places]
    stopped_below_kn = 0.4
    departed_above_kn = 6
    arrival_wait_h = 7
    call_h = 8
    [rendezvous]
    lasts_min = 90
    port_nm = 10
    [loitering]
    below_kn = 1.5
    hours = 9
    [anomaly]
    speed_kn = 10.5
    course_deg = 61
    minutes = 12
    [statics]
    draught_change_m = 13
    stands_min = 14
    """
    assert parse(tomllib.loads(text)) == Thresholds(1, 2, 3, 4, 5, 0.4, 6, 7, 8, 90, 10, 1.5, 9, 10.5, 61, 12, 13, 14)


TABLES = "silence, places, rendezvous, loitering, anomaly, statics"
KEYS = "floor_min, ceiling_min, budget, port_min, stopped_min"


@pytest.mark.parametrize(
    ("text", "flaws"),
    [
        (
            "[silence]\nfloor = 1",
            ["silence.floor: expected no such key here, only " + KEYS],
        ),
        ("[quiet]", ["quiet: expected no such key here, only " + TABLES]),
        ("silence = 30", ["silence: expected a table, got 30"]),
        ("silence = false", ["silence: expected a table, got False"]),
        ("[silence]\nbudget = '20'", ["silence.budget: expected a number from 0.01 to 10000, got '20'"]),
        ("[silence]\nbudget = true", ["silence.budget: expected a number from 0.01 to 10000, got True"]),
        ("[silence]\nbudget = nan", ["silence.budget: expected a number from 0.01 to 10000, got nan"]),
        ("[silence]\nbudget = inf", ["silence.budget: expected a number from 0.01 to 10000, got inf"]),
        ("[places]\nstopped_below_kn = 3", ["places.departed_above_kn: expected no less than stopped_below_kn, 3"]),
        (
            "[silence]\nfloor_min = 0\nx = 1\n[places]\nstopped_below_kn = -1",
            [
                "silence.floor_min: expected a number from 1 to 20160, got 0",
                "silence.x: expected no such key here, only " + KEYS,
                "places.stopped_below_kn: expected a number from 0.1 to 5, got -1",
            ],
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_key(text: str, flaws: list[str]) -> None:
    with pytest.raises(WrongFileError) as refused:
        parse(tomllib.loads(text))
    assert [str(flaw) for flaw in refused.value.flaws] == flaws
