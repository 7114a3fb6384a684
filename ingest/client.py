"""A client of the broker as the settings want it: version, log-in, TLS, a session that lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paho.mqtt.client import MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.limits import limits
from ingest.publish_packet import PlainClient

if TYPE_CHECKING:
    from paho.mqtt.client import Client

    from ingest.session import SessionSettings

KEEPALIVE_SECONDS = 60


def new_client(settings: SessionSettings, *, lasting: bool = True) -> Client:
    """
    Make a client that acknowledges by hand and has not connected yet.

    Parameters
    ----------
    settings : SessionSettings
    lasting : bool
        With 3.1.1, whether the broker keeps the session; with 5 `connect_arguments` says that.
    """
    v5 = settings.protocol == "5"
    client = PlainClient(
        CallbackAPIVersion.VERSION2,
        client_id=settings.client_id,
        clean_session=None if v5 else not lasting,
        protocol=MQTTv5 if v5 else MQTTv311,
        manual_ack=True,
    )
    if settings.tls:
        client.tls_set(settings.ca_file, settings.certificate_file, settings.key_file)
    if settings.username:
        client.username_pw_set(settings.username, settings.password)
    return client


def connect_arguments(settings: SessionSettings) -> dict[str, Any]:
    """Give what `Client.connect` takes to resume the session that the broker keeps."""
    arguments: dict[str, Any] = {
        "host": settings.host,
        "port": settings.port,
        "keepalive": KEEPALIVE_SECONDS,
    }
    if settings.protocol == "5":
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = settings.session_expiry_seconds
        properties.ReceiveMaximum = settings.receive_maximum
        # A larger message is dropped by the broker: it would be held in memory whole.
        properties.MaximumPacketSize = limits().packet_bytes
        arguments |= {"clean_start": False, "properties": properties}
    return arguments
