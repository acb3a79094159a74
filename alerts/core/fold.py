"""Rules fold over a set of reports in the order (time, content), whatever the order of arrival.

What comes out is what should be said; lifecycle.py publishes the difference to what was said.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from alerts.core.due import overdue
from alerts.core.heard import Heard
from alerts.core.hull import Hull
from alerts.core.instants import Instant
from alerts.core.rule import Finding, Moment, Rule, Terms
from alerts.core.silence import dark_by, dark_silence, limit_ms
from alerts.core.track import Track, followed
from alerts.core.world import World, listened_to


@dataclass(frozen=True, slots=True)
class Folded:
    """A fold that was done: from where, over which reports, the track after them and what they gave."""

    start: Track
    reports: tuple[Heard, ...]
    hull: Hull
    world: World
    terms: Terms
    track: Track
    findings: tuple[Finding, ...]


Folds = dict[str, Folded]
"""The last fold of each hull, from which the next goes on: a memo, never state; without it the same is said."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a fold needs besides the reports."""

    hull: Hull
    world: World
    terms: Terms
    rules: tuple[Rule, ...]
    folds: Folds


def fold(track: Track, reports: tuple[Heard, ...], question: Question) -> tuple[Track, tuple[Finding, ...]]:
    """The track after the reports, and all that should be said of them and of how things stand."""
    known = question.folds.get(question.hull.id)
    if known is None or not _leads_to(known, track, reports, question):
        known = Folded(track, (), question.hull, question.world, question.terms, in_force(track, question.terms), ())
    after, findings = known.track, list(known.findings)
    for heard in reports[len(known.reports) :]:
        moment, after = _heard(after, heard, question)
        findings += _answers(moment, question.rules)
    said = tuple(findings)
    folded = Folded(track, reports, question.hull, question.world, question.terms, after, said)
    question.folds[question.hull.id] = folded
    return after, (*said, *_answers(_now(after, question), question.rules))


def _leads_to(known: Folded, track: Track, reports: tuple[Heard, ...], question: Question) -> bool:
    same = known.start is track and known.hull is question.hull
    same = same and known.world is question.world and known.terms is question.terms
    return same and known.reports == reports[: len(known.reports)]


def settled(track: Track, reports: Iterable[Heard], question: Question) -> Track:
    """The track after the reports, without asking any rule."""
    track = in_force(track, question.terms)
    for heard in reports:
        _, track = _heard(track, heard, question)
    return track


def track_after(track: Track, reports: tuple[Heard, ...], question: Question) -> Track:
    """The track after the reports: that of the last fold, where it is one of these."""
    known = question.folds.get(question.hull.id)
    if known is not None and known.start is track and known.terms is question.terms and known.reports == reports:
        return known.track
    return settled(track, reports, question)


def in_force(track: Track, terms: Terms) -> Track:
    """The track without visits of zones that are no longer flagged."""
    visits = tuple(visit for visit in track.visits if visit.zone in terms.zones.zones)
    return replace(track, visits=visits) if len(visits) < len(track.visits) else track


def dark_times(track: Track, reports: Iterable[Heard], question: Question) -> Iterator[tuple[Instant, Instant]]:
    """For each silence, ended or going on, when it will have become dark, if not ended before, and its last report."""
    track = in_force(track, question.terms)
    for heard in (*reports, None):
        if track.last is not None:
            limit = _limit(track, question.terms)
            long_enough = heard is None or heard.at - track.last.at >= limit
            at = dark_by(track, limit, question.world) if long_enough else None
            if at is not None and (heard is None or at <= heard.at):
                yield at, track.last.at
        if heard is not None:
            _, track = _heard(track, heard, question)


def _heard(track: Track, heard: Heard, question: Question) -> tuple[Moment, Track]:
    terms, port = question.terms, _port(track, question.terms)
    limit = limit_ms(track.fix, port is not None, terms.thresholds)
    silence = dark_silence(track, heard, port, limit, question.world)
    contact = track.fix is not None and heard.at - track.fix.at <= limit
    done = followed(track, heard, contact, terms.zones, terms.thresholds)
    return Moment(question.hull, terms, track, heard, silence, done.ended, done.track, done.fixes), done.track


def _now(track: Track, question: Question) -> Moment:
    terms, port = question.terms, _port(track, question.terms)
    limit = limit_ms(track.fix, port is not None, terms.thresholds)
    silence = dark_silence(track, None, port, limit, question.world)
    clock = listened_to(question.world, track.feeds_of_last_hour)
    late = overdue(track, terms.zones, question.world)
    return Moment(question.hull, terms, track, None, silence, track.visits, overdue=late, clock=clock)


def _answers(moment: Moment, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    for rule in rules:
        yield from rule(moment)


def _limit(track: Track, terms: Terms) -> int:
    return limit_ms(track.fix, _port(track, terms) is not None, terms.thresholds)


def _port(track: Track, terms: Terms) -> str | None:
    return next((v.zone for v in track.visits if terms.zones.zones[v.zone].kind == "port"), None)
