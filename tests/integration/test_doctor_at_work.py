"""The doctor beside a worker at work: it sees what is wrong, and takes nothing away."""

from __future__ import annotations

import gc
import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from ingest.mqtt.client import SessionSettings
from ingest.sources import Source
from ingest.worker import Worker
from operations.settings import PASSWORD_VARIABLE
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import (
    BUILDING,
    RULES,
    T0,
    open_quarantine,
    payload,
    running,
    wait_until,
)
from tests.support.ingest_process import ingest_process
from tests.support.ports import free_port
from tests.support.shipped_broker import (
    BOX_FILTER,
    PASSWORD_PORT,
    UNBOUND,
    WORKER_PORT,
    Installation,
    Peer,
)

pytestmark = pytest.mark.integration
BOX = f"{BUILDING}/box-0101"
TOPIC = f"fairvarme/v1/{BOX}/readings"
CLIENT_ID = "fairvarme-ingest"


@pytest.fixture
def box(site: Installation, request: pytest.FixtureRequest) -> Iterator[Peer]:
    """A box that is let in; its broker, with some changes, ends with it."""
    secret = site.password(BOX)
    broker = site.broker(*getattr(request, "param", ()))
    broker.start()
    files = (str(site.credentials / "ca.crt"), None, None)
    with Peer(site.ports[PASSWORD_PORT], BOX, secret, files=files) as peer:
        yield peer
    broker.stop()


def examine(site: Installation) -> list[dict[str, Any]]:
    """Return what is said of the broker."""
    done = CliRunner().invoke(main, ["doctor", "--config", str(site.settings), "--json"])
    return [line for line in json.loads(done.stdout)["checks"] if line["name"] == "broker"]


def states(found: list[dict[str, Any]]) -> list[str]:
    return [line["state"] for line in found]


def a_worker(
    site: Installation,
    port: int,
    store: SqliteStore,
    password: str,
    protocol: Any = "5",  # noqa: ANN401
) -> Worker:
    tls = port == PASSWORD_PORT
    settings = SessionSettings(
        "127.0.0.1",
        site.ports[port],
        tls=tls,
        ca_file=str(site.credentials / "ca.crt") if tls else None,
        username="worker",
        password=password,
        protocol=protocol,
        client_id=CLIENT_ID,
    )
    source = Source(topic_filter=BOX_FILTER, decoder="fairvarme", building=BUILDING)
    quarantine = open_quarantine(site.directory / "quarantine.db")
    return Worker(settings, [source], RULES, store, quarantine)


def use(site: Installation, port: int, protocol: str) -> None:
    scheme = "mqtts" if port == PASSWORD_PORT else "mqtt"
    tls = f'ca_file = "{site.credentials}/ca.crt"\n' if port == PASSWORD_PORT else ""
    url = f"{scheme}://worker@127.0.0.1:{site.ports[port]}"
    site.write_settings(url, f'{tls}protocol = "{protocol}"')


def publish(box: Peer, numbers: range) -> None:
    for number in numbers:
        box.publish(TOPIC, payload(T0 + number * 60_000))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize(
    ("port", "box", "bound"),
    [(WORKER_PORT, (), True), (WORKER_PORT, (UNBOUND,), False), (PASSWORD_PORT, (), True)],
    indirect=["box"],
)
def test_nothing_is_taken_from_the_worker(
    site: Installation, box: Peer, port: int, bound: bool, protocol: str
) -> None:
    """Where a user has one client id, the check lands in the worker's session."""
    password = os.environ[PASSWORD_VARIABLE]
    use(site, port, protocol)
    with closing(SqliteStore(site.directory / "worker.db")) as store:
        first = a_worker(site, port, store, password, protocol)
        with running(first):
            publish(box, range(10))
            found = examine(site)
            publish(box, range(10, 20))
            wait_until(lambda: store.count(BUILDING) == 20)
            assert first.counts.reconnects == (1 if bound else 0)
        assert states(found) == (["ok"] if bound else ["ok", "warning"]), found
        # The broker keeps what comes while the worker is away, whoever asks in between.
        publish(box, range(20, 40))
        examine(site)
        publish(box, range(40, 50))
        with running(a_worker(site, port, store, password, protocol)):
            wait_until(lambda: store.count(BUILDING) == 50)
    for suffix in () if bound else ("-doctor", "-doctor-2"):
        client_id = f"{CLIENT_ID}{suffix}"
        with Peer(
            site.ports[WORKER_PORT], "worker", password, client_id=client_id, keep=True
        ) as peer:
            assert peer.let_in
            assert not peer.session_present


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize(("box", "bound"), [((), True), ((UNBOUND,), False)], indirect=["box"])
def test_a_broker_that_lets_sessions_be_taken_over_is_told(
    site: Installation, box: Peer, bound: bool, protocol: str
) -> None:
    """And the check leaves no session behind, where no worker has been yet."""
    use(site, WORKER_PORT, protocol)
    for _ in range(2):
        found = examine(site)
        assert states(found) == (["ok"] if bound else ["ok", "warning"]), found
        assert "subscriptions granted" in found[0]["detail"]
    if not bound:
        assert "take over the session of the worker" in found[1]["detail"]
        assert "use_username_as_clientid" in found[1]["remedy"]


def test_messages_that_the_broker_dropped_are_told(site: Installation) -> None:
    """The limit of bytes is a limit: a worker that is away for too long loses what comes then."""
    secret = site.password(BOX)
    broker = site.broker(
        ("max_queued_bytes 268435456", "max_queued_bytes 20000\nsys_interval 1"),
    )
    broker.start()
    password = os.environ[PASSWORD_VARIABLE]
    files = (str(site.credentials / "ca.crt"), None, None)
    with Peer(site.ports[WORKER_PORT], "worker", password, client_id="away", keep=True) as worker:
        worker.subscribe("fairvarme/#")
    assert states(examine(site)) == ["ok"]
    with Peer(site.ports[PASSWORD_PORT], BOX, secret, files=files) as box:
        for _ in range(50):
            box.publish(TOPIC, b"x" * 1000)
    wait_until(lambda: "warning" in states(examine(site)))
    assert "dropped" in examine(site)[-1]["detail"]
    broker.stop()


def test_wrong_password_is_told_and_not_shown(
    site: Installation, box: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "geheim")
    done = CliRunner().invoke(main, ["doctor", "--config", str(site.settings)])
    assert done.exit_code == 1
    assert "refused the log-in: Not authorized" in done.output
    assert "devices provision --worker" in done.output
    assert "geheim" not in done.output


def test_a_password_that_only_this_shell_lacks_is_not_made_anew(
    site: Installation, box: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who follows the advice must not end a worker that is at work."""
    monkeypatch.delenv(PASSWORD_VARIABLE)
    (found,) = examine(site)
    assert found["state"] == "fault"
    assert "set FAIRVARME_MQTT_PASSWORD" in found["remedy"]
    assert "--rotate" not in found["remedy"]


def test_a_worker_that_is_logged_in_has_the_right_password(
    site: Installation, box: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    text = site.settings.read_text()
    site.settings.write_text(
        text.replace("[credentials]", f"[health]\nport = {port}\n\n[credentials]")
    )
    with ingest_process(site.settings):
        monkeypatch.setenv(PASSWORD_VARIABLE, "another")
        found = examine(site)[0]
    assert found["state"] == "fault"
    assert "this shell has another" in found["remedy"]
    assert "--rotate" not in found["remedy"]


# paho leaves the socket of a failed handshake to the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_broker_of_another_authority_is_not_trusted(
    site: Installation, box: Peer, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = Installation(tmp_path / "elsewhere")
    other.provision("--broker", "127.0.0.1")
    use(site, PASSWORD_PORT, "5")
    text = site.settings.read_text()
    site.settings.write_text(
        text.replace(f"{site.credentials}/ca.crt", f"{other.credentials}/ca.crt")
    )
    (found,) = examine(site)
    assert found["state"] == "fault"
    assert "certificate verify failed" in found["detail"]
    gc.collect()
