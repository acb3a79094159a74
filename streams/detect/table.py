"""The table of memories: keys are hull ids, values what streams/memories.py packs."""

from typing import Any

import faust
from faust.tables.manager import TableManager

from streams.detect.engines import Engines
from streams.detect.store import URL
from streams.topics import Topics

NAME = "memories"


class Table(faust.Table[bytes, bytes]):
    """A table that does not go on after a write that Kafka did not take."""

    mundane_level = "debug"

    def send_changelog(self, *args: Any, **kwargs: Any) -> Any:
        """Cure for the lost changelog record: Faust logs a failed send as one warning, and commits past it."""
        sent = super().send_changelog(*args, **kwargs)
        sent.add_done_callback(self._crash_if_lost)
        return sent

    def _crash_if_lost(self, sent: Any) -> None:
        if not sent.cancelled() and (error := sent.exception()) is not None:
            self.add_future(self.app.crash(error))


class Tables(TableManager):
    """Faust's, without the second that it waits at a start for tables that are still to be declared: ours is."""

    mundane_level = "debug"

    async def on_start(self) -> None:
        """Reads nothing yet: a changelog is read when its partition comes."""
        await self._update_channels()
        await self.recovery.start()


def memories(app: faust.App, topics: Topics, kafka: str, engines: Engines) -> Any:
    """The app's one table, with as many partitions as the source; its changelog is `topics.changelog`."""
    return app.Table(
        NAME,
        partitions=topics.changelog.partitions,
        key_type=bytes,
        value_type=bytes,
        store=URL,
        options={"engines": engines, "kafka": kafka},
        extra_topic_configs=topics.changelog.settings,
    )
