"""Scripts of pages of docs/, run as a user would run them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.mosquitto import SEARCH_PATH


def run_script(script: str, directory: Path, seconds: float = 240) -> str:
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
