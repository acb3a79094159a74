"""What a case is given: servers, a seed, a time, a folder of its own."""

import asyncio
import secrets
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from random import Random

from streams.settings import Settings
from streams.topics import Topics
from tests.crash.worlds import Story
from tests.servers import Servers


@dataclass(frozen=True)
class Bench:
    """`cures` False: everything that keeps Faust from losing state is off."""

    servers: Servers
    seed: int
    seconds: float
    folder: Path
    cures: bool
    dice: Random
    stories: Mapping[str, "Future[Story]"]

    async def story(self, name: str) -> Story:
        """Of the names in worlds.STORIES."""
        return await asyncio.wrap_future(self.stories[name])

    def settings(self, source_partitions: int = 4, report_partitions: int = 3) -> Settings:
        """On topics that no other case has."""
        topics = Topics(f"c{secrets.token_hex(4)}", source_partitions, report_partitions)
        return Settings(self.servers.kafka_address, self.servers.redis_url, topics=topics)
