"""The harbour: a working day, in which all stations are deaf at once for forty minutes."""

from collections import Counter
from itertools import pairwise

from alerts.core.instants import MINUTE, SECOND, parse_rfc3339
from streams import scenario


def test_the_harbour_falls_silent_as_a_whole_once() -> None:
    times = [int(line.split(b"c:")[1][:10]) * SECOND for line in scenario.lines("harbour")]
    gaps = [(a, b) for a, b in pairwise(times) if b - a > MINUTE]
    assert len(gaps) == 1
    assert abs(gaps[0][0] - parse_rfc3339("2024-05-14T08:00:00Z")) < 20 * SECOND
    assert abs(gaps[0][1] - gaps[0][0] - 40 * MINUTE) < 30 * SECOND


def test_losing_a_third_of_the_ships_reports_leaves_the_others_and_every_base_station() -> None:
    def tally(lost: float) -> tuple[list[bytes], list[bytes]]:
        """Sentences without tag blocks, whose groups are numbered: of the harbour, which is quicker to make."""
        sentences = [line.split(b"\\")[2] for line in scenario.lines("harbour", 3, lost)]
        bases = [s for s in sentences if s.split(b",")[5].startswith(b"4")]
        return bases, [s for s in sentences if s.split(b",")[1] == b"1" and not s.split(b",")[5].startswith(b"4")]

    (bases, ships), (thin_bases, thin_ships) = tally(0), tally(1 / 3)
    assert bases == thin_bases
    assert not Counter(thin_ships) - Counter(ships)
    assert 0.64 < len(thin_ships) / len(ships) < 0.69
