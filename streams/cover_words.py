"""A learned cover in words: on what it rests, how far silences grow, and what the operator's numbers make of it."""

from collections.abc import Iterator, Sequence

from alerts.core.curve import LEAST_SAID, SHIPPED
from alerts.core.instants import MINUTE, rfc3339, spoken
from alerts.core.learned import CellHeard, Learned, Point, heard_share
from alerts.core.survival import PRIOR_SILENCES
from alerts.core.thresholds import Thresholds

_WELL, _BADLY = 0.9, 0.5


def in_short(learned: Learned, budget: float) -> str:
    """One line."""
    source, count = learned.source, _first(learned.moving)
    return (
        f"learned from {count:,} silences in {source.hull_days:,.0f} hull-days; dark after "
        f"{learned.curve.threshold_min(budget):g} witnessed min (shipped: {SHIPPED.threshold_min(budget):g})"
    )


def words(learned: Learned, thresholds: Thresholds) -> Iterator[str]:
    """All of it, a line each."""
    source = learned.source
    yield (
        f"Learned from {', '.join(source.feeds)}, {rfc3339(source.since)} to {rfc3339(source.until)}: "
        f"{source.ships:,} ships, {source.hull_days:,.1f} hull-days."
    )
    yield ""
    yield from _moving(learned, thresholds)
    yield ""
    yield from _stopped(learned, thresholds)
    yield ""
    yield from _heard(learned.cells)


def _moving(learned: Learned, thresholds: Thresholds) -> Iterator[str]:
    count, budget = _first(learned.moving), thresholds.silence_budget
    yield f"Under way: {count:,} silences over three minutes of ships that sailed on ({_apart(learned)})."
    yield f"{PRIOR_SILENCES} of the shipped curve count beside them; together {learned.moving_a_hull_day:g} a hull-day."
    yield "  witnessed min    silences    share that lasts as long         shipped"
    for point in learned.moving:
        shipped = SHIPPED.share_as_long(point.minutes)
        yield f"{point.minutes:15g}{point.silences:12,}{_share(point.share):>28}{_share(shipped):>16}"
    for wanted in sorted({1.0, 10.0, 100.0, budget}):
        limits = f"{learned.curve.threshold_min(wanted):g} witnessed min (shipped: {SHIPPED.threshold_min(wanted):g})"
        yield f"A budget of {wanted:g} false alarms in 1,000 hull-days: dark after {limits}" + (
            ", as rules.toml has it" if wanted == budget else ""
        )


def _apart(learned: Learned) -> str:
    apart = learned.apart
    return (
        f"not counted: {apart.stopped:,} that stopped in it, {apart.left:,} that left cover, "
        f"{apart.together:,} with others, {apart.beyond:,} beyond ten witnessed minutes"
    )


def _stopped(learned: Learned, thresholds: Thresholds) -> Iterator[str]:
    count = _first(learned.stopped)
    yield f"Stopped: {count:,} silences that ended, {learned.stopped_a_hull_day:g} a hull-day, by time under cover."
    for point in learned.stopped[1:]:
        yield f"{spoken(round(point.minutes * MINUTE)):>15}{point.silences:12,}{_share(point.share):>28}"
    limit = thresholds.stopped_silence_min
    longer = [point for point in learned.stopped if point.minutes >= limit]
    told = f"{longer[0].silences:,} of them did" if longer else "none of them was as long"
    yield f"rules.toml calls a stopped ship dark after {spoken(round(limit * MINUTE))}: {told}."


def _heard(cells: Sequence[CellHeard]) -> Iterator[str]:
    by_cell = {cell.cell: cell for cell in cells}
    shares = [heard_share(by_cell, cell.cell) for cell in cells]
    well, badly = sum(share >= _WELL for share in shares), sum(share < _BADLY for share in shares)
    yield f"Heard: {len(cells):,} cells; in {well:,} nine of ten ships under way are, in {badly:,} fewer than half."


def _first(points: Sequence[Point]) -> int:
    return points[0].silences if points else 0


def _share(share: float) -> str:
    """Nobody can know more than one in ten thousand."""
    if share < LEAST_SAID:
        return "< 1 in 10,000"
    return f"1 in {1 / share:,.0f}" if share < 0.1 else f"{share:.2f}"
