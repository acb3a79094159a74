"""Who is to be asked when: the newest time of a hull counts, and a hull stays due until it is set anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerts.core.wakes import Wakes

settings = st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.integers(0, 9)), max_size=12)


@given(settings, st.lists(st.integers(0, 9), max_size=4))
def test_exactly_those_are_due_whose_newest_time_has_come(
    said: list[tuple[str, int | None]], clocks: list[int]
) -> None:
    wakes, newest = Wakes(), dict[str, int | None]()
    for key, at in said:
        wakes.set(key, at)
        newest[key] = at
        for clock in clocks:
            assert wakes.due(clock) == sorted(k for k, t in newest.items() if t is not None and t <= clock)
        assert all(wakes.at(k) == t for k, t in newest.items())


def test_a_time_that_comes_back_after_it_was_changed_still_wakes() -> None:
    wakes = Wakes()
    for at in (5, 9, 5, None, 5):
        wakes.set("a", at)
    assert wakes.due(4) == []
    assert wakes.due(5) == wakes.due(5) == ["a"]
