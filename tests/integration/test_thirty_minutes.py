"""docs/thirty-minutes.md: its commands run in their order, to a bill and a resident's log-in."""

from __future__ import annotations

import csv
import subprocess
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.support.mosquitto import find_program
from tests.support.page_commands import page_script
from tests.support.page_runs import run_script
from tests.support.ports import free_port, free_port_with

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration


def test_the_page_leads_to_a_bill_and_a_log_in(tmp_path: Path) -> None:
    find_program("mosquitto")
    # With TLS the broker listens above the port of this machine.
    port, health, portal = free_port_with(7000, 7001), free_port(), free_port()
    script = page_script("thirty-minutes.md", install=False)
    options = f"--host localhost --port {port} --health-port {health} --portal-port {portal}"
    for old, new in (
        ("fairvarme init ", f"fairvarme init {options} "),
        ("127.0.0.1:1883", f"127.0.0.1:{port}"),
        ("127.0.0.1:8080", f"127.0.0.1:{portal}"),
    ):
        assert old in script
        script = script.replace(old, new)
    output = run_script(script, tmp_path)
    site = tmp_path / "solgaarden"
    assert "box-0101" in output
    assert "2 parts run" in output  # says the doctor of the service
    assert f"http://127.0.0.1:{portal}/home/solgaarden/0101-1 " in output
    bill = (site / "january" / "solgaarden" / "bill.csv").read_text("utf-8")
    rows = list(csv.DictReader(bill.splitlines()))
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal("2210.40")
    assert len(list((site / "january" / "solgaarden" / "statements").glob("*.pdf"))) == 2
    left = subprocess.run(["pgrep", "-f", str(site)], capture_output=True, text=True, check=False)
    assert left.stdout == ""
