"""Ticks and outages of one source partition, made from its time records alone, in the order of its log.

A tick says "nothing prompt is missing before T here": the lowest time of the prompt feeds that are neither out nor
ended.  An outage is a gap between two neighbouring time records of a feed that is wider than its limit.  It is said
early, under the same id, while a feed stands further than its limit behind another:

    heard --front runs ahead by more than the limit--> out (early: told, nothing waits for it)
      ^                                                 |  its own records show the gap: told whole, early no more
      '----- caught up: withdrawn, if still early ------'
    any --ended--> ended (not out, not waited for) --time record--> heard

So the final set of outages is a function of the feeds' time records, which are the same on every partition.
"""

from collections.abc import Iterator

from alerts.core.frozen import Struct, field, replace
from alerts.core.instants import Instant
from alerts.core.intervals import LateTick, Outage, OutageFound, Tick
from alerts.core.reports import Origin
from streams.sentences import TimeRecord

RECEPTION_N = 1 << 10
"""Outputs of one time record are numbered: outages from 0, reception from here, ..."""
TICK_N = 1 << 20
"""... and the tick last: it must never be read before what it passes."""


class FeedTime(Struct, frozen=True):
    """How far one feed has come on this partition, by its last time record."""

    last: TimeRecord
    out: bool = False
    early_since: Instant | None = None

    @property
    def waited_for(self) -> bool:
        """Prompt, speaking, and not far behind."""
        return not (self.last.late or self.last.ended or self.out)


class TickState(Struct, frozen=True):
    """All feeds that have spoken on this partition, and the last tick written."""

    feeds: dict[str, FeedTime] = field(default_factory=dict)
    prompt: Instant | None = None


def on_time_record(
    state: TickState, record: TimeRecord, origin: Origin
) -> tuple[TickState, tuple[OutageFound | Tick, ...]]:
    """The state after one time record, and its outages, then its tick (none where nothing moved)."""
    before = state.feeds.get(record.feed)
    if before and _repeats(before.last, record):
        return state, ()
    outages = []
    feeds = dict(state.feeds)
    if before:
        before, found = _own_gap(before, record)
        outages += found
    feeds[record.feed] = replace(before, last=record) if before else FeedTime(record)
    front = _front(feeds)
    for name, feed in sorted(feeds.items()):
        feeds[name], found = _behind(feed, front, own=name == record.feed)
        outages += found
    if record.ended:
        outages.append(Outage(record.feed, record.reached, None, "ended"))
    prompt = _prompt_tick(state.prompt, feeds, record)
    found_records = tuple([OutageFound(replace(origin, n=n), outage) for n, outage in enumerate(outages)])
    after = TickState(feeds, prompt)
    if prompt == state.prompt and not record.late:
        return after, found_records
    return after, (*found_records, tick(after, replace(origin, n=TICK_N)))


def tick(state: TickState, origin: Origin, read_to_end: bool = False) -> Tick:
    """The tick of the state as it stands; `read_to_end` repeats it by the wall clock and moves nothing."""
    lasts = [feed.last for _, feed in sorted(state.feeds.items())]
    late = tuple([LateTick(last.feed, last.reached, last.lateness_ms) for last in lasts if last.late])
    newest = tuple([(last.feed, last.reached) for last in lasts])
    limits = tuple([(last.feed, last.outage_limit_ms) for last in lasts if last.outage_limit_ms and not last.ended])
    return Tick(origin, state.prompt, late, newest, read_to_end, limits)


def _repeats(last: TimeRecord, record: TimeRecord) -> bool:
    return record.reached < last.reached or (record.reached == last.reached and record.ended <= last.ended)


def _own_gap(feed: FeedTime, record: TimeRecord) -> tuple[FeedTime, list[Outage]]:
    """What the feed's own neighbouring time records show."""
    since, limit = feed.last.reached, record.outage_limit_ms
    if feed.last.ended:
        return feed, [Outage(record.feed, since, record.reached, "ended")]
    if limit is None or record.ended or record.reached - since <= limit:
        return feed, []
    still_early = None if feed.early_since == since else feed.early_since
    return replace(feed, early_since=still_early), [Outage(record.feed, since, record.reached)]


def _front(feeds: dict[str, FeedTime]) -> Instant | None:
    return max((f.last.reached for f in feeds.values() if not (f.last.late or f.last.ended)), default=None)


def _behind(feed: FeedTime, front: Instant | None, own: bool) -> tuple[FeedTime, list[Outage]]:
    """A prompt feed further than its limit behind the front is out; it has caught up only by a record of its own."""
    last = feed.last
    if front is None or last.late or last.outage_limit_ms is None:
        return feed, []
    lags = not last.ended and front - last.reached > last.outage_limit_ms
    if lags and not feed.out:
        return replace(feed, out=True, early_since=last.reached), [Outage(last.feed, last.reached, None)]
    if not (feed.out and own) or lags:
        return feed, []
    since = feed.early_since
    return replace(feed, out=False, early_since=None), [] if since is None else [Outage(last.feed, since, since)]


def _prompt_tick(sent: Instant | None, feeds: dict[str, FeedTime], record: TimeRecord) -> Instant | None:
    """The lowest time waited for; a feed's own last record still counts when it says that the feed has ended."""
    own = [record.reached] if record.ended and not record.late else []
    lowest = min([*_waited_for(feeds), *own], default=sent)
    return lowest if sent is None or (lowest is not None and lowest > sent) else sent


def _waited_for(feeds: dict[str, FeedTime]) -> Iterator[Instant]:
    return (feed.last.reached for feed in feeds.values() if feed.waited_for)
