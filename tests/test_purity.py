"""What decides an alert asks nobody: an allow-list of what it imports, and no clock read by name.

`.importlinter` forbids what is known to be wrong; this forbids what nobody has thought of.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PURE = [file for name in ("core", "rules", "routing") for file in sorted((ROOT / "alerts" / name).rglob("*.py"))]
ALLOWED = {
    "alerts",
    "base64",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "heapq",
    "itertools",
    "math",
    "msgspec",
    "numpy",
    "operator",
    "re",
    "typing",
    "urllib",
    "zlib",
}
"""urllib for urllib.parse alone, which the test below checks; msgspec for its structs alone (.importlinter)."""
CLOCKS = {"now", "today", "utcnow", "fromtimestamp"}
IMPURE = {"open", "input", "print", "eval", "exec", "__import__", "id", "hash"}
"""`id` and `hash` differ from one process to the next."""


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def called(tree: ast.AST) -> Iterator[str]:
    """Names of functions, and of methods with a dot before them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield "." + node.func.attr


def flaws(source: str) -> list[str]:
    tree = ast.parse(source)
    modules = set(imported(tree))
    bad = [module for module in modules if module.partition(".")[0] not in ALLOWED]
    bad += [module for module in modules if module.startswith(("urllib", "numpy.random")) and module != "urllib.parse"]
    bad += [name for name in called(tree) if name in IMPURE or (name[1:] in CLOCKS and name[0] == ".")]
    return sorted(bad)


@pytest.mark.parametrize("file", PURE, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_decides_an_alert_is_pure(file: Path) -> None:
    assert flaws(file.read_text()) == []


@pytest.mark.parametrize(
    ("source", "flaw"),
    [
        ("from datetime import datetime\nx = datetime.now()", ".now"),
        ("import time", "time"),
        ("from urllib.request import urlopen", "urllib.request"),
        ("import numpy.random", "numpy.random"),
        ("print(1)", "print"),
        ("x = hash('a')", "hash"),
    ],
)
def test_what_is_impure_is_found(source: str, flaw: str) -> None:
    assert flaws(source) == [flaw]
