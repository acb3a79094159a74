"""What a stage is told: the environment (Settings), and the configuration folder (config.py)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from streams.config import Config, ConfigError, ConfigErrors, load_config
from streams.feed_settings import FeedSettings
from streams.topics import Topics

__all__ = ["DEFAULT_FOLDER", "Config", "ConfigError", "ConfigErrors", "FeedSettings", "Settings", "load_config"]

DEFAULT_FOLDER = Path(str(files("deploy"))) / "config"
"""The Angara case, as it is installed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the servers and the configuration folder are.  `metrics_port` None: no metrics are served."""

    kafka: str = "127.0.0.1:9092"
    redis: str = "redis://127.0.0.1:6379/0"
    config_dir: Path = DEFAULT_FOLDER
    topics: Topics = Topics()
    metrics_port: int | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """HULLWATCH_KAFKA, _REDIS, _CONFIG, _PREFIX, _METRICS_PORT, _SOURCE_PARTITIONS, _REPORT_PARTITIONS.

        An empty variable counts as unset.  Raises ConfigError.
        """
        given = {name: environ.get(f"HULLWATCH_{name}", "").strip() for name in _NAMES}
        unset = cls()
        return cls(
            kafka=_addresses(given["KAFKA"]) or unset.kafka,
            redis=given["REDIS"] or unset.redis,
            config_dir=Path(given["CONFIG"]) if given["CONFIG"] else unset.config_dir,
            topics=Topics(
                prefix=given["PREFIX"] or unset.topics.prefix,
                source_partitions=_count(given, "SOURCE_PARTITIONS", 1000) or unset.topics.source_partitions,
                report_partitions=_count(given, "REPORT_PARTITIONS", 1000) or unset.topics.report_partitions,
            ),
            metrics_port=_count(given, "METRICS_PORT", 65535),
        )


_NAMES = ("KAFKA", "REDIS", "CONFIG", "PREFIX", "METRICS_PORT", "SOURCE_PARTITIONS", "REPORT_PARTITIONS")


_ADDRESS = re.compile(r"(\[[^\[\]\s]+\]|[^:,\s\[\]]+)(:(?P<port>\d{1,5}))?")


def _addresses(text: str) -> str:
    for address in filter(None, text.split(",")):
        found = _ADDRESS.fullmatch(address.strip())
        if found is None or not 1 <= int(found["port"] or 1) <= 65_535:
            raise ConfigError(
                "environment", "HULLWATCH_KAFKA", f"HOST:PORT, or several with commas, got {address[:80]!r}"
            )
    return text


def _count(given: Mapping[str, str], name: str, highest: int) -> int | None:
    text = given[name]
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= highest):
        raise ConfigError("environment", f"HULLWATCH_{name}", f"a whole number from 1 to {highest}, got {text[:40]!r}")
    return int(text)
