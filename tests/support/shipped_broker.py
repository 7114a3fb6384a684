"""An installation with the shipped broker configuration and access list, on free ports."""

from __future__ import annotations

import json
import re
import shutil
import threading
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from fairvarme.cli import main
from tests.support.ingest_parts import BUILDING, WAIT_SECONDS, wait_until
from tests.support.mosquitto import MosquittoProcess
from tests.support.ports import free_port

DEPLOY = Path(__file__).parents[2] / "deploy" / "mosquitto"
SAMPLE = Path(str(resources.files("estate").joinpath("sample")))
WORKER_PORT, PASSWORD_PORT, CERTIFICATE_PORT = 1883, 8883, 8884
UNBOUND = (
    f"listener {WORKER_PORT} 127.0.0.1\nuse_username_as_clientid true",
    f"listener {WORKER_PORT} 127.0.0.1",
)
"""A change of the shipped configuration: at the worker's listener a client id is anybody's."""
BOX_FILTER = f"fairvarme/v1/{BUILDING}/+/readings"

SETTINGS = """\
store = "sqlite:///readings.db"
database = "sqlite:///fairvarme.db"
estates = ["{estate}"]

[broker]
url = "{url}"
{tls}

[credentials]
directory = "{credentials}"

[[sources]]
topic_filter = "{boxes}"
decoder = "fairvarme"
building = "{building}"

[[sources]]
topic_filter = "{building}/cellar/wmbusmeters/+"
decoder = "wmbusmeters"
building = "{building}"
gateway = "cellar"
devices = ["64000101"]

[[sources]]
topic_filter = "{building}/roof/wmbusmeters/+"
decoder = "wmbusmeters"
building = "{building}"
gateway = "roof"
devices = ["64000102"]
"""


@dataclass
class Installation:
    """Settings, credentials and a broker in one directory."""

    directory: Path
    ports: dict[int, int] = field(
        default_factory=lambda: {
            port: free_port() for port in (WORKER_PORT, PASSWORD_PORT, CERTIFICATE_PORT)
        }
    )

    def __post_init__(self) -> None:
        self.credentials.mkdir()
        shutil.copy(DEPLOY / "acl", self.credentials / "acl")
        self.write_settings(f"mqtt://worker@127.0.0.1:{self.ports[WORKER_PORT]}")

    @property
    def credentials(self) -> Path:
        return self.directory / "credentials"

    @property
    def settings(self) -> Path:
        return self.directory / "fairvarme.toml"

    def write_settings(self, url: str, tls: str = "") -> None:
        self.settings.write_text(
            SETTINGS.format(
                estate=SAMPLE,
                url=url,
                tls=tls,
                credentials=self.credentials,
                boxes=BOX_FILTER,
                building=BUILDING,
            )
        )

    def provision(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """Run the command; give what became of each client by its name."""
        command = ["devices", "provision", *arguments, "--config", str(self.settings), "--json"]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        return {each["name"]: each for each in json.loads(done.stdout)["clients"]}

    def refused(self, *arguments: str) -> str:
        """Run the command, which is wrong usage; give what it says."""
        command = ["devices", "provision", *arguments, "--config", str(self.settings)]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 2, done.output
        return done.output

    def password(self, *arguments: str) -> str:
        """Give one client a password."""
        (outcome,) = self.provision(*arguments).values()
        return str(outcome["password"])

    def certificate(self, *arguments: str, folder: str = "handover") -> dict[str, Any]:
        """Give one client a certificate; returns what `Peer` needs to log in with it."""
        out = self.directory / folder
        (outcome,) = self.provision(*arguments, "--certificate", "--out", str(out)).values()
        key, certificate, authority = outcome["files"]
        return {"files": (authority, certificate, key), "port": self.ports[CERTIFICATE_PORT]}

    def broker(self, *changes: tuple[str, str]) -> MosquittoProcess:
        """Return the broker with the shipped configuration; only paths, ports and log differ."""
        text = (DEPLOY / "mosquitto.conf").read_text("utf-8")
        for old, new in (
            ("/etc/mosquitto/fairvarme", str(self.credentials)),
            ("/var/lib/mosquitto/", f"{self.directory}/"),
            ("log_dest stderr", f"log_dest file {self.directory}/broker.log"),
            *changes,
            *((f"listener {port}", f"listener {free}") for port, free in self.ports.items()),
        ):
            assert old in text
            text = text.replace(old, new)
        text = re.sub(r"^(listener \d+)$", r"\1 127.0.0.1", text, flags=re.MULTILINE)
        return MosquittoProcess(self.directory, self.ports[WORKER_PORT], text)


class Peer:
    """One client of the broker, with MQTT 5; what the broker answers stays readable."""

    def __init__(
        self,
        port: int,
        username: str | None = None,
        password: str | None = None,
        *,
        files: tuple[str, str | None, str | None] | None = None,
        client_id: str = "",
        keep: bool = False,
        will: str | None = None,
    ) -> None:
        self.connected: ReasonCode | None = None
        self.session_present = False
        self.failed = threading.Event()
        self.published: dict[int, ReasonCode] = {}
        self.received: list[tuple[str, bytes]] = []
        self.disconnects = 0
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5)
        if files is not None:
            self._client.tls_set(*files)
        if will is not None:
            self._client.will_set(will, b"the last will", 1, retain=True)
        if username is not None:
            self._client.username_pw_set(username, password)
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = lambda _client, _userdata: self.failed.set()
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 3600 if keep else 0
        self._client.connect_async("127.0.0.1", port, clean_start=not keep, properties=properties)
        self._client.loop_start()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        client = self._client
        client.disconnect()
        client.loop_stop()
        client.on_connect = client.on_connect_fail = client.on_disconnect = None
        client.on_publish = client.on_message = client.on_subscribe = None

    @property
    def let_in(self) -> bool:
        """Whether the broker lets it in, once that is clear."""
        wait_until(lambda: self.connected is not None or self.failed.is_set())
        return self.connected is not None and not self.connected.is_failure

    def publish(self, topic: str, data: bytes, *, retain: bool = False) -> str:
        """Publish, and give the broker's answer."""
        assert self.let_in
        sent = self._client.publish(topic, data, 1, retain)
        wait_until(lambda: sent.mid in self.published)
        return str(self.published[sent.mid])

    def send(self, topic: str, data: bytes) -> None:
        """Publish, and wait for no answer."""
        assert self.let_in
        self._client.publish(topic, data, 1)

    def die(self) -> None:
        """Leave so that the broker publishes the last will."""
        assert self.let_in
        self._client.disconnect(
            reasoncode=ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")
        )

    def subscribe(self, topic_filter: str) -> None:
        assert self.let_in
        self._subscribed.clear()
        self._client.subscribe(topic_filter, 1)
        assert self._subscribed.wait(WAIT_SECONDS)

    def _on_connect(
        self,
        _client: Client,
        _userdata: object,
        flags: ConnectFlags,
        reason: ReasonCode,
        _p: object,
    ) -> None:
        self.session_present = flags.session_present
        self.connected = reason

    def _on_disconnect(self, *_: object) -> None:
        self.disconnects += 1
        # A certificate is refused after the handshake of TLS 1.3.
        if self.connected is None:
            self.failed.set()

    def _on_publish(
        self, _client: Client, _userdata: object, mid: int, reason: ReasonCode, _p: object
    ) -> None:
        self.published[mid] = reason

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.received.append((message.topic, bytes(message.payload)))
