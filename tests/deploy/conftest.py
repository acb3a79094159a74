"""Tools that check deployment files, where they are found: on the PATH, or where .ci/run puts them."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.stages import ROOT

PLACES = (ROOT / ".cache" / "bin", ROOT / ".cache" / "tools" / "bin")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tool() -> Callable[[str], Run]:
    """`tool("helm")("lint", "...")`: runs it in the project's folder; skips where it is not found."""

    def found(name: str) -> Run:
        path = shutil.which(name, path=os.pathsep.join([*map(str, PLACES), os.environ["PATH"]]))
        if path is None:
            pytest.skip(f"no {name} on the PATH (.ci/run brings it)")
        return lambda *words: subprocess.run([path, *words], cwd=ROOT, text=True, capture_output=True, check=False)

    return found


@pytest.fixture
def schemas() -> Path:
    """The folder of Kubernetes schemas for kubeconform, which asks the network without; skips where there is none."""
    folder = ROOT / ".cache" / "schemas"
    if not folder.is_dir():
        pytest.skip(f"no Kubernetes schemas in {folder} (.ci/run brings them)")
    return folder
