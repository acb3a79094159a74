"""What came of one case, in one line; and what it was that was lost or wrong."""

from collections import Counter
from dataclasses import dataclass, field

SHOWN = 12
"""Of what is lost or wrong; the rest is counted."""


@dataclass
class Outcome:
    """`lost` counts events and alerts, `wrong` keys and alerts; repeats are what at-least-once is."""

    name: str
    done: Counter[str] = field(default_factory=Counter)
    events: int = 0
    keys: int = 0
    lost_count: int = 0
    wrong_count: int = 0
    repeated: int = 0
    longest_s: float = 0.0
    notes: list[str] = field(default_factory=list)

    def skipped(self, why: str) -> None:
        self.done[f"SKIPPED: {why}"] += 1

    def lost(self, count: int, what: str) -> None:
        self.lost_count += count
        self.notes.append(f"lost: {what}")

    def wrong(self, what: str) -> None:
        self.wrong_count += 1
        self.notes.append(f"wrong: {what}")

    @property
    def good(self) -> bool:
        return not self.lost_count and not self.wrong_count

    def line(self) -> str:
        done = ", ".join(f"{what} x{count}" for what, count in sorted(self.done.items()))
        return (
            f"{self.name}: {done}; {self.events:,} events, {self.keys:,} keys, {self.lost_count:,} lost, "
            f"{self.wrong_count:,} wrong, {self.repeated:,} repeated, longest wait {self.longest_s:.1f} s"
        )

    def details(self) -> list[str]:
        more = len(self.notes) - SHOWN
        return [*self.notes[:SHOWN], *([f"and {more:,} more"] if more > 0 else [])]
