"""What the quarantine lets go of: what is old, and what is too much."""

from __future__ import annotations

from ingest.decoders import Reject
from ingest.intake import Entry, Message
from ingest.limits import limits
from ingest.quarantine import Quarantine, Selection
from ingest.quarantine_bounds import ROW_BYTES, forget_old, forget_surplus
from ingest.reasons import Reason
from tests.support.ingest_parts import T0

DAY_MS = 86_400_000
ALL = Selection()


def an_entry(
    topic: str, number: int, arrival_ms: int = T0, reason: Reason = Reason.PAYLOAD_NOT_JSON
) -> Entry:
    data = b"%0100d" % number
    return Entry("a/+", Message(topic, data, len(data), arrival_ms), Reject(reason))


def topics(quarantine: Quarantine) -> list[str]:
    return sorted(row.topic for row in quarantine.list_rows(1000))


def test_old_messages_are_forgotten(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("a/1", 1, T0), an_entry("a/2", 2, T0 + 1)])
    assert forget_old(quarantine.engine, T0 + 1) == 1
    assert topics(quarantine) == ["a/2"]
    assert forget_old(quarantine.engine, T0 + 1) == 0


def test_message_that_came_again_is_not_old(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("a/1", 1, T0)])
    quarantine.put([an_entry("a/1", 1, T0 + DAY_MS)])
    assert forget_old(quarantine.engine, T0 + DAY_MS) == 0


def test_message_with_a_newer_reason_stays_with_that(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("a/1", 1, T0)])
    quarantine.put([an_entry("a/1", 1, T0 + 5, Reason.TIME_MISSING)])
    assert forget_old(quarantine.engine, T0 + 1) == 0
    assert quarantine.counts() == {"time_missing": 1}


def test_within_the_bounds_nothing_is_forgotten(quarantine: Quarantine) -> None:
    assert forget_surplus(quarantine.engine, 0) == 0
    quarantine.put([an_entry("a/1", 1)])
    assert forget_surplus(quarantine.engine, 100 + ROW_BYTES) == 0
    assert quarantine.count_messages(ALL) == 1


def test_flood_of_one_topic_pushes_no_other_out(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("a/quiet", n, T0 - DAY_MS) for n in range(3)])
    quarantine.put([an_entry("a/flood", n, T0 + n) for n in range(50)])
    assert forget_surplus(quarantine.engine, 20 * (100 + ROW_BYTES)) == 33
    assert topics(quarantine) == ["a/flood"] * 17 + ["a/quiet"] * 3
    newest = {row.first_ms - T0 for row in quarantine.list_rows(99) if row.topic == "a/flood"}
    assert newest == set(range(33, 50))


def test_tidy_keeps_to_both_limits(quarantine: Quarantine) -> None:
    now_ms = T0 + (limits().quarantine_days + 1) * DAY_MS
    quarantine.put([an_entry("a/1", 1, T0), an_entry("a/1", 2, now_ms)])
    assert quarantine.tidy(now_ms) == (1, 0)
    assert quarantine.count_messages(ALL) == 1
