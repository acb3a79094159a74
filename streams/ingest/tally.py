"""What became of sentences: every reject has a reason, every line is counted once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.core.reports import Origin


class NoMessage(StrEnum):
    """Why a sentence, or a record of them, is not used."""

    RECORD = "record"
    """The record of `ais.sentences` is of no known kind, or cut short."""
    CHECKSUM = "checksum"
    MALFORMED = "malformed"
    """Not the seven fields of a VDM or VDO sentence."""
    CHARACTERS = "characters"
    """The payload holds what stands for no six bits."""
    TYPE = "type"
    LENGTH = "length"
    UNDECODABLE = "undecodable"
    """A watched hull's message that the decoder refuses although type and length are right."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """What is not used, as it came: `text` is the sentence, or the record."""

    reason: NoMessage
    feed: str
    station: str
    text: bytes
    origin: Origin


@dataclass(frozen=True, slots=True)
class Tally:
    """Lines by what became of them: each part of a message is a line.

    `reports` counts the reports of watched hulls, `duplicate` what is none because its feed had brought it before: of
    others nobody asks.  A record that cannot be read counts as one line.
    """

    accepted: int = 0
    duplicate: int = 0
    rejected: Mapping[NoMessage, int] = field(default_factory=dict)
    reports: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        rejected = dict(self.rejected)
        for reason, lines in other.rejected.items():
            rejected[reason] = rejected.get(reason, 0) + lines
        return Tally(
            self.accepted + other.accepted, self.duplicate + other.duplicate, rejected, self.reports + other.reports
        )

    @property
    def lines(self) -> int:
        """All of them."""
        return self.accepted + self.duplicate + sum(self.rejected.values())
