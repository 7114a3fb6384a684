"""``fairvarme ingest`` as a child process with settings of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.settings import CONFIG_VARIABLE
from tests.support.ingest_parts import WAIT_SECONDS, wait_until
from tests.support.mosquitto import Mosquitto

SETTINGS = """\
store = "{store}"
database = "sqlite:///{name}.db"
estates = ["{estate}"]

[broker]
url = "mqtt://{host}:{port}"
client_id = "{name}"

[[sources]]
topic_filter = "fairvarme/v1/{building}/+/readings"
decoder = "fairvarme"
building = "{building}"

[[sources]]
topic_filter = "{building}/wmbusmeters/+"
decoder = "wmbusmeters"
building = "{building}"
"""


def write_settings(
    directory: Path, name: str, store: str, estate: Path, building: str, broker: Mosquitto
) -> Path:
    """Write the settings of one worker."""
    path = directory / f"{name}.toml"
    path.write_text(
        SETTINGS.format(
            store=store,
            name=name,
            estate=estate,
            building=building,
            host=broker.host,
            port=broker.port,
        )
    )
    return path


@contextmanager
def ingest_process(config: Path, *arguments: str) -> Iterator[Callable[[], dict[str, int]]]:
    """Run a worker that has subscribed when the block starts; give a way to end it in order."""
    log = config.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-X",
                "faulthandler",
                "-m",
                "fairvarme",
                "ingest",
                "--json",
                *arguments,
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {CONFIG_VARIABLE: str(config)},
        )

    def end() -> dict[str, int]:
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            # Its threads say in the log where they stand.
            process.send_signal(signal.SIGABRT)
            code = process.wait()
        assert code == 0, log.read_text()
        counts: dict[str, int] = json.loads(log.read_text().splitlines()[-1])
        return counts

    try:
        wait_until(lambda: '"ready"' in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield end
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
