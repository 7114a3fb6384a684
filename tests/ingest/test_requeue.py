"""The quarantine replayed: what is fixed becomes readings once, the rest stays with its reason."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from estate.errors import StoreUnavailable
from ingest.intake import Intake
from ingest.limits import limits
from ingest.message import Entry, Message
from ingest.quarantine.refused import refused_entry
from ingest.quarantine.requeue import Requeued, requeue
from ingest.quarantine.store import MESSAGES_AT_ONCE, Quarantine, Selection
from ingest.validation.validation import ReadingRules
from telemetry.readings import Reading, Rejected
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import (
    BUILDING,
    RULES,
    SOURCES,
    T0,
    TOPIC,
    AwayStore,
    RefusingStore,
    open_quarantine,
    payload,
)

MINUTE_MS = 60_000
ALL = Selection()
LATE = "box-0101"
WITHOUT = ReadingRules({key: spans for key, spans in RULES.devices.items() if key[1] != LATE})
BEFORE, AFTER = Intake(SOURCES, WITHOUT), Intake(SOURCES, RULES)
OTHER_TOPIC = TOPIC.replace(LATE, "box-9999")
READING = Reading(BUILDING, LATE, "co2_ppm", T0, 700.0, 0, T0 + 5)


def message(data: bytes, topic: str = TOPIC, arrival_ms: int = T0 + MINUTE_MS) -> Message:
    return Message(topic, data, len(data), arrival_ms)


def history(number: int) -> list[Message]:
    return [
        message(payload(T0 + n * MINUTE_MS, co2_ppm=400.0 + n), arrival_ms=T0 + n * MINUTE_MS)
        for n in range(number)
    ]


def stored(store: SqliteStore, quantity: str = "co2_ppm") -> list[float]:
    return store.samples(BUILDING, [LATE], quantity, 0, 1 << 60).value.tolist()  # type: ignore[no-any-return]  # numbers


def test_device_that_is_registered_late_gets_its_history(
    quarantine: Quarantine, store: SqliteStore
) -> None:
    number = 2 * MESSAGES_AT_ONCE + 7
    quarantine.put(BEFORE.take(history(number)).entries)
    assert quarantine.counts() == {"device_unknown": number}
    steps: list[int] = []
    done = requeue(quarantine, AFTER, store, ALL, on_progress=steps.append)
    assert done == Requeued(messages=number, stored=number, mended=number, cut=0)
    assert stored(store) == [400.0 + n for n in range(number)]
    assert quarantine.counts() == {}
    assert quarantine.count_messages(ALL) == 0
    assert steps == [MESSAGES_AT_ONCE, 2 * MESSAGES_AT_ONCE, number]


def test_twice_changes_nothing_more(quarantine: Quarantine, store: SqliteStore) -> None:
    quarantine.put(BEFORE.take(history(3)).entries)
    requeue(quarantine, AFTER, store, ALL)
    assert requeue(quarantine, AFTER, store, ALL) == Requeued()
    assert stored(store) == [400.0, 401.0, 402.0]


def test_while_nothing_is_mended_everything_stays_with_its_count(
    quarantine: Quarantine, store: SqliteStore
) -> None:
    for _ in range(3):
        quarantine.put(BEFORE.take(history(2)).entries)
    before = quarantine.list_rows(10)
    assert requeue(quarantine, BEFORE, store, ALL) == Requeued(messages=2)
    assert quarantine.list_rows(10) == before
    assert [row.times for row in before] == [6]


def test_reason_of_now_takes_the_place_of_the_old_one(
    quarantine: Quarantine, store: SqliteStore
) -> None:
    quarantine.put(BEFORE.take([message(payload(co2_ppm=700.0, temperature_c=127.0))]).entries)
    assert quarantine.counts() == {"device_unknown": 2}
    assert requeue(quarantine, AFTER, store, ALL) == Requeued(messages=1, stored=1)
    assert stored(store) == [700.0]
    assert quarantine.counts() == {"value_impossible": 1}


def test_source_that_is_added_late_takes_its_messages(
    quarantine: Quarantine, store: SqliteStore
) -> None:
    quarantine.put(Intake([], RULES).take([message(payload(co2_ppm=700.0))]).entries)
    assert quarantine.counts() == {"source_unknown": 1}
    # It is found, but the device is still unknown to it: the entry moves to that source.
    assert requeue(quarantine, BEFORE, store, ALL) == Requeued(messages=1)
    assert [(row.reason, row.source) for row in quarantine.list_rows(9)] == [
        ("device_unknown", SOURCES[0].topic_filter)
    ]
    assert requeue(quarantine, AFTER, store, ALL) == Requeued(messages=1, stored=1, mended=1)


def test_time_is_judged_by_the_first_arrival(quarantine: Quarantine, store: SqliteStore) -> None:
    ahead = message(payload(T0 + 11 * MINUTE_MS, co2_ppm=700.0), arrival_ms=T0)
    quarantine.put(AFTER.take([ahead]).entries)
    assert requeue(quarantine, AFTER, store, ALL) == Requeued(messages=1)
    assert quarantine.counts() == {"time_ahead": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("selection", "number"),
    [
        (ALL, 3),
        (Selection(reason="device_unknown"), 2),
        (Selection(reason="payload_not_json"), 1),
        (Selection(device=LATE), 1),
        (Selection(device="box-9999", reason="device_unknown"), 1),
        (Selection(device=LATE, reason="payload_not_json"), 0),
        (Selection(source=SOURCES[0].topic_filter), 3),
        (Selection(source="elsewhere/#"), 0),
    ],
)
def test_only_what_is_meant_is_replayed(
    quarantine: Quarantine, store: SqliteStore, selection: Selection, number: int
) -> None:
    several = [
        message(payload(co2_ppm=700.0)),
        message(payload(co2_ppm=700.0), OTHER_TOPIC),
        message(b"not json"),
    ]
    quarantine.put(BEFORE.take(several).entries)
    assert quarantine.count_messages(selection) == number
    assert requeue(quarantine, BEFORE, store, selection).messages == number


def test_dry_run_tells_and_changes_nothing(quarantine: Quarantine, store: SqliteStore) -> None:
    quarantine.put(BEFORE.take([*history(2), message(b"", OTHER_TOPIC)]).entries)
    before = quarantine.list_rows(10)
    done = requeue(quarantine, AFTER, store, ALL, dry=True)
    assert done == Requeued(messages=3, stored=2, mended=2)
    assert quarantine.list_rows(10) == before
    assert store.count(BUILDING) == 0


def test_backlog_of_a_box_is_kept_whole(quarantine: Quarantine, store: SqliteStore) -> None:
    number = 700
    records = [{"time": T0 + n * MINUTE_MS, "co2_ppm": 400.0 + n} for n in range(number)]
    data = json.dumps(records).encode()
    assert limits().kept_bytes < len(data) < limits().payload_bytes
    quarantine.put(BEFORE.take([message(data, arrival_ms=T0 + number * MINUTE_MS)]).entries)
    assert requeue(quarantine, AFTER, store, ALL) == Requeued(messages=1, stored=number, mended=1)
    assert stored(store) == [400.0 + n for n in range(number)]


def test_what_is_not_kept_whole_stays(quarantine: Quarantine, store: SqliteStore) -> None:
    too_large = limits().payload_bytes + 1
    quarantine.put(AFTER.take([message(b"x" * too_large)]).entries)
    assert requeue(quarantine, AFTER, store, ALL) == Requeued(cut=1)
    assert quarantine.counts() == {"payload_too_large": 1}


def test_what_the_store_refused_is_offered_to_it_again(
    quarantine: Quarantine, store: SqliteStore
) -> None:
    quarantine.put([refused_entry(Rejected(READING, "for a test"))])
    refusing = RefusingStore(store, lambda _: True)
    assert requeue(quarantine, AFTER, refusing, ALL) == Requeued(messages=1)
    assert [(row.reason, row.times) for row in quarantine.list_rows(9)] == [("store_refused", 1)]
    assert requeue(quarantine, AFTER, store, ALL) == Requeued(messages=1, stored=1, mended=1)
    assert stored(store) == [READING.value]


def test_what_the_store_refuses_now_is_kept_by_itself(
    quarantine: Quarantine, store: SqliteStore
) -> None:
    quarantine.put(BEFORE.take(history(3)).entries)
    refusing = RefusingStore(store, lambda reading: reading.value == 401.0)
    assert requeue(quarantine, AFTER, refusing, ALL) == Requeued(messages=3, stored=2, mended=2)
    assert quarantine.counts() == {"store_refused": 1}
    assert requeue(quarantine, AFTER, store, ALL).stored == 1
    assert stored(store) == [400.0, 401.0, 402.0]


def test_store_that_goes_away_leaves_the_rest_for_the_next_time(
    quarantine: Quarantine, store: SqliteStore
) -> None:
    number = MESSAGES_AT_ONCE + 20
    quarantine.put(BEFORE.take(history(number)).entries)
    away = AwayStore(store, lambda: StoreUnavailable("test", "away"), after=1)
    with pytest.raises(StoreUnavailable):
        requeue(quarantine, AFTER, away, ALL)
    assert quarantine.counts() == {"device_unknown": 20}
    assert requeue(quarantine, AFTER, store, ALL).stored == 20
    assert stored(store) == [400.0 + n for n in range(number)]


class DyingQuarantine(Quarantine):
    """Its process dies after the write to the store, before anything leaves the quarantine."""

    def replace(self, digests: Sequence[bytes], entries: Sequence[Entry]) -> None:
        os.kill(os.getpid(), signal.SIGKILL)
        super().replace(digests, entries)


def replay_and_die(directory: Path) -> None:
    quarantine = DyingQuarantine(open_quarantine(directory / "fairvarme.db").engine)
    requeue(quarantine, AFTER, SqliteStore(directory / "readings.db"), ALL)


@pytest.mark.slow
def test_killed_between_store_and_quarantine_it_can_be_done_again(
    quarantine: Quarantine, store: SqliteStore, tmp_path: Path
) -> None:
    quarantine.put(BEFORE.take(history(5)).entries)
    killed = multiprocessing.get_context("spawn").Process(target=replay_and_die, args=(tmp_path,))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL
    assert stored(store) == [400.0, 401.0, 402.0, 403.0, 404.0]
    assert quarantine.counts() == {"device_unknown": 5}
    assert requeue(quarantine, AFTER, store, ALL).mended == 5
    assert stored(store) == [400.0, 401.0, 402.0, 403.0, 404.0]
    assert quarantine.counts() == {}
