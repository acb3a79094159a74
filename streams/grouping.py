"""Parts of AIS messages that come in several sentences, joined again.

Parts follow each other in order, those of other messages between them: a part out of its order is never joined, for
sequence numbers come back within seconds and a wrong join has good checksums.  So of one key at most one group is open.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from alerts.core.instants import SECOND, Instant
from streams.nmea_line import AisLine

_PATIENCE = 5 * SECOND
"""Event time after which the rest of a group is not waited for."""
_MOST_OPEN = 1_000
"""Groups open at once: 379 stations of one network have some 20."""

_UNNAMED = b"s"

Key = tuple[bytes, bytes, int, bytes, bytes]


@dataclass(slots=True)
class Group:
    """An unfinished message: its parts so far and the lines they came in; time and station are its first part's.

    `since` is None where the feed had no time yet: its patience then begins with the first time.
    """

    parts: list[bytes]
    lines: list[bytes]
    total: int
    station: str
    at: Instant | None
    voice: bytes
    suffix_ms: Instant | None
    since: Instant | None
    first_line: int


@dataclass(slots=True)
class Groups:
    """All unfinished messages of one feed, the oldest first."""

    open: dict[Key, Group] = field(default_factory=dict)

    def begin(self, key: Key, group: Group) -> list[bytes]:
        """Opens a group; the lines of an unfinished one of the same key, which it ends."""
        before = self.open.pop(key, None)
        self.open[key] = group
        return before.lines if before else []

    def join(self, part: AisLine, line: bytes) -> Group | None:
        """The group that this part belongs to; still open unless it is complete.  None: no such group, or a gap."""
        key = self._find(part)
        group = self.open.get(key)
        if group is None or part.number != len(group.parts) + 1:
            return None
        group.parts.append(part.text)
        group.lines.append(line)
        if group.at is None:
            group.at = part.at
        if part.number == group.total:
            del self.open[key]
        return group

    def _find(self, part: AisLine) -> Key:
        """Its own key, or that of a group where only one of the parts names the station."""
        key = key_of(part)
        if key in self.open or part.group is not None:
            return key
        if part.station is not None:
            return (_UNNAMED, *key[1:])
        return next((other for other in reversed(self.open) if other[1:] == key[1:]), key)

    def expired(self, now: Instant | None) -> Iterator[Group]:
        """Groups that are not waited for any longer; they are open no more."""
        while self.open:
            key, group = next(iter(self.open.items()))
            if group.since is None:
                group.since = now
            waited = 0 if now is None or group.since is None else now - group.since
            if waited <= _PATIENCE and len(self.open) <= _MOST_OPEN:
                return
            yield self.open.pop(key)


def key_of(part: AisLine) -> Key:
    r"""What the parts of one message share; a `\\g` id stands for the station, which later parts often do not name."""
    source = b"g" + part.group if part.group is not None else b"s" + (part.station or "").encode()
    return (source, part.formatter, part.total, part.sequence, part.channel)
