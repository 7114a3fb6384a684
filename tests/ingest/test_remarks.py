"""What devices say of themselves is kept once for each word, with its count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine

from estate.database.engine import open_database
from estate.errors import StoreUnavailable
from ingest.decoders.payload.outcomes import Said
from ingest.intake import Remark
from ingest.limits import limits
from ingest.remarks import DeviceWord, Remarks, word_findings
from tests.support.ingest_parts import BUILDING, make_worker, publish, running, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ingest.quarantine.store import Quarantine
    from telemetry.stores.sqlite import SqliteStore
    from tests.support.mosquitto import Mosquitto


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'words.db'}")
    DeviceWord.metadata.create_all(engine, [DeviceWord.__table__])  # type: ignore[list-item]
    yield engine
    engine.dispose()


def a_remark(
    word: str, time_ms: int, device: str = "m1", meaning: str = "unknown", building: str = "home"
) -> Remark:
    return Remark(building, Said(device, word, meaning), time_ms)


def test_each_word_is_kept_once_with_first_last_and_count(engine: Engine) -> None:
    remarks = Remarks(engine)
    remarks.keep([a_remark("A", 10), a_remark("B", 11), a_remark("A", 12)])
    remarks.keep([a_remark("A", 20, meaning="harmless"), a_remark("A", 15, "m2")])
    rows = [row[1:7] for row in remarks.list_rows()]
    assert rows == [
        ("m1", "A", "harmless", 10, 20, 3),
        ("m1", "B", "unknown", 11, 11, 1),
        ("m2", "A", "unknown", 15, 15, 1),
    ]


def test_message_that_comes_late_does_not_bring_the_last_word_back(engine: Engine) -> None:
    remarks = Remarks(engine)
    remarks.keep([a_remark("A", 20, meaning="harmless")])
    remarks.keep([a_remark("A", 10, meaning="unknown")])
    (row,) = remarks.list_rows()
    assert (row.meaning, row.last_ms, row.times) == ("harmless", 20, 2)


def test_word_that_rested_for_long_is_said_anew_and_one_that_was_lost_for_a_day_is_not(
    engine: Engine,
) -> None:
    remarks, hour_ms = Remarks(engine), 3_600_000
    rest_ms = round(limits().word_rest_hours * hour_ms)
    for time_ms in (0, rest_ms, rest_ms + 1):
        remarks.keep([a_remark("LEAK", time_ms)])
    (row,) = remarks.list_rows()
    assert (row.first_ms, row.since_ms, row.last_ms) == (0, 0, rest_ms + 1)
    remarks.keep([a_remark("LEAK", 2 * rest_ms + 2), a_remark("LEAK", 2 * rest_ms + 9)])
    (row,) = remarks.list_rows()
    assert (row.first_ms, row.since_ms, row.last_ms) == (0, 2 * rest_ms + 2, 2 * rest_ms + 9)


def test_format_of_a_word_is_kept(engine: Engine) -> None:
    remarks = Remarks(engine)
    remarks.keep([Remark("home", Said("m1", "DRY", "harmless", "ultrimis"), 5)])
    assert [(row.word, row.driver) for row in remarks.list_rows()] == [("DRY", "ultrimis")]


def test_list_is_of_a_building_a_device_and_a_time(engine: Engine) -> None:
    remarks = Remarks(engine)
    remarks.keep([a_remark("A", 10), a_remark("B", 20, "m2"), a_remark("C", 30, building="other")])
    assert [row.word for row in remarks.list_rows("home")] == ["A", "B"]
    assert [row.word for row in remarks.list_rows("home", "m2")] == ["B"]
    assert [row.word for row in remarks.list_rows(since_ms=20)] == ["B", "C"]
    assert remarks.list_rows("nowhere") == []


def test_device_that_never_ends_to_say_new_words_takes_bounded_room(engine: Engine) -> None:
    remarks, most = Remarks(engine), limits().words_per_device
    for batch in range(5):
        remarks.keep([a_remark(f"W{batch}_{number}", 100 * batch + number) for number in range(40)])
        remarks.keep([a_remark("calm", batch, "m2")])
    words = [row.word for row in remarks.list_rows("home", "m1")]
    assert words == [f"W4_{number}" for number in reversed(range(40 - most, 40))]
    assert len(remarks.list_rows("home", "m2")) == 1


def test_database_that_is_away_keeps_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        Remarks(create_engine(f"sqlite:///{tmp_path / 'none.db'}")).keep([a_remark("A", 1)])


def test_findings_tell_word_count_and_what_follows(engine: Engine) -> None:
    remarks = Remarks(engine)
    remarks.keep(
        [
            a_remark("UNKNOWN_40", 1),
            a_remark("UNKNOWN_40", 2),
            a_remark("LEAK", 3, meaning="harmless"),
            a_remark("cold_water_m3 from a device of kind hot_water", 4, meaning="contradicts"),
        ]
    )
    found = {each.name: each for each in word_findings(remarks.list_rows())}
    assert set(found) == {"device.status.told", "device.kind.contradicted"}
    told = found["device.status.told"]
    assert "UNKNOWN_40 2 times" in told.message
    assert (told.data["word"], told.data["times"], told.data["meaning"]) == (
        "UNKNOWN_40", 2, "unknown",
    )  # fmt: skip
    assert "cold_water_m3 from a device of kind hot_water" in (
        found["device.kind.contradicted"].message
    )


@pytest.mark.integration
def test_worker_keeps_what_meters_say_beside_what_they_count(
    mosquitto: Mosquitto, store: SqliteStore, quarantine: Quarantine, engine: Engine
) -> None:
    def telegram(device: str, minute: int, status: str) -> tuple[str, bytes]:
        fields = {
            "id": device, "media": "warm water", "meter": "iwmtx5", "total_m3": 29.0 + minute,
            "status": status, "timestamp": f"2026-01-14T07:{minute:02d}:00Z",
        }  # fmt: skip
        return f"{BUILDING}/wmbusmeters/{device}", json.dumps(fields).encode()

    worker = make_worker(mosquitto, store, quarantine, remarks=Remarks(engine))
    with running(worker):
        publish(mosquitto, [telegram("71000102", minute, "UNKNOWN_40") for minute in range(30)])
        publish(mosquitto, [telegram("71000101", minute, "OK") for minute in range(5)])
        wait_until(lambda: worker.counts.acknowledged == 35)
    assert [(row.device, row.word, row.times) for row in Remarks(engine).list_rows()] == [
        ("71000102", "UNKNOWN_40", 30)
    ]
    samples = store.samples(BUILDING, ["71000102"], "hot_water_m3", 0, 1 << 60)
    assert len(samples.good()) == 30
    assert quarantine.counts() == {}
