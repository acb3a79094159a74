"""What versions stand for, from `ais.versions`."""

import asyncio

from streams.topics import Topics
from streams.versions import read_versions

FETCH_WITHIN_S = 30.0
EVERY_S = 0.5


class MissingVersionError(TimeoutError):
    """An interval record names a version that nobody has published."""


class Contents:
    """Contents by version id; versions are immutable, so one that was read never changes."""

    def __init__(self, kafka: str, topics: Topics) -> None:
        self._kafka = kafka
        self._topics = topics

    async def all(self) -> dict[str, object]:
        """All that is published now."""
        return dict(await read_versions(self._kafka, self._topics))

    async def fetch(self, version: str) -> object:
        """Waits for one: what names it can overtake it.  Raises MissingVersionError with its id."""
        for _ in range(round(FETCH_WITHIN_S / EVERY_S)):
            contents = await self.all()
            if version in contents:
                return contents[version]
            await asyncio.sleep(EVERY_S)
        raise MissingVersionError(
            f"{self._topics.versions.name}: expected the content of version {version!r}, which an interval record "
            f"names; it did not come within {FETCH_WITHIN_S:.0f} s.  Publish it with `hullwatch apply`"
        )
