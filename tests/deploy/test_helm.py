"""The chart: one deployment a stage, started as the stage expects it, shut in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.conftest import Run
from tests.deploy.stages import ROOT, STAGES, read_command

CHART = "helm/hullwatch"
ALL_ON = f"{CHART}/ci/everything.yaml"
VALUES: dict[str, Any] = yaml.safe_load((ROOT / CHART / "values.yaml").read_text())


def rendered(helm: Run, *words: str) -> list[dict[str, Any]]:
    done = helm("template", "watch", CHART, *words)
    assert done.returncode == 0, done.stderr
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(documents: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [document for document in documents if document["kind"] == kind]


def pods(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for document in of_kind(documents, "Deployment") + of_kind(documents, "Job"):
        yield document["spec"]["template"]["spec"]


def test_values_know_the_stages() -> None:
    assert tuple(VALUES["stages"]) == STAGES


def test_chart_and_package_have_one_version() -> None:
    chart = yaml.safe_load((ROOT / CHART / "Chart.yaml").read_text())
    assert f'version = "{chart["appVersion"]}"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("values", [f"{CHART}/values.yaml", ALL_ON])
def test_lint_finds_nothing_wrong(tool: Callable[[str], Run], values: str) -> None:
    done = tool("helm")("lint", "--strict", CHART, "-f", values)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("values", [f"{CHART}/values.yaml", ALL_ON])
def test_kubernetes_would_take_it(tool: Callable[[str], Run], schemas: Path, tmp_path: Path, values: str) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_text(tool("helm")("template", "watch", CHART, "-f", values).stdout)
    location = f"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    done = tool("kubeconform")(
        "-strict", "-summary", "-skip", "ServiceMonitor", "-schema-location", location, str(file)
    )
    assert done.returncode == 0, done.stdout
    assert "Valid: 0" not in done.stdout


def test_every_stage_has_its_deployment(tool: Callable[[str], Run]) -> None:
    documents = of_kind(rendered(tool("helm"), "-f", ALL_ON), "Deployment")
    names = {document["metadata"]["name"] for document in documents}
    feeds = {"watch-hullwatch-feed-harbour", "watch-hullwatch-feed-roof-1"}
    assert names == feeds | {f"watch-hullwatch-{stage}" for stage in STAGES if stage != "feed"}


def test_every_command_is_understood(tool: Callable[[str], Run]) -> None:
    commands = [pod["containers"][0]["args"] for pod in pods(rendered(tool("helm"), "-f", ALL_ON))]
    assert {command[0] for command in commands} == {*STAGES, "apply"}
    for command in commands:
        read_command(command)


def test_selectors_find_their_own_pods_only(tool: Callable[[str], Run]) -> None:
    documents = rendered(tool("helm"), "-f", ALL_ON)
    deployments = of_kind(documents, "Deployment")
    for document in deployments:
        wanted = document["spec"]["selector"]["matchLabels"].items()
        matching = [d for d in deployments if wanted <= d["spec"]["template"]["metadata"]["labels"].items()]
        assert matching == [document]
    applies = of_kind(documents, "Job")[0]["spec"]["template"]["metadata"]["labels"]
    page = next(d for d in of_kind(documents, "Service") if d["metadata"]["name"] == "watch-hullwatch")
    assert not page["spec"]["selector"].items() <= applies.items()


def test_every_pod_is_shut_in(tool: Callable[[str], Run]) -> None:
    for pod in pods(rendered(tool("helm"), "-f", ALL_ON)):
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        container = pod["containers"][0]["securityContext"]
        assert container["readOnlyRootFilesystem"]
        assert container["capabilities"] == {"drop": ["ALL"]}


def test_the_folder_is_mounted_where_the_stages_look(tool: Callable[[str], Run]) -> None:
    documents = rendered(tool("helm"), "-f", ALL_ON)
    assert set(of_kind(documents, "ConfigMap")[0]["data"]) == {"watchlist.csv", "zones.geojson"}
    for pod in pods(documents):
        container = pod["containers"][0]
        assert {"name": "HULLWATCH_CONFIG", "value": "/config"} in container["env"]
        assert "/config" in [mount["mountPath"] for mount in container["volumeMounts"]]


def test_without_a_folder_it_is_the_shipped_one(tool: Callable[[str], Run]) -> None:
    documents = rendered(tool("helm"))
    assert of_kind(documents, "ConfigMap") == []
    for pod in pods(documents):
        assert "HULLWATCH_CONFIG" not in [row["name"] for row in pod["containers"][0]["env"]]


def test_a_changed_folder_restarts_the_stages(tool: Callable[[str], Run]) -> None:
    helm = tool("helm")
    file = "config.files.routes\\.toml"
    before, after = (
        of_kind(rendered(helm, "--set", f"{file}={text}"), "Deployment")[0]["spec"]["template"]["metadata"]
        for text in ("one", "two")
    )
    assert before["annotations"] != after["annotations"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("kafka.bootstrap=kafka", "/kafka/bootstrap"),
        ("topics.reportPartitions=0", "/topics/reportPartitions"),
        ("stages.ingets.replicas=2", "/stages"),
        ("config.files.watchlist=x", "/config/files"),
        ("dashboard.ingress.enabled=true", "/dashboard/ingress/host"),
    ],
)
def test_a_wrong_value_is_refused_by_name(tool: Callable[[str], Run], wrong: str, named: str) -> None:
    done = tool("helm")("template", "watch", CHART, "--set", wrong)
    assert done.returncode != 0
    assert named in done.stderr
