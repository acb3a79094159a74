r"""One line of a feed: what kind it is, and which time and station it names.

The forms met in the field, each of which may stand alone or with others on one line:

    \s:STATION,c:EPOCH*hh\!AIVDM,...      tag block of NMEA 0183 4.10; c in s or ms; \g:1-2-id and \1G2:id group lines
    1550303566167726840 !AIVDM,...        epoch before the sentence, in s, ms, us or ns
    !AIVDM,...*hh,EPOCH                   epoch after it; satellite archives write the arrival there, in ms
    !AIVDM,...*hh,d-088,r003669945,EPOCH  the US network: station and epoch among other fields, then more numbers
    $PGHP,1,2013,11,12,12,0,0,11,219,,2190067,1,62*26   a line of its own: time, station, checksum of the sentence meant
    $GPRMC / $GPZDA                       the clock of a GPS on the same wire
"""

import re
from functools import lru_cache
from typing import NamedTuple

from alerts.core.frozen import Struct
from alerts.core.instants import Instant
from streams.nmea_checksum import VALUES, checksum
from streams.nmea_clock import epoch, station_name

LONGEST_LINE = 4_096
"""Bytes; a longer line is no NMEA (82 characters by the standard, some 200 with a tag block)."""

_PLACES = {b"%d" % place: place for place in range(1, 10)}
_SENTENCE = re.compile(
    rb"(?:(\d{9,19}(?:\.\d+)?)[ \t,;]+)?"
    rb"(![A-Z0-9-]{2}VD[MO],[1-9],[1-9],[^,*]*,[^,*]*,[^*]*(?:\*[0-9A-Fa-f]{2})?)"
    rb"(?:[ ,;\t](.*))?",
    re.DOTALL,
)
_FORMATTER = re.compile(rb"![A-Z0-9-]{2}VD[MO]")
_USUAL_TAG = re.compile(rb"(?:g:\d+-\d+-(\w+),?)?(?:n:\d+,?)?(?:s:([^,*]+),?)?(?:c:(\d+))?\*([0-9A-F]{2})")
_OTHER_ENCAPSULATED = re.compile(rb"![A-Z0-9-]{2}(?!VD[MO])[A-Z]{3},")
_USUAL = re.compile(
    rb"(?:\\((?:s:([^,*\\]+),)?c:(\d{10,13}))\*([0-9A-F]{2})\\)?"
    rb"(![A-Z0-9-]{2}VD[MO],1,1,[^,*\n]*,[^,*\n]*,[^,*\n]*,[^,*\n]\*(?:[0-9A-F]{2}|[0-9a-f]{2}))[ \t\r\n\0]*"
)
_NUMBER = re.compile(rb"\d{9,19}(?:\.\d+)?")
_STATION = re.compile(rb"[rb][0-9A-Z][0-9A-Za-z]+")
_GROUP = re.compile(rb"g:(\d+)-(\d+)-(\w+)|(\d+)G(\d+):(\w+)")


class Tag(NamedTuple):
    """What a tag block says; all None where its checksum fails."""

    at: Instant | None = None
    station: str | None = None
    group: bytes | None = None


class AisLine(Struct):
    """One line with an AIS sentence or a part of one; `total` parts, of which this is `number`."""

    text: bytes
    formatter: bytes
    total: int
    number: int
    sequence: bytes
    channel: bytes
    at: Instant | None
    station: str | None
    group: bytes | None
    suffix_ms: Instant | None = None


NO_TAG = Tag()


def split_tag(line: bytes) -> tuple[Tag, bytes]:
    """The tag block and the rest of the line; an unfinished tag block is left in the rest."""
    end = line.find(b"\\", 1)
    if end < 0:
        return NO_TAG, line
    return _tag(line[1:end]), line[end + 1 :]


@lru_cache(maxsize=8_192)
def _tag(block: bytes) -> Tag:
    usual = _USUAL_TAG.fullmatch(block)
    if usual is not None and checksum(block[:-3]) == VALUES[block[-2:]]:
        group, name, seconds, _ = usual.groups()
        return Tag(epoch(seconds) if seconds else None, station_name(name) if name else None, group)
    body, _, given = block.rpartition(b"*")
    return _unusual_tag(body.split(b",")) if _tag_holds(body, given) else NO_TAG


def _unusual_tag(fields: list[bytes]) -> Tag:
    at = station = group = None
    for field in fields:
        key = field[:2]
        if key == b"c:":
            at = epoch(field[2:])
        elif key == b"s:":
            station = station_name(field[2:])
        elif key == b"g:" or b"G" in field[:4]:
            group = _group(field)
    return Tag(at, station, group)


def _tag_holds(body: bytes, given: bytes) -> bool:
    """Two known programs do it otherwise: one writes 00 always, one puts `g` before a finished block."""
    if VALUES.get(given) in (0, checksum(body)):
        return True
    inner = body.find(b",c:")
    return inner >= 0 and VALUES.get(given) == checksum(body[inner + 1 :])


def _group(field: bytes) -> bytes | None:
    found = _GROUP.fullmatch(field)
    return (found[3] or found[6]) if found else None


def usual_line(line: bytes) -> tuple[bytes, Instant | None, str | None] | None:
    """Sentence, time and station of a line as most are written, else None.

    One whole message, alone or behind a tag block that names a time: what `split_tag` and `ais_line` say of it, in
    half their time.
    """
    found = _USUAL.fullmatch(line)
    if found is None or len(line) > LONGEST_LINE:
        return None
    block, name, seconds, digits, text = found.groups()
    if block is None:
        return text, None, None
    at = epoch(seconds)
    if at is None or checksum(block) != VALUES[digits]:
        return None
    return text, at, station_name(name) if name else None


def ais_line(body: bytes, tag: Tag) -> AisLine | None:
    """The AIS sentence of a line without its tag block, or None."""
    fields = body.split(b",")
    if len(fields) == 7 and _usual_head(fields[0]) and _usual_tail(fields[6]) and body.count(b"*") == 1:
        return _from_fields(body, fields, tag)
    found = _SENTENCE.fullmatch(body)
    if found is None:
        return None
    prefix, text, suffix = found.groups()
    line = _from_fields(text, text.split(b","), tag)
    if line is not None:
        _add_times(line, prefix, suffix)
    return line


@lru_cache(maxsize=1_024)
def _usual_head(formatter: bytes) -> bool:
    return _FORMATTER.fullmatch(formatter) is not None


@lru_cache(maxsize=2_048)
def _usual_tail(fill: bytes) -> bool:
    """`0*5C`: fill bits and checksum, and nothing behind them."""
    return len(fill) == 4 and fill[1:2] == b"*" and fill[2:] in VALUES


def _from_fields(text: bytes, fields: list[bytes], tag: Tag) -> AisLine | None:
    total, number = _PLACES.get(fields[1], 0), _PLACES.get(fields[2], 0)
    if not 1 <= number <= total or b"\n" in text:
        return None
    return AisLine(text, fields[0], total, number, fields[3], fields[4], tag.at, tag.station, tag.group)


def _add_times(line: AisLine, prefix: bytes | None, suffix: bytes | None) -> None:
    """What stands before and behind a sentence; a tag block goes before both."""
    if prefix and line.at is None:
        line.at = epoch(prefix)
    if suffix:
        at, station, is_ms = _suffix(suffix)
        line.suffix_ms = at if is_ms else None
        line.at = at if line.at is None else line.at
        line.station = line.station or station


def _suffix(suffix: bytes) -> tuple[Instant | None, str | None, bool]:
    """The first time and the first station among the fields; whether the time was given in ms."""
    at = station = None
    is_ms = False
    for field in suffix.split(b","):
        if at is None and _NUMBER.fullmatch(field):
            at, is_ms = epoch(field), len(field) == 13
        elif station is None and _STATION.fullmatch(field):
            station = station_name(field)
    return at, station, is_ms


def meant_ais(body: bytes) -> bool:
    """A line that is no AIS sentence but was one once: `!=IVDM,...`, half a line, no comment."""
    if body[:1] == b"#":
        return False
    if body[:1] == b"!":
        return _OTHER_ENCAPSULATED.match(body) is None
    return b"VDM," in body or b"VDO," in body
