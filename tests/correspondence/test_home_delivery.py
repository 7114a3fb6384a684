"""Who is written to: everybody by one way, and nobody at a home that is somebody else's now."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from correspondence.home_delivery import Recipient, letter_address
from correspondence.outbox.message import Channel
from correspondence.recipients import PAGES, recipients
from estate.model import Estate, Tenancy
from tests.support.report_homes import an_estate

DAY = date(2026, 2, 3)
LETTER = (Recipient("", Channel.LETTER, ""),)


def person(name: str, tenancy: str = "t3", **more: object) -> dict[str, Any]:
    return {"tenancy": tenancy, "person": name, "name": f"Beboer {name}"} | more


def written_to(
    persons: list[dict[str, Any]], tenancy: str, day: date = DAY
) -> tuple[Recipient, ...]:
    estate = an_estate(persons=persons)
    return recipients(estate, _tenancy(estate, tenancy), DAY, PAGES, page=True)


def _tenancy(estate: Estate, name: str) -> Tenancy:
    return next(each for each in estate.tenancies if each.tenancy == name)


def test_a_home_on_paper_gets_a_letter_even_with_a_mail_address() -> None:
    assert written_to([person("a", "t1", mail="a@example.org")], "t1") == LETTER


def test_a_digital_home_gets_a_mail_for_each_address_and_a_letter_for_who_has_none() -> None:
    persons = [
        person("b", mail="b@example.org"),
        person("a", mail="a@example.org"),
        person("c"),
        person("d", mail="a@example.org"),
    ]
    assert written_to(persons, "t3") == (
        Recipient("a", Channel.MAIL, "a@example.org"),
        Recipient("b", Channel.MAIL, "b@example.org"),
        *LETTER,
    )
    assert written_to([each for each in persons if "mail" in each], "t3")[2:] == ()


@pytest.mark.parametrize("persons", [[person("a")], [person("x", "t1")]])
def test_a_digital_home_without_a_mail_address_gets_a_letter(persons: list[dict[str, Any]]) -> None:
    assert written_to(persons, "t3") == LETTER


def test_somebody_who_has_left_the_home_is_not_written_to() -> None:
    persons = [
        person("a", mail="a@example.org", to="2026-02-03"),
        person("b", mail="b@example.org", **{"from": "2026-02-03"}),
    ]
    assert written_to(persons, "t3") == (Recipient("b", Channel.MAIL, "b@example.org"),)


def test_who_moved_out_is_written_to_at_the_new_address_or_not_at_all() -> None:
    assert written_to([person("a", "t2", post_address="Postboks 7")], "t2") == LETTER
    assert written_to([person("a", "t2")], "t2") == ()


def test_a_letter_to_a_protected_digital_home_has_an_address() -> None:
    estate = an_estate(persons=[person("a", protected=True)])
    block = letter_address(estate, _tenancy(estate, "t3"), DAY)
    assert block.address == "Birkevej 1, 2. th, 4000 Roskilde"
    assert block.names == ("Beboer a",)
