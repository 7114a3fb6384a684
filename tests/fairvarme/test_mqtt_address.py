"""A broker's address as people write it."""

from __future__ import annotations

import pytest

from estate.errors import UsageError
from operations.mqtt_address import MqttAddress


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mqtt://127.0.0.1", ("127.0.0.1", 1883, False, None, None)),
        ("mqtts://broker.example", ("broker.example", 8883, True, None, None)),
        ("mqtt://u:p%40ss@[::1]:18830", ("::1", 18830, False, "u", "p@ss")),
        ("mqtt://only@host", ("host", 1883, False, "only", None)),
    ],
)
def test_parts(text: str, expected: tuple[object, ...]) -> None:
    found = MqttAddress.parse(text)
    assert (found.host, found.port, found.tls, found.username, found.password) == expected


@pytest.mark.parametrize(
    "text", ["", "broker", "http://host", "mqtt://", "mqtt://u:secret@host:x", "mqtt://h:99999"]
)
def test_refused_without_showing_a_password(text: str) -> None:
    with pytest.raises(UsageError, match="mqtt://") as caught:
        MqttAddress.parse(text)
    assert "secret" not in str(caught.value)
