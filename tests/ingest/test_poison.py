"""One line that InfluxDB never takes, among five thousand: it costs no other, and no window."""

from __future__ import annotations

import math

import pytest

from ingest.mqtt.client import SessionSettings
from ingest.quarantine.store import Quarantine
from ingest.worker import BatchSettings, Worker
from telemetry.stores.influx import InfluxStore
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import (
    BUILDING,
    RULES,
    SOURCES,
    T0,
    TOPIC,
    make_worker,
    payload,
    publish,
    running,
    wait_until,
)
from tests.support.mosquitto import Mosquitto

pytestmark = pytest.mark.integration
NUMBER, POISONOUS = 5000, 3210


def test_one_poisonous_line_of_five_thousand(
    mosquitto: Mosquitto,
    influxdb: Influxdb,
    quarantine: Quarantine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = influxdb.create_database()
    # By hand the value of another box became a text: from now on no number fits there.
    influxdb.write(f'co2_ppm,building={BUILDING},device=x value="high" {T0}', database)
    store = InfluxStore(f"http://{influxdb.host}:{influxdb.port}", database)
    posts: list[int] = []
    post = store._post

    def counted(body: str) -> None:
        posts.append(body.count("\n") + 1)
        post(body)

    monkeypatch.setattr(store, "_post", counted)
    with running(make_worker(mosquitto, store, quarantine)):
        pass
    messages = [
        (TOPIC, payload(T0 + n, **{"co2_ppm" if n == POISONOUS else "temperature_c": 20.0}))
        for n in range(NUMBER)
    ]
    publish(mosquitto, messages)
    # All of them in one batch.
    batch = BatchSettings(messages=NUMBER, seconds=5.0)
    session = SessionSettings(mosquitto.host, mosquitto.port, receive_maximum=NUMBER)
    worker = Worker(session, SOURCES, RULES, store, quarantine, batch)
    with running(worker):
        wait_until(lambda: worker.counts.acknowledged == NUMBER)
    assert posts[0] == NUMBER
    assert len(posts) <= 1 + 2 * math.ceil(math.log2(NUMBER))
    assert store.count(BUILDING) == worker.counts.stored == NUMBER - 1
    (row,) = quarantine.list_rows(10)
    assert (row.reason, row.device, row.quantity) == ("store_refused", "box-0101", "co2_ppm")
    assert row.time_ms == T0 + POISONOUS
    assert "field type conflict" in row.detail
    # The window is free: what comes next is taken.
    again = make_worker(mosquitto, store, quarantine)
    with running(again):
        publish(mosquitto, [(TOPIC, payload(T0 + NUMBER, temperature_c=20.0))])
        wait_until(lambda: again.counts.acknowledged == 1)
    store.close()
