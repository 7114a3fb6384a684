"""
Ten thousand simulated boxes in one process, beside one connection that brings as many messages.

    .venv/bin/python -m benchmarks.boxes

Each box has a connection of its own, with its last will, to a real Mosquitto on 127.0.0.1, and
sends some hourly messages as fast as the broker takes them. Each run has a process of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from firmware_sim.clock import HOUR_MS, QUARTER_MS, iso
from firmware_sim.mqtt.broker import BrokerAddress
from firmware_sim.mqtt.connection import Sender
from firmware_sim.mqtt.ledger import Ledger
from firmware_sim.mqtt.messages import Sample, Sent
from firmware_sim.mqtt.publish import Publisher
from tests.support.mosquitto import Mosquitto

BOXES = 10_000
HOURS = 4
START_MS = 1_768_348_800_000
VALUES = {"temperature_c": 20.61, "humidity_pct": 38.2, "co2_ppm": 812.0}


def hour_of(box: str, hour: int, sender: str) -> Sent:
    """Return an hour's message of a box."""
    times = [START_MS + hour * HOUR_MS + quarter * QUARTER_MS for quarter in range(4)]
    records = [{"time": iso(time), "sequence": time // QUARTER_MS, **VALUES} for time in times]
    samples = tuple(
        Sample(time, box, name, value) for time in times for name, value in VALUES.items()
    )
    topic = f"fairvarme/v1/house/{box}/readings"
    return Sent(times[-1], topic, json.dumps(records), samples, sender)


def publish(
    port: int, connections: int, answer: multiprocessing.SimpleQueue[tuple[float, int]]
) -> None:
    """Publish all boxes over some connections; answer with seconds and peak memory in KiB."""
    boxes = [f"box-{number:05}" for number in range(BOXES)]
    senders = [Sender(box, f"fairvarme/v1/house/{box}/status") for box in boxes[:connections]]
    messages = [
        hour_of(box, hour, senders[number % connections].name)
        for hour in range(HOURS)
        for number, box in enumerate(boxes)
    ]
    with Path(os.devnull).open("w") as file:
        ledger = Ledger(file)
        publisher = Publisher(BrokerAddress("127.0.0.1", port, None, None), ledger, senders)
        start = perf_counter()
        publisher.publish(messages, 0)
        seconds = perf_counter() - start
    assert ledger.messages == len(messages)
    answer.put((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))


def measured(connections: int) -> float:
    """Run in a process of its own; give the messages in a second."""
    with TemporaryDirectory() as directory:
        broker = Mosquitto(Path(directory))
        broker.start()
        try:
            answer: multiprocessing.SimpleQueue[tuple[float, int]] = multiprocessing.SimpleQueue()
            process = multiprocessing.Process(
                target=publish, args=(broker.port, connections, answer)
            )
            process.start()
            process.join()
            seconds, kib = answer.get()
        finally:
            broker.stop()
    rate = BOXES * HOURS / seconds
    print(f"{connections:6} connections: {rate:7.0f} messages/s, {kib / 1024:.0f} MiB")
    return rate


def main() -> int:
    """Print the table."""
    print(f"{len(os.sched_getaffinity(0))} cores, {BOXES} boxes of {HOURS} hourly messages each")
    single, many = measured(1), measured(BOXES)
    print(
        f"a connection each, opening and closing included, beside one for all: {many / single:.2f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
