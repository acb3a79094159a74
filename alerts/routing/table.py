"""One table of a settings file, read key by key; whatever is wrong is named with what was expected."""

from collections.abc import Collection
from typing import Any


class RouteError(ValueError):
    """A wrong setting: `where` is the key, as `destinations.ops.url`; `expected` what should stand there."""

    def __init__(self, where: str, expected: str) -> None:
        super().__init__(f"{where}: expected {expected}")
        self.where = where
        self.expected = expected


class Table:
    """A table at `where`; every key that is asked for is known, and `finish` refuses all others."""

    def __init__(self, where: str, data: Any) -> None:
        if not isinstance(data, dict):
            raise RouteError(where, f"a table, got {data!r:.60}")
        self.where = where
        self._data: dict[str, Any] = data
        self._asked: list[str] = []

    def path(self, key: str) -> str:
        """`key` as it is named to a person."""
        return f"{self.where}.{key}" if self.where else key

    def get(self, key: str) -> Any:
        """The value, or None."""
        self._asked.append(key)
        return self._data.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; required where there is no default."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            raise RouteError(self.path(key), "a text that is not empty" + _got(value))
        return value

    def choice(self, key: str, among: Collection[str], default: str | None = None) -> str:
        """One of `among`."""
        value = self.text(key, default)
        if value not in among:
            raise RouteError(self.path(key), f"one of {', '.join(among)}{_got(value)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; () where the key is missing."""
        value = self.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
            raise RouteError(self.path(key), "a list of texts, at least one" + _got(value))
        return tuple(value)

    def among(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """A list of texts, each one of `known`."""
        values = self.texts(key)
        for value in values:
            if value not in known:
                raise RouteError(self.path(key), f"only {', '.join(known)}{_got(value)}")
        return values

    def number(self, key: str, default: float, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise RouteError(self.path(key), f"a number from {low:g} to {high:g}{_got(value)}")
        return value

    def tables(self, key: str) -> tuple["Table", ...]:
        """`[[key]]`, in their order; () where there is none."""
        value = self.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise RouteError(self.path(key), f"[[{key}]] tables{_got(value)}")
        return tuple(Table(f"{self.path(key)}[{n}]", data) for n, data in enumerate(value))

    def named_tables(self, key: str) -> dict[str, "Table"]:
        """`[key.NAME]`, by name."""
        value = self.get(key)
        if value is None:
            return {}
        return {
            name: Table(f"{self.path(key)}.{name}", data) for name, data in Table(self.path(key), value)._data.items()
        }

    def finish(self) -> None:
        """Raises RouteError for a key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                raise RouteError(self.path(key), f"no such key here, only {', '.join(self._asked)}")


def _got(value: Any) -> str:
    return "" if value is None else f", got {value!r:.60}"
