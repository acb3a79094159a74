"""The alert lifecycle: every arrow of the diagram, ids that never change, and which finding continues which episode."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.alert import Alert, Event, Severity
from alerts.core.frozen import replace
from alerts.core.lifecycle import Episode, difference, episode_id
from alerts.core.rule import Finding, Said
from tests.fleet import ANGARA, time

HULL = ANGARA.id


def said(what: str, clock: str = "08:00") -> Said:
    return Said(Severity.WARNING, time(clock), None, None, what)


def silence(begin: str, end: str | None = None, what: str = "silent", rule: str = "went_dark") -> Finding:
    since, until = time(begin), None if end is None else time(end)
    closed = None if end is None else said(f"was {what}", begin)
    return Finding(rule, "", since, since, until, said(what, begin), closed)


class Told:
    """Says one set of findings after another."""

    def __init__(self) -> None:
        self.episodes: tuple[Episode, ...] = ()

    def __call__(self, *findings: Finding) -> list[Alert]:
        self.episodes, alerts = difference(self.episodes, findings, HULL, ANGARA, time("12:00"))
        return list(alerts)

    def brief(self, *findings: Finding) -> list[tuple[str, int]]:
        return [(str(alert.event), alert.revision) for alert in self(*findings)]


def test_what_is_new_is_opened_and_what_stands_is_not_repeated() -> None:
    told = Told()
    assert told.brief(silence("08:00")) == [("opened", 0)]
    assert told.brief(silence("08:00")) == []


def test_an_alert_carries_what_the_rule_said_and_when_we_knew() -> None:
    (alert,) = Told()(silence("08:00"))
    assert (alert.rule, alert.severity, alert.summary) == ("went_dark", Severity.WARNING, "silent")
    assert (alert.happened_at, alert.known_at, alert.hull, alert.cause) == (time("08:00"), time("12:00"), ANGARA, None)


def test_open_is_amended_then_closed_then_corrected_then_withdrawn_then_found_again() -> None:
    told = Told()
    told(silence("08:00"))
    assert told.brief(silence("08:00", what="silent in fog")) == [("amended", 1)]
    assert told.brief(silence("08:00", "09:00")) == [("closed", 2)]
    assert told.brief(silence("08:00", "09:00", "silent in rain")) == [("closed", 3)]
    assert told.brief() == [("retracted", 4)]
    assert told.brief() == []
    assert told.brief(silence("08:00")) == [("opened", 5)]


def test_a_closed_one_that_goes_on_after_all_is_amended() -> None:
    told = Told()
    told(silence("08:00", "09:00"))
    assert told.brief(silence("08:00")) == [("amended", 2)]


def test_one_withdrawn_that_is_found_again_over_is_closed() -> None:
    told = Told()
    told(silence("08:00"))
    told()
    assert told.brief(silence("08:00", "09:00")) == [("closed", 2)]


def test_one_withdrawn_is_opened_again_though_the_words_are_the_same() -> None:
    told = Told()
    told(silence("08:00"))
    told()
    assert told.brief(silence("08:00")) == [("opened", 2)]


def test_one_known_only_when_over_is_opened_then_closed() -> None:
    opened, closed = Told()(silence("08:00", "09:00"))
    assert (opened.event, opened.revision, opened.summary) == (Event.OPENED, 0, "silent")
    assert (closed.event, closed.revision, closed.summary) == (Event.CLOSED, 1, "was silent")
    assert opened.id == closed.id


def test_a_withdrawal_says_what_was_said_last() -> None:
    told = Told()
    told(silence("08:00", what="silent in fog"))
    (withdrawn,) = told()
    assert (withdrawn.event, withdrawn.summary) == (Event.RETRACTED, "silent in fog")


def test_a_silence_found_to_begin_later_keeps_its_id() -> None:
    told = Told()
    (opened,) = told(silence("08:00"))
    (amended,) = told(silence("08:20"))
    assert (amended.event, amended.id, amended.happened_at) == (Event.AMENDED, opened.id, time("08:20"))
    assert told.episodes[0].anchor == time("08:00")


@pytest.mark.parametrize(
    ("begin", "end", "same"),
    [
        ("09:00", None, False),
        ("08:59:59.999", None, True),
        ("07:00", "08:00", False),
        ("07:00", "08:00:00.001", True),
        ("08:20", "08:40", True),
    ],
)
def test_a_finding_continues_the_episode_that_it_overlaps(begin: str, end: str | None, same: bool) -> None:
    told = Told()
    told(silence("08:00", "09:00"))
    assert ({alert.id for alert in told(silence(begin, end))} == {told.episodes[0].id}) == same


def test_another_rule_or_another_zone_never_continues_an_episode() -> None:
    for other in (replace(silence("08:10"), rule="dark_in_port"), replace(silence("08:10"), zone="haven")):
        told = Told()
        told(silence("08:00"))
        assert told.brief(other) == [("retracted", 1), ("opened", 0)]


def test_the_same_anchor_goes_before_an_overlap() -> None:
    told = Told()
    (first,) = told(silence("08:00"))
    events = {alert.id: str(alert.event) for alert in told(silence("07:00", "08:30"), silence("08:00", "10:00"))}
    assert events[first.id] == "closed"
    assert told.episodes[0].begin == time("08:00")


def test_of_two_episodes_the_earlier_is_continued_and_the_other_withdrawn() -> None:
    told = Told()
    told(silence("08:00", "09:00"), silence("09:30", "10:00"))
    changed = {alert.id: str(alert.event) for alert in told(silence("07:30", "10:30"))}
    early, late = sorted(told.episodes, key=lambda episode: episode.id)
    assert changed == {early.id: "closed", late.id: "retracted"}


def test_of_two_findings_the_earlier_continues_the_episode() -> None:
    told = Told()
    (first,) = told(silence("08:00"))
    told(silence("08:40", "09:00"), silence("08:10", "08:30"))
    continued = next(episode for episode in told.episodes if episode.id == first.id)
    assert continued.begin == time("08:10")


def test_a_withdrawn_episode_is_found_again_by_its_anchor_only() -> None:
    told = Told()
    (first,) = told(silence("08:00"))
    told()
    (second,) = told(silence("08:20"))
    assert (second.event, second.revision) == (Event.OPENED, 0)
    assert second.id != first.id


def test_new_episodes_are_told_in_the_order_found() -> None:
    lit = Finding("lit_up", "", time("08:00"), time("08:00"), time("09:00"), said("lit up"))
    assert [a.rule for a in Told()(silence("08:00", "09:00"), lit)] == ["went_dark", "went_dark", "lit_up"]


def test_an_id_names_hull_rule_zone_and_anchor_and_milliseconds_only_where_there_are_any() -> None:
    assert episode_id(HULL, "area", "shoal", time("08:00")) == "imo-9179842.area.shoal.20240203T080000Z"
    assert episode_id(HULL, "lit_up", "", time("08:00:00.040")) == "imo-9179842.lit_up.20240203T080000Z.040"
    assert episode_id("", "outage", "coast", time("08:00")) == "outage.coast.20240203T080000Z"


moments = st.integers(0, 6)
spans = st.builds(
    lambda begin, length, words: Finding(
        "went_dark",
        "",
        begin,
        begin,
        None if length is None else begin + length,
        said(words),
        None if length is None else said(words + "!"),
    ),
    moments,
    st.none() | st.integers(1, 4),
    st.sampled_from("ab"),
)
sets_of_findings = st.lists(spans, max_size=3, unique_by=lambda finding: finding.anchor)


@given(st.lists(sets_of_findings, max_size=6))
def test_whatever_was_said_before_the_last_revisions_are_what_should_be_said(history: list[list[Finding]]) -> None:
    told = Told()
    revisions: dict[str, int] = {}
    last: dict[str, Alert] = {}
    for findings in history:
        for alert in told(*findings):
            assert alert.revision == revisions.get(alert.id, -1) + 1
            revisions[alert.id], last[alert.id] = alert.revision, alert
        standing = [alert for alert in last.values() if alert.event is not Event.RETRACTED]
        assert sorted(a.summary for a in standing) == sorted(f.said.summary for f in findings)
        assert sum(a.event is Event.CLOSED for a in standing) == sum(f.closed is not None for f in findings)
        assert told.brief(*findings) == []
