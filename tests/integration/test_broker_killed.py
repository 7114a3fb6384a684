"""Brokers that are killed lose what they acknowledged; boxes that repeat, and a worker, do not."""

from __future__ import annotations

import threading
import time
from importlib import resources
from pathlib import Path

import pytest

from fairvarme.demo.summary import read_ledger, stored_keys
from firmware_sim.clock import month_days
from firmware_sim.folder import read_house
from firmware_sim.mqtt.broker import BrokerAddress
from firmware_sim.mqtt.devices import Fleet
from firmware_sim.mqtt.ledger import Ledger
from firmware_sim.mqtt.publish import Publisher
from firmware_sim.physics.building import simulate
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import (
    BUILDING,
    make_worker,
    open_quarantine,
    running,
    wait_until,
)
from tests.support.mosquitto import Mosquitto, MosquittoFactory

MESSAGES = 10_000
KILLS = 3

HOUSE = read_house(Path(str(resources.files("estate").joinpath("sample"))))


def kill_while_publishing(broker: Mosquitto, done: threading.Event) -> int:
    """Kill and start the broker some times before all is published; give how often."""
    kills = 0
    while kills < KILLS and not done.wait(0.7):
        broker.kill()
        time.sleep(0.2)
        broker.start()
        kills += 1
    return kills


@pytest.mark.integration
def test_nothing_in_the_ledger_is_missing_after_brokers_were_killed(
    start_mosquitto: MosquittoFactory, tmp_path: Path
) -> None:
    broker = start_mosquitto(persistence=True, inflight=0)
    store, quarantine = SqliteStore(tmp_path / "r.db"), open_quarantine(tmp_path / "q.db")
    fleet = Fleet(simulate(HOUSE, *month_days("2026-01"), 1, events=False), 1)
    messages = list(fleet.messages())[:MESSAGES]
    # So slow that the kills fall between the first message and the last.
    speed = (messages[-1].time_ms - messages[0].time_ms) / 1000 / 8
    done, failures = threading.Event(), []
    worker = make_worker(broker, store, quarantine)
    with (tmp_path / "ledger.csv").open("w") as file:
        address = BrokerAddress(broker.host, broker.port, None, None)
        publisher = Publisher(address, Ledger(file), fleet.senders(), ring_messages=MESSAGES)

        def publish() -> None:
            try:
                publisher.publish(messages, speed)
            except BaseException as error:  # noqa: BLE001  shown by the test
                failures.append(error)
            finally:
                done.set()

        with running(worker):
            thread = threading.Thread(target=publish)
            thread.start()
            kills = kill_while_publishing(broker, done)
            thread.join(120)
            file.flush()
            keys = read_ledger(tmp_path / "ledger.csv")
            wait_until(lambda: not keys - stored_keys(store, BUILDING, keys), seconds=60)
    assert failures == []
    assert kills == KILLS
    assert publisher.repeated > 0
    assert publisher.given_up == 0
    expected = {(s.device, s.quantity, s.time_ms) for m in messages for s in m.samples}
    assert keys == expected
    assert store.count(BUILDING) == len(expected)
    assert quarantine.counts() == {}
    store.close()
    quarantine.engine.dispose()
