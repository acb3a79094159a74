"""What a fold was asked, and what it found, step by step: a memo from which the next one goes on, never state."""

from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

from alerts.core.frozen import Struct
from alerts.core.heard import Heard
from alerts.core.hull import Hull
from alerts.core.instants import Instant
from alerts.core.intervals import Meeting
from alerts.core.redrawn import in_force
from alerts.core.rule import Finding, Rule, Terms
from alerts.core.told import Told
from alerts.core.track import Track
from alerts.core.world import World


class Question(Struct, frozen=True):
    """What a fold needs besides the reports.  `told` is what was said of silences, by their beginnings; `meetings` are
    hers.
    """

    hull: Hull
    world: World
    terms: Terms
    rules: tuple[Rule, ...]
    folds: "Folds"
    told: Mapping[Instant, Told]
    meetings: tuple[Meeting, ...] = ()


class Step(NamedTuple):
    """One report, the track after it and what it gave; `timeless`: it gives the same in every world."""

    heard: Heard
    after: Track
    findings: tuple[Finding, ...]
    timeless: bool


class Folded(Struct, frozen=True):
    """A fold that was done, from where and step by step."""

    question: Question
    start: Track
    steps: tuple[Step, ...] = ()

    @property
    def track(self) -> Track:
        """After all of them."""
        return self.steps[-1].after if self.steps else in_force(self.start, self.question.terms.zones)

    def begun(self, track: Track, reports: tuple[Heard, ...], question: Question) -> tuple[Step, ...]:
        """What of it begins with this track, is over these reports, and still holds."""
        asked = self.question
        if asked.hull is not question.hull or asked.terms is not question.terms:
            return ()
        if asked.world.interference != question.world.interference:
            return ()
        steps = self.steps
        if self.start is not track:
            n = next((n for n, step in enumerate(steps, 1) if step.after is track), len(steps))
            steps = steps[n:]
        same = asked.world is question.world and asked.told == question.told
        pairs = zip(steps, reports, strict=False)
        held = takewhile(lambda pair: (same or pair[0].timeless) and pair[0].heard == pair[1], pairs)
        return tuple(step for step, _ in held)


Folds = dict[str, Folded]
"""The last fold of each hull, from which the next goes on: a memo, never state; without it the same is said."""
