"""What a month costs by the prices of the last account, where the supplier has sent no bill."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from billing.bill.explanations import Withheld
from billing.costs.priced import Account
from billing.measured.gather import gather
from estate.files.folder import read_estate
from estate.model import Cost, Estate, Tariff
from estate.periods import Period
from fairvarme.cli import main
from operations.monthly_bill import MonthBill, month_bill
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore
from tests.support.golden_bills import CASES
from tests.support.portfolio import BY, YEAR, Portfolio, portfolio

JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
DAYS, DAYS_OF_A_YEAR = 31, 365
HEAT_ORE, HOT_WATER_ORE = 10_000_00 - 100_00, 2_000_00
HEAT_KWH, HEAT_KWH_OF_A_MONTH = 3000 + 5000, 1800


@dataclass
class House:
    """A building with the account of 2025, and no bill of 2026."""

    portfolio: Portfolio
    store: SqliteStore
    estate: Estate

    @property
    def account(self) -> Account:
        evidence = gather(self.estate, self.store, Period.parse(YEAR))
        return Account(self.estate.costs, evidence)

    def month(self, account: Account | None, *more: Cost) -> MonthBill:
        estate = replace(self.estate, costs=(*self.estate.costs, *more))
        return month_bill(estate, self.store, JANUARY, account)

    def heat(self, kwh_a: float, kwh_b: float) -> None:
        """Let the meters stand there at the month's end."""
        time_ms = JANUARY.hours(self.estate.building.zone).end_ms
        (name,) = self.portfolio.names
        ends = (("heat-A", 4000 + kwh_a), ("heat-B", 6000 + kwh_b))
        self.store.write(
            [Reading(name, device, "heat_kwh", time_ms, value, 0, 0) for device, value in ends]
        )


@pytest.fixture
def house(tmp_path: Path) -> House:
    houses = portfolio(tmp_path, 1)
    estate = read_estate(houses.estate(houses.names[0]))
    return House(houses, SqliteStore(tmp_path / "readings.db"), estate)


def amounts(month: MonthBill) -> dict[str, int]:
    """Return what was split of each item."""
    found: dict[str, int] = {}
    for statement in month.bill.statements:
        for row in statement.rows:
            found[row.item] = found.get(row.item, 0) + row.amount_ore
    return found


def a_cost(item: str, ore: int, period: Period, **more: object) -> Cost:
    days = {"period_start": period.start, "period_end": period.end}
    return Cost.model_validate({"item": item, "amount_ore": ore, **days, **more})


def test_energy_costs_what_was_used_at_the_last_price(house: House) -> None:
    house.heat(600, 1200)
    month = house.month(house.account)
    assert month.priced_by == Period.parse(YEAR)
    parts = HEAT_KWH_OF_A_MONTH / HEAT_KWH
    heat = round(10_000_00 * parts) + round(-100_00 * parts)
    # Nobody read the water: what is read in April is divided by days.
    assert amounts(month) == {
        "heat": heat,
        "hot_water": round(HOT_WATER_ORE * DAYS / DAYS_OF_A_YEAR),
    }
    assert month.bill.provisional
    assert month.bill.interim
    assert "billing.costs.provisional" not in {each.name for each in month.bill.findings}
    priced = [each for each in month.bill.findings if each.name == "reports.costs.priced"]
    assert [(each.data["item"], each.data["by"]) for each in priced] == [
        ("heat", "heat"),
        ("hot_water", "hot_water"),
    ]


def test_twice_the_use_costs_twice_and_a_fixed_cost_the_same(house: House) -> None:
    account = house.account
    fixed = a_cost("heat", 365_00, Period.parse(YEAR), kind="fixed")
    account = replace(account, costs=(*account.costs, fixed))
    house.heat(300, 600)
    once = amounts(house.month(account))["heat"]
    house.heat(600, 1200)
    twice = amounts(house.month(account))["heat"]
    of_days = DAYS * 1_00
    assert twice - of_days == pytest.approx(2 * (once - of_days), abs=2)


def test_a_forgotten_cost_is_no_price(house: House) -> None:
    account = house.account
    late = a_cost("heat", 5_000_00, Period.parse(YEAR), kind="carried_over")
    more = replace(account, costs=(*account.costs, late))
    assert amounts(house.month(more)) == amounts(house.month(account))


def test_what_the_supplier_has_billed_is_not_estimated(house: House) -> None:
    bill = a_cost("heat", 1_234_56, JANUARY, status="provisional")
    month = house.month(house.account, bill)
    assert amounts(month)["heat"] == 1_234_56
    assert month.priced_by is not None  # of the hot water
    both = house.month(house.account, bill, a_cost("hot_water", 99_00, JANUARY))
    assert amounts(both) == {"heat": 1_234_56, "hot_water": 99_00}
    assert both.priced_by is None


def test_without_an_account_a_month_has_no_amount(house: House) -> None:
    month = house.month(None)
    assert (month.bill.total_ore, month.priced_by) == (0, None)
    assert "billing.costs.missing" in {each.name for each in month.bill.findings}
    assert [statement.rows for statement in month.bill.statements] == [(), ()]
    assert all(statement.registers for statement in month.bill.statements)


def test_without_costs_a_small_house_is_told_too_why_nobody_is_shown(house: House) -> None:
    month = house.month(None)
    assert {each.comparison for each in month.bill.statements} == {Withheld.FEW_HOMES}


@pytest.mark.slow
def test_the_report_takes_the_prices_out_of_the_ledger(house: House, tmp_path: Path) -> None:
    config = ["--config", str(house.portfolio.config), "--json"]
    words = ["report", "--month", "2026-01", "--out", str(tmp_path / "pages"), *config]

    def told() -> tuple[int, set[str]]:
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
        answer = json.loads(done.stdout.splitlines()[-1])
        return answer["reports"], {each["name"] for each in answer["findings"]}

    pages, findings = told()
    assert pages == 2
    assert "billing.costs.missing" in findings
    house.portfolio.told("--approve", *BY)
    pages, findings = told()
    assert pages == 2
    assert "reports.costs.priced" in findings
    assert "billing.costs.missing" not in findings


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dk-metered-year", "dk-climate-year", "allocators-alone"])
def test_the_parts_of_a_year_cost_what_the_year_did(name: str) -> None:
    case = CASES[name]()
    whole = case.period
    costs = [each for each in case.estate.costs if each.period_end == whole.end]
    estate = replace(case.estate, costs=())
    account = Account(costs, gather(estate, case.source, whole))
    days = [whole.start, date(2025, 2, 1), date(2025, 6, 1), whole.end]
    bills = [
        month_bill(estate, case.source, Period(*part), account).bill for part in pairwise(days)
    ]
    of_items = {
        item: sum(line.amount_ore for bill in bills for line in bill.costs if line.item == item)
        for item in {cost.item for cost in costs}
    }
    for item, amount_ore in of_items.items():
        expected = sum(cost.amount_ore for cost in costs if cost.item == item)
        assert amount_ore == pytest.approx(expected, rel=0.005), item


def tariff(item: str, first_day: str, price: float, **more: object) -> Tariff:
    values = {"item": item, "from": first_day, "unit_price": price, **more}
    return Tariff.model_validate(values)


def of_tariffs(house: House, *tariffs: Tariff) -> House:
    building = house.estate.building.model_copy(update={"tariffs": tariffs})
    return replace(house, estate=replace(house.estate, building=building))


def test_a_tariff_prices_a_month_before_any_account(house: House) -> None:
    house.heat(600, 1200)
    ours = of_tariffs(house, tariff("heat", "2025-07-01", 0.75, yearly_price=3650))
    month = ours.month(None)
    assert month.priced_by == date(2025, 7, 1)
    assert amounts(month) == {"heat": 1350_00 + DAYS * 10_00}
    assert month.bill.provisional
    (told,) = [each for each in month.bill.findings if each.name == "reports.costs.tariff"]
    assert told.data == {
        "item": "heat", "by": "heat", "tariff": "2025-07-01", "use": HEAT_KWH_OF_A_MONTH,
        "amount_ore": 1350_00 + DAYS * 10_00,
    }  # fmt: skip


def test_the_bill_of_the_year_costs_a_month_no_other_amount(house: House) -> None:
    """Once the year is billed, its months still tell what the tariff makes of the other items."""
    house.heat(600, 1200)
    year = Period(date(2026, 1, 1), date(2027, 1, 1))
    ours = of_tariffs(house, tariff("heat", "2025-07-01", 0.75))
    month = ours.month(None, a_cost("heat", 9_000_00, year), a_cost("hot_water", 2_000_00, year))
    assert amounts(month) == {"heat": 1350_00}
    assert month.priced_by == date(2025, 7, 1)
    (told,) = [each for each in month.bill.findings if each.name == "reports.costs.unpriced"]
    assert told.data == {"item": "hot_water", "period": str(JANUARY)}
    both = ours.month(
        None, a_cost("hot_water", 2_000_00, year), a_cost("hot_water", 50_00, JANUARY)
    )
    assert amounts(both) == {"heat": 1350_00, "hot_water": 50_00}, "the month's own bill counts"
    assert "reports.costs.unpriced" not in {each.name for each in both.bill.findings}
    alone = house.month(None, a_cost("heat", 9_000_00, year))
    assert alone.bill.total_ore == 0
    assert "reports.costs.unpriced" in {each.name for each in alone.bill.findings}


def test_a_tariff_comes_before_the_last_account_and_after_the_suppliers_bill(house: House) -> None:
    house.heat(600, 1200)
    ours = of_tariffs(house, tariff("heat", "2020-01-01", 1))
    both = ours.month(ours.account)
    water = round(HOT_WATER_ORE * DAYS / DAYS_OF_A_YEAR)
    assert amounts(both) == {"heat": 1800_00, "hot_water": water}
    assert both.priced_by == Period.parse(YEAR)
    bill = a_cost("heat", 777_00, JANUARY)
    assert amounts(ours.month(ours.account, bill))["heat"] == 777_00


def test_a_price_that_changes_within_the_month_counts_by_days(house: House) -> None:
    house.heat(600, 1200)
    ours = of_tariffs(house, tariff("heat", "2026-01-11", 2), tariff("heat", "2025-01-01", 1))
    assert amounts(ours.month(None)) == {"heat": round(1800_00 * (10 + 21 * 2) / DAYS)}


@pytest.mark.parametrize(
    "other",
    [
        tariff("heat", "2026-01-02", 1),  # not on each day
        tariff("heat", "2020-01-01", 1, unit="m3"),  # heat meters count no water
        tariff("parking", "2020-01-01", 1),
    ],
)
def test_a_tariff_that_does_not_fit_prices_nothing(house: House, other: Tariff) -> None:
    house.heat(600, 1200)
    assert of_tariffs(house, other).month(None).priced_by is None


def test_a_tariff_is_read_from_building_yaml(house: House) -> None:
    (name,) = house.portfolio.names
    path = house.portfolio.estate(name) / "building.yaml"
    with path.open("a", encoding="utf-8") as file:
        file.write("tariffs:\n- {item: heat, from: 2026-01-01, unit_price: 0.812}\n")
    (read,) = read_estate(path.parent).building.tariffs
    assert (read.unit, read.unit_price, read.start) == ("kwh", 0.812, date(2026, 1, 1))
