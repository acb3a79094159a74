"""What was said of a silence, and by which limit it goes on being told."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from alerts.core.habit import Habit


class Told(NamedTuple):
    """Its usual limit, the witnessed time when it was passed, the share that lasts as long.

    With these it goes on being told, whatever curve comes into force: what is dark stays so until she is heard.  So it
    does with its `factor`, as long as her past is what it was: how many of her silences `counted`, and by how much.
    `limit_from`: whence the limit is known (None: it was not said).
    """

    limit_min: float
    witnessed_min: float
    share_as_long: float
    factor: float = 1.0
    counted: float = 0.0
    mean_beyond_min: float | None = None
    limit_from: str | None = None

    @classmethod
    def by(cls, evidence: Mapping[str, Any]) -> "Told":
        """From the evidence; that of older episodes knows nothing of her own reception: her limit was anybody's."""
        own = evidence.get("own_reception", {})
        return cls(
            limit_min=own.get("usual_limit_min", evidence["witnessed_limit_min"]),
            witnessed_min=evidence["witnessed_min"],
            share_as_long=evidence["share_as_long"],
            factor=own.get("factor", 1.0),
            counted=own.get("counted", 0.0),
            mean_beyond_min=own.get("mean_beyond_min"),
            limit_from=evidence.get("limit_from"),
        )

    def is_of(self, habit: Habit | None) -> bool:
        """Whether no late report has changed her past since."""
        counted, mean_min = (habit.counted, habit.mean_beyond_min) if habit else (0.0, None)
        return (self.counted, self.mean_beyond_min) == (counted, mean_min)
