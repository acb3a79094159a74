"""What is installed: by hash, alike everywhere, with the folder and the page inside."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.deploy.stages import ROOT

LOCKS = {name: (ROOT / "deploy" / "locks" / f"{name}.txt").read_text() for name in ("run", "demo", "test", "tools")}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDED = ("alerts", "streams", "deploy", "pyproject.toml", "setup.py", "README.md", "LICENSE")


def pins(lock: str) -> dict[str, str]:
    """name (with its marker) -> version."""
    rows = re.findall(r"^([a-z0-9._-]+)==(\S+)( ;[^\\]*)?", lock, re.MULTILINE)
    return {name + marker.strip(): version for name, version, marker in rows}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_a_hash_for_everything_and_no_address(name: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", LOCKS[name].partition("\n\n")[2] or LOCKS[name])
    packages = [block for block in blocks if "==" in block.partition("\n")[0]]
    assert len(packages) > 5
    assert all("--hash=sha256:" in block for block in packages)
    assert "://" not in LOCKS[name]


def test_the_same_versions_run_in_the_demo_and_in_the_tests() -> None:
    run, demo, test = (pins(LOCKS[name]).items() for name in ("run", "demo", "test"))
    assert run <= demo <= test


def test_locks_hold_what_the_project_asks_for() -> None:
    extras = PROJECT["optional-dependencies"]
    asked = {
        "run": names(PROJECT["dependencies"] + extras["build"]),
        "demo": names(extras["demo"]),
        "test": names(extras["test"]),
    }
    for lock, wanted in asked.items():
        assert wanted <= names([name.partition(";")[0] for name in pins(LOCKS[lock])])


def test_every_dependency_has_its_reason() -> None:
    rows = set(re.findall(r"^\| ([a-z-]+) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE))
    extras = PROJECT["optional-dependencies"].values()
    assert names([*PROJECT["dependencies"], *(name for extra in extras for name in extra)]) <= rows


def test_the_wheel_brings_the_folder_and_the_page(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    build = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    held = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    config = {path.name for path in (ROOT / "deploy" / "config").iterdir()}
    assert {"watchlist.csv", "zones.geojson", "rules.toml", "feeds.toml", "routes.toml"} <= config
    assert {f"deploy/config/{name}" for name in config} <= held
    assert {f"alerts/dashboard/static/{name}" for name in ("index.html", "vendor/maplibre-gl.mjs")} <= held
    assert not [name for name in held if name.startswith(("tests/", "helm/", "deploy/locks/"))]
