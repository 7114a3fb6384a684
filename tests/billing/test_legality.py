"""Meters, positions and reductions: what the law says of a whole bill."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from billing.bill.bill import Bill
from billing.law.statement_fields import fields_wanted, missing_fields
from billing.schemes import Scheme
from estate.errors import DataError
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import add_register, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))


def bill_of(
    country: str,
    metered: float = 0.7,
    key: str = "heat_units",
    rest: str = "area",
    meter: dict[str, Any] | None = None,
    period: Period = YEAR,
    allowed: tuple[str, ...] = (),
    issued: date | None = None,
    first_issued: date | None = None,
    estimated_area_ceiling: float | None = None,
    use: float = 100.0,
    **of_building: Any,  # noqa: ANN401  fields of a building
) -> Bill:
    """Bill 10,000.00 on four equal flats, the first of them with a meter of its own kind."""
    scheme = Scheme.model_validate(
        {
            "id": "own", "country": country, "valid_from": "2015-01-01", "source": "this test",
            "estimated_area_ceiling": estimated_area_ceiling,
            "items": {"heat": [
                {"key": key, "fraction": metered}, {"key": rest, "fraction": 1 - metered},
            ]},
        }
    )  # fmt: skip
    flats = [flat(name, 70.0, position_factor=1.0, shares=70.0) for name in "1234"]
    devices = [device(f"m{name}", "heat", name) for name in "234"]
    devices.insert(0, device("m1", "heat", "1", **(meter or {})))
    known = {"received": max(date(2026, 2, 1), period.end), "co2_kg": 0, "co2_amount_ore": 0}
    costs = [cost(period, "heat", 1_000_000, **known)]
    own = estate(
        flats, [tenancy(f"{name}a", name) for name in "1234"], devices, costs, **of_building
    )
    source, hours = HandMadeSource(), period.hours(own.building.zone)
    for each in devices:
        readings = [(hours.start_ms, 0.0), (hours.end_ms, use)]
        add_register(source, each.device, "heat_kwh", readings)
    return bill_building(own, source, period, scheme, allowed, issued, first_issued)


def names(bill: Bill) -> list[str]:
    """Name what was found, apart from what statements do not tell."""
    found = [each.name.removeprefix("billing.law.") for each in bill.findings]
    return [name for name in found if name != "statement"]


def test_a_month_that_nobody_heated_is_billed_and_such_a_year_is_not() -> None:
    july = bill_of("DK", key="heat_units_position", period=Period.month("2025-07"), use=0.0)
    assert names(july) == ["period_short", "billing.component.no_weight"]
    assert {each.total_ore for each in july.statements} == {250_000}
    with pytest.raises(DataError) as stopped:
        bill_of("DK", key="heat_units_position", use=0.0)
    assert "billing.law.metered_fraction" in {each.name for each in stopped.value.findings}


def test_position_is_wanted_in_denmark_unless_it_is_priced_in() -> None:
    assert names(bill_of("DK")) == ["position"]
    assert names(bill_of("DK", key="heat_units_position")) == []
    assert names(bill_of("DK", facts={"position_priced_in": True})) == []
    assert names(bill_of("DE")) == []


def test_position_may_stand_in_the_fixed_share_numbers() -> None:
    """One of the three technical ways (brunata.dk): 50-50, see the shipped schemes' tests."""
    assert "position" not in names(bill_of("DK", metered=0.4, rest="shares"))


BY_HAND = {"remote": False}


@pytest.mark.parametrize(
    ("country", "meter", "period", "expected"),
    [
        ("AT", BY_HAND | {"start": date(2020, 10, 24)}, YEAR, []),
        ("AT", BY_HAND | {"start": date(2020, 10, 25)}, YEAR, ["remote_reading"]),
        ("DE", BY_HAND | {"start": date(2021, 11, 30)}, YEAR, []),
        ("DE", BY_HAND | {"start": date(2021, 12, 1)}, YEAR, ["remote_reading", "reduction"]),
        ("AT", BY_HAND, Period(date(2026, 1, 1), date(2027, 1, 1)), []),
        ("AT", BY_HAND, Period(date(2026, 2, 1), date(2027, 2, 1)), ["remote_reading"]),
        ("CH", BY_HAND | {"start": date(2024, 1, 1)}, YEAR, []),
        ("AT", {"remote": True, "start": date(2024, 1, 1)}, YEAR, []),
        ("AT", {"start": date(2024, 1, 1)}, YEAR, []),
        ("AT", {"verified_until": date(2025, 12, 31)}, YEAR, []),
        ("AT", {"verified_until": date(2025, 12, 30)}, YEAR, ["verification"]),
    ],
)
def test_meters(country: str, meter: dict[str, Any], period: Period, expected: list[str]) -> None:
    assert names(bill_of(country, meter=meter, period=period)) == expected


def test_tenants_claims_in_germany() -> None:
    """
    A quarter of 10,000.00 each. § 12: 15 % not by use, 3 % by hand, 3 % without information.

    Only the first home's meter is read by hand.
    """
    with pytest.raises(DataError):
        bill_of("DE", metered=0.49)
    shares = ("billing.law.metered_fraction", "billing.law.metered_whole")
    facts = {"fuel": "district_heating", "monthly_information": False}
    meter = BY_HAND | {"start": date(2024, 1, 1)}
    bill = bill_of("DE", metered=0.49, meter=meter, allowed=shares, facts=facts)
    assert bill.allowed == shares
    claims = [[(each.fraction, each.amount_ore) for each in s.reductions] for s in bill.statements]
    assert claims == [
        [(0.15, 37_500), (0.03, 7_500), (0.03, 7_500)], *[[(0.15, 37_500), (0.03, 7_500)]] * 3,
    ]  # fmt: skip
    # They are claims: the bill itself is whole.
    assert sum(s.total_ore for s in bill.statements) == 1_000_000
    told = [each.data for each in bill.findings if each.name == "billing.law.reduction"]
    assert [(each["tenants"], each["amount_ore"]) for each in told] == [
        (4, 30_000), (4, 150_000), (1, 7_500),
    ]  # fmt: skip
    assert names(bill_of("DK", key="heat_units_position", facts=facts)) == ["monthly_information"]


def test_late_bill_repays_and_claims_nothing() -> None:
    bill = bill_of("DK", key="heat_units_position", issued=date(2026, 5, 3))
    assert (bill.deadline, bill.late, names(bill)) == (date(2026, 5, 1), True, ["late"])
    first = bill.statements[0]
    assert (first.balance_ore, bill.claimable_ore(first)) == (250_000, 0)
    in_time = bill_of("DK", key="heat_units_position", issued=date(2026, 5, 1))
    assert (in_time.late, in_time.claimable_ore(in_time.statements[0])) == (False, 250_000)


def test_few_flats_are_told_in_austria_alone() -> None:
    assert names(bill_of("AT")) == []


def test_ceiling_of_estimates_must_not_be_above_the_laws() -> None:
    with pytest.raises(DataError, match=r"50%.*allows 25%"):
        bill_of("DE", estimated_area_ceiling=0.5)
    assert names(bill_of("DE", estimated_area_ceiling=0.25)) == []
    assert names(bill_of("CH", estimated_area_ceiling=0.5)) == []


SUPPLY = {"year": 2024, "mix": [{"source": "biomass", "fraction": 1.0}]}
CONTACTS = [{"topic": "varmeregnskab", "phone": "00 00 00 00"}]


def not_told(country: str, **of_building: Any) -> list[str]:  # noqa: ANN401
    """Name the fields that the law misses on the statements of a year."""
    bill = bill_of(country, **of_building)
    return [
        field
        for each in bill.findings
        if each.name == "billing.law.statement"
        for field in each.data["fields"]
    ]


def test_statement_must_tell_what_the_law_of_its_country_wants() -> None:
    """Four flats are too few to compare: that is told with its reason."""
    bare = not_told("DE")
    assert bare == ["comparison_last_year", "complaint_board", "contacts", "energy_mix"]
    full = {"complaint_board": "The board", "contacts": CONTACTS, "supply": SUPPLY}
    assert not_told("DE", **full) == ["comparison_last_year"]
    assert not_told("DK", **full) == ["comparison_last_year"]
    assert not_told("CH") == []
    assert not_told("DK", period=Period.month("2025-01")) == []


def test_what_a_law_wants_is_asked_of_what_is_told() -> None:
    wanted = fields_wanted("DK", YEAR.start, "almen")
    tells = dict.fromkeys((row.field for row in wanted), 1)
    assert missing_fields(tells, wanted) == []
    for gone in ("supplier_bill_received", "objection"):
        lacking = missing_fields(tells | {gone: None}, wanted)
        assert [row.field for row in lacking] == [gone]
        assert re.search("not valid|invalid", lacking[0].source)
    assert fields_wanted("DK", date(2019, 1, 1), "almen") == tuple(
        row for row in wanted if row.country == "DK"
    )
    assert fields_wanted(None, YEAR.start, "almen") == ()


def test_day_of_the_suppliers_bill_is_told_in_every_account_of_social_housing() -> None:
    """Almenlejeloven § 53 always, lejeloven § 73 of late accounts only."""
    asked = {
        tenure: {row.field for row in fields_wanted("DK", YEAR.start, tenure)}
        for tenure in ("almen", "privat")
    }
    assert asked["almen"] - asked["privat"] == {"supplier_bill_received"}


def test_correction_of_statements_that_came_in_time_is_not_late() -> None:
    bill = bill_of("DK", key="heat_units_position", issued=date(2026, 6, 1))
    assert (bill.late, bill.claimable_ore(bill.statements[0])) == (True, 0)
    corrected = bill_of(
        "DK", key="heat_units_position", issued=date(2026, 6, 1), first_issued=date(2026, 3, 1)
    )
    assert (corrected.late, names(corrected)) == (False, ["correction"])
    assert corrected.claimable_ore(corrected.statements[0]) == 250_000
    assert "and are not late" in corrected.findings[-1].message


def test_correction_of_statements_that_were_late_says_so() -> None:
    corrected = bill_of(
        "DK", key="heat_units_position", issued=date(2026, 7, 1), first_issued=date(2026, 6, 1)
    )
    assert corrected.late
    assert "2026-06-01 and were late" in corrected.findings[-1].message
