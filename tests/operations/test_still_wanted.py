"""What waited overnight or for a mail server goes to nobody who opted out or moved out since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from correspondence.outbox.message import Channel, Message, message_id
from estate.errors import UsageError
from estate.model import Estate, Person
from estate.periods import day_start_ms
from operations.outbox.still_wanted import still_wanted
from tests.support import estates as make

TODAY = date(2026, 1, 15)
MAIL = Message(
    message_id("test"), Channel.MAIL, "alert", "a@example.org", "Leak", "Close every tap.",
    building="house", tenancy="t1", person="a",
)  # fmt: skip
LETTER = replace(MAIL, channel=Channel.LETTER, address="", person="")


def person(name: str, **more: Any) -> Person:  # noqa: ANN401  fields of a person
    fields = {"tenancy": "t1", "person": name, "name": "Resident", "mail": f"{name}@example.org"}
    return Person.model_validate(fields | more)


def wanted(message: Message, *persons: Person, end: date | None = None) -> bool:
    home = make.tenancy("t1", "f1", end=end)
    estate = make.estate([make.flat("f1")], [home], persons=persons)
    now_ms = day_start_ms(TODAY, estate.building.zone)
    return still_wanted(lambda _: estate, message, now_ms)


OUT = person("a", channels="none")


@pytest.mark.parametrize(
    ("persons", "expected"),
    [
        ((person("a"), person("b")), True),
        # Another channel was chosen: what is under way is sent as it was asked for.
        ((person("a", channels="sms"),), True),
        ((OUT, person("b")), False),
        ((person("b"),), False),
        ((person("a", end=TODAY),), False),
        ((person("a2", mail="a@example.org"),), True),
        ((), False),
    ],
)
def test_a_mail_goes_to_who_lives_there_and_wants_it(
    persons: tuple[Person, ...], expected: bool
) -> None:
    assert wanted(MAIL, *persons) is expected


def test_a_letter_goes_where_somebody_wants_it_or_nobody_is_known() -> None:
    assert wanted(LETTER, OUT, person("b"))
    assert wanted(LETTER)
    assert not wanted(LETTER, OUT)


def test_nobody_is_written_to_after_moving_out_and_danger_heeds_no_opt_out() -> None:
    for end, there in ((TODAY, False), (TODAY + timedelta(1), True)):
        assert wanted(MAIL, person("a"), end=end) is there
        assert wanted(replace(MAIL, safety=True), OUT, end=end) is there


def test_staff_webhooks_months_and_unreadable_estates_are_left_alone() -> None:
    assert wanted(replace(MAIL, tenancy="", person=""))
    assert wanted(replace(MAIL, kind="report"), OUT)

    def unreadable(_: str) -> Estate:
        raise UsageError("no such building")

    assert still_wanted(unreadable, MAIL, 0)
