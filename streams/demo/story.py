"""What the demo plays: the re-enactment at the pace of its scenes, or recorded files fast enough for a person."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from alerts.core.hull import Hull
from alerts.core.instants import SECOND, Instant
from alerts.core.reports import Report
from streams import scenario
from streams.chain import values
from streams.ingest import pipeline
from streams.ingest.rows import RowBatch
from streams.ingest.watch_index import WatchIndex
from streams.nmea import FeedRules
from streams.recordings import Recording
from streams.settings import ConfigError

WATCHED_AT_MOST = 200
"""Ships of a recording that are watched: those with the most reports."""
PlayAt = Callable[[Instant], float]


@dataclass(frozen=True, slots=True)
class Story:
    """`play_at`: seconds on the wall at which a moment is shown; `hulls` None: those of the configuration folder."""

    feed: str
    path: Path
    begin: Instant
    end: Instant
    play_at: PlayAt
    scene_at: Callable[[Instant], str]
    hulls: tuple[Hull, ...] | None = None

    @property
    def lasts_s(self) -> float:
        """How long it takes to tell."""
        return self.play_at(self.end) - self.play_at(self.begin)


def angara(seed: int, folder: Path) -> Story:
    """The re-enactment, written to a file of the folder."""
    path = folder / "angara.nmea"
    with path.open("wb") as out:
        out.writelines(scenario.lines("angara", seed))
    return Story("angara", path, scenario.SCENES[0].begin, scenario.SCENES[-1].end, scenario.play_at, _scene_at)


def _scene_at(at: Instant) -> str:
    return next((scene.name for scene in scenario.SCENES if at < scene.end), scenario.SCENES[-1].name)


def recording(path: str, seconds: float) -> Story:
    """A recorded file of sentences, played in so many seconds; its busiest ships are watched.

    Raises ConfigError where it holds none, UnreadableFileError.
    """
    arrivals = Recording(FeedRules("recording"), [path]).arrivals()
    reports = list(_reports(values(arrivals)))
    if not reports:
        raise ConfigError("hullwatch demo", path, "a recording of AIS sentences with times, of at least one ship")
    begin, end = min(r.heard_at for r in reports), max(r.heard_at for r in reports)
    faster = max(1.0, (end - begin) / SECOND / seconds)
    return Story(
        "recording", Path(path), begin, end, lambda at: at / SECOND / faster, lambda _: path, _busiest(reports)
    )


def _reports(records: Iterable[pipeline.Value]) -> Iterable[Report]:
    state, watch = pipeline.State(), WatchIndex.all_ships()
    for offset, value in enumerate(records):
        if not isinstance(value, RowBatch):
            state, outputs = pipeline.step(state, [(offset, value)], "demo", watch)
            yield from outputs.reports


def _busiest(reports: Sequence[Report]) -> tuple[Hull, ...]:
    names = {report.mmsi: report.name for report in reports if report.name}
    counted = Counter(report.mmsi for report in reports)
    most = islice(sorted(counted, key=lambda mmsi: (-counted[mmsi], mmsi)), WATCHED_AT_MOST)
    return tuple(Hull(f"mmsi-{mmsi}", mmsi=mmsi, name=names.get(mmsi), reason="in the recording") for mmsi in most)
