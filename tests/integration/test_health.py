"""The worker tells how it does: ready only while all answer, and numbers for Prometheus."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.endpoints import NOT_READY, READY, Endpoints
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import BUILDING, T0, TOPIC, payload, publish, wait_until
from tests.support.ingest_process import ingest_process, write_settings
from tests.support.mosquitto import Mosquitto, MosquittoFactory
from tests.support.ports import free_port
from tests.support.shipped_broker import SAMPLE

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path) -> Callable[[Mosquitto, str], tuple[Path, int]]:
    def write(broker: Mosquitto, store: str) -> tuple[Path, int]:
        path = write_settings(tmp_path, "worker", store, SAMPLE, BUILDING, broker)
        port = free_port()
        path.write_text(f"{path.read_text()}\n[health]\nport = {port}\n")
        return path, port

    return write


def test_ready_only_while_the_store_answers(
    settings: Callable[[Mosquitto, str], tuple[Path, int]],
    mosquitto: Mosquitto,
    own_influxdb: Influxdb,
) -> None:
    database = own_influxdb.create_database()
    store = f"influxdb://127.0.0.1:{own_influxdb.port}/{database}"
    path, port = settings(mosquitto, store)
    with ingest_process(path) as end:
        endpoints = Endpoints(port)
        wait_until(lambda: endpoints.get("/readyz")[0] == READY)
        own_influxdb.kill()
        # Without a message that would find it out.
        wait_until(lambda: endpoints.get("/readyz")[0] == NOT_READY)
        assert endpoints.parts()["store"] != "ok"
        assert endpoints.parts()["broker"] == "ok"
        assert endpoints.get("/healthz")[0] == READY
        publish(mosquitto, [(TOPIC, payload())])
        wait_until(lambda: endpoints.parts()["writes"] != "ok")
        away = endpoints.metrics()
        assert away["fairvarme_ingest_messages_at_work"] == 1
        assert away["fairvarme_ingest_messages_acknowledged_total"] == 0
        assert away["fairvarme_ingest_part_up store"] == 0
        own_influxdb.start()
        wait_until(lambda: endpoints.get("/readyz")[0] == READY)
        back = endpoints.metrics()
        assert back["fairvarme_ingest_messages_acknowledged_total"] == 1
        assert back["fairvarme_ingest_write_retries_total"] > 0
        assert set(endpoints.parts().values()) == {True, "ok"}
        endpoints.close()
        end()


def test_ready_only_while_the_broker_answers(
    settings: Callable[[Mosquitto, str], tuple[Path, int]], start_mosquitto: MosquittoFactory
) -> None:
    broker = start_mosquitto(persistence=True)
    path, port = settings(broker, "sqlite:///readings.db")
    with ingest_process(path) as end:
        endpoints = Endpoints(port)
        wait_until(lambda: endpoints.get("/readyz")[0] == READY)
        broker.stop()
        wait_until(lambda: endpoints.get("/readyz")[0] == NOT_READY)
        assert endpoints.metrics()["fairvarme_ingest_subscribed"] == 0
        broker.start()
        wait_until(lambda: endpoints.get("/readyz")[0] == READY)
        assert endpoints.metrics()["fairvarme_ingest_reconnects_total"] == 1
        endpoints.close()
        end()


def test_numbers_are_those_of_the_messages(
    settings: Callable[[Mosquitto, str], tuple[Path, int]], mosquitto: Mosquitto
) -> None:
    path, port = settings(mosquitto, "sqlite:///readings.db")
    with ingest_process(path, "--log-format", "json") as end:
        good = [
            (TOPIC, payload(T0 + n * 60_000, temperature_c=20.0, co2_ppm=500)) for n in range(7)
        ]
        strange = (f"fairvarme/v1/{BUILDING}/stranger-of-0101/readings", payload())
        publish(mosquitto, [*good, (TOPIC, b"not json"), strange, strange])
        endpoints = Endpoints(port)
        acknowledged = "fairvarme_ingest_messages_acknowledged_total"
        wait_until(lambda: endpoints.metrics()[acknowledged] == 10)
        metrics = endpoints.metrics()
        for name, value in {
            "messages_received_total": 10,
            "readings_stored_total": 14,
            "quarantined_total payload_not_json": 1,
            "quarantined_total device_unknown": 2,
            "quarantined_total value_impossible": 0,
            "messages_dropped_total": 0,
            "write_retries_total": 0,
            "reconnects_total": 0,
            "messages_queued": 0,
            "messages_at_work": 0,
            "subscribed": 1,
            "delay_seconds_count": 10,
            f"newest_reading_timestamp_seconds {BUILDING}": T0 / 1000 + 6 * 60,
        }.items():
            assert metrics[f"fairvarme_ingest_{name}"] == value, name
        assert 0 < metrics["fairvarme_ingest_delay_seconds_sum"] < 600
        assert metrics["process_resident_memory_bytes"] > 0
        text = endpoints.get("/metrics")[1]
        assert "0101" not in text
        assert "stranger" not in text
        # 127.0.0.2 reaches what listens on every address of this machine.
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.2", port)) != 0
        assert endpoints.get("/")[0] == endpoints.get("/metrics/x")[0] == 404
        endpoints.close()
        end()
    log = path.with_suffix(".log").read_text()
    events = [json.loads(line).get("event") for line in log.splitlines()]
    assert {"subscribed", "disconnected"} <= set(events)
    assert "not json" not in log
    assert "stranger" not in log
