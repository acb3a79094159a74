"""What a worker keeps of one partition of the table's changelog.  Pure: no Faust, no Kafka.

A value starts with the source offset of the last record applied (streams/memories.py), and is a function of the source
up to there.  So a changelog record is a fact that no second writer can falsify, and of two values of a key the higher
one wins, whoever wrote it and in whatever order.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Span:
    """One stretch of a partition's changelog, read up to `end`.

    `best` is the highest value of each key; `buried` are the keys whose last record is another one.
    """

    end: int
    best: dict[bytes, bytes] = field(default_factory=dict)
    buried: set[bytes] = field(default_factory=set)

    def add(self, key: bytes, value: bytes | None) -> None:
        """The next record; None, a tombstone, is nobody's fact: we write none."""
        known = self.best.get(key)
        if value is None or (known is not None and value < known):
            self.buried.add(key)
            return
        self.best[key] = value
        self.buried.discard(key)


@dataclass(slots=True)
class Kept:
    """The rows of one owned partition.

    Every changelog record below `position` is known; `ahead` are own records acknowledged beyond it.
    """

    rows: dict[bytes, bytes] = field(default_factory=dict)
    position: int = 0
    ahead: set[int] = field(default_factory=set)

    def take(self, span: Span) -> tuple[dict[bytes, bytes], bool]:
        """Merges a stretch that was read from `position` on.

        Gives the rows to be written again, because a lower value stands after them in the log and would outlive
        them there (cure: a paused worker takes state back), and whether a row of ours was behind.
        """
        buried, changed = set(span.buried), False
        for key, value in span.best.items():
            ours = self.rows.get(key, b"")
            if value > ours:
                self.rows[key], changed = value, True
            elif value < ours:
                buried.add(key)
        self.position = max(self.position, span.end)
        self._advance()
        return {key: self.rows[key] for key in buried if key in self.rows}, changed

    def acknowledged(self, offset: int) -> bool:
        """One of our own records stands at `offset`: is there a hole before it, made by somebody else's?"""
        if offset >= self.position:
            self.ahead.add(offset)
            self._advance()
        return bool(self.ahead)

    def _advance(self) -> None:
        while self.position in self.ahead:
            self.ahead.discard(self.position)
            self.position += 1
        if self.ahead and min(self.ahead) < self.position:
            self.ahead = {offset for offset in self.ahead if offset > self.position}
