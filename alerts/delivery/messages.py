"""An alert as text for people.

Names come from the air and from other people's lists: they are hostile.  What is shown has no control characters, no
line ends, no invisible or turned-around text, and nothing that a mail program or a chat makes a link or a mention of.
"""

import re
import unicodedata
from dataclasses import dataclass

from alerts.core.alert import Alert, Event, Place, Position
from alerts.core.hull import Hull
from alerts.core.instants import Instant, rfc3339

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories: controls, joiners and direction marks, surrogates, private, unassigned, line ends."""
_NAME_LENGTH = 60
_SENTENCE_LENGTH = 2_000
_NAMES = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """An earlier message about the same episode."""

    revision: int
    at: Instant


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel sends: `body` is the published JSON, `subject` is the same for the whole episode.

    `explains` names what was told before, and is explained by it.
    """

    destination: str
    alert: Alert
    body: bytes
    subject: str
    corrects: Sent | None = None
    explains: tuple[str, ...] = ()


def subject(alert: Alert) -> str:
    """`[hullwatch] ANGARA (IMO 9179842): went_dark`, in one line of harmless characters."""
    return f"[hullwatch] {called(alert)}"


def called(alert: Alert) -> str:
    """`ANGARA (IMO 9179842): went_dark`."""
    return f"{_who(alert)}: {plain(alert.rule)}"


def text(message: Message) -> str:
    """Plain text of a few lines, for Slack, mail and screen."""
    alert = message.alert
    lines = (
        _HEADLINES[alert.event].format(rule=plain(alert.rule), severity=alert.severity),
        plain(alert.summary, _SENTENCE_LENGTH),
        "",
        f"Ship: {_hull(alert.hull)}" if alert.hull else None,
        f"Watched because: {plain(alert.hull.reason, 200)}" if alert.hull and alert.hull.reason else None,
        f"Place: {_place(alert.place)}" if alert.place else None,
        f"Position: {_position(alert.position)}" if alert.position else None,
        f"Happened: {_time(alert.happened_at)}",
        f"Known: {_time(alert.known_at)}",
        f"Explained by: {plain(alert.cause)}" if alert.cause else None,
        _explained(message.explains),
        f"Episode: {plain(alert.id, 200)}, revision {alert.revision}",
        _correction(message.corrects),
    )
    return "\n".join(line for line in lines if line is not None)


def line(message: Message) -> str:
    """One line, for a screen."""
    alert = message.alert
    said = _HEADLINES[alert.event].format(rule=plain(alert.rule), severity=alert.severity)
    explained = _explained(message.explains)
    told = [_time(alert.happened_at), said, _who(alert), plain(alert.summary, _SENTENCE_LENGTH)]
    return "  ".join([*told, explained] if explained else told)


def plain(hostile: str, length: int = _NAME_LENGTH) -> str:
    """One harmless line of about `length` characters: nothing hidden, nothing that becomes a link or a mention."""
    shown = "".join(" " if unicodedata.category(c) in _HIDDEN else c for c in hostile)
    short = " ".join(shown.split()) or "?"
    short = short if len(short) <= length else short[: length - 1] + "\u2026"
    return _LINK.sub("[.]", short.replace("://", "[:]//").replace("@", "(at)").replace("=?", "= ?"))


_LINK = re.compile(r"(?<=\w)\.(?=[^\W\d]{2,}(?:[^\w.]|$))|(?<=\bwww)\.", re.IGNORECASE)
"""The last dot of what a mail program would take for the name of a host."""

_HEADLINES = {
    Event.OPENED: "{severity}: {rule}",
    Event.AMENDED: "{severity}: {rule}, amended",
    Event.CLOSED: "over: {rule}",
    Event.RETRACTED: "RETRACTED: {rule} was not so",
}


def _who(alert: Alert) -> str:
    if alert.hull is not None:
        return _called(alert.hull)
    if alert.place is not None:
        return plain(alert.place.name)
    return _position(alert.position) if alert.position is not None else "about ourselves"


def _called(hull: Hull) -> str:
    if hull.imo is not None:
        number = f"IMO {hull.imo}"
    else:
        number = f"MMSI {hull.mmsi}" if hull.mmsi is not None else plain(hull.id)
    return f"{plain(hull.name)} ({number})" if hull.name else number


def _hull(hull: Hull) -> str:
    known = (
        plain(hull.name) if hull.name else None,
        f"IMO {hull.imo}" if hull.imo is not None else None,
        f"MMSI {hull.mmsi}" if hull.mmsi is not None else None,
        f"call sign {plain(hull.call_sign)}" if hull.call_sign else None,
    )
    return ", ".join(part for part in known if part) or plain(hull.id)


def _place(place: Place) -> str:
    return f"{plain(place.name)} ({plain(place.kind)}), {plain(place.what)}"


def _position(position: Position) -> str:
    """`34 42.00 N 129 12.00 E`: degrees and minutes, as on a chart; nothing that is taken for a link."""
    north = f"{_angle(position.lat)} {'N' if position.lat >= 0 else 'S'}"
    return f"{north} {_angle(position.lon)} {'E' if position.lon >= 0 else 'W'}"


def _angle(degrees: float) -> str:
    hundredths = round(abs(degrees) * 6_000)
    return f"{hundredths // 6_000}\u00b0 {hundredths % 6_000 / 100:05.2f}'"


def _explained(names: tuple[str, ...]) -> str | None:
    """Of a fleet the first ones by name: a message has an end."""
    shown = ", ".join(plain(name, 2 * _NAME_LENGTH) for name in names[:_NAMES])
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return f"Explains, and takes back: {shown}{more}" if names else None


def _time(at: Instant) -> str:
    return rfc3339(at).replace("T", " ").replace("Z", " UTC")


def _correction(corrects: Sent | None) -> str | None:
    return None if corrects is None else f"Corrects the message of {_time(corrects.at)} (revision {corrects.revision})"
