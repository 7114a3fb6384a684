"""Rules and dashboard ask for metrics that the worker has, and for each that tells of a loss."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest

from ingest.watch.counts import Counts
from operations.intake.health import Health

DEPLOY = Path(__file__).parents[2] / "deploy"
OF_LOSS = {
    "fairvarme_ingest_sessions_lost_total",
    "fairvarme_ingest_messages_missed_total",
    "fairvarme_ingest_part_up",
}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "prometheus/fairvarme.rules.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana/fairvarme.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def exposed() -> set[str]:
    """Names of the samples of ``/metrics``."""
    health = Health(lambda: Counts(newest_ms={"house": 0}), {})
    text = generate_latest(health.registry()).decode()
    return {re.split("[ {]", line)[0] for line in text.splitlines() if line[0] != "#"}


def asked(expressions: list[str]) -> set[str]:
    return set(re.findall(r"\b(?:fairvarme|process)_\w+", " ".join(expressions)))


def test_rules_ask_for_what_there_is(exposed: set[str]) -> None:
    names = asked([rule["expr"] for rule in rules()])
    assert names - exposed == set()
    assert names >= OF_LOSS


def test_dashboard_asks_for_what_there_is(exposed: set[str]) -> None:
    names = asked(panels())
    assert names - exposed == set()
    assert {name for name in exposed if name.startswith("fairvarme_")} - names <= {
        # Told by part_up.
        "fairvarme_ingest_subscribed",
    }


def test_every_rule_says_what_it_means_and_what_to_do() -> None:
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "remedy"}
        assert rule["labels"]["severity"] in ("warning", "critical")
