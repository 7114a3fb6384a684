"""The outbox: in once, out at least once, under one id; on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correspondence.outbox.dispatch import dispatch
from correspondence.outbox.message import (
    Attachment,
    Channel,
    Message,
    NotSent,
    Scope,
    as_letter,
    message_id,
)
from correspondence.outbox.retries import retries
from correspondence.outbox.store import Outbox
from estate.database.engine import open_database
from estate.periods import DAY_MS, HOUR_MS

NOW = 1_790_000_000_000
LEASE = retries().lease_ms


def message(number: int = 1, channel: Channel = Channel.MAIL, **more: object) -> Message:
    plain = Message(
        id=message_id("test", str(number), channel),
        channel=channel,
        kind="alert",
        address=f"{number}@example.org",
        subject=f"Leak {number}",
        text="Close every tap.",
        building="solgaarden",
        tenancy="0101-1",
        due_ms=NOW,
    )
    return replace(plain, **more)  # type: ignore[arg-type]  # fields of a message


@pytest.fixture
def outbox(migrated_url: str) -> Iterator[Outbox]:
    engine = open_database(migrated_url)
    yield Outbox(engine)
    engine.dispose()


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now_ms = NOW

    def __call__(self) -> int:
        return self.now_ms


class Scripted:
    """A way out that answers as it is told, and remembers what it took."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.refusals: dict[str, Scope] = {}

    def send(self, message: Message) -> str:
        scope = self.refusals.get(message.address) or self.refusals.get("all")
        if scope is not None:
            raise NotSent(scope, "as told")
        self.taken.append(message.id)
        return "taken"


def states(outbox: Outbox) -> dict[str, str]:
    return {row.id: row.state for row in outbox.list_rows(1000)}


def test_a_message_comes_out_as_it_went_in(outbox: Outbox) -> None:
    given_in = message(
        subject="Læk æøå \N{BUG}",
        html="<p>x</p>",
        attachments=(Attachment("a.pdf", "application/pdf", bytes(range(256))),) * 2,
        person="0101-1a",
        safety=True,
    )
    assert outbox.put([given_in], NOW) == 1
    claimed = outbox.claim(Channel.MAIL, NOW, LEASE)
    assert claimed is not None
    assert claimed.message == given_in
    assert outbox.message(given_in.id) == given_in


def test_queueing_again_changes_nothing_also_after_it_was_sent(outbox: Outbox) -> None:
    assert outbox.put([message(), message()], NOW) == 1
    assert outbox.put([message(subject="another")], NOW) == 0
    way = Scripted()
    dispatch(outbox, {Channel.MAIL: way}, retries(), lambda: NOW)
    assert outbox.put([message()], NOW + 1) == 0
    dispatch(outbox, {Channel.MAIL: way}, retries(), lambda: NOW + DAY_MS)
    assert way.taken == [message().id]


def test_nothing_goes_before_it_is_due_and_danger_goes_first(outbox: Outbox) -> None:
    later = message(1, due_ms=NOW + HOUR_MS)
    old, dangerous = message(2, due_ms=NOW - 5), message(3, safety=True)
    outbox.put([later, old, dangerous], NOW)
    way = Scripted()
    dispatch(outbox, {Channel.MAIL: way}, retries(), lambda: NOW)
    assert way.taken == [dangerous.id, old.id]


def test_a_cut_off_attempt_is_made_again_after_its_lease_and_marked(outbox: Outbox) -> None:
    outbox.put([message()], NOW)
    assert outbox.claim(Channel.MAIL, NOW, LEASE) is not None
    assert outbox.claim(Channel.MAIL, NOW + LEASE - 1, LEASE) is None
    again = outbox.claim(Channel.MAIL, NOW + LEASE, LEASE)
    assert again is not None
    assert again.attempt == 2
    outbox.sent(message().id, NOW + LEASE, "taken")
    assert [row.repeats for row in outbox.list_rows(9)] == [1]


def test_a_refused_attempt_is_no_repetition(outbox: Outbox) -> None:
    outbox.put([message()], NOW)
    way, clock = Scripted(), Clock()
    way.refusals["all"] = Scope.MESSAGE
    dispatch(outbox, {Channel.MAIL: way}, retries(), clock)
    way.refusals.clear()
    clock.now_ms += retries().wait_ms(1)
    dispatch(outbox, {Channel.MAIL: way}, retries(), clock)
    (row,) = outbox.list_rows(9)
    assert (row.state, row.attempts, row.repeats) == ("sent", 2, 0)


def test_a_channel_that_is_away_for_a_day_delays_and_loses_none(outbox: Outbox) -> None:
    outbox.put([message(number) for number in range(20)], NOW)
    way, clock = Scripted(), Clock()
    way.refusals["all"] = Scope.CHANNEL
    for _ in range(24):
        done = dispatch(outbox, {Channel.MAIL: way}, retries(), clock)
        assert done.away == {"mail": "as told"}
        clock.now_ms += HOUR_MS
    way.refusals.clear()
    done = dispatch(outbox, {Channel.MAIL: way}, retries(), clock)
    assert done.sent == {"mail": 20}
    assert sorted(way.taken) == sorted(message(number).id for number in range(20))
    assert {(row.attempts, row.repeats) for row in outbox.list_rows(99)} == {(1, 0)}


def test_who_opted_out_while_it_waited_is_sent_nothing(outbox: Outbox) -> None:
    way = Scripted()
    outbox.put([message(1), message(2)], NOW)
    out = message(1).id

    done = dispatch(
        outbox, {Channel.MAIL: way}, retries(), Clock(), still_wanted=lambda of, _: of.id != out
    )
    assert (done.unwanted, done.sent) == ({"mail": 1}, {"mail": 1})
    assert states(outbox) == {out: "withdrawn", message(2).id: "sent"}
    assert way.taken == [message(2).id]


def test_a_dead_address_costs_no_other_and_a_letter_takes_its_place(outbox: Outbox) -> None:
    outbox.put([message(number) for number in range(3)], NOW)
    way, letters = Scripted(), Scripted()
    way.refusals["1@example.org"] = Scope.ADDRESS
    done = dispatch(outbox, {Channel.MAIL: way, Channel.LETTER: letters}, retries(), lambda: NOW)
    assert done.sent == {"mail": 2, "letter": 1}
    assert letters.taken == [as_letter(message(1), NOW).id]
    letter = outbox.message(letters.taken[0])
    assert letter is not None
    assert (letter.instead_of, letter.text) == (message(1).id, message(1).text)


def test_tried_for_days_it_ends_with_a_letter(outbox: Outbox) -> None:
    outbox.put([message()], NOW)
    way, letters, clock = Scripted(), Scripted(), Clock()
    way.refusals["all"] = Scope.MESSAGE
    while not letters.taken:
        assert clock.now_ms < NOW + 6 * DAY_MS
        dispatch(outbox, {Channel.MAIL: way, Channel.LETTER: letters}, retries(), clock)
        clock.now_ms += HOUR_MS
    assert clock.now_ms >= NOW + 5 * DAY_MS
    assert states(outbox)[message().id] == "given_up"


@pytest.mark.parametrize("first_try", ["due later", "channel away"])
def test_what_waited_for_days_is_not_given_up_at_its_first_try(
    outbox: Outbox, first_try: str
) -> None:
    """A server's first answer to whom it does not know is often: later."""
    wait_ms = 6 * DAY_MS
    outbox.put([message(due_ms=NOW + wait_ms if first_try == "due later" else NOW)], NOW)
    way, clock = Scripted(), Clock()
    way.refusals["all"] = Scope.CHANNEL
    dispatch(outbox, {Channel.MAIL: way}, retries(), clock)
    way.refusals["all"] = Scope.MESSAGE
    clock.now_ms += wait_ms
    assert dispatch(outbox, {Channel.MAIL: way}, retries(), clock).later == {"mail": 1}
    way.refusals.clear()
    clock.now_ms += HOUR_MS
    assert dispatch(outbox, {Channel.MAIL: way}, retries(), clock).sent == {"mail": 1}


def test_a_letter_that_cannot_be_delivered_makes_no_other(outbox: Outbox) -> None:
    outbox.put([message(channel=Channel.LETTER)], NOW)
    way = Scripted()
    way.refusals["all"] = Scope.ADDRESS
    dispatch(outbox, {Channel.LETTER: way}, retries(), lambda: NOW)
    assert list(states(outbox).values()) == ["undeliverable"]


def test_what_is_withdrawn_is_not_sent_and_what_was_sent_cannot_be(outbox: Outbox) -> None:
    outbox.put([message(1), message(2, due_ms=NOW + 1)], NOW)
    way = Scripted()
    dispatch(outbox, {Channel.MAIL: way}, retries(), lambda: NOW)
    assert outbox.withdraw([message(1).id, message(2).id], NOW, "the data was corrected") == 1
    dispatch(outbox, {Channel.MAIL: way}, retries(), lambda: NOW + DAY_MS)
    assert way.taken == [message(1).id]
    assert outbox.counts() == {"sent": 1, "withdrawn": 1}


def test_several_processes_send_each_message_once(outbox: Outbox) -> None:
    outbox.put([message(number) for number in range(40)], NOW)
    ways = [Scripted() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        rounds = [
            threads.submit(dispatch, outbox, {Channel.MAIL: way}, retries(), lambda: NOW)
            for way in ways
        ]
        for each in rounds:
            each.result()
    taken = [each for way in ways for each in way.taken]
    assert sorted(taken) == sorted(message(number).id for number in range(40))


@settings(max_examples=40, deadline=None)
@given(
    attempts=st.integers(1, 2000),
    queued_ms=st.integers(0, NOW),
)
def test_waits_grow_to_a_bound_and_end(attempts: int, queued_ms: int) -> None:
    table = retries()
    assert table.wait_ms(attempts) <= table.wait_ms(attempts + 1) <= 4 * HOUR_MS
    assert not table.is_over(queued_ms, queued_ms + 5 * DAY_MS - 1, attempts)
    assert table.is_over(queued_ms, queued_ms + 5 * DAY_MS, attempts) == (attempts >= 6)
