"""The picture does not depend on the order in which things come, and forgets from the old end."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from alerts.core.alert import Alert, Event
from alerts.core.frozen import replace
from alerts.core.instants import HOUR, MINUTE, SECOND
from alerts.core.intervals import Watched
from alerts.core.reports import Origin, Report
from alerts.dashboard import picture as fold
from alerts.dashboard.picture import Picture, open_episodes, with_alert, with_interval, with_report, with_watched
from tests.alerts.dashboard.angara import ANGARA, DARK_SINCE, LIT_AT, closed, ended, lit_up, outage, report, went_dark

EVENTS = (Event.OPENED, Event.AMENDED, Event.CLOSED, Event.RETRACTED)


def revision(episode: int, number: int) -> Alert:
    """The same content wherever it is drawn."""
    event = EVENTS[(episode + number) % 4] if number else Event.OPENED
    known_at = DARK_SINCE + (episode * 7 + number * 3) % 11 * MINUTE
    return replace(went_dark(LIT_AT), id=f"e{episode}", revision=number, event=event, known_at=known_at)


revisions = st.builds(revision, st.integers(0, 5), st.integers(0, 6))
fixes = st.builds(
    lambda second, lat, speed: report(ANGARA, DARK_SINCE + second * SECOND, lat, 130.0, speed_kn=speed),
    st.integers(0, 40_000),
    st.sampled_from((42.0, 42.5, None)),
    st.sampled_from((None, 0.0, 9.8)),
)


def all_alerts(alerts: list[Alert]) -> Picture:
    return reduce(with_alert, alerts, Picture())


def all_reports(reports: list[Report]) -> Picture:
    return reduce(with_report, reports, Picture())


@given(st.lists(revisions, max_size=40), st.randoms())
def test_order_and_repeats_of_revisions_never_matter(alerts, random):
    shuffled = [*alerts, *alerts[: len(alerts) // 2]]
    random.shuffle(shuffled)
    once, again = all_alerts(alerts), all_alerts(shuffled)
    assert again.log == once.log
    assert again.episodes == once.episodes
    assert open_episodes(again) == open_episodes(once)


@given(st.lists(revisions, max_size=40))
def test_the_highest_revision_says_whether_an_episode_is_open(alerts):
    highest = {
        name: max((a for a in alerts if a.id == name), key=lambda a: a.revision) for name in {a.id for a in alerts}
    }
    expected = {name for name, alert in highest.items() if alert.event in (Event.OPENED, Event.AMENDED)}
    assert {alert.id for alert in open_episodes(all_alerts(alerts))} == expected


@given(st.lists(fixes, max_size=60), st.randoms())
def test_order_of_reports_never_matters(reports, random):
    shuffled = [*reports, *reports[:5]]
    random.shuffle(shuffled)
    assert all_reports(shuffled).hulls == all_reports(reports).hulls


@given(st.lists(fixes, min_size=1, max_size=60))
def test_a_track_rises_in_time_and_ends_with_the_newest_step(reports):
    seen = all_reports(reports).hulls[ANGARA.id]
    times = [fix.at for fix in seen.track]
    located = [r.heard_at for r in reports if r.lat is not None]
    assert times == sorted(times)
    assert (seen.last and seen.last.at) == max(located, default=None)
    assert seen.heard is not None
    assert seen.heard[0] == max(r.heard_at for r in reports)


def test_a_retracted_episode_leaves_the_open_list_and_stays_in_the_log():
    dark = went_dark(LIT_AT)
    picture = all_alerts([dark, ended(dark, LIT_AT, Event.RETRACTED)])
    assert open_episodes(picture) == []
    assert [alert.event for alert in picture.log] == [Event.OPENED, Event.RETRACTED]


def test_open_episodes_stand_by_severity_then_newest():
    dark, early = went_dark(LIT_AT), replace(went_dark(LIT_AT), id="early", happened_at=DARK_SINCE - HOUR)
    picture = all_alerts([early, dark, lit_up(), outage(LIT_AT)])
    assert [alert.id for alert in open_episodes(picture)] == [lit_up().id, outage(LIT_AT).id, dark.id, "early"]


def test_lighting_up_never_closes_but_leaves_the_open_list_after_twelve_hours():
    picture = all_alerts([lit_up()])
    soon, late = (with_interval(picture, closed(LIT_AT + hours * HOUR + MINUTE)) for hours in (11, 12))
    assert open_episodes(soon) == [lit_up()]
    assert open_episodes(late) == []


def test_the_log_is_bounded_and_an_open_episode_outlives_it():
    dark = went_dark(LIT_AT)
    later = [ended(replace(outage(LIT_AT + n * MINUTE), id=f"o{n}"), LIT_AT + n * MINUTE) for n in range(1_200)]
    picture = all_alerts([dark, *later])
    assert len(picture.log) == fold.LOG_LENGTH
    assert open_episodes(picture) == [dark]
    assert len(picture.episodes) == fold.LOG_LENGTH + 1


def test_of_a_long_episode_the_first_revision_and_the_newest_are_kept():
    numbers = range(fold.CHAIN_LENGTH + 5)
    for order in (numbers, reversed(numbers)):
        (chain,) = all_alerts([revision(0, number) for number in order]).episodes.values()
        assert [alert.revision for alert in chain] == [0, *numbers[6:]]


def test_a_track_is_bounded_and_keeps_the_newest():
    reports = [report(ANGARA, DARK_SINCE + n * MINUTE, 42.0, 130.0) for n in range(700)]
    track = all_reports(reports).hulls[ANGARA.id].track
    assert len(track) == fold.TRACK_LENGTH
    assert track[-1].at == DARK_SINCE + 699 * MINUTE


def test_a_hull_no_longer_watched_leaves_and_a_new_identity_keeps_the_track():
    heard = with_report(with_watched(Picture(), Watched(ANGARA.id, ANGARA)), report(ANGARA, LIT_AT, 34.5, 129.9))
    renamed = with_watched(heard, Watched(ANGARA.id, replace(ANGARA, name="LADY M")))
    assert renamed.hulls[ANGARA.id].hull.name == "LADY M"
    assert renamed.hulls[ANGARA.id].last is not None
    assert with_watched(renamed, Watched(ANGARA.id, None)).hulls == {}


def test_what_another_ship_says_under_her_number_is_no_word_of_hers():
    heard = with_report(Picture(), report(ANGARA, DARK_SINCE, 42.0, 130.0))
    assert with_report(heard, replace(report(ANGARA, LIT_AT, None, None), another_imo=9077549)) == heard


def test_of_two_reports_at_one_time_the_later_in_the_log_names_her():
    first = replace(report(ANGARA, LIT_AT, None, None), name="ANGARA", origin=Origin("t:1:0", 1, 0))
    second = replace(first, name="ANG4RA", origin=Origin("t:1:0", 2, 0))
    for order in ([first, second], [second, first]):
        called = all_reports(order).hulls[ANGARA.id].called
        assert called is not None
        assert called[2] == "ANG4RA"
