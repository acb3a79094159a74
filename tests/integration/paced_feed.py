"""`python -m tests.integration.paced_feed feed FILE FASTER`: the feed stage, so many times faster than the demo."""

import os
import sys
from collections.abc import Sequence

from streams import feed, scenario
from streams.cli import run_stage
from streams.feed_settings import FeedSettings
from streams.settings import Settings

FEED = "angara"


def main(arguments: Sequence[str]) -> int:
    _, path, faster = arguments
    settings, times = Settings.from_env(os.environ), float(faster)
    feeds = [FeedSettings(FEED, "file", path=path)]
    return run_stage(lambda: feed.run(settings, feeds, lambda at: scenario.play_at(at) / times), settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
