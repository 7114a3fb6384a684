"""
Publishes measured series as devices would send them.

Boxes send our own JSON, one message per device and instant; meters are sent through a gateway as
wmbusmeters JSON. A message counts as published when the broker has acknowledged it.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from estate.errors import FairvarmeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from estate.model import Estate
    from operations.mqtt_address import MqttAddress

# Field and medium under which wmbusmeters 3 publishes each register.
METER_FIELDS = {
    "heat_kwh": ("heat", "total_energy_consumption_kwh"),
    "heat_volume_m3": ("heat", "total_volume_m3"),
    "hot_water_m3": ("warm water", "total_m3"),
    "cold_water_m3": ("cold water", "total_m3"),
    "electricity_kwh": ("electricity", "total_energy_consumption_kwh"),
    "allocator_units": ("heat cost allocation", "current_consumption_hca"),
}
UNACKNOWLEDGED_MESSAGES = 500
ACKNOWLEDGEMENT_SECONDS = 60.0

Row = tuple[int, str, str, float]
"""Time [ms since 1970, UTC], device, quantity, value."""


@dataclass(frozen=True)
class Message:
    """One MQTT message to be published."""

    topic: str
    payload: str
    readings: int


def messages(estate: Estate, rows: Iterable[Row]) -> Iterator[Message]:
    """
    Convert readings to the messages that their devices would send, in order of time.

    Raises
    ------
    UsageError
        If a device is not in the estate.
    """
    by_device_and_time = sorted(rows)
    for (time_ms, device), group in groupby(by_device_and_time, key=lambda row: row[:2]):
        values = {quantity: value for _, _, quantity, value in group}
        yield _message(estate, device, time_ms, values)


def _message(estate: Estate, device: str, time_ms: int, values: dict[str, float]) -> Message:
    if device not in estate.placements:
        raise UsageError(
            f"device {device} is not in devices.csv; add it there, or remove its readings"
        )
    building = estate.building.id
    time = datetime.fromtimestamp(time_ms / 1000, UTC).isoformat().replace("+00:00", "Z")
    meter = {name: value for name, value in values.items() if name in METER_FIELDS}
    if meter:
        fields: dict[str, Any] = {METER_FIELDS[name][1]: value for name, value in meter.items()}
        medium = METER_FIELDS[next(iter(meter))][0]
        telegram = {"_": "telegram", "media": medium, "id": device, "status": "OK", **fields}
        payload = json.dumps({**telegram, "timestamp": time})
        return Message(f"{building}/wmbusmeters/{device}", payload, len(meter))
    payload = json.dumps({"time": time, **values})
    return Message(f"fairvarme/v1/{building}/{device}/readings", payload, len(values))


@dataclass
class Publisher:
    """
    Publishes messages with QoS 1 and waits for each acknowledgement, a window at a time.

    Attributes
    ----------
    published : int
        Messages that the broker has acknowledged.
    """

    address: MqttAddress
    published: int = 0
    _window: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(UNACKNOWLEDGED_MESSAGES)
    )

    def publish(
        self, stream: Iterable[Message], on_progress: Callable[[int], None] = lambda _: None
    ) -> None:
        """
        Publish a stream of messages and wait until the broker has acknowledged all of them.

        Raises
        ------
        FairvarmeError
            If the broker cannot be reached, refuses the log-in or stops acknowledging.
        """
        client = self._connect()
        try:
            for number, message in enumerate(stream, start=1):
                self._take_place_in_window()
                client.publish(message.topic, message.payload, qos=1)
                on_progress(number)
            for _ in range(UNACKNOWLEDGED_MESSAGES):
                self._take_place_in_window()
        finally:
            client.disconnect()
            client.loop_stop()

    def _take_place_in_window(self) -> None:
        if not self._window.acquire(timeout=ACKNOWLEDGEMENT_SECONDS):
            raise FairvarmeError(
                f"{self.address.host}:{self.address.port} acknowledged nothing for "
                f"{ACKNOWLEDGEMENT_SECONDS:.0f} s after {self.published} messages; "
                "check the broker's log, then replay again: repetitions change nothing"
            )

    def _connect(self) -> Client:
        client, answers = self._client(), SimpleQueue[str]()
        client.on_connect = lambda _c, _u, _f, reason, _p: answers.put(
            str(reason) if reason.is_failure else ""
        )
        where = f"{self.address.host}:{self.address.port}"
        try:
            client.connect(self.address.host, self.address.port)
        except OSError as error:
            raise FairvarmeError(
                f"no broker at {where}: {error}. Start one, or correct --broker"
            ) from error
        client.loop_start()
        try:
            answer = answers.get(timeout=ACKNOWLEDGEMENT_SECONDS)
        except Empty:
            answer = "no answer"
        if answer:
            client.loop_stop()
            raise FairvarmeError(
                f"the broker at {where} refused the log-in: {answer}. "
                "Correct the name and password in --broker"
            )
        return client

    def _client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2)
        client.max_inflight_messages_set(UNACKNOWLEDGED_MESSAGES)
        if self.address.tls:
            client.tls_set()
        if self.address.username:
            client.username_pw_set(self.address.username, self.address.password)
        client.on_publish = self._on_publish
        return client

    def _on_publish(self, _c: Any, _u: Any, _mid: int, _r: Any, _p: Any) -> None:  # noqa: ANN401  paho's callback
        self.published += 1
        self._window.release()
