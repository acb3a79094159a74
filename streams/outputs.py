"""A text that a command was asked for: written, or refused with the option that names the file."""

from pathlib import Path

from streams.settings import ConfigError


def save(command: str, option: str, path: Path, text: str) -> None:
    """Raises ConfigError."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(command, f"{option} {path}", f"a file to write ({error.strerror})") from error
