"""Who had a home for a part of the period learns why less than all of its size counts."""

from __future__ import annotations

import pytest

from billing.bill.bill import Bill
from correspondence.catalogue import catalogue
from reports.statement.key_notes import key_note
from tests.support.report_homes import a_bill, a_statement


def bill_of(key: str, item: str, country: str | None, parts: tuple[float, ...]) -> Bill:
    """Return a home of 70 units of a key, and its tenancies' weights."""
    whole = a_statement(amounts={(item, key): 10_000})
    rows = [whole.rows[0].replace(weight=70 * part, weight_total=450) for part in parts]
    first, *later = (
        whole.replace(tenancy=f"T-{number}", rows=(row,)) for number, row in enumerate(rows)
    )
    bill = a_bill(first)
    return bill.replace(statements=(first, *later), country=country)


@pytest.mark.parametrize(
    ("item", "country", "by"),
    [
        ("heat", "DK", "more for cold months than for warm ones"),
        ("cold_water", "DK", "by days"),
        ("heat", "AT", "by months"),
    ],
)
def test_the_part_and_what_divides_it_are_told(item: str, country: str, by: str) -> None:
    bill = bill_of("area", item, country, (0.374516, 0.625484))
    first = bill.statements[0]
    note = key_note(bill, first, first.rows[0], catalogue("en"))
    plain = note.replace("\N{NO-BREAK SPACE}", " ")
    assert "Of its 70 m², 26.216 count for you" in plain
    assert by in plain


def test_who_had_the_home_all_the_time_reads_nothing_of_it() -> None:
    bill = bill_of("area", "heat", "DK", (1.0,))
    first = bill.statements[0]
    assert key_note(bill, first, first.rows[0], catalogue("en")) == (
        "The size of the home is its heated m²."
    )


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_every_language_has_it(language: str) -> None:
    bill = bill_of("volume", "heat", "DK", (0.5, 0.5))
    first = bill.statements[0]
    assert "35" in key_note(bill, first, first.rows[0], catalogue(language))
