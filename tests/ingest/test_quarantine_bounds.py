"""What the quarantine lets go of: what is old, and what is too much."""

from __future__ import annotations

from sqlalchemy import func, select

from estate.database.engine import answering
from ingest.decoders import Reject
from ingest.limits import limits
from ingest.message import Entry, Message
from ingest.quarantine.retention import forget_old, forget_surplus
from ingest.quarantine.store import Quarantine, Selection
from ingest.quarantine.tables import (
    TABLES,
    QuarantinedComplaint,
    QuarantinedMessage,
    QuarantineShare,
)
from ingest.reasons import Reason
from tests.support.ingest_parts import T0

DAY_MS = 86_400_000
ALL = Selection()


def an_entry(
    sender: str,
    number: int,
    arrival_ms: int = T0,
    reason: Reason = Reason.PAYLOAD_NOT_JSON,
    topic: str = "a/b",
) -> Entry:
    data = b"%0100d" % number
    return Entry("a/+", Message(topic, data, len(data), arrival_ms), Reject(reason), sender)


def shares(quarantine: Quarantine) -> dict[str, int]:
    """Return what each sender takes, after a look whether that is what its rows say."""
    counted: dict[str, int] = {}
    with answering(quarantine.engine) as session:
        for table in (QuarantinedMessage, QuarantinedComplaint):
            sums = select(table.sender, func.sum(table.bytes)).group_by(table.sender)
            for sender, number in session.execute(sums):
                counted[sender] = counted.get(sender, 0) + int(number)
        found = {row.sender: row.bytes for row in session.scalars(select(QuarantineShare))}
    assert found == counted
    return found


def rows(quarantine: Quarantine) -> list[int]:
    """Count the rows of each table."""
    with answering(quarantine.engine) as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def kept(quarantine: Quarantine) -> list[int]:
    messages = [each.message for some in quarantine.messages(ALL) for each in some]
    return sorted(int(message.payload) for message in messages)


def let_go_of_old(quarantine: Quarantine, before_ms: int) -> tuple[int, bool]:
    with answering(quarantine.engine) as session:
        return forget_old(session, before_ms)


def let_go_of_surplus(quarantine: Quarantine, most_bytes: int) -> int:
    forgotten, due = 0, True
    while due:
        with answering(quarantine.engine) as session:
            number, due = forget_surplus(session, most_bytes)
        forgotten += number
    return forgotten


def test_old_messages_are_forgotten(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("a", 1, T0), an_entry("b", 2, T0 + 1)])
    assert let_go_of_old(quarantine, T0 + 1) == (1, False)
    assert kept(quarantine) == [2]
    assert shares(quarantine).keys() == {"b"}
    assert let_go_of_old(quarantine, T0 + 1) == (0, False)


def test_message_that_came_again_is_not_old(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("a", 1, T0)])
    quarantine.put([an_entry("a", 1, T0 + DAY_MS)])
    assert let_go_of_old(quarantine, T0 + DAY_MS) == (0, False)


def test_complaint_stays_with_the_messages_that_are_left(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("a", 1, T0), an_entry("a", 2, T0 + DAY_MS)])
    let_go_of_old(quarantine, T0 + 1)
    (row,) = quarantine.list_rows(9)
    assert (row.times, row.first_ms, row.payload.lstrip("0")) == (2, T0, "2")
    let_go_of_old(quarantine, T0 + DAY_MS + 1)
    assert rows(quarantine) == [0, 0, 0, 0]


def test_within_the_bounds_nothing_is_forgotten(quarantine: Quarantine) -> None:
    assert let_go_of_surplus(quarantine, 0) == 0
    quarantine.put([an_entry("a", 1)])
    assert let_go_of_surplus(quarantine, quarantine.taken_bytes()) == 0
    assert quarantine.count_messages(ALL) == 1


def test_bound_is_kept_to_and_the_shares_stay_true(quarantine: Quarantine) -> None:
    for n in range(40):
        quarantine.put([an_entry(f"s{n % 3}", n, T0 + n), an_entry("s0", 100 + n % 5, T0 + n)])
    most = quarantine.taken_bytes() // 2
    assert let_go_of_surplus(quarantine, most) > 0
    assert quarantine.taken_bytes() <= most
    shares(quarantine)
    assert let_go_of_surplus(quarantine, 0) > 0
    assert rows(quarantine) == [0, 0, 0, 0]


def test_one_sender_pushes_no_other_out_by_whichever_topics(quarantine: Quarantine) -> None:
    """A gateway may write to as many topics as it likes: they are one sender's."""
    quarantine.put([an_entry("quiet", n, T0 - DAY_MS) for n in range(3)])
    most = 10 * quarantine.taken_bytes()
    quarantine.put([an_entry("flood", 100 + n, T0 + n, topic=f"a/{n}") for n in range(500)])
    let_go_of_surplus(quarantine, most)
    assert shares(quarantine)["quiet"] == most // 10
    left = kept(quarantine)
    assert left[:3] == [0, 1, 2]
    assert left[-1] == 599


def test_largest_gives_its_oldest(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("flood", 100 + n, T0 + n) for n in range(50)])
    let_go_of_surplus(quarantine, quarantine.taken_bytes() // 2)
    left = kept(quarantine)
    assert left == list(range(150 - len(left), 150))
    assert 20 <= len(left) <= 25


def test_what_is_let_go_at_once_is_bounded(quarantine: Quarantine) -> None:
    quarantine.put([an_entry("a", n, T0) for n in range(2500)])
    assert let_go_of_old(quarantine, T0 + 1) == (2000, True)
    assert let_go_of_old(quarantine, T0 + 1) == (500, False)


def test_tidy_keeps_to_both_limits(quarantine: Quarantine) -> None:
    now_ms = T0 + (limits().quarantine_days + 1) * DAY_MS
    quarantine.put([an_entry("a", 1, T0), an_entry("a", 2, now_ms)])
    assert quarantine.tidy(now_ms) == (1, 0, False)
    assert quarantine.count_messages(ALL) == 1
