"""Lines that no receiver should send: good ones bent, cut and filled with whatever; many with a good checksum again."""

from collections.abc import Iterator
from random import Random

from streams.ingest.validity import LENGTHS
from tests.streams.ingest.air import ANGARA, ANGARA_IMO, OTHER, position, voyage, zeros
from tests.streams.lines import SIX_BITS, at, checked, gps, parts, stamp_before, tagged

_START = at("08:00:00")
_STATIONS = ["busan", "", "a*b", "\0", "r" * 300, "\u202e", "é"]
_GOOD = [
    position(ANGARA),
    position(OTHER),
    *voyage(ANGARA, ANGARA_IMO).split(b"\n"),
    *parts(3, 1),
    *(zeros(kind, ANGARA) for kind in LENGTHS),
    gps("08:00:05"),
    stamp_before(position(ANGARA), "08:00:07"),
    b"# comment",
    b"$AIALR,1*00",
]


def hostile_lines(seed: int, count: int) -> Iterator[bytes]:
    """`count` lines without their newline; time goes on by some 50 ms a line, and now and then anywhere."""
    dice = Random(seed)
    for n in range(count):
        when = _START + n * 50 if dice.random() < 0.98 else dice.randrange(-(1 << 40), 1 << 63)
        line = dice.choice(_MAKERS)(dice)
        if dice.random() < 0.5:
            line = tagged(line, when // 1_000 * 1_000, dice.choice(_STATIONS), dice.choice([b"", b"1-2-7", b"2-2-7"]))
        yield line.replace(b"\n", b"")


def _good(dice: Random) -> bytes:
    return dice.choice(_GOOD)


def _bent(dice: Random) -> bytes:
    """Some bytes are others."""
    line = bytearray(_good(dice))
    for _ in range(dice.randint(1, 4)):
        line[dice.randrange(len(line))] = dice.randrange(256)
    return bytes(line)


def _bent_with_a_good_checksum(dice: Random) -> bytes:
    body = _bent(dice).partition(b"*")[0]
    return checked(body or b"!")


def _cut(dice: Random) -> bytes:
    line = _good(dice)
    return line[dice.randrange(len(line)) :] if dice.random() < 0.3 else line[: dice.randrange(len(line))]


def _grown(dice: Random) -> bytes:
    line, at_place = _good(dice), dice.randrange(40)
    return line[:at_place] + dice.randbytes(dice.choice([1, 10, 100, 5_000])) + line[at_place:]


def _any_payload_of_a_right_length(dice: Random) -> bytes:
    """Every type with arbitrary content: what the decoder has to live with."""
    kind = dice.choice(list(LENGTHS))
    length = dice.choice(sorted(LENGTHS[kind]))
    payload = bytes([SIX_BITS[kind], *dice.choices(SIX_BITS, k=length - 1)])
    if dice.random() < 0.7:
        payload = payload[:1] + zeros(1, dice.choice([ANGARA, OTHER])).split(b",")[5][1:6] + payload[6:]
    return checked(b"!AIVDM,1,1,,%c,%s,%d" % (dice.choice(b"AB12x"), payload, dice.randrange(6)))


def _any_fields(dice: Random) -> bytes:
    fields = [dice.choice([b"", b"1", b"2", b"9", b"0", b"-1", b"\xff", b"1" * 30]) for _ in range(dice.randint(1, 9))]
    return checked(b"!AIVDM," + b",".join(fields))


def _noise(dice: Random) -> bytes:
    return dice.randbytes(dice.choice([0, 1, 20, 80, 200]))


_MAKERS = (
    _good,
    _good,
    _bent,
    _bent_with_a_good_checksum,
    _bent_with_a_good_checksum,
    _cut,
    _grown,
    _any_payload_of_a_right_length,
    _any_payload_of_a_right_length,
    _any_payload_of_a_right_length,
    _any_fields,
    _noise,
)
