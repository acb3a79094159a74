"""A disk of its own for a server's data: small, in memory, to be filled or made read-only.  Linux, as root."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BALLAST = "ballast"
_BUSY_S = 10.0


class CannotMountError(RuntimeError):
    """This user, or this machine, mounts nothing; why."""


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """Until the block ends; raises CannotMountError."""
    folder.mkdir(parents=True)
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Until nothing more goes onto it."""
    with suppress(OSError), (disk / _BALLAST).open("wb", buffering=0) as out:
        while True:
            out.write(bytes(4_096))


def free(disk: Path) -> None:
    """What `fill` took."""
    (disk / _BALLAST).unlink()


def read_only(disk: Path) -> None:
    """As soon as nobody has a file there open for writing; raises CannotMountError where somebody keeps one open."""
    until_s = time.monotonic() + _BUSY_S
    while True:
        try:
            return _mount("-o", "remount,ro", str(disk))
        except CannotMountError:
            if time.monotonic() > until_s:
                raise
        time.sleep(0.02)


def writable(disk: Path) -> None:
    """Again."""
    _mount("-o", "remount,rw", str(disk))


def _mount(*arguments: str) -> None:
    if shutil.which("mount") is None:
        raise CannotMountError("no mount on this machine")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMountError(done.stderr.strip())
