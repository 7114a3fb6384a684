"""Devices on a real broker: a connection each, a last will, outages, reboots."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Literal

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from firmware_sim.mqtt.broker import BrokerAddress, BrokerProblem
from firmware_sim.mqtt.connection import Sender
from firmware_sim.mqtt.ledger import Ledger
from firmware_sim.mqtt.messages import Sample, Sent
from firmware_sim.mqtt.publish import Publisher
from tests.support.ingest_parts import wait_until
from tests.support.mosquitto import Mosquitto, MosquittoFactory

pytestmark = pytest.mark.integration

STATUS = "fairvarme/v1/house/{}/status"
SECOND_MS = 1000
SAMPLE = str(resources.files("estate").joinpath("sample"))


def message(number: int, box: str = "box-1", *, after_reboot: bool = False) -> Sent:
    """Return one message a simulated second, with its number as the time of its reading."""
    sample = Sample(number, box, "temperature_c", 20.0)
    topic = f"fairvarme/v1/house/{box}/readings"
    return Sent(number * SECOND_MS, topic, "[]", (sample,), box, after_reboot)


def sender(box: str = "box-1") -> Sender:
    return Sender(box, STATUS.format(box))


def address_of(broker: Mosquitto, protocol: Literal["5", "3.1.1"] = "5") -> BrokerAddress:
    return BrokerAddress(broker.host, broker.port, None, None, protocol)


@contextmanager
def statuses(broker: Mosquitto) -> Iterator[dict[str, str]]:
    """Yield the latest status of each box, as a subscriber sees it."""
    latest: dict[str, str] = {}
    subscribed = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2)

    def on_message(_client: Client, _userdata: object, received: MQTTMessage) -> None:
        latest[received.topic.split("/")[3]] = received.payload.decode()

    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    client.subscribe("fairvarme/v1/+/+/status", 1)
    assert subscribed.wait(10)
    yield latest
    client.disconnect()
    client.loop_stop()


class Run:
    """Publishes from a thread of its own into a ledger."""

    def __init__(self, publisher: Callable[[Ledger], Publisher], path: Path) -> None:
        self._file = path.open("w")
        self._path = path
        self.publisher = publisher(Ledger(self._file))
        self.measured = 0
        self.failures: list[BaseException] = []
        self._thread: threading.Thread | None = None

    def start(self, messages: list[Sent], speed: float) -> None:
        def publish() -> None:
            try:
                self.publisher.publish(messages, speed, self._progress)
            except BaseException as error:  # noqa: BLE001  shown by the test
                self.failures.append(error)

        self._thread = threading.Thread(target=publish)
        self._thread.start()

    def _progress(self, number: int) -> None:
        self.measured = number

    def acknowledged(self) -> list[int]:
        """Wait for the end; give the numbers of the messages in the order of acknowledgement."""
        assert self._thread is not None
        self._thread.join(60)
        self._file.close()
        assert self.failures == []
        with self._path.open() as file:
            return [int(row["time_ms"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_boxes_say_that_they_come_and_go(
    mosquitto: Mosquitto, tmp_path: Path, protocol: Literal["5", "3.1.1"]
) -> None:
    boxes = [f"box-{number}" for number in range(20)]
    with statuses(mosquitto) as latest, (tmp_path / "ledger.csv").open("w") as file:
        ledger = Ledger(file)
        senders = [*(sender(box) for box in boxes), Sender("gateway", None)]
        publisher = Publisher(address_of(mosquitto, protocol), ledger, senders)
        seen: list[dict[str, str]] = []
        messages = [message(n, box) for n in range(50) for box in [*boxes, "gateway"]]

        def look(number: int) -> None:
            if number == len(messages) and not seen:
                wait_until(lambda: len(latest) == 20)
                seen.append(dict(latest))

        publisher.publish(messages, 0, look)
        assert seen == [dict.fromkeys(boxes, "online")]
        wait_until(lambda: latest == dict.fromkeys(boxes, "offline"))
    assert ledger.messages == len(messages)


def test_box_that_dies_leaves_its_last_will(mosquitto: Mosquitto, tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "firmware_sim", "run", "--estate", SAMPLE, "--month", "2026-02",
        "--truth", str(tmp_path / "truth.json"), "--speed", "1",
    ]  # fmt: skip
    environment = {"FAIRVARME_SIM_BROKER": f"mqtt://{mosquitto.host}:{mosquitto.port}"}
    with statuses(mosquitto) as latest:
        with subprocess.Popen(
            command, env=os.environ | environment, stderr=subprocess.DEVNULL
        ) as process:
            wait_until(lambda: list(latest.values()) == ["online"] * 13)
            process.kill()
        wait_until(lambda: list(latest.values()) == ["offline"] * 13)


def test_outage_is_survived_in_order(start_mosquitto: MosquittoFactory, tmp_path: Path) -> None:
    broker = start_mosquitto()
    run = Run(lambda ledger: Publisher(address_of(broker), ledger, [sender()]), tmp_path / "l.csv")
    run.start([message(number) for number in range(300)], 100)
    wait_until(lambda: run.measured > 100)
    broker.kill()
    outage_from = run.measured
    wait_until(lambda: run.measured > outage_from + 100)
    broker.start()
    acknowledged = run.acknowledged()
    again = acknowledged.index(0, 1)
    # All of before, then from the first one on again: repeats, and the backlog after them.
    assert acknowledged[:again] == list(range(again))
    assert acknowledged[again:] == list(range(300))
    assert run.publisher.repeated >= again
    assert run.publisher.given_up == 0


def test_long_outage_overflows_the_ring(start_mosquitto: MosquittoFactory, tmp_path: Path) -> None:
    broker = start_mosquitto()
    run = Run(
        lambda ledger: Publisher(address_of(broker), ledger, [sender()], ring_messages=30),
        tmp_path / "l.csv",
    )
    run.start([message(number) for number in range(400)], 100)
    wait_until(lambda: run.measured > 50)
    broker.kill()
    outage_from = run.measured
    wait_until(lambda: run.measured > outage_from + 100)
    broker.start()
    acknowledged = set(run.acknowledged())
    missing = sorted(set(range(400)) - acknowledged)
    assert len(missing) == run.publisher.given_up
    # The oldest of the outage are given up, in one piece; what was measured last is kept.
    assert len(missing) >= 70
    assert missing == list(range(missing[0], missing[-1] + 1))
    assert abs(missing[0] - outage_from) < 25


def test_reboot_in_an_outage_loses_the_buffer(
    start_mosquitto: MosquittoFactory, tmp_path: Path
) -> None:
    broker = start_mosquitto()
    run = Run(lambda ledger: Publisher(address_of(broker), ledger, [sender()]), tmp_path / "l.csv")
    run.start([message(number, after_reboot=number == 200) for number in range(300)], 100)
    wait_until(lambda: run.measured > 50)
    broker.kill()
    wait_until(lambda: run.measured > 210)
    broker.start()
    acknowledged = run.acknowledged()
    assert set(range(200, 300)) <= set(acknowledged)
    assert not set(range(100, 200)) & set(acknowledged)
    assert run.publisher.given_up >= 100


def test_reboot_drops_the_connection_without_a_goodbye(
    start_mosquitto: MosquittoFactory, tmp_path: Path
) -> None:
    broker = start_mosquitto()
    changes: list[str] = []
    with statuses(broker) as latest:
        run = Run(
            lambda ledger: Publisher(address_of(broker), ledger, [sender()]), tmp_path / "l.csv"
        )
        run.start([message(number, after_reboot=number == 30) for number in range(60)], 20)
        while len(changes) < 4 and not run.failures:
            status = latest.get("box-1")
            if status is not None and changes[-1:] != [status]:
                changes.append(status)
            time.sleep(0.005)
        acknowledged = run.acknowledged()
    assert changes == ["online", "offline", "online", "offline"]
    assert set(range(30, 60)) <= set(acknowledged)


def test_refusal_names_the_device_and_ends_in_a_remedy(
    start_mosquitto: MosquittoFactory, tmp_path: Path
) -> None:
    broker = start_mosquitto(users={"box": "right"})
    address = BrokerAddress(broker.host, broker.port, "box", "wrong")
    with (tmp_path / "l.csv").open("w") as file:
        publisher = Publisher(address, Ledger(file), [sender()])
        with pytest.raises(BrokerProblem, match=r"refused box-1: .*Correct name and password"):
            publisher.publish([message(0)], 0)


def test_broker_that_never_comes_back_is_given_up(
    start_mosquitto: MosquittoFactory, tmp_path: Path
) -> None:
    broker = start_mosquitto()
    run = Run(
        lambda ledger: Publisher(address_of(broker), ledger, [sender()], patience_seconds=1),
        tmp_path / "l.csv",
    )
    run.start([message(number) for number in range(1000)], 100)
    wait_until(lambda: run.measured > 20)
    broker.kill()
    wait_until(lambda: run.failures != [])
    assert "acknowledged nothing for 1 s" in str(run.failures[0])
    with pytest.raises(AssertionError):
        run.acknowledged()
