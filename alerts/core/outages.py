"""What is told of outages: of feeds, by what partitions say of them, and of stations, as the clock finds them."""

import re
import zlib
from collections.abc import Iterable
from functools import lru_cache

from alerts.core.alert import Severity
from alerts.core.frozen import Struct, replace
from alerts.core.instants import Instant, rfc3339, spoken
from alerts.core.intervals import Outage
from alerts.core.lifecycle import episode_id
from alerts.core.rule import Finding, Said
from alerts.core.stations import Found

_LONGEST_NAME = 40


class Verdict(Struct, frozen=True):
    """One outage of a feed, with what each source says of its end: None it goes on, `since` it was withdrawn."""

    feed: str
    since: Instant
    kind: str
    until: dict[str, Instant | None]

    @property
    def outage(self) -> Outage:
        """The furthest end that anyone knows; open while nobody knows one."""
        ends = [end for end in self.until.values() if end is not None]
        return Outage(self.feed, self.since, max(ends, default=None), self.kind)


def zone_of(outage: Outage) -> str:
    """What stands in the place of a zone, for each feed and each station has outages of its own.

    Names of stations come from the air, and this is part of an id: what is not plain in one is told apart by a sum.
    """
    if not outage.station:
        return outage.feed
    plain = re.sub(r"[^A-Za-z0-9_-]", "-", outage.station)[:_LONGEST_NAME]
    name = plain if plain == outage.station else f"{plain}-{zlib.crc32(outage.station.encode()):08x}"
    return f"{outage.feed}:{name}"


def outage_id(outage: Outage) -> str:
    """The id of its episode."""
    return episode_id("", "outage", zone_of(outage), outage.since)


def of_feeds(verdicts: Iterable[Verdict]) -> Iterable[Finding]:
    """What should be said of the outages of feeds."""
    for verdict in verdicts:
        outage = verdict.outage
        if outage.kind == "outage" and outage.until != outage.since:
            yield _of_feed(outage)


@lru_cache(maxsize=1024)  # asked again at every tick, of every outage of a week
def _of_feed(outage: Outage) -> Finding:
    return _finding(outage, f"feed {outage.feed}", {"feed": outage.feed, "last_heard": rfc3339(outage.since)}, "")


def of_station(feed: str, found: Found) -> Finding:
    """What should be said of the outage of a station."""
    evidence = {
        "feed": feed,
        "station": found.station,
        "last_heard": rfc3339(found.since),
        "usual_a_minute": found.usual,
        "ships": found.ships,
    }
    told = f", while the rest of the feed goes on; {found.usual:g} messages a minute are usual"
    outage = Outage(feed, found.since, found.until, station=found.station)
    return _finding(outage, f"station {found.station} of feed {feed}", evidence, told)


def _finding(outage: Outage, whom: str, evidence: dict[str, object], why: str) -> Finding:
    since, until = outage.since, outage.until
    said = Said(Severity.WARNING, since, None, None, f"Nothing was heard from {whom} since {rfc3339(since)}", evidence)
    opened = replace(said, summary=said.summary + why)
    closed = None
    if until is not None:
        told = f"Nothing was heard from {whom} for {spoken(until - since)}, until {rfc3339(until)}"
        closed = replace(said, summary=told, evidence=evidence | {"heard_again": rfc3339(until)})
    return Finding("outage", zone_of(outage), since, since, until, opened, closed)
