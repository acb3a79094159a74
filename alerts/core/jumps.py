"""Jumps that were told and are settled: they stand for a quarter of an hour, for others may jump with her.

told --settled--> stands --many jump to the same place--> amended with the cause
                    '--a quarter of an hour, or four newer ones--> forgotten, as it was told
"""

from collections.abc import Iterable, Iterator

from alerts.core.alert import Event
from alerts.core.instants import MINUTE
from alerts.core.interference import explaining
from alerts.core.lifecycle import Episode
from alerts.core.rule import Finding, Said
from alerts.core.track import Track
from alerts.core.world import World

KEPT_MS, MOST = 15 * MINUTE, 4


def standing(episodes: Iterable[Episode], track: Track, world: World) -> Iterator[Finding]:
    """What should be said of them, with what explains them; `track` is what is settled."""
    for episode in episodes:
        if _is_settled(episode, track):
            said, cause = episode.said, episode.cause or _cause(episode.said, world)
            yield Finding(episode.rule, "", episode.anchor, episode.begin, episode.end, said, cause=cause)


def without_old(episodes: tuple[Episode, ...], track: Track, world: World) -> tuple[Episode, ...]:
    """The episodes without the jumps that wait no more."""
    jumps = [episode for episode in episodes if _is_settled(episode, track)]
    waiting = [jump for jump in jumps if (jump.end or 0) + KEPT_MS > (world.clock or 0)]
    gone = {jump.id for jump in jumps} - {jump.id for jump in waiting[-MOST:]}
    return tuple(episode for episode in episodes if episode.id not in gone) if gone else episodes


def _is_settled(episode: Episode, track: Track) -> bool:
    if episode.rule != "position_jump" or episode.event is Event.RETRACTED or track.last is None:
        return False
    return episode.end is not None and episode.end <= track.last.at


def _cause(said: Said, world: World) -> str | None:
    before, there = said.evidence["last_fix"], said.position
    assert there is not None
    return explaining(world.interference, (before["lat"], before["lon"]), (there.lat, there.lon), said.happened_at)
