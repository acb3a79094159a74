"""The compose file starts every stage as the stage expects it, shut in, and open on loopback only."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import Run
from tests.deploy.stages import ROOT, STAGES, read_command

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


def with_defaults(words: Sequence[str]) -> list[str]:
    return [DEFAULT.sub(r"\1", word) for word in words]


@pytest.mark.parametrize("stage", [*STAGES, "apply"])
def test_a_stage_is_a_service_whose_command_it_understands(stage: str) -> None:
    command = with_defaults(SERVICES[stage]["command"])
    assert command[0] == stage
    read_command(command)


@pytest.mark.parametrize("stage", [*STAGES, "apply"])
def test_a_stage_can_change_nothing_but_its_own_tmp(stage: str) -> None:
    service = SERVICES[stage]
    assert service["read_only"]
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert all(volume.endswith(":ro") for volume in service["volumes"])


def test_every_published_port_is_on_loopback() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(published) == 3
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_images_have_a_version(service: str) -> None:
    assert re.search(r":v?\d+\.\d+", SERVICES[service]["image"])


def test_folders_that_are_mounted_exist() -> None:
    mounted = [volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())]
    folders = {with_defaults([volume])[0] for volume in mounted if volume.startswith(".")}
    assert folders == {"./prometheus", "./grafana/provisioning", "./grafana/dashboards"}
    assert all((ROOT / "deploy" / folder).is_dir() for folder in folders)


def test_prometheus_asks_every_stage_where_it_answers() -> None:
    config = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    asked = {row["targets"][0] for row in config["scrape_configs"][0]["static_configs"]}
    assert asked == {f"{stage}:{8080 if stage == 'dashboard' else 9100}" for stage in STAGES}


@pytest.mark.parametrize("file", ["deploy/compose.yaml", "deploy/Dockerfile", "helm/hullwatch/templates/_parts.tpl"])
def test_every_variable_is_told_in_the_readme(file: str) -> None:
    used = set(re.findall(r"name: (HULLWATCH_\w+)|^ *(HULLWATCH_\w+)[:=]", (ROOT / file).read_text(), re.MULTILINE))
    readme = (ROOT / "README.md").read_text()
    assert used
    assert {name for pair in used for name in pair if name and name not in readme} == set()


def test_compose_finds_nothing_wrong(tool: Callable[[str], Run]) -> None:
    done = tool("docker-compose")("-f", "deploy/compose.yaml", "config", "-q")
    assert (done.returncode, done.stderr) == (0, "")


def test_hadolint_finds_nothing_wrong(tool: Callable[[str], Run]) -> None:
    done = tool("hadolint")("deploy/Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_what_the_image_copies_is_let_through() -> None:
    """.dockerignore lets nothing in but what is named."""
    named = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert all((ROOT / name).exists() for name in named)
    needed = {"alerts", "streams", "deploy/config", "deploy/locks/run.txt", "pyproject.toml", "setup.py", "README.md"}
    assert needed <= named
    assert Path(ROOT / "deploy" / "Dockerfile").read_text().count("USER 10001") == 1
