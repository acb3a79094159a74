"""Area outages that silences have for their causes: they stay so when newer ones take their place in the world."""

from collections.abc import Iterable, Iterator

from alerts.core.alert import Event
from alerts.core.fallen import is_area
from alerts.core.frozen import replace
from alerts.core.lifecycle import Episode
from alerts.core.rule import Finding
from alerts.core.world import World


def with_areas(findings: Iterable[Finding], episodes: Iterable[Episode], world: World) -> Iterator[Finding]:
    """The findings, with the causes that their episodes were told with and that were not withdrawn."""
    withdrawn = {one.id for one in world.areas if one.is_withdrawn}
    known = {
        (episode.rule, episode.begin): episode.cause
        for episode in episodes
        if episode.cause is not None and is_area(episode.cause) and episode.event is not Event.RETRACTED
    }
    for finding in findings:
        cause = known.get((finding.rule, finding.begin))
        keeps = finding.cause is None and cause is not None and cause not in withdrawn
        yield replace(finding, cause=cause) if keeps else finding


def by_outage(episode: Episode) -> bool:
    """Whether an outage explains it, without which it may yet be said: what an area explains stands."""
    return episode.cause is not None and not is_area(episode.cause)
