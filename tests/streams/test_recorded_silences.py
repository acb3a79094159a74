"""Eighteen hours of one yacht in the Channel: 51 silences over half an hour, all of them range loss.

Every ship is watched, nothing was learned.  Of the recording spans are cut out: the feed is out then, and that is all
that there is to say.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random

import pytest

from alerts.core.alert import Alert, Event
from alerts.core.instants import HOUR, MINUTE, Instant, parse_rfc3339
from alerts.core.thresholds import Thresholds
from streams.chain import Chain
from streams.config import Config
from streams.nmea import FeedRules
from streams.recordings import Arrived, Recording
from tests.streams.lines import DATA, needs_recordings

CHANNEL = DATA / "nmea" / "opencpn_Go_to_Guernesey_2011-07-26.txt.gz"
LISTENS_FROM = parse_rfc3339("2011-07-26T08:20:00Z")
"""Before, it has gaps of its own."""
LONGEST_MIN = 120
DARK = ("went_dark", "dark_in_port")
Span = tuple[Instant, Instant]


@pytest.fixture(scope="module")
def heard() -> list[Arrived]:
    return list(Recording(FeedRules("yacht"), [str(CHANNEL)]).arrivals())


@pytest.fixture(scope="module")
def uncut(heard: list[Arrived]) -> list[Alert]:
    return told(heard)


def told(arrivals: Iterable[Arrived]) -> list[Alert]:
    return list(Chain(Config(thresholds=Thresholds()), watch_all=True).run(arrivals))


def without(heard: Sequence[Arrived], span: Span) -> list[Arrived]:
    return [one for one in heard if not span[0] <= one.at < span[1]]


def drawn(heard: Sequence[Arrived], seed: int) -> Span:
    """Ten minutes and more, not at its end."""
    dice = Random(seed)
    lasts = dice.randrange(10 * MINUTE, LONGEST_MIN * MINUTE)
    begin = dice.randrange(LISTENS_FROM, heard[-1].at - lasts - HOUR)
    return begin, begin + lasts


def outages(alerts: Iterable[Alert]) -> set[str]:
    found = {alert.id: alert for alert in alerts if alert.rule == "outage"}
    return {key for key, alert in found.items() if alert.event is not Event.RETRACTED}


@needs_recordings
def test_who_sails_out_of_range_is_never_dark_and_lost_once(uncut: list[Alert]) -> None:
    assert [alert for alert in uncut if alert.rule in DARK] == []
    lost = Counter(
        (a.hull and a.hull.id, a.happened_at) for a in uncut if (a.rule, a.event) == ("lost_coverage", "opened")
    )
    assert set(lost.values()) == {1}


@needs_recordings
@pytest.mark.parametrize(
    "span",
    [
        pytest.param(
            ("2011-07-26T12:44:57Z", "2011-07-26T13:44:57Z"), id="a boat is silent before, and out of range after"
        ),
        0,
    ],
)
def test_a_span_that_is_missing_is_one_outage_and_nothing_fires_when_it_is_over(
    heard: list[Arrived], uncut: list[Alert], span: int | tuple[str, str]
) -> None:
    cut = drawn(heard, span) if isinstance(span, int) else (parse_rfc3339(span[0]), parse_rfc3339(span[1]))
    alerts = told(without(heard, cut))
    assert [alert for alert in alerts if alert.rule in DARK] == []
    assert len(outages(alerts) - outages(uncut)) == 1
    assert outages(uncut) < outages(alerts)
    known = {(alert.id, alert.event) for alert in uncut}
    fired = [a for a in alerts if a.rule != "outage" and (a.id, a.event) not in known]
    assert [a.id for a in fired if cut[0] <= a.known_at <= cut[1] + 20 * MINUTE] == []
