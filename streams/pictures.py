"""A picture that a command was asked for: drawn and written, or refused with what is missing."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from streams.settings import ConfigError

PICTURES = "a folder and a name that ends in .png"


def save(command: str, option: str, path: Path, drawn: Callable[[ModuleType], Any]) -> None:
    """`drawn` is given the module charts, which only they need who ask for a picture.  Raises ConfigError."""
    try:
        from streams import charts  # Pillow is an extra: stages do without
    except ImportError as error:
        raise ConfigError(command, option, f"Pillow (pip install 'hullwatch[maps]'): {error}") from error
    try:
        drawn(charts).save(path)
    except (OSError, ValueError) as error:
        raise ConfigError(command, f"{option} {path}", f"{PICTURES} ({error})") from error
