"""Slips in the address of a broker with TLS: worker and doctor name each with its remedy."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from estate.errors import UsageError
from fairvarme.cli import main
from ingest.mqtt.client import new_client
from ingest.mqtt.session import BrokerSession
from operations.intake.run_worker import worker_session
from operations.settings import read_settings
from tests.support.ingest_parts import wait_until
from tests.support.shipped_broker import PASSWORD_PORT, WORKER_PORT, Installation

pytestmark = pytest.mark.integration
CA = 'ca_file = "{credentials}/ca.crt"'


@pytest.fixture
def site_with_broker(site: Installation) -> Iterator[Installation]:
    broker = site.broker()
    broker.start()
    yield site
    broker.stop()


@pytest.mark.parametrize(
    ("url", "tls", "found", "remedy"),
    [
        ("mqtt://worker@127.0.0.1:{tls_port}", "", "it closed the connection", "needs mqtts://"),
        ("mqtts://worker@127.0.0.1:{port}", CA, "it ended the connection",
         "one without (1883) mqtt://"),
        ("mqtts://worker@localhost:{tls_port}", CA, "certificate is not valid for 'localhost'",
         "write broker.url with a name that the certificate is for"),
        ("mqtts://worker@127.0.0.1:{tls_port}", "", "unable to get local issuer certificate",
         "set broker.ca_file"),
        ("mqtts://worker@127.0.0.1:{tls_port}", 'ca_file = "{credentials}/nowhere.crt"',
         "broker.ca_file cannot be read", "correct the settings file"),
        ("mqtts://worker@127.0.0.1:{tls_port}", 'ca_file = "{credentials}/passwords"',
         "passwords cannot be used for TLS", "correct the settings file"),
        ("mqtt://worker@127.0.0.1:9", "", "Connection refused", "start the broker"),
        ("mqtts://worker@127.0.0.1:{tls_port}", CA, "log-in accepted", ""),
    ],
)  # fmt: skip
# The library leaves the socket of a failed handshake open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_each_is_found_by_the_doctor_with_its_remedy(
    site_with_broker: Installation, url: str, tls: str, found: str, remedy: str
) -> None:
    site = site_with_broker
    ports = {"port": site.ports[WORKER_PORT], "tls_port": site.ports[PASSWORD_PORT]}
    site.write_settings(url.format(**ports), tls.format(credentials=site.credentials))
    done = CliRunner().invoke(main, ["doctor", "--config", str(site.settings), "--json"])
    lines = [line for line in json.loads(done.stdout)["checks"] if line["name"] == "broker"]
    assert len(lines) == 1
    assert lines[0]["state"] == ("fault" if remedy else "ok")
    assert found in lines[0]["detail"]
    assert remedy in lines[0]["remedy"]
    gc.collect()


def test_a_worker_at_the_port_with_tls_says_what_to_write(
    site_with_broker: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    site = site_with_broker
    site.write_settings(f"mqtt://worker@127.0.0.1:{site.ports[PASSWORD_PORT]}")
    broker = read_settings(site.settings).broker
    assert broker is not None
    session = BrokerSession(worker_session(broker), ["a/+"])
    session.start(lambda: None)
    try:
        wait_until(lambda: "needs mqtts:// in broker.url" in caplog.text)
    finally:
        session.stop()


def test_a_file_for_tls_that_is_not_there_is_named(site: Installation) -> None:
    site.write_settings("mqtts://worker@127.0.0.1:1", 'ca_file = "/nowhere/ca.crt"')
    broker = read_settings(site.settings).broker
    assert broker is not None
    with pytest.raises(UsageError, match=r"broker\.ca_file cannot be read: .*/nowhere/ca\.crt"):
        new_client(worker_session(broker))
