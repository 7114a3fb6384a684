"""No client of the shipped broker comes by the worker's session, whatever id it gives itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from telemetry.stores.sqlite import SqliteStore
from tests.support.endpoints import Endpoints
from tests.support.ingest_parts import BUILDING, T0, payload, wait_until
from tests.support.ingest_process import ingest_process
from tests.support.mosquitto import MosquittoProcess
from tests.support.shipped_broker import PASSWORD_PORT, WORKER_PORT, Installation, Peer

pytestmark = pytest.mark.integration
BOX, THIEF = f"{BUILDING}/box-0101", f"{BUILDING}/box-0102"
MESSAGES = 100
PREFIX = "fairvarme_ingest_"
ACKNOWLEDGED = f"{PREFIX}messages_acknowledged_total"


@pytest.fixture
def secrets(site: Installation) -> dict[str, str]:
    return {name: site.password(name) for name in (BOX, THIEF)}


@pytest.fixture
def broker(site: Installation, secrets: dict[str, str]) -> Iterator[MosquittoProcess]:
    broker = site.broker()
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.usefixtures("broker")
@pytest.mark.parametrize("door", [WORKER_PORT, PASSWORD_PORT])
@pytest.mark.parametrize("claimed", ["fairvarme-ingest", "worker"])
@pytest.mark.parametrize("keep", [True, False])
def test_another_client_under_the_id_of_the_worker_costs_no_message(
    site: Installation,
    secrets: dict[str, str],
    monitor: Endpoints,
    door: int,
    claimed: str,
    keep: bool,
) -> None:
    files = (str(site.credentials / "ca.crt"), None, None)
    with (
        ingest_process(site.settings) as end,
        Peer(site.ports[PASSWORD_PORT], BOX, secrets[BOX], files=files) as box,
    ):
        for number in range(MESSAGES):
            box.publish(f"fairvarme/v1/{BOX}/readings", payload(T0 + number * 60_000))
            if number == MESSAGES // 3:
                tls = files if door == PASSWORD_PORT else None
                port, secret = site.ports[door], secrets[THIEF]
                thief = Peer(port, THIEF, secret, files=tls, client_id=claimed, keep=keep)
                assert thief.let_in
                assert not thief.session_present
        with thief:
            wait_until(lambda: monitor.metrics()[ACKNOWLEDGED] == MESSAGES)
            metrics = monitor.metrics()
            assert thief.received == []
        for name in ("reconnects", "sessions_lost", "takeovers", "messages_missed"):
            assert metrics[f"{PREFIX}{name}_total"] == 0
        end()
    with closing(SqliteStore(site.directory / "readings.db")) as store:
        assert store.count(BUILDING) == MESSAGES
