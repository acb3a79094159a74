"""The topics, their partitions and their settings, by name."""

import zlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: `settings` are Kafka topic configurations."""

    name: str
    partitions: int
    settings: dict[str, str] = field(default_factory=dict)


_MOST_BYTES = {"max.message.bytes": "1048588"}
"""No topic is left to a broker's default: what one takes, the topic of dead letters must take too."""
LARGEST_BYTES = 8_388_608
"""Of a record of any topic, and so of a dead letter."""
_LARGE = {"max.message.bytes": str(LARGEST_BYTES)}
_COMPACTED = {
    "cleanup.policy": "compact",
    **_LARGE,
    "segment.ms": "600000",
    "segment.bytes": "67108864",
    "min.cleanable.dirty.ratio": "0.1",
}
"""Short segments: the newest one is never compacted, and whoever starts reads all of it."""
_CHANGELOG = {
    **_COMPACTED,
    "segment.ms": "3600000",
    "min.compaction.lag.ms": "300000",
    "max.compaction.lag.ms": "86400000",
}
"""The least lag lies above a worker's pause plus a rebalance: its late writes are repaired before compaction."""
_DAY_MS = 86_400_000
_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1", **_MOST_BYTES}


def _kept_for(days: int) -> dict[str, str]:
    """By time alone: Kafka drops whole segments, so one is closed every day."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(days * _DAY_MS),
        "retention.bytes": "-1",
        "segment.ms": str(_DAY_MS),
        **_MOST_BYTES,
    }


def partition_of(hull_id: str, count: int) -> int:
    """The partition of `ais.reports` on which a hull lives, of `count`; the same in every process and for ever."""
    return zlib.crc32(hull_id.encode()) % count


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics of one installation; `prefix` sets several of them apart on one broker."""

    prefix: str = "ais"
    source_partitions: int = 4
    report_partitions: int = 3

    @property
    def sentences(self) -> Topic:
        """Whole sentences and time records, partitioned by MMSI (sentences.py).

        The whole sea's traffic, read once, by ingest: 3 days are a weekend that it may be down.
        """
        return Topic(f"{self.prefix}.sentences", self.source_partitions, _kept_for(days=3))

    @property
    def reports(self) -> Topic:
        """Reports and watch entries keyed by hull id; closed intervals on every partition.

        Of watched hulls alone, and detect can read again from where its changelog stands: 7 days.
        """
        return Topic(f"{self.prefix}.reports", self.report_partitions, _kept_for(days=7))

    @property
    def clock(self) -> Topic:
        """Ticks, outages, reception and announcements: one totally ordered log; kept as long as the reports."""
        return Topic(f"{self.prefix}.clock", 1, _kept_for(days=7))

    @property
    def alerts(self) -> Topic:
        """Published alerts, keyed by episode id: the truth, of which Redis and the page are made again; for ever."""
        return Topic(f"{self.prefix}.alerts", 1, _FOR_EVER)

    @property
    def versions(self) -> Topic:
        """Contents of versions by id, and `announced`: the ids in force."""
        return Topic(f"{self.prefix}.versions", 1, _COMPACTED)

    @property
    def snapshots(self) -> Topic:
        """State of ingest and clock with its offset, keyed `stage/partition`."""
        return Topic(f"{self.prefix}.snapshots", 1, _COMPACTED)

    @property
    def rejects(self) -> Topic:
        """Dead letters: what could not be used, with the reason; 7 days to look at them."""
        return Topic(f"{self.prefix}.rejects", 1, {**_kept_for(days=7), **_LARGE})

    @property
    def changelog(self) -> Topic:
        """Of detect's table of memories; Faust calls it after app (`PREFIX-detect`) and table (`memories`)."""
        return Topic(f"{self.prefix}-detect-memories-changelog", self.report_partitions, _CHANGELOG)

    def all(self) -> tuple[Topic, ...]:
        """In the order of the path of a message."""
        kept = (self.versions, self.snapshots, self.changelog, self.rejects)
        return (self.sentences, self.reports, self.clock, self.alerts, *kept)
