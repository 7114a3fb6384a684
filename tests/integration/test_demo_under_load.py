"""
The demo on the broker that redelivers nothing, beside busy processes.

What is lost there hangs on the machine, so that the broker of these tests loses for sure.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from fairvarme.cli import main
from fairvarme.demo import broker as embedded_broker
from fairvarme.demo import transport as demo_transport

pytestmark = pytest.mark.integration
BUSY_PROCESSES = 4
LOSSY = "tests.support.lossy_amqtt.LossyTopics"


@contextmanager
def busy_processes() -> Iterator[None]:
    command = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(command) for _ in range(BUSY_PROCESSES)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.fixture
def lossy_amqtt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = embedded_broker._amqtt_command

    def command(directory: Path, port: int, password: str) -> list[str]:
        made = original(directory, port, password)
        config = Path(made[-1])
        settings = yaml.safe_load(config.read_text())
        settings["plugins"][LOSSY] = {}
        config.write_text(yaml.safe_dump(settings))
        return made

    monkeypatch.setattr(embedded_broker, "SEARCH_PATH", str(tmp_path))
    monkeypatch.setattr(embedded_broker, "_amqtt_command", command)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def run_demo(directory: Path) -> tuple[Result, dict[str, Any]]:
    arguments = ["demo", "--out", str(directory), "--json", "--flats", "2"]
    result = CliRunner().invoke(main, arguments)
    summary: dict[str, Any] = json.loads((directory / "summary.json").read_text("utf-8"))
    return result, summary


@pytest.mark.usefixtures("lossy_amqtt")
def test_boxes_send_again_until_nothing_is_missing(tmp_path: Path) -> None:
    directory = tmp_path / "demo-out"
    with busy_processes():
        result, summary = run_demo(directory)
    assert result.exit_code == 0, result.output
    assert summary["missing"] == 0
    assert summary["stored"] == summary["published"] > 0
    # Else nothing was lost, and this shows nothing.
    assert (directory / "data" / "missing.csv").is_file()


@pytest.mark.usefixtures("lossy_amqtt")
def test_missing_readings_are_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_transport, "MOST_ROUNDS_IN_VAIN", 0)
    result, summary = run_demo(tmp_path / "demo-out")
    assert summary["missing"] > 0
    assert result.exit_code == 1
    assert f"{summary['missing']} readings were published and never arrived" in result.stderr
