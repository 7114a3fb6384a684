"""The demo's broker: both programs let in by password only, and end with the block."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from fairvarme.demo import broker as module
from fairvarme.demo.broker import HOST, BrokerAccess, embedded_broker

CONNECT_SECONDS = 60.0


def log_in(broker: BrokerAccess, password: str) -> bool:
    answered = threading.Event()
    granted: list[bool] = []
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv311)
    client.username_pw_set(broker.username, password)

    def on_connect(_c: object, _u: object, _f: object, reason: object, _p: object) -> None:
        granted.append(str(reason) == "Success")
        answered.set()

    client.on_connect = on_connect
    client.connect(HOST, broker.port)
    client.loop_start()
    assert answered.wait(CONNECT_SECONDS)
    client.disconnect()
    client.loop_stop()
    return granted[0]


@pytest.mark.integration
@pytest.mark.parametrize("program", ["mosquitto", "amqtt"])
def test_password_is_needed(tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if program == "amqtt":
        monkeypatch.setattr(module, "SEARCH_PATH", str(tmp_path))
    with embedded_broker(tmp_path / "broker") as broker:
        if broker.program != program:
            pytest.skip("mosquitto is not installed (`make servers` brings it)")
        assert log_in(broker, broker.password)
        assert not log_in(broker, "wrong")
        assert broker.password not in (tmp_path / "broker" / "passwords").read_text()
        assert (tmp_path / "broker" / "passwords").stat().st_mode & 0o077 == 0
    with pytest.raises(OSError, match="refused"):
        Client(CallbackAPIVersion.VERSION2).connect(HOST, broker.port)
