"""Asking only who is due, and remembering what was folded, says exactly what asking and folding everything says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from alerts.core.engine import Engine, Record, Step
from alerts.core.world import World
from alerts.rules import RULES
from tests.properties.chain import CONTENTS, Item, logs
from tests.properties.test_chain import often, seeds
from tests.properties.worlds import arrivals


class Tireless(Engine):
    """Asks everybody, always."""

    def _asked_at(self, world: World) -> list[str]:
        return sorted(self._memories)


class Forgetful(Engine):
    """Folds every report anew, always."""

    def apply(self, offset: int, record: Record) -> Step:
        self._folds.clear()
        return super().apply(offset, record)


def told(engine: Engine, log: list[Any]) -> list[dict[str, Any]]:
    alerts = []
    for offset, record in enumerate(log):
        step = engine.apply(offset, record)
        engine.commit(step)
        alerts += step.alerts
    return [alert.published() for alert in alerts]


@pytest.mark.timeout(1_200)
@often
@given(arrivals(), seeds)
def test_asking_who_is_due_and_folding_what_is_new_says_what_doing_all_of_it_says(
    arrival: list[Item], seed: int
) -> None:
    for log in logs(arrival, seed, deaths=2):
        engine, forgetful = Engine(CONTENTS, RULES), Forgetful(CONTENTS, RULES)
        said = told(engine, log)
        assert said == told(Tireless(CONTENTS, RULES), log)
        assert said == told(forgetful, log)
        assert engine._memories == forgetful._memories
