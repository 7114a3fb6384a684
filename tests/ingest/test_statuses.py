"""What boxes say of themselves: information, and no noise in the quarantine."""

from __future__ import annotations

import socket

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from ingest.decoders import Reject
from ingest.intake import Intake, Taken
from ingest.message import Message
from ingest.quarantine.store import Quarantine
from ingest.reasons import Reason
from ingest.sources import Source
from ingest.watch.statuses import Status
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import (
    BUILDING,
    RULES,
    SOURCES,
    T0,
    make_worker,
    payload,
    publish,
    running,
    wait_until,
)
from tests.support.mosquitto import Mosquitto

BOXES = ("box-0101", "box-0102", "box-0201")


def topic(device: str, last: str = "status") -> str:
    return f"fairvarme/v1/{BUILDING}/{device}/{last}"


def message(data: bytes, device: str = "box-0101", on: str | None = None) -> Message:
    return Message(on or topic(device), data, len(data), T0)


@pytest.mark.parametrize(("said", "online"), [(b"online", True), (b"offline", False), (b"", None)])
def test_status_is_read(said: bytes, online: bool | None) -> None:
    taken = Intake(SOURCES, RULES).take([message(said)])
    assert taken == Taken([], [], [Status(BUILDING, "box-0101", online)])


@pytest.mark.parametrize(
    ("said", "device", "reason"),
    [
        (b"on fire", "box-0101", Reason.PAYLOAD_WRONG_SHAPE),
        (b"online", "box-9999", Reason.DEVICE_UNKNOWN),
        (b"online", "box 1\\", Reason.DEVICE_ID_INVALID),
    ],
)
def test_what_is_no_status_of_a_known_device_is_quarantined(
    said: bytes, device: str, reason: Reason
) -> None:
    taken = Intake(SOURCES, RULES).take([message(said, device)])
    assert (taken.readings, taken.statuses) == ([], [])
    assert [(e.reject.reason, e.reject.device) for e in taken.entries] == [(reason, device)]


def test_source_says_who_may_speak() -> None:
    source = Source(
        topic_filter=f"fairvarme/v1/{BUILDING}/+/readings",
        decoder="fairvarme",
        building=BUILDING,
        devices=frozenset({"box-0102"}),
    )
    (entry,) = Intake([source], RULES).take([message(b"online")]).entries
    assert entry.reject == Reject(Reason.DEVICE_NOT_ALLOWED, "", "box-0101")


def test_other_formats_have_no_status() -> None:
    """A gateway whose meter is called `status` publishes readings there."""
    meter = f"{BUILDING}/wmbusmeters/status"
    taken = Intake(SOURCES, RULES).take([message(b"online", on=meter)])
    assert taken.statuses == []
    assert [entry.reject.reason for entry in taken.entries] == [Reason.PAYLOAD_NOT_JSON]
    assert [source.status_filter for source in SOURCES] == [topic("+"), None]


def test_wide_source_takes_the_statuses_under_it() -> None:
    wide = Source(topic_filter="fairvarme/#", decoder="fairvarme", building=BUILDING)
    taken = Intake([wide], RULES).take(
        [message(b"online"), message(payload(), on=topic(BOXES[0], "readings"))]
    )
    assert len(taken.statuses) == len(taken.readings) == 1
    assert taken.entries == []


@pytest.mark.integration
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_retained_status_and_last_will(
    mosquitto: Mosquitto, store: SqliteStore, quarantine: Quarantine, protocol: str
) -> None:
    publish(mosquitto, [(topic(device), b"online") for device in BOXES[:2]], retain=True)
    worker = make_worker(mosquitto, store, quarantine, protocol=protocol)
    with running(worker):
        # Said before the worker was there.
        wait_until(lambda: worker.counts.devices_online == 2)
        box = Client(CallbackAPIVersion.VERSION2)
        box.will_set(topic(BOXES[2]), b"offline", qos=1, retain=True)
        box.connect(mosquitto.host, mosquitto.port)
        box.loop_start()
        box.publish(topic(BOXES[2]), b"online", qos=1, retain=True).wait_for_publish(10)
        wait_until(lambda: worker.counts.devices_online == 3)
        # It dies without a word: the broker says its last one.
        box.loop_stop()
        held = box.socket()
        assert isinstance(held, socket.socket)
        held.shutdown(socket.SHUT_RDWR)
        wait_until(lambda: worker.counts.devices_offline == 1)
        publish(mosquitto, [(topic(BOXES[0]), b"")], retain=True)
        wait_until(lambda: worker.counts.devices_online == 1)
        wait_until(lambda: worker.counts.at_work == 0)
    assert quarantine.counts() == {}
    assert store.count(BUILDING) == 0
    again = make_worker(mosquitto, store, quarantine, protocol=protocol)
    with running(again):
        wait_until(lambda: (again.counts.devices_online, again.counts.devices_offline) == (1, 1))
