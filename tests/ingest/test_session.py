"""The session on a real broker: bounded memory, back again, several workers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from estate.errors import StoreUnavailable
from ingest.decoders.wmbus.wmbusmeters_fields import field_map
from ingest.intake import Intake
from ingest.limits import limits
from ingest.mqtt import session
from ingest.quarantine.requeue import requeue
from ingest.quarantine.store import Quarantine, Selection
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import (
    BUILDING,
    MOST_IN_ONE_READ,
    RULES,
    SOURCES,
    T0,
    TOPIC,
    AwayStore,
    make_worker,
    payload,
    publish,
    running,
    wait_until,
)
from tests.support.mosquitto import Mosquitto, MosquittoFactory
from tests.support.shipped_broker import Peer

pytestmark = pytest.mark.integration
MINUTE_MS = 60_000
METER = "64000101"


def backlog(number: int, start: int = 0) -> list[tuple[str, bytes]]:
    return [
        (TOPIC, payload(T0 + n * MINUTE_MS, co2_ppm=float(400 + n)))
        for n in range(start, start + number)
    ]


def stored(store: SqliteStore) -> list[float]:
    values = store.samples(BUILDING, ["box-0101"], "co2_ppm", 0, 1 << 60).value
    return values.tolist()  # type: ignore[no-any-return]  # numbers


def expected(number: int) -> list[float]:
    return [400.0 + n for n in range(number)]


def away() -> StoreUnavailable:
    return StoreUnavailable("test", "away")


def test_packet_beyond_the_limit_never_leaves_the_broker(
    mosquitto: Mosquitto, store: SqliteStore, quarantine: Quarantine
) -> None:
    huge = (TOPIC, b"x" * (limits().packet_bytes + 1))
    large = (TOPIC, b"x" * (limits().payload_bytes + 1))
    worker = make_worker(mosquitto, store, quarantine)
    with running(worker):
        publish(mosquitto, [huge, large, *backlog(5), huge])
        wait_until(lambda: store.count(BUILDING) == 5)
        publish(mosquitto, backlog(5, start=5))
        wait_until(lambda: store.count(BUILDING) == 10)
    assert worker.counts.reconnects == 0
    assert worker.counts.received == 11
    assert quarantine.counts() == {"payload_too_large": 1}


def test_a_value_that_the_broker_retained_is_not_of_now(
    mosquitto: Mosquitto, store: SqliteStore, quarantine: Quarantine
) -> None:
    """A dead device's last value would come to life at every start of the worker."""
    undated, live = (
        json.dumps(
            {
                "media": "heat", "meter": "kamheat", "id": METER,
                "total_energy_consumption_kwh": kwh, "timestamp": field_map().masked_time,
            }
        ).encode()
        for kwh in (1204, 1205)
    )  # fmt: skip
    topic = f"{BUILDING}/wmbusmeters/{METER}"
    publish(mosquitto, [*backlog(1), (topic, undated)], retain=True)
    worker = make_worker(mosquitto, store, quarantine)
    with running(worker):
        wait_until(lambda: worker.counts.received == 2)
        publish(mosquitto, [(topic, live)], retain=True)
        wait_until(lambda: store.count(BUILDING) == 2)
    assert stored(store) == expected(1)
    heat = store.samples(BUILDING, [METER], "heat_kwh", 0, 1 << 60)
    assert heat.value.tolist() == [1205.0]
    assert quarantine.counts() == {"time_retained": 1}
    requeued = requeue(quarantine, Intake(SOURCES, RULES), store, Selection())
    assert (requeued.stored, requeued.cut, store.count(BUILDING)) == (0, 1, 2)


def test_properties_that_the_client_library_refuses_hold_nobody_up(
    mosquitto: Mosquitto, store: SqliteStore, quarantine: Quarantine
) -> None:
    odd = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    odd.UserProperty = ("note", "\N{ZERO WIDTH NO-BREAK SPACE}21")
    odd.ContentType = "\N{ZERO WIDTH NO-BREAK SPACE}application/json"
    (first, second, third) = backlog(3)
    worker = make_worker(mosquitto, store, quarantine)
    with running(worker):
        publish(mosquitto, [first])
        publish(mosquitto, [second], properties=odd)
        publish(mosquitto, [third])
        wait_until(lambda: worker.counts.acknowledged == 3)
    assert stored(store) == expected(3)
    assert worker.counts.reconnects == 0


def test_large_messages_fill_no_more_memory_than_small_ones(
    mosquitto: Mosquitto,
    store: SqliteStore,
    quarantine: Quarantine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room, length, number = 500_000, 50_000, 60
    monkeypatch.setattr(session, "INBOX_BYTES", room)
    padded = [(topic, data + b" " * length) for topic, data in backlog(number)]
    gone = AwayStore(store, away)
    worker = make_worker(mosquitto, gone, quarantine)
    with running(worker):
        publish(mosquitto, padded[:1])
        wait_until(lambda: worker.counts.retries > 0)
        publish(mosquitto, padded[1:])
        wait_until(lambda: worker.counts.queued >= room // (length + 100))
        assert worker.counts.queued <= room // length + 1
        gone.come_back()
        wait_until(lambda: worker.counts.acknowledged == number)
    assert stored(store) == expected(number)


# With 3.1.1 no window holds the broker back, so that the queue fills.
FLOODED = {"protocol": "3.1.1", "receive_maximum": 20, "longest_full_seconds": 0.2}


def test_full_for_long_it_leaves_the_broker_and_comes_back(
    start_mosquitto: MosquittoFactory, store: SqliteStore, quarantine: Quarantine
) -> None:
    number = 2000
    broker = start_mosquitto(inflight=0)
    gone = AwayStore(store, away)
    worker = make_worker(broker, gone, quarantine, **FLOODED)
    with running(worker):
        publish(broker, backlog(number))
        wait_until(lambda: worker.counts.retries > 0 and not worker.counts.subscribed)
        assert worker.counts.queued <= 2 * 20 + MOST_IN_ONE_READ
        # It waits for room, and does not knock meanwhile.
        met = worker.counts.retries
        wait_until(lambda: worker.counts.retries > met + 5)
        assert broker.log().count("as fairvarme-ingest") == 1
        gone.come_back()
        wait_until(lambda: store.count(BUILDING) == number)
    assert stored(store) == expected(number)


def test_stopped_while_it_is_away_from_the_broker_it_ends(
    start_mosquitto: MosquittoFactory, store: SqliteStore, quarantine: Quarantine
) -> None:
    broker = start_mosquitto(inflight=0)
    worker = make_worker(broker, AwayStore(store, away), quarantine, **FLOODED)
    with running(worker) as end:
        publish(broker, backlog(500))
        wait_until(lambda: worker.counts.retries > 0 and not worker.counts.subscribed)
        end()
    assert worker.counts.acknowledged == 0
    with running(make_worker(broker, store, quarantine, protocol="3.1.1")):
        wait_until(lambda: store.count(BUILDING) == 500)


def test_session_that_the_broker_has_forgotten_is_told(
    start_mosquitto: MosquittoFactory, store: SqliteStore, quarantine: Quarantine
) -> None:
    forgetful = start_mosquitto(persistence=False)
    worker = make_worker(forgetful, store, quarantine)
    with running(worker):
        forgetful.stop()
        forgetful.start()
        wait_until(lambda: worker.counts.reconnects == 1)
        assert worker.counts.sessions_lost == 1


def test_session_that_is_resumed_is_not_lost(
    start_mosquitto: MosquittoFactory, store: SqliteStore, quarantine: Quarantine
) -> None:
    broker = start_mosquitto(persistence=True)
    worker = make_worker(broker, store, quarantine)
    with running(worker):
        broker.stop()
        broker.start()
        wait_until(lambda: worker.counts.reconnects == 1)
        assert worker.counts.sessions_lost == 0


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_messages_that_went_to_another_client_are_counted(
    mosquitto: Mosquitto, store: SqliteStore, quarantine: Quarantine, protocol: str
) -> None:
    """It resumes the session and acknowledges what comes: the broker has forgotten nothing."""
    number = 500
    worker = make_worker(mosquitto, store, quarantine, client_id="w", protocol=protocol)
    with running(worker):
        publish(mosquitto, backlog(10))
        wait_until(lambda: worker.counts.acknowledged == 10)
        with Peer(mosquitto.port, client_id="w", keep=True) as thief:
            assert thief.let_in
            assert thief.session_present
            publish(mosquitto, backlog(number, 10))
            wait_until(lambda: len(thief.received) > 0)
        wait_until(lambda: worker.counts.subscribed)
        # By its number the worker sees what lies before.
        publish(mosquitto, backlog(1, number + 10))
        wait_until(lambda: store.count(BUILDING) + worker.counts.missed == number + 11)
    assert 0 < worker.counts.missed <= len(thief.received)
    assert worker.counts.sessions_lost == 0


def test_connection_that_is_lost_is_no_takeover(
    start_mosquitto: MosquittoFactory, store: SqliteStore, quarantine: Quarantine
) -> None:
    broker = start_mosquitto(persistence=True)
    worker = make_worker(broker, store, quarantine)
    with running(worker):
        broker.kill()
        broker.start()
        wait_until(lambda: worker.counts.reconnects == 1)
        publish(broker, backlog(5))
        wait_until(lambda: store.count(BUILDING) == 5)
    assert (worker.counts.takeovers, worker.counts.missed) == (0, 0)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_two_workers_share_the_messages(
    mosquitto: Mosquitto, tmp_path: Path, quarantine: Quarantine, protocol: str
) -> None:
    number = 2000
    stores = [SqliteStore(tmp_path / "readings.db") for _ in range(2)]
    first, second = (
        make_worker(
            mosquitto, each, quarantine, client_id=f"w{n}", shared_group="g", protocol=protocol
        )
        for n, each in enumerate(stores)
    )
    with running(first), running(second):
        publish(mosquitto, backlog(number))
        wait_until(lambda: first.counts.acknowledged + second.counts.acknowledged == number)
    # Each message went to one of them, and both took part.
    assert first.counts.received + second.counts.received == number
    assert min(first.counts.received, second.counts.received) > number // 10
    assert stored(stores[0]) == expected(number)
    for each in stores:
        each.close()


def test_member_of_a_group_that_is_away_keeps_what_it_had_not_acknowledged(
    mosquitto: Mosquitto, tmp_path: Path, quarantine: Quarantine
) -> None:
    number = 500
    stores = [SqliteStore(tmp_path / "readings.db") for _ in range(3)]
    options = {"shared_group": "g"}
    stuck = make_worker(mosquitto, AwayStore(stores[0], away), quarantine, client_id="a", **options)
    other = make_worker(mosquitto, stores[1], quarantine, client_id="b", **options)
    with running(other):
        with running(stuck):
            publish(mosquitto, backlog(number))
            wait_until(lambda: stuck.counts.received > 0)
        again = make_worker(mosquitto, stores[2], quarantine, client_id="a", **options)
        with running(again):
            wait_until(lambda: other.counts.acknowledged + again.counts.acknowledged == number)
    assert stored(stores[0]) == expected(number)
    for each in stores:
        each.close()
