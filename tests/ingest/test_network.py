"""What no broker in good order does, played by a plain socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from estate.errors import StoreUnavailable
from ingest.mqtt.client import SessionSettings
from ingest.mqtt.inbox import Inbox, Received
from ingest.quarantine.store import Quarantine
from ingest.worker import Worker
from telemetry.stores.sqlite import SqliteStore
from telemetry.stores.store import Store
from tests.support.ingest_parts import (
    BUILDING,
    RULES,
    SOURCES,
    T0,
    TOPIC,
    AwayStore,
    payload,
    running,
    wait_until,
)

CONNACK = b"\x20\x02\x00\x00"
SUBACK, PUBLISH, PUBACK = b"\x90", b"\x32", b"\x40\x02"
MESSAGE_ID = b"\x00\x07"
CONNACK_5, TAKEN_OVER = b"\x20\x03\x00\x00\x00", b"\xe0\x02\x8e\x00"
SECONDS = 10.0


def read_packet(connection: socket.socket) -> bytes:
    """Read one packet of fewer than 128 bytes; gives what follows its length."""
    _, length = connection.recv(2, socket.MSG_WAITALL)
    assert length < 128
    return connection.recv(length, socket.MSG_WAITALL)


def publish_packet(topic: bytes, data: bytes) -> bytes:
    body = len(topic).to_bytes(2) + topic + MESSAGE_ID + data
    assert len(body) < 128
    return PUBLISH + bytes([len(body)]) + body


@contextmanager
def peer_that_sends(*packets: bytes) -> Iterator[tuple[int, threading.Event]]:
    """Let one worker in and send it packets; gives the port, and whether all are acknowledged."""
    acknowledged = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(SECONDS)

    def play() -> None:
        connection, _ = server.accept()
        connection.settimeout(SECONDS)
        with connection:
            read_packet(connection)
            connection.sendall(CONNACK)
            message_id = read_packet(connection)[:2]
            granted = b"\x01" * 2
            connection.sendall(SUBACK + bytes([2 + len(granted)]) + message_id + granted)
            connection.sendall(b"".join(packets))
            answers = b""
            while data := connection.recv(1024):
                answers += data
                if answers.count(PUBACK + MESSAGE_ID) == len(packets):
                    acknowledged.set()

    thread = threading.Thread(target=play)
    thread.start()
    with server:
        yield server.getsockname()[1], acknowledged
        thread.join(SECONDS)
        assert not thread.is_alive()


def test_takeover_that_the_broker_tells_is_counted(
    store: SqliteStore, quarantine: Quarantine
) -> None:
    """As MQTT 5 has it, and Mosquitto 2.0.11 not."""
    taken_over = threading.Event()
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(SECONDS)

    def play() -> None:
        connection, _ = server.accept()
        with connection:
            read_packet(connection)
            connection.sendall(CONNACK_5)
            message_id = read_packet(connection)[:2]
            connection.sendall(SUBACK + b"\x05" + message_id + b"\x00\x01\x01" + TAKEN_OVER)
            taken_over.wait(SECONDS)

    thread = threading.Thread(target=play)
    thread.start()
    settings = SessionSettings("127.0.0.1", server.getsockname()[1])
    worker = Worker(settings, SOURCES[:1], RULES, store, quarantine)
    with server, running(worker):
        wait_until(lambda: worker.counts.takeovers == 1)
        taken_over.set()
    thread.join(SECONDS)


def worker_at(port: int, store: Store, quarantine: Quarantine) -> Worker:
    settings = SessionSettings("127.0.0.1", port, protocol="3.1.1")
    return Worker(settings, SOURCES[:1], RULES, store, quarantine)


def test_topic_that_is_no_text_is_quarantined_and_costs_nothing_else(
    store: SqliteStore, quarantine: Quarantine
) -> None:
    good = publish_packet(TOPIC.encode(), payload(T0, co2_ppm=400.0))
    bad = publish_packet(b"fairvarme/\xff\xfe", b"{}")
    with (
        peer_that_sends(bad, good) as (port, acknowledged),
        running(worker_at(port, store, quarantine)),
    ):
        assert acknowledged.wait(SECONDS)
    assert quarantine.counts() == {"source_unknown": 1}
    assert store.count(BUILDING) == 1


def test_fault_of_the_network_thread_ends_the_worker_with_it(
    store: SqliteStore, quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(Inbox, "put", fault)
    with peer_that_sends(publish_packet(TOPIC.encode(), b"{}")) as (port, acknowledged):
        worker = worker_at(port, store, quarantine)
        with pytest.raises(RuntimeError, match="a fault"):
            worker.run(threading.Event())
    assert not acknowledged.is_set()


def test_fault_of_the_network_thread_ends_a_worker_whose_store_is_away(
    store: SqliteStore, quarantine: Quarantine, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Inbox.put

    def fault_later(inbox: Inbox, received: Received) -> None:
        if inbox.arrived:
            raise RuntimeError("a fault")
        put(inbox, received)

    monkeypatch.setattr(Inbox, "put", fault_later)
    gone = AwayStore(store, lambda: StoreUnavailable("test", "away"))
    message = publish_packet(TOPIC.encode(), payload(T0, co2_ppm=400.0))
    with (
        peer_that_sends(message, message) as (port, acknowledged),
        pytest.raises(RuntimeError, match="a fault"),
    ):
        worker_at(port, gone, quarantine).run(threading.Event())
    assert gone.failures
    assert not acknowledged.is_set()
