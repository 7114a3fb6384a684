"""Rows of costs.csv that cannot be, or that somebody must look at."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.costs.lines import cost_findings, costs_of
from billing.schemes import Scheme
from estate.model import Cost
from estate.periods import Period
from tests.support.estates import cost, estate

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
JUNE_ON = Period(date(2025, 6, 1), date(2026, 1, 1))
SCHEME = Scheme.model_validate(
    {
        "id": "own", "valid_from": "2020-01-01", "source": "made for this test",
        "items": {"heat": [{"key": "area", "fraction": 1.0}]},
        "kinds": {"heat": ["energy", "fixed", "rebate"]},
    }
)  # fmt: skip
GOOD = cost(YEAR, "heat", 100_000, vat_amount_ore=20_000)


def found(*costs: Cost) -> list[str]:
    rows = costs_of(estate([], [], [], costs), YEAR)
    return [each.name.removeprefix("billing.costs.") for each in cost_findings(rows, YEAR, SCHEME)]


def test_good_costs_raise_nothing() -> None:
    rebate = cost(YEAR, "heat", -500, kind="rebate", vat_amount_ore=-100)
    assert found(GOOD, rebate, cost(YEAR, "heat", 700, kind="fixed")) == []


@pytest.mark.parametrize(
    ("costs", "names"),
    [
        ([], ["missing"]),
        ([cost(Period(date(2025, 7, 1), date(2026, 7, 1)), "heat", 1)], ["beyond", "gap"]),
        ([cost(YEAR, "heat", 1, status="provisional")], ["provisional"]),
        ([GOOD, cost(YEAR, "heat", 1, kind="carried_over")], ["kind"]),
        ([GOOD, cost(YEAR, "heat", 500, kind="rebate")], ["sign"]),
        ([cost(YEAR, "heat", 100, vat_amount_ore=101)], ["vat"]),
        ([cost(YEAR, "heat", 100, vat_amount_ore=-1)], ["vat"]),
        ([cost(YEAR, "heat", 100, co2_amount_ore=101)], ["co2"]),
        ([cost(YEAR, "heat", -100, kind="rebate", co2_amount_ore=1)], ["co2"]),
        ([GOOD, GOOD], ["overlap"]),
        ([cost(JUNE_ON, "heat", 1)], ["gap"]),
    ],
)
def test_odd_cost_is_found(costs: list[Any], names: list[str]) -> None:
    assert found(*costs) == names


def test_gap_names_the_first_day_and_counts() -> None:
    (finding,) = cost_findings(
        costs_of(estate([], [], [], [cost(JUNE_ON, "heat", 1)]), YEAR), YEAR, SCHEME
    )
    assert finding.data == {"item": "heat", "days": 151, "first": "2025-01-01"}


JANUARY = Period.month("2025-01")
PROVISIONAL = {"status": "provisional"}


def counted(period: Period, *costs: Cost) -> list[int]:
    """Return the amounts that count in a period."""
    return [line.amount_ore for line in costs_of(estate([], [], [], costs), period).lines]


def months(number: int, first_ore: int, **more: Any) -> list[Cost]:  # noqa: ANN401  fields of a cost
    """Return a cost for each of the first months of 2025, each one øre dearer."""
    names = [f"2025-{month:02d}" for month in range(1, number + 1)]
    return [
        cost(Period.month(name), "heat", first_ore + month, **more)
        for month, name in enumerate(names)
    ]


def test_a_final_year_takes_the_place_of_provisional_months() -> None:
    rows = [*months(12, 200, **PROVISIONAL), cost(YEAR, "heat", 12_000)]
    assert counted(YEAR, *rows) == [12_000]
    assert found(*rows) == ["set_aside"] * 12


def test_a_month_is_billed_beside_its_year() -> None:
    rows = [*months(2, 200, **PROVISIONAL), cost(YEAR, "heat", 12_000)]
    assert counted(JANUARY, *rows) == [200]
    assert counted(Period.month("2025-02"), *rows) == [201]
    # Of March there is the year alone, which cannot be cut.
    assert counted(Period.month("2025-03"), *rows) == [12_000]


def test_final_months_take_the_place_of_a_provisional_year_when_all_of_them_are_there() -> None:
    budget = cost(YEAR, "heat", 9_999, **PROVISIONAL)
    assert counted(YEAR, budget, *months(12, 100)) == [100 + month for month in range(12)]
    assert "overlap" in found(budget, *months(11, 100))


def test_other_items_and_kinds_stay() -> None:
    rows = [
        cost(YEAR, "heat", 1_000),
        cost(JANUARY, "heat", 50, kind="fixed", **PROVISIONAL),
        cost(JANUARY, "hot_water", 70, **PROVISIONAL),
    ]
    assert counted(YEAR, *rows) == [1_000, 50, 70]


def test_rows_name_the_rows_they_replace() -> None:
    rows = [
        cost(JANUARY, "heat", 1, id="p1", **PROVISIONAL),
        cost(JANUARY, "heat", 2, id="f1", replaces="p1"),
        cost(YEAR, "heat", 3, id="y", replaces="f1 other"),
        cost(YEAR, "hot_water", 4, id="other"),
    ]
    assert counted(YEAR, *rows) == [3]
    costs = costs_of(estate([], [], [], rows), YEAR)
    messages = [each.message for each in cost_findings(costs, YEAR, SCHEME)]
    assert [text for text in messages if "(row f1) is replaced by row y" in text]
    # January is billed by its own row, which a longer one cannot replace there.
    assert counted(JANUARY, *rows[:3]) == [2]


def test_a_row_that_moved_to_other_days_counts_there_alone() -> None:
    rows = [
        cost(JANUARY, "heat", 1, id="wrong"),
        cost(Period.month("2025-02"), "heat", 1, id="right", replaces="wrong"),
    ]
    assert counted(JANUARY, *rows) == []
    assert counted(Period.month("2025-02"), *rows) == [1]
    costs = costs_of(estate([], [], [], rows), JANUARY)
    aside, missing = cost_findings(costs, JANUARY, SCHEME)
    assert "is replaced by row right, which counts in another period" in aside.message
    assert missing.name == "billing.costs.missing"


@pytest.mark.parametrize(
    ("first", "second", "overlaps"),
    [
        (YEAR, YEAR, True), (JANUARY, YEAR, True), (JANUARY, Period.month("2025-02"), False),
        (Period(date(2025, 1, 1), date(2025, 2, 2)), Period.month("2025-02"), True),
    ],
)  # fmt: skip
def test_days_of_an_item_and_kind_are_charged_once(
    first: Period, second: Period, *, overlaps: bool
) -> None:
    rows = [cost(first, "heat", 100), cost(second, "heat", 200)]
    assert ("overlap" in found(*rows)) == ("overlap" in found(*rows[::-1])) == overlaps
    assert "overlap" not in found(rows[0], cost(second, "heat", 200, kind="fixed"))
    assert "overlap" not in found(rows[0], cost(second, "hot_water", 200))


def test_overlaps_are_found_behind_a_short_row() -> None:
    rows = [cost(YEAR, "heat", 1), *months(2, 10)]
    assert found(*rows).count("overlap") == 2
