"""Log lines: one record is one line, whatever a device put into it, and programs can read it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairvarme.logs import JsonFormatter, TextFormatter

FORGED = "away\n2026-01-01 00:00:00 CRITICAL forged\r\x1b[2J\u2028x"


def a_record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    record = logging.LogRecord("ingest.worker", logging.WARNING, "", 0, message, arguments, None)
    vars(record).update(extra)
    return record


@given(st.text())
@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_nothing_ends_a_line(formatter: logging.Formatter, text: str) -> None:
    line = formatter.format(a_record("topic %s", text, event="x", topic=text))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_text_shows_what_was_escaped() -> None:
    line = TextFormatter().format(a_record("%s", FORGED))
    assert "WARNING away | 2026" in line
    assert "\\r\\x1b[2J\\u2028x" in line


def test_json_holds_the_event_and_its_fields() -> None:
    found = json.loads(JsonFormatter().format(a_record("%s", FORGED, event="away", pause=0.5)))
    assert found.pop("time").endswith("+00:00")
    assert found == {
        "level": "warning",
        "logger": "ingest.worker",
        "event": "away",
        "message": FORGED,
        "pause": 0.5,
    }


def test_traceback_stays_within_its_record() -> None:
    record = a_record("failed")
    try:
        int(FORGED)
    except ValueError:
        record.exc_info = sys.exc_info()
    assert len(TextFormatter().format(record).splitlines()) == 1
    assert "ValueError" in json.loads(JsonFormatter().format(record))["traceback"]


@pytest.mark.slow
@pytest.mark.parametrize("crash", [False, True])
def test_every_line_of_a_service_is_json(tmp_path: Path, crash: bool) -> None:
    """Also what ends it: a wrong setting, or a fault of the program's own."""
    settings = tmp_path / "fairvarme.toml"
    settings.write_text('store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = []\n')
    program = "import operations.intake.run_worker as run, sys; from fairvarme.cli import main\n"
    if crash:
        program += "run.run_worker = None\n"
    program += f"main(['ingest', '--log-format', 'json', '--config', {str(settings)!r}])\n"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    (line,) = done.stderr.splitlines()
    found = json.loads(line)
    assert found["event"] == ("crashed" if crash else "failed")
    assert done.returncode == (1 if crash else 2)
    assert ("TypeError" if crash else "[broker]") in found.get("traceback", found["message"])
