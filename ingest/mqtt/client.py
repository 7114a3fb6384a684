"""Creates MQTT clients from the settings: version, log-in, TLS, persistent session."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from paho.mqtt.client import MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from estate.errors import UsageError
from ingest.limits import limits
from ingest.mqtt.reading_ahead import ReadingAheadClient

KEEPALIVE_SECONDS = 60


def new_client(settings: SessionSettings, *, lasting: bool = True) -> ReadingAheadClient:
    """
    Create a client with manual acknowledgement that is not connected yet.

    Parameters
    ----------
    settings : SessionSettings
    lasting : bool
        With 3.1.1, whether the broker keeps the session; with 5 `connect_arguments` sets that.

    Raises
    ------
    UsageError
        If a file for TLS cannot be used.
    """
    v5 = settings.protocol == "5"
    client = ReadingAheadClient(
        CallbackAPIVersion.VERSION2,
        client_id=settings.client_id,
        clean_session=None if v5 else not lasting,
        protocol=MQTTv5 if v5 else MQTTv311,
        manual_ack=True,
    )
    if settings.tls:
        _encrypt(client, settings)
    if settings.username:
        client.username_pw_set(settings.username, settings.password)
    return client


def _encrypt(client: ReadingAheadClient, settings: SessionSettings) -> None:
    files = {name: getattr(settings, name) for name in ("ca_file", "certificate_file", "key_file")}
    for name, path in files.items():
        try:
            # The library's own error does not say which file is missing.
            if path is not None:
                Path(path).read_bytes()
        except OSError as error:
            raise UsageError(
                f"broker.{name} cannot be read: {error}. Check the path and its permissions"
            ) from error
    try:
        client.tls_set(*files.values())
    except ssl.SSLError as error:
        named = ", ".join(str(path) for path in files.values() if path is not None)
        raise UsageError(
            f"one of {named} cannot be used for TLS ({error.reason}): ca_file and "
            "certificate_file of [broker] hold certificates as PEM, key_file the key of the latter"
        ) from error


def connect_arguments(settings: SessionSettings) -> dict[str, Any]:
    """Return the arguments of `Client.connect` that resume the session."""
    arguments: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "keepalive": KEEPALIVE_SECONDS,
    }
    if settings.protocol == "5":
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = settings.session_expiry_seconds
        properties.ReceiveMaximum = settings.receive_maximum
        # The broker drops a larger message, which would be held in memory whole.
        properties.MaximumPacketSize = limits().packet_bytes
        arguments |= {"clean_start": False, "properties": properties}
    return arguments


# Longer than a slow store takes for a batch, which must be received again after that.
LONGEST_FULL_SECONDS = 90.0


@dataclass(frozen=True)
class SessionSettings:
    """
    Settings of the broker connection.

    Attributes
    ----------
    client_id : str
        Identifies the session; two workers with one id disconnect each other.
    receive_maximum : int
        Most unacknowledged messages; bounds the memory, and what a killed broker forgets.
    ca_file, certificate_file, key_file : str, optional
        For TLS: the authority of the broker's certificate (the system's without it), and the
        worker's own certificate and key.
    shared_group : str, optional
        Workers of one group, each under a client id of its own, share the messages of their
        filters (``$share``); the order of a device's messages is lost.
    session_expiry_seconds : int
        How long the broker keeps the session of an absent worker. [s]
    longest_full_seconds : float
        How long the queue may be full before disconnecting. [s]
    """

    host: str
    port: int = 1883
    tls: bool = False
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    protocol: Literal["5", "3.1.1"] = "5"
    client_id: str = "fairvarme-ingest"
    receive_maximum: int = field(default_factory=lambda: limits().receive_maximum)
    shared_group: str | None = None
    session_expiry_seconds: int = 30 * 86_400
    longest_full_seconds: float = LONGEST_FULL_SECONDS
