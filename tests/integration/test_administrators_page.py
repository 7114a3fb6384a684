"""docs/administrators.md: its commands run in their order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.mosquitto import SEARCH_PATH, find_program
from tests.support.page_commands import CLUSTER, labelled_script, page_script
from tests.support.ports import free_port, free_port_with
from tests.support.small_house import BUILDING, make_house

pytestmark = pytest.mark.integration
PAGE = "administrators.md"


def run(script: str, directory: Path, seconds: float = 240) -> str:
    """Run a script as a user would, and return what it prints."""
    path = os.pathsep.join([str(Path(sys.executable).parent), SEARCH_PATH])
    with subprocess.Popen(
        ["bash", "-c", script],
        cwd=directory,
        env=os.environ | {"PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    logs = "".join(each.read_text() for each in directory.rglob("*.log"))
    assert process.returncode == 0, output + logs
    return output


def test_the_page_runs_from_installation_to_scale_out(tmp_path: Path) -> None:
    find_program("mosquitto")
    port, health, portal = free_port_with(7000, 7001), free_port(), free_port()
    options = f"--host localhost --port {port} --health-port {health} --portal-port {portal}"
    script = page_script(PAGE, install=False)
    assert "fairvarme init " in script
    output = run(script.replace("fairvarme init ", f"fairvarme init {options} "), tmp_path)
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
    run(script, config.parent)
    assert (config.parent / "bills" / BUILDING / "bill.csv").exists()
