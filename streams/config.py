"""The configuration folder, read and validated as a whole.

watchlist.csv  zones.geojson                must be there
rules.toml  feeds.toml  routes.toml         may be missing: default thresholds, no feeds, nobody told
deliveries.toml                             may be missing: nothing is counted
cover.json                                  may be missing: the curve that ships with the package
"""

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from alerts.core.frozen import Struct, field, replace
from alerts.core.hull import Hull
from alerts.core.learned import Learned
from alerts.core.thresholds import Thresholds
from alerts.core.zones import Zone
from alerts.routing import routes as routes_file
from alerts.routing.routes import RouteError, Routes, check_names
from alerts.voyages.deliveries import Pattern
from alerts.watchlist import cover, deliveries, entries, rules, zones
from alerts.watchlist.flaws import WrongFileError
from streams import feed_settings
from streams.feed_settings import FeedSettings

MAX_FILE_MB = 32
MAX_TOLD = 20
"""So many errors of one file are told; the rest are counted."""
T = TypeVar("T")


class ConfigError(Exception):
    """A wrong setting, in one line: FILE: WHERE: expected ...  (`where` is a line, a key, or '')."""

    def __init__(self, file: str, where: str, expected: str) -> None:
        place = f"{file}: {where}" if where else file
        super().__init__(f"{place}: expected {expected}")
        self.file = file
        self.where = where
        self.expected = expected


class ConfigErrors(ConfigError):  # noqa: N818  the plural of the one above
    """Several of them, one a line; `file`, `where` and `expected` are those of the first."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        super().__init__(errors[0].file, errors[0].where, errors[0].expected)
        self.args = ("\n".join(str(error) for error in errors),)
        self.errors = tuple(errors)


class Config(Struct, frozen=True):
    """What is watched, where and how; whence lines come, and who hears.  `cover` None: nothing was learned."""

    watchlist: tuple[Hull, ...] = ()
    zones: tuple[Zone, ...] = ()
    thresholds: Thresholds = field(default_factory=Thresholds)
    feeds: tuple[FeedSettings, ...] = ()
    routes: Routes = field(default_factory=Routes)
    deliveries: tuple[Pattern, ...] = ()
    cover: Learned | None = None


def load_config(folder: Path, watchlist: Path | None = None) -> Config:
    """The folder's configuration; `watchlist` is read in place of its watchlist.csv.

    Raises ConfigError, or ConfigErrors with all that is wrong in any of the files.
    """
    if not folder.is_dir():
        raise ConfigError(str(folder), "", "a configuration folder: watchlist.csv, zones.geojson, rules.toml ...")
    reading = _Reading()
    config = Config(
        reading.file(watchlist or folder / "watchlist.csv", entries.parse),
        reading.file(folder / "zones.geojson", _zones),
        reading.file(folder / "rules.toml", lambda text: rules.parse(tomllib.loads(text)), Thresholds()),
        reading.file(folder / "feeds.toml", lambda text: feed_settings.parse(tomllib.loads(text), folder), ()),
        reading.file(folder / "routes.toml", lambda text: routes_file.parse(tomllib.loads(text)), Routes()),
        cover=reading.optional(folder / "cover.json", _cover),
    )
    reading.refuse()
    if watchlist is None:
        reading.value(folder / "routes.toml", lambda: _check_names(config))
    ports = {zone.id for zone in config.zones if zone.kind == "port"}
    unset: tuple[Pattern, ...] = ()
    found = reading.file(folder / "deliveries.toml", lambda text: deliveries.parse(tomllib.loads(text), ports), unset)
    reading.refuse()
    return replace(config, deliveries=found)


def load_zones(folder: Path) -> tuple[Zone, ...]:
    """The folder's zones alone; raises ConfigError, or ConfigErrors with all that is wrong in them."""
    reading = _Reading()
    found = reading.file(folder / "zones.geojson", _zones)
    reading.refuse()
    return found


def load_cover(file: Path) -> Learned:
    """One such file alone; raises ConfigError, or ConfigErrors with all that is wrong in it."""
    reading = _Reading()
    found = reading.file(file, _cover)
    reading.refuse()
    return found


def _cover(text: str) -> Learned:
    return cover.parse(json_of(text))


def _zones(text: str) -> tuple[Zone, ...]:
    return zones.parse(json_of(text))


def json_of(text: str) -> Any:
    """Strict JSON: no NaN, no key twice.  Raises ValueError."""
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice!r:.60} stands twice in one object")
    return members


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _check_names(config: Config) -> None:
    check_names(config.routes, {hull.id for hull in config.watchlist}, {zone.id for zone in config.zones})


class _Reading:
    """The errors found so far, over all files."""

    def __init__(self) -> None:
        self._errors: list[ConfigError] = []

    def file(self, path: Path, parse: Callable[[str], T], unset: T | None = None) -> T:
        """What the file says; `unset` where it is missing, which is an error where that is None."""
        found = self.optional(path, parse) if unset is not None else self.value(path, lambda: parse(_text(path)))
        return unset if found is None and unset is not None else found  # type: ignore[return-value]

    def optional(self, path: Path, parse: Callable[[str], T]) -> T | None:
        """The same; None where it is missing."""
        if not path.exists() and not path.is_symlink():
            return None
        return self.value(path, lambda: parse(_text(path)))

    def value(self, path: Path, work: Callable[[], T]) -> T:
        """The work's result; after an error, nothing that may be used: `refuse` comes before."""
        try:
            return work()
        except WrongFileError as wrong:
            self._note(path, wrong.flaws)
        except RouteError as flaw:
            self._note(path, (flaw,))
        except OSError as error:
            self._note(path, (RouteError("", f"a file that can be read ({error.strerror})"),))
        except RecursionError:
            self._note(path, (RouteError("", "values nested less deeply"),))
        except ValueError as error:
            self._note(path, (RouteError("", f"well-formed {path.suffix[1:].upper()} ({error})"),))
        return None  # type: ignore[return-value]  # never used: see above

    def refuse(self) -> None:
        """Raises what was found."""
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            raise ConfigErrors(self._errors)

    def _note(self, path: Path, flaws: Sequence[RouteError]) -> None:
        self._errors += [ConfigError(str(path), flaw.where, flaw.expected) for flaw in flaws[:MAX_TOLD]]
        if len(flaws) > MAX_TOLD:
            self._errors.append(
                ConfigError(str(path), "", f"nothing else wrong, got {len(flaws) - MAX_TOLD} more errors")
            )


def _text(path: Path) -> str:
    """Raises OSError, or RouteError for what is not text: at most MAX_FILE_MB are read, whatever the path is."""
    with path.open("rb") as file:
        data = file.read(MAX_FILE_MB * 1_000_000 + 1)
    if len(data) > MAX_FILE_MB * 1_000_000:
        raise RouteError("", f"a file of at most {MAX_FILE_MB} MB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RouteError(f"line {line}", f"text in UTF-8, got the byte 0x{data[error.start]:02x}") from None
