"""The landlord has one statement of a flat, however often it stood empty."""

from __future__ import annotations

from datetime import date

import pytest

from billing.bill.bill import Bill
from billing.schemes import Scheme
from billing.statement.vacancies import one_vacancy_each
from estate.periods import Period, day_start_ms
from operations.bill_building import bill_building
from tests.support.estates import add_register, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

JANUARY = Period.month("2026-01")
ITEMS = {"heat": [{"key": "heat_units", "fraction": 0.6}, {"key": "area", "fraction": 0.4}]}
SCHEME = Scheme.model_validate(
    {"id": "test", "valid_from": date(2020, 1, 1), "source": "made for this test", "items": ITEMS}
)


def bill(*stays: tuple[int, int | None]) -> Bill:
    """Bill a flat that is let on some days of January beside one that always is."""
    lets = [
        tenancy(f"1-{number}", "1", date(2026, 1, first), date(2026, 1, last) if last else None)
        for number, (first, last) in enumerate(stays)
    ]
    meters = [device(f"m{each}", "heat", each) for each in "12"]
    costs = [cost(JANUARY, "heat", 100_000, vat_amount_ore=20_000)]
    own = estate([flat("1"), flat("2")], [*lets, tenancy("2-0", "2")], meters, costs)
    source, zone = HandMadeSource(), own.building.zone
    for name in ("m1", "m2"):
        readings = [(JANUARY.start, 0.0), (JANUARY.end, 310.0)]
        edges = [(day_start_ms(day, zone), value) for day, value in readings]
        add_register(source, name, "heat_kwh", edges)
    return bill_building(own, source, JANUARY, SCHEME)


def test_two_vacancies_are_one_statement_with_the_sum_of_both() -> None:
    found = bill((3, 10), (14, None))
    landlord = next(each for each in found.statements if each.tenancy == "landlord:1")
    assert (landlord.start, landlord.end) == (date(2026, 1, 1), date(2026, 1, 14))
    # 2 and 4 of 31 days.
    assert [row.weight for row in landlord.rows] == pytest.approx([60, 70 * 6 / 31], abs=2e-6)
    assert landlord.total_ore == pytest.approx(50_000 * 6 / 31, abs=2)
    assert landlord.vat_ore == pytest.approx(10_000 * 6 / 31, abs=2)
    assert landlord.climate_hours == 6 * 24
    assert [each.use for each in landlord.registers] == pytest.approx([20, 40])


@pytest.mark.parametrize("stays", [(), ((1, None),), ((3, 10), (14, 20), (25, None)), ((5, None),)])
def test_rows_have_a_key_and_add_up(stays: tuple[tuple[int, int | None], ...]) -> None:
    found = bill(*stays)
    keys = [(row.tenancy, row.item, row.component) for row in found.rows]
    assert len(keys) == len(set(keys))
    assert sum(row.amount_ore for row in found.rows) == 100_000
    for component in ("heat-1", "heat-2"):
        rows = [row for row in found.rows if row.component == component]
        assert sum(row.weight for row in rows) == pytest.approx(rows[0].weight_total, abs=1e-5)
    assert next(each for each in found.statements if each.flat == "2").total_ore == 50_000


def test_every_count_of_hours_is_that_of_both_vacancies() -> None:
    landlord = next(each for each in bill((5, None)).statements if each.tenancy == "landlord:1")
    hours = {"climate_hours": 96, "climate_hours_measured": 24, "climate_hours_by_house": 72}
    (both,) = one_vacancy_each([landlord.replace(**hours)] * 2)
    assert {name: getattr(both, name) for name in hours} == {
        name: 2 * each for name, each in hours.items()
    }
