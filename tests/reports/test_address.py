from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from correspondence.address import AddressBlock, address_block, persons_on
from estate.model import Flat, Person, Tenancy

HOME = "Birkevej 1, 2. tv, 4000 Roskilde"
ELSEWHERE = "Postboks 7, 4000 Roskilde"


def person(number: int, **fields: object) -> Person:
    row: dict[str, Any] = {"tenancy": "t1", "person": f"p{number}", "name": f"Beboer {number}"}
    row.update(fields)
    return Person.model_validate(row)


def block(*persons: Person, delivery: str = "paper", moved_out: bool = False) -> AddressBlock:
    tenancy = Tenancy.model_validate(
        {"tenancy": "t1", "flat": "f1", "from": "2024-01-01", "delivery": delivery}
    )
    flat = Flat(flat="f1", address=HOME, area_m2=70)
    return address_block(tenancy, flat, persons, moved_out=moved_out)


def test_a_page_goes_to_everybody_of_the_home() -> None:
    assert block(person(1), person(2)) == AddressBlock(("Beboer 1", "Beboer 2"), HOME)


def test_a_home_without_a_known_name_still_gets_its_page() -> None:
    assert block() == AddressBlock((), HOME)


def test_a_protected_home_that_logs_in_is_not_named_at_all() -> None:
    found = block(person(1, protected=True), person(2), delivery="digital")
    assert found == AddressBlock((), None)


def test_on_paper_a_protected_name_is_left_out_where_another_can_take_the_letter() -> None:
    assert block(person(1, protected=True), person(2)) == AddressBlock(("Beboer 2",), HOME)


def test_on_paper_one_protected_name_is_printed_where_nobody_else_can_take_it() -> None:
    found = block(person(1, protected=True), person(2, protected=True))
    assert found == AddressBlock(("Beboer 1",), HOME)


def test_a_protected_post_address_stands_in_for_the_home() -> None:
    found = block(person(1, protected=True, post_address=ELSEWHERE))
    assert found == AddressBlock(("Beboer 1",), ELSEWHERE)


def test_a_post_address_is_that_of_its_own_persons() -> None:
    found = block(person(1), person(2, post_address=ELSEWHERE))
    assert found == AddressBlock(("Beboer 2",), ELSEWHERE)


def test_who_moved_out_is_never_written_to_at_the_flat() -> None:
    assert block(person(1), moved_out=True) == AddressBlock(("Beboer 1",), None, missing=True)
    found = block(person(1, post_address=ELSEWHERE), moved_out=True)
    assert found == AddressBlock(("Beboer 1",), ELSEWHERE)


@pytest.mark.parametrize(
    ("start", "end", "here"),
    [
        (None, None, True),
        ("2026-01-31", None, True),
        ("2026-02-01", None, False),
        (None, "2026-02-01", True),
        (None, "2026-01-31", False),
    ],
)
def test_persons_count_on_their_own_days(start: str | None, end: str | None, here: bool) -> None:
    someone = person(1, **{"from": start, "to": end})
    assert persons_on([someone], "t1", date(2026, 1, 31)) == ((someone,) if here else ())


def test_persons_of_other_tenancies_do_not_count() -> None:
    assert persons_on([person(1)], "t2", date(2026, 1, 31)) == ()
