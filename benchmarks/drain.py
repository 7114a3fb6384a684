"""
Ingest: a backlog drained by the worker, and by a bare paho callback that only acknowledges.

    .venv/bin/python -m benchmarks.drain

Own-JSON messages of three quantities, QoS 1, wait in a real Mosquitto. The worker decodes,
judges, stores in SQLite (write-ahead log, full synchronisation) and acknowledges after that. Both
drain the same backlog in turn, each in a process of its own. Line building is compared with
influxdb-client's Point, decoding with json.loads.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep
from typing import TYPE_CHECKING, Any, NamedTuple

from influxdb_client.client.write.point import Point
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.decoders import DecodeOptions, decoders
from ingest.limits import limits
from ingest.mqtt.client import SessionSettings
from ingest.worker import Worker
from telemetry.readings import Reading
from telemetry.stores.line_protocol import reading_line
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import (
    BUILDING,
    ESTATE,
    RULES,
    SOURCES,
    T0,
    open_quarantine,
    publish,
)
from tests.support.mosquitto import Mosquitto

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
CLIENT_ID = "drain"
MESSAGES = 50_000
READINGS_PER_MESSAGE = 3
ROUNDS = 3
TARGET_RATIO = 0.6
LONGEST_SECONDS = 60.0
POLL_SECONDS = 0.002
BOXES = [device.device for device in ESTATE.devices_of_kind("climate")]


def backlog() -> list[tuple[str, bytes]]:
    """Messages of all boxes of the sample, a second apart."""
    return [
        (
            f"fairvarme/v1/{BUILDING}/{BOXES[n % len(BOXES)]}/readings",
            json.dumps(
                {
                    "time": T0 + n * 1000,
                    "temperature_c": 20 + n % 100 / 20,
                    "humidity_pct": 35.5,
                    "co2_ppm": 400.0 + n % 1000,
                }
            ).encode(),
        )
        for n in range(MESSAGES)
    ]


def open_session(port: int, client_id: str) -> None:
    """Subscribe and leave: the broker keeps what comes for this client from now on."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5)
    granted = threading.Event()
    client.on_subscribe = lambda *_: granted.set()
    _connect(client, port)
    client.loop_start()
    client.subscribe([(source.topic_filter, 1) for source in SOURCES])
    assert granted.wait(LONGEST_SECONDS), "no subscription"
    client.disconnect()
    client.loop_stop()


class Drained(NamedTuple):
    """What a backlog took, from its first message to its last. [s]"""

    seconds: float
    processor_seconds: float


def drain_bare(port: int, client_id: str) -> Drained:
    """Only acknowledge."""
    started = process_time()
    times: list[float] = []
    done = threading.Event()
    client = Client(
        CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5, manual_ack=True
    )

    def on_message(client: Client, _userdata: Any, message: MQTTMessage) -> None:  # noqa: ANN401
        client.ack(message.mid, message.qos)
        times.append(perf_counter())
        if len(times) == MESSAGES:
            done.set()

    client.on_message = on_message
    _connect(client, port)
    client.loop_start()
    assert done.wait(LONGEST_SECONDS), f"{len(times)} of {MESSAGES} messages came"
    client.disconnect()
    client.loop_stop()
    return Drained(times[-1] - times[0], process_time() - started)


def drain_worker(port: int, client_id: str) -> Drained:
    """Run our worker, until its last acknowledgement."""
    started = process_time()
    settings = SessionSettings(HOST, port, client_id=client_id)
    with tempfile.TemporaryDirectory() as directory:
        store = SqliteStore(Path(directory) / "readings.db")
        quarantine = open_quarantine(Path(directory) / "fairvarme.db")
        worker = Worker(settings, SOURCES, RULES, store, quarantine)
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        first = _when(lambda: worker.counts.received > 0)
        last = _when(lambda: worker.counts.acknowledged >= MESSAGES)
        spent = process_time() - started
        stop.set()
        thread.join()
        assert store.count(BUILDING) == MESSAGES * READINGS_PER_MESSAGE
        store.close()
        return Drained(last - first, spent)


def _when(holds: Callable[[], bool]) -> float:
    deadline = perf_counter() + LONGEST_SECONDS
    while not holds():
        assert perf_counter() < deadline, f"not within {LONGEST_SECONDS} s"
        sleep(POLL_SECONDS)
    return perf_counter()


def _connect(client: Client, port: int) -> None:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3600
    properties.ReceiveMaximum = limits().receive_maximum
    client.connect(HOST, port, clean_start=False, properties=properties)


def drained(drain: Callable[[int, str], Drained], messages: list[tuple[str, bytes]]) -> Drained:
    """Drain a new broker's backlog in a process of its own, so that neither warms the other."""
    with tempfile.TemporaryDirectory() as directory:
        broker = Mosquitto(Path(directory))
        broker.start()
        try:
            open_session(broker.port, CLIENT_ID)
            publish(broker, messages)
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                return pool.apply(drain, (broker.port, CLIENT_ID))
        finally:
            broker.stop()


def compare_drains() -> float:
    """Drain in turn; print the table and give the median ratio."""
    ratios = []
    messages = backlog()
    print(f"{'messages/s, processor each':28}{'bare callback':>18}{'worker':>18}{'ratio':>8}")
    for turn in range(ROUNDS):
        bare, ours = (drained(drain, messages) for drain in (drain_bare, drain_worker))
        ratios.append(bare.seconds / ours.seconds)
        print(f"round {turn + 1:<22}{_told(bare):>18}{_told(ours):>18}{ratios[-1]:8.2f}")
    return median(ratios)


def _told(drained: Drained) -> str:
    processor_us = drained.processor_seconds / MESSAGES * 1e6
    return f"{MESSAGES / drained.seconds:.0f} {processor_us:.1f} us"


def compare_parts() -> None:
    """Print line building and decoding beside what they are measured against."""
    readings = [
        Reading(BUILDING, BOXES[n % 12], "temperature_c", T0 + n, 20 + n / 7, 0, T0 + n)
        for n in range(100_000)
    ]
    ours = _rate(lambda: [reading_line(each) for each in readings], len(readings))
    few = readings[:10_000]
    points = _rate(lambda: [_point(each) for each in few], len(few))
    print(f"line builder {ours:9.0f}/s, influxdb-client Point {points:9.0f}/s: {ours / points:.1f}")
    decode, messages = decoders()["fairvarme"], backlog()
    options = DecodeOptions()
    own = _rate(lambda: [decode(t, p, T0, options) for t, p in messages], len(messages))
    plain = _rate(lambda: [json.loads(p) for _, p in messages], len(messages))
    print(f"decoder {own:9.0f} messages/s, json.loads {plain:9.0f}/s: {own / plain:.2f}")


def _point(reading: Reading) -> str:
    return str(
        Point.from_dict(
            {
                "measurement": reading.quantity,
                "tags": {"building": reading.building, "device": reading.device},
                "fields": {
                    "value": reading.value,
                    "quality": reading.quality,
                    "arrival": reading.arrival_ms,
                },
                "time": reading.time_ms,
            },
            "ms",  # type: ignore[arg-type]  # a text, in truth
        ).to_line_protocol()
    )


def _rate(work: Callable[[], object], number: int) -> float:
    start = perf_counter()
    work()
    return number / (perf_counter() - start)


def main() -> int:
    """Print the tables; exit 1 below the target."""
    print(f"{len(os.sched_getaffinity(0))} cores, {MESSAGES} messages of {READINGS_PER_MESSAGE}")
    ratio = compare_drains()
    print(f"median ratio of worker to bare callback: {ratio:.2f}")
    compare_parts()
    return 0 if ratio >= TARGET_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
