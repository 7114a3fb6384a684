"""Rows of costs.csv that cannot be, or that somebody must look at."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.costs import cost_findings, cost_lines
from billing.schemes import Scheme
from estate.model import Cost
from estate.periods import Period
from tests.support.billing_estate import cost, estate

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
    lines = cost_lines(estate([], [], [], costs), YEAR)
    return [each.name.removeprefix("billing.costs.") for each in cost_findings(lines, YEAR, SCHEME)]


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
        ([GOOD, GOOD], ["twice"]),
        ([cost(JUNE_ON, "heat", 1)], ["gap"]),
    ],
)
def test_odd_cost_is_found(costs: list[Any], names: list[str]) -> None:
    assert found(*costs) == names


def test_gap_names_the_first_day_and_counts() -> None:
    (finding,) = cost_findings(
        cost_lines(estate([], [], [], [cost(JUNE_ON, "heat", 1)]), YEAR), YEAR, SCHEME
    )
    assert finding.data == {"item": "heat", "days": 151, "first": "2025-01-01"}
