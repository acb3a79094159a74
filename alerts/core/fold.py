"""Rules fold over a set of reports in the order (time, content), whatever the order of arrival.

What comes out is what should be said; lifecycle.py publishes the difference to what was said.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from alerts.core.due import LEAST_MS, dues, overdue
from alerts.core.folded import Folded, Question, Step
from alerts.core.frozen import replace
from alerts.core.habit import SHORT_MS
from alerts.core.heard import Heard, expected_interval_ms
from alerts.core.instants import HOUR, MINUTE, Instant, interval_end
from alerts.core.light import arrival_look, arrival_overdue_at, lit_since
from alerts.core.natural import may_teach, powered_down, taught
from alerts.core.reach import Flash, flash_after
from alerts.core.redrawn import in_force
from alerts.core.rule import Finding, Moment, Rule, Terms
from alerts.core.signs import Dark, silent_again
from alerts.core.silence import (
    Limits,
    Silence,
    State,
    hers,
    kind_of,
    limits_of,
    next_look,
    shortest_ms,
    silence,
    unheard_at_sea,
    watched_over,
)
from alerts.core.statics import Call, Past, Span, heeded
from alerts.core.thresholds import Thresholds
from alerts.core.track import Followed, Track, Visit, after_word, followed, stopped
from alerts.core.world import listened_to

_CONTACT_MS, _CONTACT_INTERVALS = 30 * MINUTE, 20


def fold(track: Track, reports: tuple[Heard, ...], question: Question) -> tuple[Track, tuple[Finding, ...]]:
    """The track after the reports, and all that should be said of them and of how things stand."""
    done = _folded(track, reports, question)
    said = (finding for step in done.steps for finding in step.findings)
    return done.track, (*said, *_answers(_now(done.track, question), question.rules))


def settled(track: Track, reports: tuple[Heard, ...], question: Question) -> Track:
    """The track after the reports."""
    return _folded(track, reports, question).track


def _folded(track: Track, reports: tuple[Heard, ...], question: Question) -> Folded:
    """Goes on from what was folded of her last; that is kept where it holds more."""
    known = question.folds.get(question.hull.id)
    steps = known.begun(track, reports, question) if known else ()
    done = Folded(question, track, steps)
    if known and len(steps) == len(reports):
        return done
    after, more = done.track, list(steps)
    for heard in reports[len(steps) :]:
        more.append(_step(after, heard, question))
        after = more[-1].after
    done = question.folds[question.hull.id] = Folded(question, track, tuple(more))
    return done


def _step(track: Track, heard: Heard, question: Question) -> Step:
    if heard.is_anothers:
        return Step(heard, after_word(track, heard), (), timeless=True)
    moment, after = _heard(track, heard, question)
    return Step(heard, after, tuple(_answers(moment, question.rules)), _is_timeless(track, heard, question.terms))


def _is_timeless(track: Track, heard: Heard, terms: Terms) -> bool:
    """Whether the report came too soon to end a silence, to teach of her reception, or to be overdue."""
    if track.last is None:
        return True
    return heard.at - track.last.at < min(SHORT_MS, LEAST_MS, shortest_ms(terms.thresholds))


class Look(NamedTuple):
    """When more can be said of the silence after a report at `since`, as a lower bound, and what (LATE: anything)."""

    at: Instant
    since: Instant
    what: str


def silence_looks(track: Track, reports: tuple[Heard, ...], question: Question) -> Iterator[Look]:
    """Of each silence, ended or going on."""
    done = _folded(track, reports, question)
    tracks = (in_force(track, question.terms.zones), *(step.after for step in done.steps))
    for before, heard in zip(tracks, (*reports, None), strict=True):
        if before.last is not None and (heard is None or not heard.is_anothers):
            for at, what in (*_looks(before, question, heard), *_due(before, question, heard)):
                if heard is None or at <= heard.at:
                    yield Look(at, before.last.at, what)
    if (due := arrival_look(done.track, question.world)) is not None:
        yield Look(due, due, "arrival")


def vigil_kept(track: Track, question: Question) -> Track:
    """The track with what is known by now of the silence that goes on."""
    track = in_force(track, question.terms.zones)
    return replace(track, vigil=watched_over(track, _limits(track, question), question.world))


def _looks(track: Track, question: Question, until: Heard | None) -> Iterator[tuple[Instant, State]]:
    assert track.last is not None
    limits = _limits(track, question)
    if until is not None and until.at - track.last.at < limits.least_ms:
        return
    known = listened_to(question.world, track.feeds_of_last_hour) or 0
    if known - track.last.at < limits.least_ms:
        yield interval_end(track.last.at + limits.least_ms), State.LATE
        return
    vigil = watched_over(track, limits, question.world, until.at if until else None)
    yield next_look(vigil, limits) if vigil.state == State.LATE else vigil.upto, State(vigil.state)
    if (at := unheard_at_sea(track, vigil, limits, question.world)) is not None:
        yield at, State.DARK


def _due(track: Track, question: Question, until: Heard | None) -> Iterator[tuple[Instant, str]]:
    assert track.last is not None
    if track.visits and (until is None or until.at - track.last.at >= LEAST_MS):
        for passage, due in dues(track, question.terms.zones, question.world):
            yield due, overdue_in(passage.visit.zone)


def overdue_in(zone: str) -> str:
    """What a look is after that may find her overdue."""
    return f"overdue in {zone}"


def _heard(track: Track, heard: Heard, question: Question) -> tuple[Moment, Track]:
    terms, (done, ended) = question.terms, _followed(track, heard, question)
    late = overdue(track, heard, terms.zones, question.world)
    moment = Moment(
        question.hull,
        terms,
        before=track,
        heard=heard,
        silence=ended,
        visits=done.ended,
        after=done.track,
        fixes=done.fixes,
        overdue=late,
        signs_over=done.over,
        drift_over=done.drift_over,
        doubt_over=done.doubt_over,
        interference=question.world.interference,
    )
    return moment, done.track


def _followed(track: Track, heard: Heard, question: Question) -> tuple[Followed, Silence | None]:
    """What becomes of the track, and the silence that the report ended."""
    terms, ended = question.terms, _silence(track, heard, question)
    contact = track.fix is not None and heard.at - track.fix.at <= _contact_ms(track.fix)
    dark = Dark(ended.port) if ended is not None and ended.state is State.DARK else None
    done = followed(track, heard, contact, terms.zones, terms.thresholds, dark)
    if done.track.rests is not track.rests:
        done = powered_down(track, done, heard, _limits(track, question), question.world)
    done = _heeding(track, done, heard, dark is not None, terms)
    done = done if dark else _learning(track, done, heard, question)
    lit = lit_since(question.hull, track, heard, ended) is not None
    return (done if not lit and track.flash is None else _awaited(done, track.flash, heard, lit, terms)), ended


def _learning(before: Track, done: Followed, heard: Heard, question: Question) -> Followed:
    """The same with what the silence that this report ended says of her own reception, once its end is known."""
    if heard.at > (question.world.clock or 0) or not may_teach(before, done, heard):
        return done
    habit = taught(before, heard, _anybodys(before, question), question.world)
    return done if habit is before.habit else done._replace(track=replace(done.track, habit=habit))


def _heeding(before: Track, done: Followed, heard: Heard, dark: bool, terms: Terms) -> Followed:
    """The same with what she says of herself, and with what may explain that she says otherwise."""
    after, limits, past = done.track, terms.thresholds, before.statics.past
    if before.last is not None:
        where = heard.where if done.fixes else None
        past = past.silent(Span(before.last.at, heard.at, where), dark, round(limits.call_h * HOUR))
    if done.fixes:
        past = past.still(_still_at(before.fix, limits), _still_at(after.fix, limits))
    past = _calls(past, done.ended, heard.at)
    if heard.says is None or _are_two(after):
        statics = before.statics if past == before.statics.past else replace(before.statics, past=past)
    else:
        past = _calls(past, after.visits, heard.at)
        if past.stop is not None and _still_at(after.fix, limits) is not None:
            past = past._replace(stop=past.stop._replace(until=heard.at))
        statics = heeded(before.statics, heard, past, after.fix, limits)
    return done if statics is before.statics else done._replace(track=replace(after, statics=statics))


def _still_at(fix: Heard | None, thresholds: Thresholds) -> Instant | None:
    return fix.at if fix is not None and stopped(fix, thresholds) else None


def _are_two(track: Track) -> bool:
    """Whether what is said may be of another ship that uses her numbers."""
    return track.shared is not None or any(other.is_track for other in track.others)


def _calls(past: Past, visits: Iterable[Visit], now: Instant) -> Past:
    """With the newest of these that was or is a call."""
    for visit in visits:
        over = visit.departed or visit.left
        until = over.at if over else now
        if visit.arrived_at is not None and (past.call is None or past.call.until <= until):
            past = past._replace(call=Call(visit.zone, visit.arrived_at, until))
    return past


def _awaited(done: Followed, flash: Flash | None, heard: Heard, lit: bool, terms: Terms) -> Followed:
    """The same with the watches at ports as they are then."""
    in_port, wait_h = _port(done.track, terms) is not None, terms.thresholds.arrival_wait_h
    after = flash_after(flash, heard, lit, bool(done.fixes), in_port, terms.zones, wait_h)
    return done if after is flash else done._replace(track=replace(done.track, flash=after))


def _now(track: Track, question: Question) -> Moment:
    terms, silence = question.terms, _silence(track, None, question)
    late = overdue(track, None, terms.zones, question.world)
    over = silent_again(track.lights) if silence is not None and silence.state is State.DARK else None
    return Moment(
        question.hull,
        terms,
        before=track,
        heard=None,
        silence=silence,
        visits=track.visits,
        overdue=late,
        arrival_overdue_at=arrival_overdue_at(track, question.world),
        signs_over=over,
        meetings=question.meetings,
    )


def _silence(track: Track, until: Heard | None, question: Question) -> Silence | None:
    if track.last is None:
        return None
    if until is not None and until.at - track.last.at < shortest_ms(question.terms.thresholds):
        return None
    found = silence(track, until, _port(track, question.terms), question.world, _limits(track, question))
    told = question.told.get(track.last.at)
    return replace(found, told=told) if found and told else found


def _limits(track: Track, question: Question) -> Limits:
    """Those in force, stretched for her; a silence that was told keeps the one by which it was."""
    at = track.last.at if track.last else 0
    return hers(_anybodys(track, question), question.told.get(at), track.habit, question.terms.curve, at)


def _anybodys(track: Track, question: Question) -> Limits:
    terms = question.terms
    return limits_of(kind_of(track, _port(track, terms)), terms.thresholds, terms.curve, track.gives_signs)


def _contact_ms(fix: Heard) -> int:
    """How long after a fix it is still known what lay between it and the next."""
    return max(_CONTACT_MS, _CONTACT_INTERVALS * expected_interval_ms(fix))


def _answers(moment: Moment, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    for rule in rules:
        yield from rule(moment)


def _port(track: Track, terms: Terms) -> str | None:
    return next((v.zone for v in track.visits if terms.zones.zones[v.zone].kind == "port"), None)
