"""`fairvarme-sim`: a real broker gets everything in the ledger; a file holds the same."""

from __future__ import annotations

import csv
import json
import threading
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from firmware_sim.cli import main
from tests.support.ingest_parts import wait_until
from tests.support.mosquitto import Mosquitto, MosquittoFactory

SAMPLE = str(resources.files("estate").joinpath("sample"))
WAIT_SECONDS = 120.0


@pytest.mark.integration
def test_ledger_is_what_a_subscriber_sees(
    start_mosquitto: MosquittoFactory, tmp_path: Path
) -> None:
    broker = start_mosquitto(inflight=0)
    received: dict[str, int] = {"messages": 0}
    subscribed = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2)

    def on_message(_client: Client, _userdata: object, message: MQTTMessage) -> None:
        received["messages"] += 1

    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    client.subscribe([("fairvarme/v1/solgaarden/+/readings", 1), ("solgaarden/wmbusmeters/+", 1)])
    assert subscribed.wait(WAIT_SECONDS)
    counts = run_simulator(broker, tmp_path)
    with (tmp_path / "ledger.csv").open() as file:
        keys = {(row["device"], row["quantity"], row["time_ms"]) for row in csv.DictReader(file)}
    assert len(keys) == counts["readings"]
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert len(truth["events"]) == 2
    wait_until(lambda: received["messages"] == counts["messages"])
    assert counts["repeated"] == counts["given_up"] == 0
    client.disconnect()
    client.loop_stop()


def run_simulator(broker: Mosquitto, directory: Path) -> dict[str, int]:
    result = CliRunner().invoke(
        main,
        ["run", "--estate", SAMPLE, "--month", "2026-02", "--truth", str(directory / "truth.json"),
         "--ledger", str(directory / "ledger.csv"), "--json"],
        env={"FAIRVARME_SIM_BROKER": f"mqtt://{broker.host}:{broker.port}"},
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    counts: dict[str, int] = json.loads(result.stdout)
    return counts


@pytest.mark.slow
def test_file_holds_every_reading(tmp_path: Path) -> None:
    readings = tmp_path / "readings.csv"
    arguments = ["write", "--estate", SAMPLE, "--month", "2026-02", "--no-events", "--json"]
    arguments += ["--truth", str(tmp_path / "truth.json"), "--readings", str(readings)]
    result = CliRunner().invoke(main, arguments)
    assert json.loads(result.stdout)["readings"] == len(readings.read_text().splitlines()) - 1
    assert json.loads((tmp_path / "truth.json").read_text())["events"] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        (["--month", "2026-14"], 2, "2026-01"),
        (["--estate", "nowhere"], 1, "estate check"),
        (["--broker", "http://x"], 1, "mqtt://"),
        (["--broker", "mqtt://127.0.0.1:1"], 1, "Start one"),
    ],
)
def test_what_cannot_be_done_ends_in_a_remedy(
    tmp_path: Path, change: list[str], code: int, told: str
) -> None:
    arguments = ["run", "--estate", SAMPLE, "--month", "2026-02", "--broker", "mqtt://127.0.0.1:1"]
    result = CliRunner().invoke(main, [*arguments, "--truth", str(tmp_path / "t.json"), *change])
    assert result.exit_code == code
    assert told in result.output
