"""Accounting years and deadlines."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from billing.bill.costs import CostLine
from billing.law.days import (
    add_months,
    claims_until,
    day_findings,
    is_late,
    received_findings,
    statement_deadline,
)
from billing.law.table import law_of
from estate.periods import Period
from tests.support.estates import building

if TYPE_CHECKING:
    from estate.model import CostKind, Fuel, Tenure

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))


def line(
    received: date | None,
    kind: CostKind = "energy",
    *,
    item: str = "heat",
    provisional: bool = False,
) -> CostLine:
    return CostLine(
        item=item,
        kind=kind,
        start=YEAR.start,
        end=YEAR.end,
        amount_ore=100,
        vat_ore=None,
        energy_kwh=None,
        provisional=provisional,
        received=received,
    )


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 10, 31), 4, date(2026, 2, 28)),
        (date(2023, 10, 31), 4, date(2024, 2, 29)),
        (date(2026, 1, 1), 12, date(2027, 1, 1)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 18, date(2028, 5, 30)),
    ],
)
def test_months_end_on_a_day_that_is_there(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("country", "received", "expected"),
    [
        # The year ends on 31 December.
        ("DK", None, date(2026, 4, 30)),
        (
            "DK",
            date(2026, 1, 20),
            date(2026, 4, 30),
        ),  # three months are never shorter than the four
        ("DK", date(2026, 3, 10), date(2026, 6, 10)),
        ("DE", date(2026, 3, 10), date(2026, 12, 31)),
        ("AT", None, date(2026, 6, 30)),
        ("CH", None, None),
        (None, None, None),
    ],
)
def test_deadline(country: str | None, received: date | None, expected: date | None) -> None:
    assert statement_deadline(YEAR, [line(received)], law_of(country, YEAR.start)) == expected


def test_claim_may_live_longer_than_the_deadline() -> None:
    """HeizKG § 17 (1): six months for the account; § 21 (6): a year until a claim is lost."""
    assert claims_until(YEAR, [], law_of("AT", YEAR.start)) == date(2026, 12, 31)
    assert claims_until(YEAR, [], law_of("DK", YEAR.start)) == date(2026, 4, 30)


def test_month_has_no_deadline_because_it_settles_nothing() -> None:
    month = Period.month("2026-01")
    assert statement_deadline(month, [line(None)], law_of("DK", month.start)) is None


def test_late_is_the_day_after() -> None:
    deadline = date(2026, 4, 30)
    assert not is_late(deadline, deadline)
    assert is_late(deadline, date(2026, 5, 1))
    assert not is_late(None, date(2030, 1, 1))
    assert not is_late(deadline, None)


GOT = date(2026, 2, 1)
ALMEN, PRIVAT, ANDEL = (building(tenure=tenure) for tenure in ("almen", "privat", "andel"))


@pytest.mark.parametrize(
    ("country", "period", "received", "issued", "names"),
    [
        ("DK", YEAR, GOT, date(2026, 4, 30), []),
        ("DK", YEAR, GOT, date(2026, 5, 2), ["late"]),
        ("DK", YEAR, None, None, ["received"]),
        ("DK", Period.month("2026-01"), None, None, ["period_short"]),
        ("DK", Period(date(2025, 1, 1), date(2025, 12, 31)), GOT, None, ["period_short"]),
        ("DK", Period(date(2025, 1, 1), date(2026, 7, 1)), GOT, None, ["period_transition"]),
        ("DK", Period(date(2025, 1, 1), date(2026, 7, 2)), GOT, None, ["period_long"]),
        ("DE", Period(date(2025, 1, 1), date(2026, 1, 2)), GOT, None, ["period_long"]),
        ("AT", Period(date(2025, 1, 1), date(2026, 5, 1)), None, None, ["period_transition"]),
        ("AT", Period(date(2025, 1, 1), date(2026, 5, 2)), None, None, ["period_long"]),
        ("CH", Period.month("2026-01"), None, None, []),
    ],
)
def test_days_that_somebody_must_know(
    country: str, period: Period, received: date | None, issued: date | None, names: list[str]
) -> None:
    found = day_findings(period, [line(received)], law_of(country, period.start), issued, ALMEN)
    assert [each.name.removeprefix("billing.law.") for each in found] == names


def test_leap_year_is_an_accounting_year() -> None:
    leap = Period(date(2024, 1, 1), date(2025, 1, 1))
    assert day_findings(leap, [line(GOT)], law_of("DK", leap.start), None, ALMEN) == []


def found(
    tenure: Tenure,
    issued: date | None,
    *lines: CostLine,
    country: str = "DK",
    period: Period = YEAR,
    **facts: object,
) -> list[str]:
    house = building(tenure=tenure, facts=facts)
    findings = day_findings(period, lines, law_of(country, period.start), issued, house)
    return [each.name.removeprefix("billing.law.") for each in findings]


SUPPLIER, INSPECTION = line(date(2026, 3, 10)), line(date(2026, 8, 1), "inspection")


def test_only_the_suppliers_final_bill_moves_the_deadline() -> None:
    """Lejeloven § 75: three months after it; an inspection's invoice and a provisional bill not."""
    law = law_of("DK", YEAR.start)
    assert statement_deadline(YEAR, [SUPPLIER, INSPECTION], law) == date(2026, 6, 10)
    provisional = line(date(2026, 9, 1), provisional=True)
    assert statement_deadline(YEAR, [SUPPLIER, provisional], law) == date(2026, 6, 10)
    assert statement_deadline(YEAR, [INSPECTION], law) == date(2026, 4, 30)


def test_the_bill_of_the_water_moves_no_deadline_of_the_heat() -> None:
    law, water = law_of("DK", YEAR.start), line(date(2026, 5, 20), item="cold_water")
    assert statement_deadline(YEAR, [line(date(2026, 1, 20)), water], law) == date(2026, 4, 30)
    assert statement_deadline(YEAR, [line(None), water], law) == date(2026, 4, 30)
    assert statement_deadline(YEAR, [water], law) == date(2026, 8, 20)


def test_a_bill_that_came_after_its_own_settlement_is_found() -> None:
    came = line(date(2026, 3, 2))
    assert [each.name for each in received_findings([came], date(2026, 3, 1))] == [
        "billing.costs.received"
    ]
    assert received_findings([came], date(2026, 3, 2)) == received_findings([came], None) == []


@pytest.mark.parametrize(
    ("change", "early"),
    [
        ({"received": date(2025, 2, 1)}, True),
        ({"received": date(2025, 12, 31)}, True),
        ({"received": date(2026, 1, 1)}, False),
        ({"received": date(2025, 2, 1), "provisional": True}, False),
        ({"received": date(2025, 2, 1), "kind": "fixed"}, False),
    ],
    ids=["a year mistyped", "the last day", "the day after", "in advance", "a subscription"],
)
def test_a_final_bill_cannot_come_before_its_days_are_over(
    change: dict[str, Any], early: bool
) -> None:
    found = received_findings([line(None).replace(**change)], date(2026, 3, 1))
    assert [each.name for each in found] == ["billing.costs.received_early"] * early


@pytest.mark.parametrize(
    ("fuel", "expected"),
    [
        ("district_heating", date(2026, 6, 10)),
        ("gas", date(2026, 6, 10)),
        (None, date(2026, 6, 10)),
        ("oil", date(2026, 4, 30)),
        ("heat_pump", date(2026, 4, 30)),
    ],
)
def test_only_a_collective_supply_moves_the_deadline(fuel: Fuel | None, expected: date) -> None:
    assert statement_deadline(YEAR, [SUPPLIER], law_of("DK", YEAR.start), fuel) == expected


def test_fuel_is_asked_for_where_lateness_hangs_on_it() -> None:
    assert found("almen", date(2026, 5, 20), SUPPLIER) == ["facts"]
    assert found("almen", date(2026, 5, 20), SUPPLIER, fuel="gas") == []
    assert found("almen", date(2026, 4, 20), SUPPLIER) == []
    assert found("almen", date(2026, 7, 20), SUPPLIER) == ["late"]
    assert found("almen", date(2026, 5, 20), SUPPLIER, fuel="oil") == ["late"]


@pytest.mark.parametrize(
    ("tenure", "issued", "expected"),
    [
        # Almenlejeloven § 53 always; lejeloven § 73 where the account comes after the 4 months.
        ("almen", date(2026, 3, 1), ["received"]),
        ("almen", None, ["received"]),
        ("privat", date(2026, 3, 1), []),
        ("privat", date(2026, 4, 30), []),
        ("privat", date(2026, 5, 1), ["received", "late"]),
        ("andel", date(2026, 5, 1), ["late"]),
    ],
)
def test_day_of_the_suppliers_bill_by_tenancy_law(
    tenure: Tenure, issued: date | None, expected: list[str]
) -> None:
    assert found(tenure, issued, line(None)) == expected


def test_settlement_waits_for_the_end_of_its_period() -> None:
    assert found("privat", date(2025, 12, 31), SUPPLIER) == ["period_not_over"]
    assert found("privat", date(2026, 1, 1), SUPPLIER) == []
    # A part of the accounting year informs, and settles nothing.
    month = Period.month("2025-12")
    assert found("privat", date(2025, 12, 20), SUPPLIER, period=month) == ["period_short"]
    # Where no accounting year is known, every bill settles.
    assert found("privat", date(2025, 12, 20), SUPPLIER, country="CH", period=month) == [
        "period_not_over"
    ]


def test_austrian_account_is_due_after_six_months_and_lost_after_twelve() -> None:
    """HeizKG §§ 17 (1), 21 (4) and (6)."""
    names = [
        found("privat", issued, SUPPLIER, country="AT")
        for issued in (date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert names == [[], ["account_due"], ["account_due"], ["late", "account_due"]]
