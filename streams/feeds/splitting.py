"""Bytes as they come to lines, however they are cut up; a line without an end costs no memory."""

from streams.nmea_line import LONGEST_LINE


class Splitter:
    """Cuts a stream of bytes at its line feeds; a carriage return stays with its line.

    Of a line longer than `longest` bytes one byte more than that is kept, which says that it was longer.
    """

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._kept = longest + 1
        self._begun = b""
        self.begun_bytes = 0

    def lines(self, chunk: bytes) -> list[bytes]:
        """The lines that end in this chunk, without their line feeds."""
        *ended, rest = chunk.split(b"\n")
        if ended:
            ended[0] = self._begun + ended[0]
            ended = [line if len(line) < self._kept else line[: self._kept] for line in ended]
            self._begun, self.begun_bytes = b"", 0
        self._begun = (self._begun + rest)[: self._kept]
        self.begun_bytes += len(rest)
        return ended

    def end(self) -> list[bytes]:
        """The last line, where the stream ended without a line feed."""
        begun, self._begun, self.begun_bytes = self._begun, b"", 0
        return [begun] if begun else []
