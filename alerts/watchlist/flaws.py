"""What is wrong with one file, all of it: an operator mends a list in one go, not one error at a time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alerts.routing.table import RouteError


class WrongFileError(ValueError):
    """All that was found, in the file's order; each names where, and what was expected there."""

    def __init__(self, flaws: Sequence[RouteError]) -> None:
        super().__init__("; ".join(str(flaw) for flaw in flaws))
        self.flaws = tuple(flaws)


class Flaws:
    """Those found so far."""

    def __init__(self) -> None:
        self.found: list[RouteError] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """A RouteError ends the block and is noted; reading goes on after it."""
        try:
            yield
        except RouteError as flaw:
            self.found.append(flaw)

    def note(self, where: str, expected: str) -> None:
        """One more."""
        self.found.append(RouteError(where, expected))

    def refuse(self) -> None:
        """Raises WrongFileError where there are any."""
        if self.found:
            raise WrongFileError(self.found)
