"""Prometheus' rules and Grafana's panels ask for metrics, labels and words that there are; each alert has its page."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from alerts.delivery.ledger import Over
from alerts.routing.plan import NotSent
from streams import metrics
from tests.deploy.conftest import Run
from tests.deploy.stages import ROOT

RULES: list[dict[str, Any]] = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"][0][
    "rules"
]
BOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "hullwatch.json").read_text())
RUNBOOK = (ROOT / "deploy" / "runbook.md").read_text()
OF_PROMETHEUS = {"stage", "le", "job", "instance"}


def panels() -> list[dict[str, Any]]:
    return [panel for panel in BOARD["panels"] if panel["type"] != "row"]


def questions() -> list[str]:
    return [rule["expr"] for rule in RULES] + [row["expr"] for panel in panels() for row in panel["targets"]]


def series() -> Iterator[tuple[str, frozenset[str]]]:
    """Every name under which a metric is served, and its labels."""
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(metric._type, ("",))
            yield from ((metric._name + ending, frozenset(metric._labelnames)) for ending in endings)


@pytest.mark.parametrize("question", questions())
def test_a_question_asks_for_what_is_measured(question: str) -> None:
    served = dict(series())
    asked = set(re.findall(r"\bhullwatch_\w+", question))
    assert asked <= served.keys()
    known = OF_PROMETHEUS.union(*(served[name] for name in asked))
    grouped = {
        label.strip() for group in re.findall(r"\b(?:by|on) ?\(([^)]*)\)", question) for label in group.split(",")
    }
    matched = set(re.findall(r"[{,]\s*(\w+)\s*=~?\"", question))
    assert grouped | matched <= known


@pytest.mark.parametrize("question", [question for question in questions() if "not_sent" in question])
def test_reasons_asked_for_are_reasons(question: str) -> None:
    asked = {reason for text in re.findall(r'reason=~"([^"]*)"', question) for reason in text.split("|")}
    assert asked <= {str(reason) for reason in NotSent}


def test_every_alert_has_its_page_in_the_runbook() -> None:
    assert re.findall(r"^### (Hullwatch\w+)$", RUNBOOK, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_the_runbook_names_the_reasons_that_end_a_session() -> None:
    page = RUNBOOK.partition("### HullwatchDispatchBeginsAgain")[2].partition("###")[0]
    assert all(f"`{why}`" in page for why in Over)


def test_panels_named_in_the_runbook_exist() -> None:
    titles = {panel["title"] for panel in panels()}
    named = {" ".join(name.split()) for name in re.findall(r"[Pp]anel\s+\"([^\"]+)\"", RUNBOOK)}
    assert named
    assert named <= titles


def test_panels_do_not_lie_upon_each_other() -> None:
    taken = [(x, y) for panel in BOARD["panels"] for x, y in squares(panel["gridPos"])]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def squares(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    for x in range(place["x"], place["x"] + place["w"]):
        yield from ((x, y) for y in range(place["y"], place["y"] + place["h"]))


@pytest.mark.parametrize("words", [("check", "rules", "alerts.yml"), ("check", "config", "prometheus.yml")])
def test_promtool_finds_nothing_wrong(tool: Callable[[str], Run], words: tuple[str, ...]) -> None:
    *command, file = words
    done = tool("promtool")(*command, f"deploy/prometheus/{file}")
    assert done.returncode == 0, done.stderr
