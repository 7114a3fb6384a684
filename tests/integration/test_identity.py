"""The shipped broker configuration and the credentials that `devices provision` writes."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from estate.database.engine import open_database
from ingest.limits import limits
from ingest.mqtt.client import SessionSettings
from ingest.mqtt.session import BrokerSession
from ingest.quarantine.store import Quarantine
from operations.settings import PASSWORD_VARIABLE
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import BUILDING, ESTATE, T0, wait_until
from tests.support.ingest_process import ingest_process
from tests.support.mosquitto import MosquittoProcess
from tests.support.shipped_broker import (
    CERTIFICATE_PORT,
    PASSWORD_PORT,
    WORKER_PORT,
    Installation,
    Peer,
)

pytestmark = pytest.mark.integration

DONE, REFUSED = "Success", "Not authorized"
UNREAD = "No matching subscribers"
"""Taken, as nobody has subscribed to it."""
BOX, OTHER = f"{BUILDING}/box-0101", f"{BUILDING}/box-0102"


def topic(name: str, level: str = "readings") -> str:
    return f"fairvarme/v1/{name}/{level}"


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    site = Installation(tmp_path)
    site.provision("--broker", "127.0.0.1", "--broker", "localhost")
    return site


@pytest.fixture
def worker_password(site: Installation) -> str:
    return site.password("--worker")


@pytest.fixture
def broker(site: Installation, worker_password: str) -> Iterator[MosquittoProcess]:
    broker = site.broker()
    broker.start()
    yield broker
    broker.stop()


def authority(site: Installation) -> tuple[str, None, None]:
    return (str(site.credentials / "ca.crt"), None, None)


def by_password(site: Installation, username: str, password: str, client_id: str = "") -> Peer:
    port = site.ports[PASSWORD_PORT]
    return Peer(port, username, password, files=authority(site), client_id=client_id)


def test_box_writes_its_own_topics_and_no_others(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    secret = site.password(BOX)
    broker.reload()
    with (
        Peer(site.ports[WORKER_PORT], "worker", worker_password) as worker,
        by_password(site, BOX, secret) as box,
    ):
        worker.subscribe("#")
        for foreign in (
            topic(OTHER),
            topic("another/box-0101"),
            topic(BOX, "commands"),
            f"{BUILDING}/cellar/wmbusmeters/64000101",
        ):
            assert box.publish(foreign, b"foreign") == REFUSED
        assert box.publish(topic(BOX, "status"), b"online", retain=True) == DONE
        assert box.publish(topic(BOX), b"own") == DONE
        wait_until(lambda: len(worker.received) >= 2)
        assert worker.received == [(topic(BOX, "status"), b"online"), (topic(BOX), b"own")]


def test_last_will_is_held_to_the_own_topics(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    secret = site.password(BOX)
    broker.reload()
    with Peer(site.ports[WORKER_PORT], "worker", worker_password) as worker:
        worker.subscribe("#")
        for will in (topic(OTHER), topic(OTHER, "status"), topic(BOX, "status")):
            port, files = site.ports[PASSWORD_PORT], authority(site)
            with Peer(port, BOX, secret, files=files, will=will) as box:
                # Refused at the door, or heard by nobody.
                if box.let_in:
                    box.die()
        wait_until(lambda: worker.received != [])
        assert worker.received == [(topic(BOX, "status"), b"the last will")]


def test_workers_may_share_a_subscription(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    secret, second = site.password(BOX), site.password("--further-worker", "2")
    broker.reload()
    port = site.ports[WORKER_PORT]
    with (
        Peer(port, "worker", worker_password, client_id="one") as one,
        Peer(port, "worker-2", second, client_id="one") as two,
        by_password(site, BOX, secret) as box,
    ):
        for worker in (one, two):
            worker.subscribe(f"$share/ingest/{topic(f'{BUILDING}/+')}")
        for number in range(4):
            assert box.publish(topic(BOX), str(number).encode()) == DONE
        wait_until(lambda: len(one.received) + len(two.received) == 4)
        assert {payload for _, payload in one.received + two.received} == {b"0", b"1", b"2", b"3"}
        assert one.received
        assert two.received


def test_box_reads_nothing(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    secrets = [site.password(BOX), site.password(OTHER)]
    broker.reload()
    with (
        by_password(site, BOX, secrets[0]) as box,
        by_password(site, OTHER, secrets[1]) as other,
        Peer(site.ports[WORKER_PORT], "worker", worker_password) as worker,
    ):
        for topic_filter in ("#", "$SYS/#", topic(OTHER), topic(BOX)):
            box.subscribe(topic_filter)
        worker.subscribe("#")
        assert other.publish(topic(OTHER), b"one") == DONE
        assert box.publish(topic(BOX), b"two") == DONE
        wait_until(lambda: len(worker.received) == 2)
        assert box.received == []


def test_worker_writes_nothing(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    with Peer(site.ports[WORKER_PORT], "worker", worker_password) as worker:
        assert worker.publish(topic(BOX), b"forged") == REFUSED


@pytest.mark.parametrize("port", [WORKER_PORT, PASSWORD_PORT])
def test_wrong_unknown_and_no_password_are_refused(
    site: Installation, broker: MosquittoProcess, port: int
) -> None:
    secret = site.password(BOX)
    broker.reload()
    files = None if port == WORKER_PORT else authority(site)
    logins = [(BOX, secret[::-1]), (BOX, ""), (OTHER, secret), ("worker", secret), (None, None)]
    for username, password in logins:
        with Peer(site.ports[port], username, password, files=files) as peer:
            assert not peer.let_in
            assert str(peer.connected) == REFUSED


def test_no_client_takes_over_the_session_of_another(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    secrets = [site.password(BOX), site.password(OTHER)]
    broker.reload()
    with (
        Peer(
            site.ports[WORKER_PORT], "worker", worker_password,
            client_id="fairvarme-ingest", keep=True,
        ) as worker,
        by_password(site, OTHER, secrets[1]) as other,
    ):  # fmt: skip
        worker.subscribe("#")
        assert other.let_in
        for stolen in ("fairvarme-ingest", OTHER, "worker"):
            with by_password(site, BOX, secrets[0], client_id=stolen) as box:
                assert box.publish(topic(BOX), stolen.encode()) == DONE
        with by_password(site, OTHER, "wrong") as impostor:
            assert not impostor.let_in
        wait_until(lambda: len(worker.received) == 3)
        assert (worker.disconnects, other.disconnects) == (0, 0)


def test_gateway_writes_to_its_own_prefix(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    secret = site.password("--gateway", "cellar")
    broker.reload()
    with by_password(site, "cellar", secret) as gateway:
        assert gateway.publish(f"{BUILDING}/cellar/wmbusmeters/1", b"{}") == UNREAD
        for foreign in (f"{BUILDING}/roof/wmbusmeters/1", topic(BOX), f"{BUILDING}/cellar/other/1"):
            assert gateway.publish(foreign, b"{}") == REFUSED


def test_certificate_stands_for_a_name(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    login = site.certificate(BOX)
    broker.reload()
    with (
        Peer(site.ports[WORKER_PORT], "worker", worker_password) as worker,
        # The user name of the packet counts for nothing.
        Peer(username=OTHER, password="x", **login) as box,  # noqa: S106
    ):
        worker.subscribe("#")
        assert box.publish(topic(OTHER), b"foreign") == REFUSED
        assert box.publish(topic(BOX), b"own") == DONE
        wait_until(lambda: worker.received == [(topic(BOX), b"own")])


def test_no_certificate_or_one_of_another_authority_is_refused(
    site: Installation, broker: MosquittoProcess, tmp_path: Path
) -> None:
    port = site.ports[CERTIFICATE_PORT]
    with Peer(port, files=authority(site)) as peer:
        assert not peer.let_in
    (tmp_path / "elsewhere").mkdir()
    _, certificate, key = Installation(tmp_path / "elsewhere").certificate(BOX)["files"]
    with Peer(port, files=(authority(site)[0], certificate, key)) as peer:
        assert not peer.let_in
    # The broker's own certificate is none of a client.
    files = tuple(str(site.credentials / name) for name in ("ca.crt", "broker.crt", "broker.key"))
    with Peer(port, files=files) as peer:  # type: ignore[arg-type]  # three texts
        assert not peer.let_in


def test_revoked_and_rotated_certificates_are_refused(
    site: Installation, broker: MosquittoProcess
) -> None:
    first = site.certificate(BOX, folder="first")
    broker.reload()
    with Peer(**first) as box:
        assert box.let_in
    second = site.certificate(BOX, "--rotate", folder="second")
    broker.reload()
    with Peer(**first) as old, Peer(**second) as new:
        assert (old.let_in, new.let_in) == (False, True)
        assert new.publish(topic(BOX), b"own") == UNREAD
        site.provision(BOX, "--revoke")
        broker.reload()
        # Cut off at once, without a new connection.
        assert new.publish(topic(BOX), b"late") == REFUSED
    with Peer(**second) as box:
        assert not box.let_in


def test_rotated_and_revoked_passwords_are_refused(
    site: Installation, broker: MosquittoProcess
) -> None:
    first = site.password(BOX)
    second = site.password(BOX, "--rotate")
    broker.reload()
    with by_password(site, BOX, first) as old, by_password(site, BOX, second) as new:
        assert (old.let_in, new.let_in) == (False, True)
    site.provision(BOX, "--revoke")
    broker.reload()
    with by_password(site, BOX, second) as box:
        assert not box.let_in


def test_broker_takes_what_ingest_decodes_and_not_much_more(
    site: Installation, worker_password: str, broker: MosquittoProcess
) -> None:
    """A payload a little too large is for the quarantine; a huge one costs its sender the line."""
    secret = site.password(BOX)
    broker.reload()
    with (
        Peer(site.ports[WORKER_PORT], "worker", worker_password) as worker,
        by_password(site, BOX, secret) as box,
    ):
        worker.subscribe("#")
        assert box.publish(topic(BOX), b"x" * (limits().payload_bytes + 1)) == DONE
        wait_until(lambda: len(worker.received) == 1)
        box.send(topic(BOX), b"x" * 3 * limits().payload_bytes)
        wait_until(lambda: box.disconnects > 0)
        assert len(worker.received) == 1


@pytest.mark.parametrize("with_certificate", [False, True])
def test_worker_takes_in_over_tls_what_a_gateway_may_say(
    site: Installation,
    worker_password: str,
    broker: MosquittoProcess,
    monkeypatch: pytest.MonkeyPatch,
    with_certificate: bool,
) -> None:
    """Readings of a gateway's own device are stored; whatever else it claims is quarantined."""
    tls, port = f'ca_file = "{site.credentials}/ca.crt"', site.ports[PASSWORD_PORT]
    if with_certificate:
        _, certificate, key = site.certificate("--worker", "--rotate")["files"]
        tls += f'\ncertificate_file = "{certificate}"\nkey_file = "{key}"'
        port = site.ports[CERTIFICATE_PORT]
    else:
        monkeypatch.setenv(PASSWORD_VARIABLE, worker_password)
    site.write_settings(f"mqtts://worker@localhost:{port}", tls)
    secret = site.password("--gateway", "cellar")
    broker.reload()
    with ingest_process(site.settings) as end, by_password(site, "cellar", secret) as gateway:
        for device, more in (
            ("64000101", {}),
            ("64000102", {}),
            ("71000101", {}),
            ("64000101", {"building": "other", "device": "64000102", "topic": "x/y"}),
            ("../64000102", {}),
        ):
            telegram = {"id": device, "media": "heat", "timestamp": "2026-01-14T07:05:00Z"}
            data = json.dumps({**telegram, "total_energy_consumption_kwh": 1000.0, **more})
            level = f"{BUILDING}/cellar/wmbusmeters/64000102"
            assert gateway.publish(level, data.encode()) == DONE
        wait_until(lambda: quarantined(site) == {"device_not_allowed": 2, "device_id_invalid": 1})
        counts = end()
    assert counts["acknowledged"] == 5
    with closing(SqliteStore(site.directory / "readings.db")) as store:
        meters = [device for device in ESTATE.placements if not device.startswith("box")]
        found = store.samples(BUILDING, meters, "heat_kwh", 0, 1 << 60)
        assert [meters[row] for row in found.device_index] == ["64000101"]
        assert store.count(BUILDING) == 1
        assert store.count("other") == 0


def test_backlog_over_tls_is_stored_whole(
    site: Installation,
    worker_password: str,
    broker: MosquittoProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Records of TLS end anywhere in a packet, and select does not tell what is decrypted."""
    number = 1500
    monkeypatch.setenv(PASSWORD_VARIABLE, worker_password)
    url = f"mqtts://worker@localhost:{site.ports[PASSWORD_PORT]}"
    site.write_settings(url, f'ca_file = "{site.credentials}/ca.crt"')
    secret = site.password(BOX)
    broker.reload()
    with ingest_process(site.settings) as end:
        end()
    with by_password(site, BOX, secret) as box:
        for minute in range(number):
            record = {"time": T0 - minute * 60_000, "co2_ppm": 400.0, "note": "x" * (minute % 700)}
            box.send(topic(BOX), json.dumps(record).encode())
        assert box.publish(topic(BOX), b"{}") == DONE
    with ingest_process(site.settings) as end:
        with closing(SqliteStore(site.directory / "readings.db")) as store:
            wait_until(lambda: store.count(BUILDING) == number)
        counts = end()
    assert counts["acknowledged"] == number + 1


def quarantined(site: Installation) -> dict[str, int]:
    engine = open_database(f"sqlite:///{site.directory}/fairvarme.db")
    try:
        return Quarantine(engine).counts()
    finally:
        engine.dispose()


# paho leaves the socket of a failed handshake to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_worker_does_not_trust_a_broker_of_another_authority(
    site: Installation, worker_password: str, broker: MosquittoProcess, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    Installation(other).provision("--broker", "localhost")
    settings = SessionSettings(
        "127.0.0.1",
        site.ports[PASSWORD_PORT],
        tls=True,
        ca_file=str(other / "credentials" / "ca.crt"),
        username="worker",
        password=worker_password,
    )
    session = BrokerSession(settings, [topic("+/+")])
    ready = threading.Event()
    session.start(ready.set)
    assert not ready.wait(2)
    session.stop()
    assert session.connections == 0
    del session
    gc.collect()
