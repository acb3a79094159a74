"""What a case is given: servers, a seed, a time, a folder of its own."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from streams.settings import Settings
from streams.topics import Topics
from tests.crash.stage import Changes
from tests.crash.worlds import LONG_S, Story
from tests.servers import Servers

SHORT_SESSION_S = 1.0
"""Of a short run, in which most of the time would be waiting for six seconds to pass; a long run has production's."""


@dataclass(frozen=True)
class Bench:
    """`cures` False: everything that keeps Faust from losing state is off.  `stories`: those that the case needs."""

    servers: Servers
    seed: int
    seconds: float
    folder: Path
    cures: bool
    dice: Random
    stories: Mapping[str, Story]

    @property
    def long(self) -> bool:
        """Whether stories are told whole, and what else is as in production."""
        return self.seconds >= LONG_S

    @property
    def session_s(self) -> float | None:
        """How long a group waits for a dead member; None: as in production."""
        return None if self.long else SHORT_SESSION_S

    @property
    def changes(self) -> Changes:
        """Of every stage that is not told to strike itself."""
        return Changes(session_s=self.session_s, cures=self.cures)

    def settings(self, report_partitions: int = 3) -> Settings:
        """On topics that no other case has; in a long run ingest has more partitions than any stage has members."""
        source_partitions = 4 if self.long else 2
        topics = Topics(f"c{secrets.token_hex(4)}", source_partitions, report_partitions)
        return Settings(self.servers.kafka_address, self.servers.redis_url, topics=topics)
