"""The table of purposes: complete, obeyed the same way by whoever asks, and shown in docs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from estate.model import Estate
from estate.purposes.agreement import may_be_stored
from estate.purposes.page import page
from estate.purposes.table import Form, Reader, kept_days, may_see, needs_agreement, purposes
from estate.quantities import quantities
from tests.support.estates import building, flat, tenancy

CLIMATE = ("temperature_c", "humidity_pct", "co2_ppm")
STAFF = (Reader.ACCOUNTANT, Reader.OPERATOR, Reader.BOARD)


@pytest.mark.parametrize("quantity", sorted(quantities()))
def test_every_quantity_has_a_purpose(quantity: str) -> None:
    assert any(quantity in each.quantities for each in purposes().values())


@pytest.mark.parametrize("form", [Form.READING, Form.HOURLY])
@pytest.mark.parametrize("quantity", CLIMATE)
def test_presence_data_is_the_residents_alone(quantity: str, form: Form) -> None:
    assert may_see(Reader.RESIDENT, quantity, form)
    assert not any(may_see(each, quantity, form) for each in STAFF)


def test_what_is_kept_the_longest_names_nobodys_hours() -> None:
    for quantity in CLIMATE:
        reading, daily = kept_days(quantity, Form.READING), kept_days(quantity, Form.DAILY)
        assert reading is not None
        assert daily is not None
        assert reading < daily


def test_every_row_says_its_basis_and_source() -> None:
    assert all(each.basis and each.source and each.says for each in purposes().values())


def test_climate_needs_agreement_and_meters_do_not() -> None:
    assert all(map(needs_agreement, CLIMATE))
    assert not needs_agreement("heat_kwh")


def house(**changes: object) -> Estate:
    tenant = tenancy("t-1", "1", date(2026, 1, 1), date(2026, 2, 1))
    return Estate(
        building(),
        flats=(flat("1"), flat("2")),
        tenancies=(tenant.model_copy(update=changes),),
    )


@pytest.mark.parametrize(
    ("changes", "day", "stored"),
    [
        ({}, date(2026, 1, 10), True),
        ({"climate_refused": True}, date(2026, 1, 10), False),
        ({"climate_refused": True}, date(2025, 12, 31), True),
        ({"climate_refused": True}, date(2026, 2, 1), True),
        ({"climate_from": date(2026, 1, 10)}, date(2026, 1, 9), False),
        ({"climate_from": date(2026, 1, 10)}, date(2026, 1, 10), True),
        ({"climate_to": date(2026, 1, 10)}, date(2026, 1, 10), False),
    ],
)
def test_climate_is_stored_on_agreed_days(
    changes: dict[str, object], day: date, stored: bool
) -> None:
    estate = house(**changes)
    assert may_be_stored(estate, "1", "co2_ppm", day) is stored
    assert may_be_stored(estate, "1", "heat_kwh", day)
    assert may_be_stored(estate, "2", "co2_ppm", day)
    assert may_be_stored(estate, None, "temperature_c", day)


def test_the_page_is_the_tables() -> None:
    assert (Path(__file__).parents[2] / "docs" / "purposes.md").read_text("utf-8") == page()
