"""Whether a silence that ended was a natural one, and what it teaches of a hull: where she powers down, and of her own
reception (habit.py).
"""

from alerts.core.frozen import replace
from alerts.core.going import RECKONED_MS
from alerts.core.habit import SHORT_MS, Habit, habit_after, sailed_on
from alerts.core.heard import Heard
from alerts.core.silence import Limits, watched_over
from alerts.core.track import REST_LEAST_MS, Followed, Track
from alerts.core.world import World


def powered_down(before: Track, done: Followed, heard: Heard, limits: Limits, world: World) -> Followed:
    """The same without its new place of rest, where others fell silent with her or nobody listened for so long."""
    assert before.fix is not None
    vigil = watched_over(before, limits, world, heard.at)
    deaf_ms = vigil.upto - vigil.since - vigil.listened_ms
    if not vigil.shared and heard.at - before.fix.at - deaf_ms > REST_LEAST_MS:
        return done
    return done._replace(track=replace(done.track, rests=before.rests))


def may_teach(before: Track, done: Followed, heard: Heard) -> bool:
    """Whether a report ended a silence in which a hull sailed on; of a longer one nobody knows where she was."""
    if before.last is None or not SHORT_MS < heard.at - before.last.at < RECKONED_MS:
        return False
    if before.fix is None or before.going is None or len(done.fixes) != 1 or before.gives_signs:
        return False
    return sailed_on(before.fix, before.going.speed_kn, heard)


def taught(before: Track, heard: Heard, limits: Limits, world: World) -> Habit | None:
    """Her habit after it, by the `limits` of anybody: what is as long, or shared with others, leaves it as it was."""
    if limits.witnessed_min is None or before.last is None:
        return before.habit
    to_its_end = replace(limits, floor_ms=RECKONED_MS, ceiling_ms=RECKONED_MS)
    vigil = watched_over(before, to_its_end, world, heard.at)
    if vigil.shared or vigil.witnessed_min >= limits.witnessed_min:
        return before.habit
    return habit_after(before.habit, before.last.at, heard.at, vigil.witnessed_min)
