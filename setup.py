"""Adds one step to the build: MapLibre and the land go into static/vendor/ (all else is in pyproject.toml)."""

import sys
from pathlib import Path

from setuptools import Command, setup
from setuptools.command.build import build

sys.path.insert(0, str(Path(__file__).parent))

from alerts.dashboard import vendor  # the build runs outside the tree: only the line above makes this work


class BuildVendor(Command):
    """Fills the git-ignored folder in the tree: wheels, editable installs and checkouts serve the same files."""

    description = "bring MapLibre and the land by lock"
    editable_mode = False

    def initialize_options(self) -> None:
        """Nothing to set."""

    def finalize_options(self) -> None:
        """Nothing to set."""

    def run(self) -> None:
        """Before build_py, which copies what is there."""
        vendor.bring()

    def get_source_files(self) -> list[str]:
        """What an sdist needs to do this step again."""
        return [f"alerts/dashboard/{name}" for name in vendor.MANIFESTS]

    def get_outputs(self) -> list[str]:
        """None of its own: build_py carries them as package data."""
        return []

    def get_output_mapping(self) -> dict[str, str]:
        """None of its own."""
        return {}


class Build(build):
    """The usual steps after ours."""

    sub_commands = [("build_vendor", None), *build.sub_commands]  # noqa: RUF012  setuptools' own form


setup(
    cmdclass={"build": Build, "build_vendor": BuildVendor},
    package_data={
        "alerts.dashboard": ["package.json", "package-lock.json", "static/*", "static/*/*"],
        "deploy": ["config/*"],
    },
)
