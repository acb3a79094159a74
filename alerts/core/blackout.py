"""An area whose ships fell silent together, as a value: who they are, where and when, and what is told of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from alerts.core.alert import Alert, Position, Severity
from alerts.core.cells import Cell, cell_of, farther
from alerts.core.fallen import RULE, TOGETHER_MS, AreaOutage, Fallen
from alerts.core.frozen import Struct, field, replace
from alerts.core.geo import Fix, distance_nm
from alerts.core.instants import MINUTE, Instant, rfc3339, spoken
from alerts.core.interference import name_of
from alerts.core.lifecycle import Episode, difference
from alerts.core.rule import Finding, Said

AT_ONCE_MS, AT_ONCE_NM = MINUTE, 100.0
"""Once it is known to be one cause, it is theirs too who fell silent in that very minute some way off, where such are a
large enough share of those under way."""
MOST_SHIPS, MOST_CELLS = 1_000, 100
_NAMED = 20


class Blackout(Struct, frozen=True):
    """An area whose ships fell silent around `at`, the last report of the one with most others near, `place`.

    `ships` are all of them, with their hulls, `silent` those that were not heard again; `since` and `last` their first
    and last report of that time; `cells` where they were, each from when it is one of them; `heard` were under way
    there and heard on, `some` of those named; `told` is how many fell silent when it was told last; `areas` is in how
    many places apart it was, `cells_told` how many cells the engines know.  `there` are as many ships as fell silent
    around the first of each place, of whom `heard` speaks; `fell` is how many did in each cell.
    """

    at: Instant
    place: Fix
    since: Instant
    last: Instant
    ships: dict[int, str] = field(default_factory=dict)
    silent: tuple[int, ...] = ()
    cells: dict[Cell, Instant] = field(default_factory=dict)
    heard: int = 0
    some: tuple[int, ...] = ()
    told: int = 0
    episode: Episode | None = None
    areas: int = 1
    cells_told: int = 0
    there: int = 0
    fell: dict[Cell, int] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Most are heard again."""
        return 2 * len(self.silent) < len(self.ships)


Told = list[tuple[AreaOutage, tuple[Alert, ...]]]
"""What has changed of each, and what is said of it."""


def without(one: Blackout, mmsi: int) -> Blackout:
    """After one of them was heard again."""
    silent = tuple(ship for ship in one.silent if ship != mmsi)
    return one if silent == one.silent else replace(one, silent=silent)


IsShare = Callable[[int, Fix], bool]
"""Whether so many are a large share of those who were under way around a place."""


def grown(one: Blackout, waiting: dict[int, Fallen], at: Instant, is_share: IsShare) -> Blackout:
    """With those who fell silent then within two cells of any of them, or at once further off; they wait no more."""
    left = [ship for ship in waiting.values() if abs(ship.at - one.at) <= TOGETHER_MS and ship.mmsi not in one.ships]
    while new := sorted(ship for ship in left if _is_hers(one, ship, left, is_share)):
        one = joined(one, new, at)
        for ship in new:
            waiting.pop(ship.mmsi)
        left = [ship for ship in left if ship.mmsi in waiting]
    return one


def _is_hers(one: Blackout, ship: Fallen, others: Iterable[Fallen], is_share: IsShare) -> bool:
    block = set(farther(cell_of(*ship.there)))
    if not _at_once(one, ship) and block.isdisjoint(one.cells):
        return False
    fell = sum(n for cell, n in one.fell.items() if cell in block)
    return is_share(fell + sum(cell_of(*other.there) in block for other in others), ship.there)


def _at_once(one: Blackout, ship: Fallen) -> bool:
    return abs(ship.at - one.at) <= AT_ONCE_MS and distance_nm(one.place, ship.there) <= AT_ONCE_NM


def joined(one: Blackout, new: Sequence[Fallen], at: Instant) -> Blackout:
    """With these."""
    room = max(0, MOST_SHIPS - len(one.ships))
    ships = one.ships | {ship.mmsi: ship.hull for ship in new[:room]}
    silent = tuple(sorted({*one.silent, *(ship.mmsi for ship in new[:room])}))
    cells = dict(one.cells)
    for ship in new:
        if len(cells) < MOST_CELLS:
            cells.setdefault(cell_of(*ship.there), at)
    since, last = min(one.since, *(ship.at for ship in new)), max(one.last, *(ship.at for ship in new))
    fell = dict(Counter(one.fell) + Counter(cell_of(*ship.there) for ship in new[:room]))
    return replace(one, ships=ships, silent=silent, cells=cells, since=since, last=last, fell=fell)


def is_news(one: Blackout) -> bool:
    """Whether more should be told than was."""
    if one.episode is None:
        return True
    return len(one.ships) >= 2 * one.told or _hulls(one) != one.episode.said.evidence["hulls"]


def _hulls(one: Blackout) -> list[str]:
    return sorted({hull for hull in one.ships.values() if hull})[:_NAMED]


def said(one: Blackout, known_at: Instant, over: bool, told: Told) -> Blackout:
    """Says what is new, `told` gets it: what was told afterwards."""
    known = () if one.episode is None else (one.episode,)
    (episode,), alerts = difference(known, (_finding(one, known_at, over),), "", None, known_at)
    told.append((as_known(one, episode, known_at if over else None), alerts))
    return replace(one, told=len(one.ships), cells_told=len(one.cells), episode=episode)


def shown(one: Blackout, told: Told) -> Blackout:
    """Nothing new for people: the engines are told where else it is."""
    if one.episode is None or len(one.cells) == one.cells_told:
        return one
    told.append((as_known(one, one.episode, None), ()))
    return replace(one, cells_told=len(one.cells))


def as_known(one: Blackout, episode: Episode, until: Instant | None) -> AreaOutage:
    """What engines are told of it."""
    return AreaOutage(episode.id, one.at, until, tuple(sorted(one.cells.items())))


def _finding(one: Blackout, known_at: Instant, over: bool) -> Finding:
    lat, lon = (round(degrees, 5) for degrees in one.place)
    begin = one.episode.begin if one.episode else one.since
    where, hulls = Position(lat, lon), _hulls(one)
    others, more = " and elsewhere" if one.areas > 1 else "", len(one.ships) - one.there
    ships = f"{one.there} of {one.there + one.heard} ships under way near {lat:.2f}, {lon:.2f}{others}"
    ships += f" and {more} more" if more else ""
    watched = f"; watched among them: {', '.join(hulls)}" if hulls else ""
    evidence = {
        "ships": len(one.ships),
        "mmsis": sorted(one.ships)[:_NAMED],
        "hulls": hulls,
        "more": more,
        "under_way": one.there + one.heard,
        "areas": one.areas,
        "ships_heard": list(one.some),
        "first_silent": rfc3339(one.since),
        "last_silent": rfc3339(one.last),
    }
    said = f"{ships} fell silent together at {rfc3339(begin)}: one cause, not {len(one.ships)}{watched}"
    opened = Said(Severity.WARNING, begin, where, None, said, evidence)
    closed = None
    if over:
        back = len(one.ships) - len(one.silent)
        left = "" if one.is_over else f", and of {len(one.silent)} nothing is known"
        told = f"{ships} fell silent together; after {spoken(known_at - begin)} {back} are heard again{left}{watched}"
        closed = replace(opened, summary=told, evidence=evidence | {"until": rfc3339(known_at), "heard_again": back})
    return Finding(RULE, name_of(one.place), begin, begin, known_at if over else None, opened, closed)
