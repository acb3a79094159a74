"""Recorded files: what is in them, and their bytes without compression.

Compression is told by the first bytes of a file (gzip, zip, zstandard), never by its name; what is in it by the first
bytes behind that: NMEA sentences, NOAA's MarineCadastre CSV, or `.traj` tracks.
"""

import gzip
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, cast

import zstandard

from streams.feeds.splitting import Splitter
from streams.nmea_line import LONGEST_LINE

CHUNK = 65_536


class Format(StrEnum):
    """What a recorded file holds."""

    NMEA = "nmea"
    NOAA = "noaa"
    TRAJ = "traj"


class UnreadableFileError(Exception):
    """A file that cannot be read to its end: `FILE: expected ..., got ...`."""


@dataclass(slots=True)
class Place:
    """How far a file has been read: bytes as they lie on the disk; `size` None where nobody knows."""

    at: int = 0
    size: int | None = None


@dataclass(frozen=True, slots=True)
class RecordedFile:
    """A file that has been looked into; its chunks can be read once."""

    name: str
    format: Format
    chunks: Iterator[bytes]
    place: Place

    def lines(self, longest: int = LONGEST_LINE) -> Iterator[list[bytes]]:
        """The lines of one chunk after the other; raises UnreadableFileError where the compression breaks."""
        splitter = Splitter(longest)
        for chunk in self.chunks:
            yield splitter.lines(chunk)
        yield splitter.end()


def open_recorded(path: str) -> RecordedFile:
    """Opens a file, or standard input for `-`; raises UnreadableFileError, now or while it is read."""
    place = Place()
    chunks = _named_errors(path, _chunks(path, place))
    head = next(chunks, b"")
    if b"\n" not in head:
        head += next(chunks, b"")
    return RecordedFile(path, file_format(path, head), _with_head(head, chunks), place)


def file_format(name: str, head: bytes) -> Format:
    """The format of a file by its first bytes; an empty or strange one by its name; NMEA if nothing else."""
    first, _, _ = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    columns = {column.strip().strip(b'"').lower() for column in first.split(b",")}
    if first.startswith(b"*T*,"):
        return Format.TRAJ
    if b"mmsi" in columns and columns & {b"basedatetime", b"base_date_time"}:
        return Format.NOAA
    if b"VDM" in head or b"VDO" in head or first.startswith(b"$"):
        return Format.NMEA
    stem = name.lower().removesuffix(".gz").removesuffix(".zip").removesuffix(".zst")
    return Format.TRAJ if stem.endswith(".traj") else Format.NOAA if stem.endswith(".csv") else Format.NMEA


def _with_head(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from chunks


def _named_errors(path: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Raises what breaks under the file's name."""
    try:
        yield from chunks
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, zstandard.ZstdError) as error:
        raise UnreadableFileError(f"{path}: expected a whole compressed file, got: {error}") from error
    except OSError as error:
        raise UnreadableFileError(f"{path}: expected a readable file, got: {error.strerror or error}") from error
    except (RuntimeError, NotImplementedError) as error:  # zipfile: encrypted, or a method it does not know
        raise UnreadableFileError(f"{path}: expected a plain zip file, got: {error}") from error


def _chunks(path: str, place: Place) -> Iterator[bytes]:
    if path == "-":
        yield from _decompressed(path, sys.stdin.buffer)
        return
    with Path(path).open("rb") as raw:
        seekable = raw.seekable()
        place.size = os.fstat(raw.fileno()).st_size if seekable else None
        for chunk in _decompressed(path, raw):
            place.at = raw.tell() if seekable else 0
            yield chunk


def _decompressed(path: str, raw: IO[bytes]) -> Iterator[bytes]:
    head = raw.read(4)
    source = _PutBack(head, raw)
    if head[:2] == b"\x1f\x8b":
        yield from _pieces(gzip.GzipFile(fileobj=cast(IO[bytes], source)).read)
    elif head == b"\x28\xb5\x2f\xfd":
        yield from _unzstd(source)
    elif head == b"PK\x03\x04":
        yield from _unzipped(path, raw)
    else:
        yield from _pieces(source.read)


class _PutBack:
    """A stream with the bytes that were looked at put back: standard input cannot seek."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._read = getattr(rest, "read1", rest.read)

    def read(self, size: int = CHUNK) -> bytes:
        """What there is, at most `size` bytes; empty at the end."""
        head, self._head = self._head[:size], self._head[size:]
        return head or bytes(self._read(size))


def _pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while piece := read(CHUNK):
        yield piece


def _unzstd(source: _PutBack) -> Iterator[bytes]:
    """Frame after frame; a kilobyte at a time, for it can stand for thirty megabytes."""
    frame, rest = None, b""
    while rest or (rest := source.read(1_024)):
        frame = frame or zstandard.ZstdDecompressor().decompressobj()
        if piece := frame.decompress(rest):
            yield piece
        rest, frame = (frame.unused_data, None) if frame.eof else (b"", frame)
    if frame is not None:
        raise EOFError("the last frame is cut short")


def _unzipped(path: str, raw: IO[bytes]) -> Iterator[bytes]:
    """Every member in its order, each ended as a line."""
    if not raw.seekable():
        raise UnreadableFileError(f"{path}: expected text, gzip or zstandard on a pipe, got a zip file")
    with zipfile.ZipFile(raw) as archive:
        for name in archive.namelist():
            with archive.open(name) as member:
                yield from _pieces(member.read)
            yield b"\n" if len(archive.namelist()) > 1 else b""
