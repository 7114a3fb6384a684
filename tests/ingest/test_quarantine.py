"""The quarantine: what is kept, once, counted, and found again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from estate.database.engine import open_database
from estate.errors import StoreUnavailable
from ingest.decoders import Reject
from ingest.limits import limits
from ingest.message import Entry, Message
from ingest.quarantine.rows import ROWS_PER_STATEMENT
from ingest.quarantine.store import Quarantine, Selection
from ingest.reasons import Reason
from tests.support.ingest_parts import T0, TOPIC

SOURCE = "fairvarme/v1/solgaarden/+/readings"
IMPOSSIBLE = Reject(Reason.VALUE_IMPOSSIBLE, "127.0", "box-0101", "temperature_c", T0)


def an_entry(
    payload: bytes = b"{}", reject: Reject = IMPOSSIBLE, arrival_ms: int = T0, topic: str = TOPIC
) -> Entry:
    return Entry(SOURCE, Message(topic, payload, len(payload), arrival_ms), reject)


def test_entry_is_listed_with_its_message(quarantine: Quarantine) -> None:
    quarantine.put([an_entry(b'{"temperature_c": 127}')])
    (row,) = quarantine.list_rows(10)
    assert row._asdict() == {
        "reason": "value_impossible",
        "detail": "127.0",
        "device": "box-0101",
        "quantity": "temperature_c",
        "time_ms": T0,
        "source": SOURCE,
        "topic": TOPIC,
        "payload": '{"temperature_c": 127}',
        "first_ms": T0,
        "last_ms": T0,
        "times": 1,
    }


def test_the_same_again_only_counts_up(quarantine: Quarantine) -> None:
    quarantine.put([an_entry(arrival_ms=T0)])
    quarantine.put([an_entry(arrival_ms=T0 + 5), an_entry(arrival_ms=T0 + 9)])
    (row,) = quarantine.list_rows(10)
    assert (row.times, row.first_ms, row.last_ms) == (3, T0, T0 + 9)
    assert quarantine.counts() == {"value_impossible": 3}


def test_one_message_with_two_faults_gives_two_rows(quarantine: Quarantine) -> None:
    humid = IMPOSSIBLE._replace(quantity="humidity_pct", detail="140.0")
    quarantine.put([an_entry(), an_entry(reject=humid)])
    assert {row.quantity for row in quarantine.list_rows(10)} == {"temperature_c", "humidity_pct"}


@pytest.mark.parametrize(
    "other",
    [
        an_entry(reject=IMPOSSIBLE._replace(device="box-0102")),
        an_entry(reject=IMPOSSIBLE._replace(device=None)),
        an_entry(reject=IMPOSSIBLE._replace(quantity="co2_ppm")),
        an_entry()._replace(source="#"),
        an_entry()._replace(sender="cellar"),
        an_entry(reject=Reject(Reason.TIME_AHEAD, *IMPOSSIBLE[1:])),
    ],
)
def test_another_source_device_reason_or_name_is_another_complaint(
    quarantine: Quarantine, other: Entry
) -> None:
    quarantine.put([an_entry(), other])
    assert [row.times for row in quarantine.list_rows(10)] == [1, 1]


def test_topic_tells_complaints_apart_that_name_no_device(quarantine: Quarantine) -> None:
    nameless = Reject(Reason.PAYLOAD_NOT_JSON)
    quarantine.put([an_entry(reject=nameless, topic=f"a/{n % 2}") for n in range(4)])
    assert {(row.topic, row.times) for row in quarantine.list_rows(10)} == {("a/0", 2), ("a/1", 2)}


def complained(number: int, *, each: bool) -> list[Entry]:
    """Return one complaint of several messages."""
    return [
        an_entry(b"%d" % n, IMPOSSIBLE._replace(detail=str(n), time_ms=T0 + n), T0 + n)._replace(
            each=each
        )
        for n in range(number)
    ]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(("each", "kept"), [(True, 5), (False, 1)])
def test_a_repeated_complaint_is_one_row_with_its_latest_message(
    quarantine: Quarantine, at_once: bool, each: bool, kept: int
) -> None:
    entries = complained(5, each=each)
    for some in [entries] if at_once else [[entry] for entry in entries]:
        quarantine.put(some)
    (row,) = quarantine.list_rows(10)
    assert (row.times, row.first_ms, row.last_ms) == (5, T0, T0 + 4)
    assert (row.payload, row.detail, row.time_ms) == ("4", "4", T0 + 4)
    (messages,) = quarantine.messages(Selection())
    assert len(messages) == kept
    assert quarantine.counts() == {"value_impossible": 5}


def test_of_several_complaints_of_one_message_all_find_it(quarantine: Quarantine) -> None:
    humid = IMPOSSIBLE._replace(quantity="humidity_pct", device="box-0102")
    quarantine.put([an_entry(), an_entry(reject=humid)])
    for device in ("box-0101", "box-0102"):
        assert quarantine.count_messages(Selection(device=device)) == 1
    assert quarantine.count_messages(Selection()) == 1


def test_an_entry_may_stand_for_many(quarantine: Quarantine) -> None:
    quarantine.put([an_entry()._replace(times=4000), an_entry()])
    assert quarantine.counts() == {"value_impossible": 4001}


def test_latest_comes_first_and_no_more_than_asked(quarantine: Quarantine) -> None:
    quarantine.put(
        [
            an_entry(b"%d" % n, IMPOSSIBLE._replace(device=f"box-{n}"), arrival_ms=T0 + n)
            for n in range(5)
        ]
    )
    assert [row.payload for row in quarantine.list_rows(2)] == ["4", "3"]


def test_payload_is_kept_whole_and_listed_by_its_beginning(quarantine: Quarantine) -> None:
    quarantine.put([an_entry(b"x" * 60_000, Reject(Reason.PAYLOAD_NOT_JSON))])
    (row,) = quarantine.list_rows(10)
    assert row.payload == "x" * limits().kept_bytes
    ((kept,),) = quarantine.messages(Selection())
    assert kept.whole
    assert kept.message == Message(TOPIC, b"x" * 60_000, 60_000, T0)


def test_only_the_beginning_of_a_payload_that_is_too_large_is_kept(quarantine: Quarantine) -> None:
    quarantine.put([an_entry(b"x" * 70_000, Reject(Reason.PAYLOAD_TOO_LARGE))])
    ((kept,),) = quarantine.messages(Selection())
    assert not kept.whole
    assert kept.message == Message(TOPIC, b"x" * limits().kept_bytes, 70_000, T0)


def test_which_of_some_keys_are_kept(quarantine: Quarantine) -> None:
    quarantine.put([an_entry(), an_entry(b"", Reject(Reason.PAYLOAD_EMPTY))])
    kept = ("box-0101", "temperature_c", T0)
    assert quarantine.holds({kept, ("box-0101", "temperature_c", T0 + 1)}) == {kept}
    assert quarantine.holds(set()) == set()


def test_keys_within_the_time_of_a_complaint_are_kept_as_often_as_it_was_counted(
    quarantine: Quarantine,
) -> None:
    quarantine.put(complained(3, each=False))
    keys = {("box-0101", "temperature_c", T0 + n) for n in range(-1, 4)}
    assert quarantine.holds(keys) == {("box-0101", "temperature_c", T0 + n) for n in range(3)}
    # One came and was lost, or the other: both cannot be here.
    quarantine.put([an_entry(reject=IMPOSSIBLE._replace(device="box-2", time_ms=T0 + n * 9))
                    for n in range(2)])  # fmt: skip
    between = {("box-2", "temperature_c", T0 + n) for n in range(10)}
    assert len(quarantine.holds(between)) == 2


def test_empty_quarantine(quarantine: Quarantine) -> None:
    quarantine.put([])
    assert quarantine.counts() == {}
    assert quarantine.list_rows(10) == []
    assert quarantine.holds({("box-0101", "temperature_c", T0)}) == set()


def test_more_than_one_statement_takes(quarantine: Quarantine) -> None:
    number = 2 * ROWS_PER_STATEMENT + 1
    quarantine.put([an_entry(b"%d" % n) for n in range(number)])
    assert quarantine.counts() == {"value_impossible": number}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    payload=st.binary(max_size=50),
    topic=st.text(st.characters(codec="utf-8"), max_size=30),
    detail=st.text(max_size=30),
    device=st.none() | st.text(max_size=30),
)
def test_whatever_a_device_writes_is_kept_and_listed(
    quarantine: Quarantine, payload: bytes, topic: str, detail: str, device: str | None
) -> None:
    before = sum(quarantine.counts().values())
    entry = an_entry(payload, Reject(Reason.DEVICE_UNKNOWN, detail, device), topic=topic)
    quarantine.put([entry])
    assert sum(quarantine.counts().values()) == before + 1
    for row in quarantine.list_rows(1000):
        # PostgreSQL takes neither of these in a text.
        assert "\0" not in f"{row.topic}{row.detail}{row.device}"
        f"{row.topic}{row.detail}{row.device}".encode()


def test_database_that_is_away(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'none' / 'fairvarme.db'}")
    with pytest.raises(StoreUnavailable, match="Check that it runs"):
        Quarantine(engine).put([an_entry()])
