"""Who is sent what: nobody twice, nobody forgotten, and who wants none has none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence.home_delivery import Recipient
from correspondence.outbox.message import Channel
from correspondence.recipients import at_once, recipients
from estate.model import Estate, Person, Tenancy
from tests.support import estates as make

DAY = date(2026, 1, 15)
ALL = frozenset(Channel)
NO_SMS = ALL - {Channel.SMS}
LETTER = Recipient("", Channel.LETTER, "")
MAIL, PHONE = "a@example.org", "+4512345678"


def person(name: str = "p1", **more: Any) -> Person:  # noqa: ANN401  fields of a person
    return Person(tenancy="t1", person=name, name=f"Resident {name}", **more)


def home(delivery: Any, *persons: Person) -> tuple[Estate, Tenancy]:  # noqa: ANN401
    tenancy = Tenancy(tenancy="t1", flat="f1", start=date(2020, 1, 1), delivery=delivery)
    return make.estate([make.flat("f1")], [tenancy], persons=persons), tenancy


@pytest.mark.parametrize(
    ("delivery", "more", "channel"),
    [
        ("digital", {"mail": MAIL, "phone": PHONE}, Channel.MAIL),
        ("digital", {"phone": PHONE}, Channel.SMS),
        ("digital", {}, Channel.LETTER),
        ("paper", {"mail": MAIL}, Channel.LETTER),
        ("paper", {"mail": MAIL, "channels": "mail"}, Channel.MAIL),
        ("digital", {"mail": MAIL, "phone": PHONE, "channels": "sms mail"}, Channel.SMS),
        ("digital", {"mail": MAIL, "channels": "sms, mail"}, Channel.MAIL),
        ("digital", {"mail": MAIL, "channels": "Letter"}, Channel.LETTER),
        ("digital", {"mail": MAIL, "channels": "sms"}, Channel.LETTER),
        ("digital", {"mail": MAIL, "channels": "none"}, None),
        ("digital", {"mail": MAIL, "channels": "pigeon"}, Channel.MAIL),
        ("digital", {"mail": MAIL, "protected": True}, Channel.MAIL),
    ],
)
def test_one_person_is_reached_one_way(
    delivery: str, more: dict[str, Any], channel: Channel | None
) -> None:
    found = recipients(*home(delivery, person(**more)), DAY, ALL)
    assert [each.channel for each in found] == ([] if channel is None else [channel])


def test_danger_goes_by_what_is_fastest_whatever_was_wished() -> None:
    for wish in ("none", "letter", "mail", None):
        dweller = person(mail=MAIL, phone=PHONE, channels=wish)
        found = recipients(*home("paper", dweller), DAY, ALL, safety=True)
        assert Recipient("p1", Channel.SMS, PHONE) in found
        without = recipients(*home("paper", dweller), DAY, NO_SMS, safety=True)
        assert Recipient("p1", Channel.MAIL, MAIL) in without
    unreached = recipients(*home("digital", person(channels="none")), DAY, ALL, safety=True)
    assert unreached == (LETTER,)
    assert not at_once(unreached)


def test_a_home_is_sent_one_letter_and_no_mailbox_the_same_twice() -> None:
    two = (person("p1"), person("p2"))
    assert recipients(*home("paper", *two), DAY, ALL) == (LETTER,)
    sharing = (person("p1", mail=MAIL), person("p2", mail=MAIL))
    assert recipients(*home("digital", *sharing), DAY, ALL) == (
        Recipient("p1", Channel.MAIL, MAIL),
    )


def test_who_has_no_address_is_not_forgotten_beside_one_who_has() -> None:
    two = home("digital", person("p1", mail=MAIL), person("p2"))
    to_both = (Recipient("p1", Channel.MAIL, MAIL), LETTER)
    assert recipients(*two, DAY, ALL) == to_both
    assert recipients(*two, DAY, ALL, page=True) == to_both
    # A letter comes too late for danger, and one of them was told.
    assert recipients(*two, DAY, ALL, safety=True) == to_both[:1]
    refusing = home("digital", person("p1", mail=MAIL), person("p2", channels="none"))
    assert recipients(*refusing, DAY, ALL) == to_both[:1]


@pytest.mark.parametrize(
    ("delivery", "more", "channel"),
    [
        ("digital", {"mail": MAIL, "channels": "letter"}, Channel.LETTER),
        ("paper", {"mail": MAIL, "channels": "mail"}, Channel.MAIL),
        ("digital", {"mail": MAIL, "phone": PHONE, "channels": "sms"}, Channel.MAIL),
        ("paper", {"phone": PHONE, "channels": "sms"}, Channel.LETTER),
        ("digital", {"mail": MAIL, "channels": "none"}, Channel.MAIL),
        ("paper", {"mail": MAIL, "channels": "none"}, Channel.LETTER),
    ],
)
def test_a_page_goes_by_the_same_wishes_and_to_every_home(
    delivery: str, more: dict[str, Any], channel: Channel
) -> None:
    found = recipients(*home(delivery, person(**more)), DAY, ALL, page=True)
    assert [each.channel for each in found] == [channel]


def test_who_moved_out_or_is_not_there_yet_hears_nothing() -> None:
    gone = person("p1", mail=MAIL, end=DAY)
    coming = person("p2", mail="b@example.org", start=date(2026, 1, 16))
    assert recipients(*home("digital", gone, coming), DAY, ALL) == (LETTER,)


words = st.lists(st.sampled_from(["mail", "sms", "letter", "none", ""]), max_size=3).map(" ".join)
dwellers = st.builds(
    person,
    st.sampled_from(["p1", "p2", "p3"]),
    mail=st.sampled_from([None, MAIL]),
    phone=st.sampled_from([None, PHONE]),
    channels=words.map(lambda text: text.strip() or None),
)


@pytest.mark.slow
@given(st.lists(dwellers, max_size=3, unique_by=lambda each: each.person), st.booleans())
def test_nobody_has_both_and_no_home_neither(persons: list[Person], safety: bool) -> None:
    for delivery in ("digital", "paper"):
        found = recipients(*home(delivery, *persons), DAY, ALL, safety=safety)
        named = [each.person for each in found]
        assert len(named) == len(set(named))
        assert len({each.address for each in found}) == len(found)
        refused = persons and all("none" in (each.channels or "") for each in persons)
        assert bool(found) == (safety or not refused)
