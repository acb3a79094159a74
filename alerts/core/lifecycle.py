"""The one alert lifecycle: from what was said and what should be said to what is published.

                 .--- amended --.
                 v              |
    (new) --> opened --------> open --> closed --corrected--> closed
                 ^              ^ \\         \\
                 |              |  '----------'--> retracted
                 '--------------'-- found again: opened, next revision

An id is derived when the episode opens and never changes.  A finding is matched to the episode of the same anchor,
else to the earliest that it overlaps; an episode that is matched by nothing is retracted.
"""

from collections.abc import Iterable

from alerts.core.alert import Alert, Event
from alerts.core.frozen import Struct, replace
from alerts.core.hull import Hull
from alerts.core.instants import SECOND, Instant, rfc3339
from alerts.core.rule import Finding, Said


class Episode(Struct, frozen=True):
    """What was last said of one run of one rule: `anchor` as known at opening, `begin` and `end` as known now."""

    id: str
    revision: int
    event: Event
    rule: str
    zone: str
    anchor: Instant
    begin: Instant
    end: Instant | None
    said: Said
    cause: str | None = None


def episode_id(subject: str, rule: str, zone: str, anchor: Instant) -> str:
    """`imo-9179842.area.rajin.20240105T120000Z`: derived, so that whoever finds it twice names it alike."""
    at = rfc3339(anchor - anchor % SECOND).replace("-", "").replace(":", "")
    millis = f".{anchor % SECOND:03d}" if anchor % SECOND else ""
    return ".".join(part for part in (subject, rule, zone, at) if part) + millis


def difference(
    episodes: tuple[Episode, ...], findings: Iterable[Finding], subject: str, hull: Hull | None, known_at: Instant
) -> tuple[tuple[Episode, ...], tuple[Alert, ...]]:
    """The episodes as they stand afterwards, and one alert for each revision that this takes."""
    matched, new = _matched(episodes, findings)
    after: list[Episode] = []
    alerts: list[Alert] = []
    for episode in episodes:
        changed = _revised(episode, matched.get(episode.id))
        after.append(changed)
        if changed.revision > episode.revision:
            alerts.append(_alert(changed, hull, known_at))
    for finding in new:
        steps = _opened(finding, subject)
        after.append(steps[-1])
        alerts += [_alert(step, hull, known_at) for step in steps]
    return tuple(after), tuple(alerts)


def _matched(episodes: tuple[Episode, ...], findings: Iterable[Finding]) -> tuple[dict[str, Finding], list[Finding]]:
    left = {(f.rule, f.zone, f.anchor): f for f in findings}
    matched: dict[str, Finding] = {}
    for episode in episodes:
        finding = left.pop((episode.rule, episode.zone, episode.anchor), None)
        if finding:
            matched[episode.id] = finding
    for episode in sorted(episodes, key=lambda e: (e.begin, e.id)):
        if episode.id in matched or episode.event is Event.RETRACTED:
            continue
        key = next((k for k, f in sorted(left.items()) if _same_run(episode, f)), None)
        if key:
            matched[episode.id] = left.pop(key)
    return matched, list(left.values())


def _same_run(episode: Episode, finding: Finding) -> bool:
    if (episode.rule, episode.zone) != (finding.rule, finding.zone):
        return False
    starts_before = finding.end is None or episode.begin < finding.end
    return starts_before and (episode.end is None or finding.begin < episode.end)


def _revised(episode: Episode, finding: Finding | None) -> Episode:
    if finding is None:
        return episode if episode.event is Event.RETRACTED else _next(episode, Event.RETRACTED)
    closed = finding.closed is not None
    told = replace(episode, begin=finding.begin, end=finding.end)
    same = (episode.said, episode.cause, _is_closed(episode)) == (finding.said, finding.cause, closed)
    if same and episode.event is not Event.RETRACTED:
        return told
    event = Event.CLOSED if closed else Event.OPENED if episode.event is Event.RETRACTED else Event.AMENDED
    return _next(replace(told, said=finding.said, cause=finding.cause), event)


def _is_closed(episode: Episode) -> bool:
    return episode.event is Event.CLOSED


def _next(episode: Episode, event: Event) -> Episode:
    return replace(episode, revision=episode.revision + 1, event=event)


def _opened(finding: Finding, subject: str) -> list[Episode]:
    """One that is first known when it is over is opened, then closed."""
    opened = Episode(
        episode_id(subject, finding.rule, finding.zone, finding.anchor),
        0,
        Event.OPENED,
        finding.rule,
        finding.zone,
        finding.anchor,
        finding.begin,
        finding.end,
        finding.opened,
        finding.cause,
    )
    if finding.closed is None:
        return [opened]
    return [opened, _next(replace(opened, said=finding.closed), Event.CLOSED)]


def _alert(episode: Episode, hull: Hull | None, known_at: Instant) -> Alert:
    said = episode.said
    return Alert(
        id=episode.id,
        revision=episode.revision,
        event=episode.event,
        rule=episode.rule,
        severity=said.severity,
        hull=hull,
        happened_at=said.happened_at,
        known_at=known_at,
        position=said.position,
        place=said.place,
        cause=episode.cause,
        summary=said.summary,
        evidence=said.evidence,
    )
