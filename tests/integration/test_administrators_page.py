"""docs/administrators.md: its commands run in their order."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.mosquitto import find_program
from tests.support.page_commands import CLUSTER, labelled_script, page_script
from tests.support.page_runs import run_script
from tests.support.ports import free_port, free_port_with
from tests.support.small_house import BUILDING, make_house

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration
PAGE = "administrators.md"


def test_the_page_runs_from_installation_to_scale_out(tmp_path: Path) -> None:
    find_program("mosquitto")
    port, health, portal = free_port_with(7000, 7001), free_port(), free_port()
    options = f"--host localhost --port {port} --health-port {health} --portal-port {portal}"
    script = page_script(PAGE, install=False)
    assert "fairvarme init " in script
    output = run_script(script.replace("fairvarme init ", f"fairvarme init {options} "), tmp_path)
    house = tmp_path / "house"
    assert "2 parts run" in output  # says the doctor of the service
    assert (tmp_path / "again" / "fairvarme.toml").exists()
    assert list((house / "papers").iterdir())
    assert list((house / "request").iterdir())
    assert "worker-2@" in (house / "worker-2.toml").read_text()
    assert "subscribed; ingesting readings" in (house / "worker-2.log").read_text()
    left = subprocess.run(["pgrep", "-f", str(house)], capture_output=True, text=True, check=False)
    assert left.stdout == ""


def test_the_cluster_bills(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="fairvarme[dask] is not installed")
    config = make_house(tmp_path / "house")
    port = free_port()
    script = labelled_script(PAGE, CLUSTER).replace("8786", str(port))
    script = script.replace("dask scheduler", "dask scheduler --dashboard-address 127.0.0.1:0")
    run_script(script, config.parent)
    assert (config.parent / "bills" / BUILDING / "bill.csv").exists()
