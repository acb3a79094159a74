"""A watched ship: the identity under which she is watched and named in alerts."""

from alerts.core.frozen import Struct


class Hull(Struct, frozen=True):
    """One watch entry.  `id` is given once and never changed: the entry's own, else `imo-N`, else `mmsi-N`.

    `habitually_dark`: silence is her rule, so that being heard is the news.
    """

    id: str
    imo: int | None = None
    mmsi: int | None = None
    name: str | None = None
    call_sign: str | None = None
    reason: str | None = None
    habitually_dark: bool = False
