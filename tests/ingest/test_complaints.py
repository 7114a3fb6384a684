"""What one message may complain of, and which messages are kept for it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.decoders import Reject
from ingest.intake import Intake
from ingest.limits import limits
from ingest.message import Entry, Message
from ingest.quarantine.requeue import Requeued, requeue
from ingest.quarantine.store import Quarantine, Selection
from ingest.reasons import Reason
from ingest.sources import Source
from ingest.validation.validation import ReadingRules
from ingest.watch.complaints import bounded, keeps_each
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import BUILDING, RULES, SOURCES, T0, TOPIC, payload

READ: dict[str, Any] = {"temperature_c": 21.4}
INTAKE = Intake(SOURCES, RULES)
REASONS = st.sampled_from([Reason.QUANTITY_UNKNOWN, Reason.DEVICE_UNKNOWN, Reason.UNIT_UNKNOWN])
REJECTS = st.lists(
    st.builds(
        Reject, REASONS, st.just(""), st.sampled_from("ab"), st.none() | st.text("xyz", max_size=2)
    )
)


def entries_of(*payloads: bytes, topic: str = TOPIC, intake: Intake = INTAKE) -> list[Entry]:
    messages = [Message(topic, data, len(data), T0 + n) for n, data in enumerate(payloads)]
    return intake.take(messages).entries


def box(number: int = 0, **values: object) -> bytes:
    return json.dumps({"time": T0 + number, **values}).encode()


@given(rejects=REJECTS, most=st.integers(1, 4))
def test_nothing_is_left_uncounted(rejects: list[Reject], most: int) -> None:
    found = list(bounded(rejects, most))
    counted: Counter[Reason] = Counter()
    for reject, times in found:
        counted[reject.reason] += times
    assert counted == Counter(reject.reason for reject in rejects)
    told = {(reject.reason, reject.device, reject.quantity) for reject, _ in found}
    assert len({each for each in told if each[2] is not None}) <= most
    assert len(told) <= 2 * most + len(counted)


def test_first_few_names_are_told_and_the_number_of_the_others() -> None:
    names: dict[str, Any] = {f"name_{n}": 1 for n in range(4090)}
    found = entries_of(box(**READ, **names))
    most = limits().complaints
    assert [entry.reject.quantity for entry in found[:most]] == [f"name_{n}" for n in range(most)]
    # The decoder has told some of the others, which are not kept one by one.
    assert [(entry.reject.detail[:18], entry.times) for entry in found[most:]] == [
        (f"and {4090 - limits().unknown_names} more names"[:18], 1),
        (f"and {limits().unknown_names - most} more", limits().unknown_names - most),
    ]


def test_a_backlog_with_one_fault_is_one_complaint(quarantine: Quarantine) -> None:
    """A sensor that is broken for 700 records is one row, and none of them is forgotten."""
    records = [{"time": T0 + n, "temperature_c": 127.0, "co2_ppm": 700.0} for n in range(700)]
    quarantine.put(entries_of(json.dumps(records).encode()))
    (row,) = quarantine.list_rows(9)
    assert (row.quantity, row.times) == ("temperature_c", 700)
    keys = {("box-0101", "temperature_c", T0 + n) for n in range(700)}
    assert quarantine.holds(keys) == keys


@pytest.mark.parametrize(
    ("reasons", "read", "kept"),
    [
        ([Reason.DEVICE_UNKNOWN], False, True),
        ([Reason.DEVICE_UNKNOWN], True, True),
        ([Reason.TIME_BEFORE_PLACEMENT], True, True),
        ([Reason.UNIT_UNKNOWN], True, True),
        ([Reason.TOO_MANY_READINGS], True, True),
        ([Reason.QUANTITY_UNKNOWN], True, False),
        ([Reason.QUANTITY_UNKNOWN], False, True),
        ([Reason.VALUE_IMPOSSIBLE], True, False),
        ([Reason.VALUE_IMPOSSIBLE], False, True),
        ([Reason.QUANTITY_UNKNOWN, Reason.DEVICE_UNKNOWN], True, True),
        ([Reason.PAYLOAD_EMPTY], False, False),
        ([Reason.PAYLOAD_TOO_LARGE], False, False),
    ],
)
def test_which_messages_are_kept_each(reasons: list[Reason], read: bool, kept: bool) -> None:
    assert keeps_each(reasons, read) is kept


def messages_kept(quarantine: Quarantine) -> int:
    return quarantine.count_messages(Selection())


def test_an_unknown_name_beside_readings_is_counted_and_the_latest_is_kept(
    quarantine: Quarantine,
) -> None:
    quarantine.put(entries_of(*(box(n, **READ, wobble=n) for n in range(50))))
    (row,) = quarantine.list_rows(9)
    assert (row.reason, row.quantity, row.times) == ("quantity_unknown", "wobble", 50)
    assert json.loads(row.payload)["wobble"] == 49
    assert messages_kept(quarantine) == 1


def test_a_message_of_which_nothing_could_be_read_is_kept_each_time(
    quarantine: Quarantine,
) -> None:
    quarantine.put(entries_of(*(box(n, temp=20 + n) for n in range(50))))
    (row,) = quarantine.list_rows(9)
    assert (row.reason, row.times) == ("quantity_unknown", 50)
    assert messages_kept(quarantine) == 50


@pytest.mark.slow
@given(
    values=st.lists(
        st.dictionaries(
            st.sampled_from(["temperature_c", "co2_ppm", "wobble"]),
            st.sampled_from([21.0, 700.0, 1e9]),
            min_size=1,
        ),
        max_size=8,
    )
)
def test_whatever_a_late_device_sent_before_is_replayed(
    tmp_path_factory: pytest.TempPathFactory, values: list[dict[str, float]]
) -> None:
    """Quarantined and replayed is the same as known from the start."""
    from tests.support.ingest_parts import open_quarantine

    directory = tmp_path_factory.mktemp("replay")
    unknown = ReadingRules(
        {key: spans for key, spans in RULES.devices.items() if key[1] != "box-0101"}
    )
    payloads = [box(n, **each) for n, each in enumerate(values)]
    messages = [Message(TOPIC, data, len(data), T0 + 10**9) for data in payloads]
    late, known = SqliteStore(directory / "late.db"), SqliteStore(directory / "known.db")
    quarantine = open_quarantine(directory / "fairvarme.db")
    quarantine.put(Intake(SOURCES, unknown).take(messages).entries)
    requeue(quarantine, INTAKE, late, Selection())
    known.write(INTAKE.take(messages).readings)
    assert late.count(BUILDING) == known.count(BUILDING)
    for each in (late, known):
        each.close()
    quarantine.engine.dispose()


def test_names_that_are_mapped_later_give_the_readings_of_what_was_kept(
    quarantine: Quarantine, store: SqliteStore
) -> None:
    topic_filter, topic = "homes/+/up", "homes/box-0101/up"

    def intake(**keys: str) -> Intake:
        source = Source(
            topic_filter=topic_filter, decoder="json", building=BUILDING, keys=keys
        )  # fmt: skip
        return Intake([source], RULES)

    payloads = [box(n, wobble=20.0 + n) for n in range(5)]
    quarantine.put(entries_of(*payloads, topic=topic, intake=intake()))
    done = requeue(quarantine, intake(wobble="temperature_c"), store, Selection())
    assert done == Requeued(messages=5, stored=5, mended=5)


GATEWAY = Source(
    topic_filter="solgaarden/cellar/wmbusmeters/+", decoder="wmbusmeters", building=BUILDING,
    gateway="cellar", devices=frozenset({"64000101"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "sender"),
    [
        (TOPIC, "solgaarden/box-0101"),
        (TOPIC.replace("readings", "status"), "solgaarden/box-0101"),
        # Whoever is no known box has no share of its own.
        (TOPIC.replace("0101", "9999"), SOURCES[0].topic_filter),
        ("solgaarden/cellar/wmbusmeters/1", "cellar"),
        ("solgaarden/cellar/wmbusmeters/2", "cellar"),
        ("solgaarden/wmbusmeters/1", SOURCES[1].topic_filter),
        ("else/where", ""),
    ],
)
def test_share_is_the_one_of_the_log_in(topic: str, sender: str) -> None:
    (entry,) = entries_of(b"?", topic=topic, intake=Intake([GATEWAY, *SOURCES], RULES))
    assert entry.sender == sender


def test_payload_names_no_sender() -> None:
    data = payload() + b"?"
    assert {entry.sender for entry in entries_of(data, box(id="box-0102", x=1))} == {
        "solgaarden/box-0101"
    }
