"""Ingest runs no further ahead of the clock than memories hold and alerts bear, nor stops for one that stands."""

from alerts.core.instants import MINUTE, Instant
from alerts.core.reports import Origin, Report
from streams.ingest.lead import AT_ONCE, MOST_AHEAD, MOST_AHEAD_MS, STANDS_AFTER_S, Lead, too_many
from tests.streams.lines import at

EIGHT = at("08:00:00")


def report(when: Instant, hull: str = "angara") -> Report:
    return Report(hull, "coast", "busan", 273210440, 1, when, when, Origin("s:0", when, 0))


def ahead(count: int, hull: str = "angara") -> list[Report]:
    return [report(EIGHT + 1 + n * 10_000, hull) for n in range(count)]


def test_a_hull_may_be_so_far_ahead_and_no_further() -> None:
    lead = Lead(0.0)
    lead.closed(EIGHT, 0.0)
    lead.wrote(ahead(MOST_AHEAD))
    assert lead.may_grow(EIGHT + 10 * MINUTE, 1.0)
    lead.wrote(ahead(1, "other"))
    assert lead.may_grow(EIGHT + 10 * MINUTE, 1.0), "another hull has room of her own"
    lead.wrote(ahead(1))
    assert not lead.may_grow(EIGHT + 10 * MINUTE, 1.0)


def test_what_the_clock_has_closed_is_ahead_no_more() -> None:
    lead = Lead(0.0)
    lead.closed(EIGHT, 0.0)
    lead.wrote(ahead(MOST_AHEAD + 1))
    lead.closed(EIGHT + MINUTE, 1.0)
    assert lead.may_grow(EIGHT + 10 * MINUTE, 1.0)


def test_the_partition_that_the_clock_waits_for_goes_on() -> None:
    lead = Lead(0.0)
    lead.wrote(ahead(MOST_AHEAD + 1))
    assert lead.may_grow(0, 1.0), "it has not ticked yet"
    assert not lead.may_grow(EIGHT, 1.0)
    lead.closed(EIGHT, 1.0)
    assert lead.may_grow(EIGHT + MINUTE - 1, 1.0)
    assert not lead.may_grow(EIGHT + MINUTE, 1.0)


def test_a_clock_that_stands_is_not_waited_for() -> None:
    lead = Lead(0.0)
    lead.closed(EIGHT, 10.0)
    lead.wrote(ahead(MOST_AHEAD + 1))
    assert not lead.may_grow(EIGHT + 10 * MINUTE, 10.0 + STANDS_AFTER_S)
    assert lead.may_grow(EIGHT + 10 * MINUTE, 10.1 + STANDS_AFTER_S)


def test_a_portion_brings_so_many_reports_of_one_hull() -> None:
    assert not too_many([*ahead(AT_ONCE), *ahead(AT_ONCE, "other")])
    assert too_many(ahead(AT_ONCE + 1))


def test_reports_may_be_ten_minutes_ahead_and_no_further() -> None:
    lead, tick, end = Lead(0.0), EIGHT + 60 * MINUTE, EIGHT + MOST_AHEAD_MS
    lead.closed(EIGHT, 0.0)
    assert lead.may_bring(tick, end, 1.0)
    assert not lead.is_beyond([report(EIGHT - 60 * MINUTE), report(end)], 1.0)
    assert not lead.may_bring(tick, end + 1, 1.0)
    assert lead.is_beyond([report(EIGHT), report(end + 1)], 1.0)
    lead.closed(EIGHT + MINUTE, 1.0)
    assert lead.may_bring(tick, end + 1, 1.0)


def test_what_the_clock_waits_for_is_brought_but_not_all_of_it_together() -> None:
    lead, far = Lead(0.0), EIGHT + 60 * MINUTE
    lead.closed(EIGHT, 0.0)
    assert lead.may_bring(EIGHT + MINUTE - 1, far, 1.0), "the first report behind a gap of her feed"
    assert lead.is_beyond([report(far)], 1.0), "with what is behind it, which is known too early"


def test_before_the_first_interval_a_partition_brings_ten_minutes() -> None:
    lead = Lead(0.0)
    assert not lead.is_beyond([report(EIGHT), report(EIGHT + MOST_AHEAD_MS)], 1.0)
    assert lead.is_beyond([report(EIGHT), report(EIGHT + MOST_AHEAD_MS + 1)], 1.0)
    assert lead.may_bring(0, EIGHT, 1.0)
    assert not lead.may_bring(EIGHT, EIGHT, 1.0)


def test_a_clock_that_stands_holds_no_report_back() -> None:
    lead, tick, far = Lead(0.0), EIGHT + 60 * MINUTE, EIGHT + 60 * MINUTE
    lead.closed(EIGHT, 0.0)
    assert not lead.may_bring(tick, far, STANDS_AFTER_S)
    assert lead.may_bring(tick, far, STANDS_AFTER_S + 0.1)
    assert not lead.is_beyond([report(EIGHT), report(far)], STANDS_AFTER_S + 0.1)
