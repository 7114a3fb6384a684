"""The share by meters: of each item, of all heat, and where the law prescribes one."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from billing.bill.costs import CostLine
from billing.law.shares import operation_findings, share_findings, split_share_findings
from billing.law.table import law_of
from billing.schemes import Scheme
from estate.model import Facts

if TYPE_CHECKING:
    from estate.model import CostKind

TODAY = date(2026, 1, 1)


def found(
    country: str | None,
    metered: dict[str, float],
    amounts: dict[str, int] | None = None,
    day: date = TODAY,
    **facts: Any,  # noqa: ANN401  fields of Facts
) -> list[tuple[str, str | None]]:
    """Return name and item of what the law finds; each item has a fraction by meters."""
    keys = {"heat": "heat_units_position", "hot_water": "hot_water_m3"}
    items = {
        item: [
            {"key": key, "fraction": part}
            for key, part in ((keys.get(item, "heat_units"), share), ("area", 1 - share))
            if part
        ]
        for item, share in metered.items()
    }
    scheme = Scheme.model_validate(
        {"id": "own", "valid_from": "2020-01-01", "source": "made for this test", "items": items}
    )
    findings = share_findings(
        scheme, amounts or dict.fromkeys(metered, 100), law_of(country, day), Facts(**facts)
    )
    return [(each.name.removeprefix("billing.law."), each.data.get("item")) for each in findings]


LOW, HIGH, EXACT = "metered_fraction", "metered_fraction_high", "metered_fraction_exact"
WHOLE, FACTS, UNUSUAL = "metered_whole", "facts", "metered_fraction_unusual"


@pytest.mark.parametrize(
    ("country", "share", "expected"),
    [
        ("DK", 0.40, []),
        ("DK", 0.39, [(LOW, "heat"), (WHOLE, None)]),
        ("DK", 1.0, []),
        ("DE", 0.50, [(FACTS, None)]),
        ("DE", 0.49, [(LOW, "heat"), (FACTS, None), (WHOLE, None)]),
        ("DE", 0.70, []),
        ("DE", 0.71, [(HIGH, "heat"), (FACTS, None)]),
        ("AT", 0.55, []),
        ("AT", 0.54, [(LOW, "heat"), (WHOLE, None)]),
        ("AT", 0.85, []),
        ("AT", 0.86, [(HIGH, "heat")]),
        ("CH", 0.70, []),
        ("CH", 0.60, [(UNUSUAL, "heat")]),
        ("PL", 0.30, []),
        (None, 0.0, []),
    ],
)
def test_limits_of_each_country(
    country: str | None, share: float, expected: list[tuple[str, str | None]]
) -> None:
    assert found(country, {"heat": share}) == expected


def test_forty_per_cent_of_sixty_five_is_twenty_six() -> None:
    """Room heat 65 % of the bill with 40 % by meters, the rest by area: each may be in order."""
    metered = {"heat": 0.40, "loss": 0.0}
    assert found("DK", metered, {"heat": 65, "loss": 35}) == [(WHOLE, None)]
    scheme = {"heat": 0.40, "hot_water": 0.0}
    assert found("DK", scheme, {"heat": 65, "hot_water": 35}) == [(LOW, "hot_water"), (WHOLE, None)]


def test_whole_counts_what_each_item_is_of_the_bill() -> None:
    """0.6 x 60 + 1 x 15 + 0 x 25 = 51 of 100; with a loss of 60 it is 0.6 x 30 + 10 = 28."""
    metered = {"heat": 0.6, "hot_water": 1.0, "loss": 0.0}
    assert found("DK", metered, {"heat": 60, "hot_water": 15, "loss": 25}) == []
    assert found("DK", metered, {"heat": 30, "hot_water": 10, "loss": 60}) == [(WHOLE, None)]


def test_water_is_no_heat() -> None:
    assert found("DK", {"heat": 0.4, "cold_water": 0.0}, {"heat": 1, "cold_water": 99}) == []


OLD_GAS = {"fuel": "gas", "insulated_1994": False, "pipes_insulated": True}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (OLD_GAS, [(EXACT, "heat")]),
        (OLD_GAS | {"fuel": "oil"}, [(EXACT, "heat")]),
        (OLD_GAS | {"fuel": "district_heating"}, []),
        (OLD_GAS | {"insulated_1994": True}, []),
        (OLD_GAS | {"pipes_insulated": False}, []),
        (OLD_GAS | {"pipes_insulated": None}, [(FACTS, None)]),
        ({"fuel": "heat_pump"}, []),
        ({}, [(FACTS, None)]),
    ],
)
def test_seventy_per_cent_exactly_where_the_facts_say_so(
    facts: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    assert found("DE", {"heat": 0.60}, **facts) == expected
    assert found("DE", {"heat": 0.70}, **facts) == []


def test_rule_holds_from_its_day() -> None:
    assert found("AT", {"heat": 0.40}, day=date(2021, 6, 4)) == []
    assert found("AT", {"heat": 0.40}, day=date(2021, 6, 5)) == [(LOW, "heat"), (WHOLE, None)]


def at_scheme(*, apart: bool) -> Scheme:
    items: dict[str, Any] = {
        "heat": [{"key": "heat_units", "fraction": 0.7}, {"key": "area", "fraction": 0.3}]
    }
    document: dict[str, Any] = {
        "id": "own", "valid_from": "2021-06-05", "source": "made for this test", "items": items
    }  # fmt: skip
    if apart:
        items["rest"] = [{"key": "area", "fraction": 1.0}]
        document["apart"] = {"rest": {"from": "heat", "kinds": ["fixed", "inspection"]}}
    return Scheme.model_validate(document)


def line(kind: CostKind) -> CostLine:
    return CostLine(
        item="heat",
        kind=kind,
        start=TODAY,
        end=date(2027, 1, 1),
        amount_ore=100,
        vat_ore=None,
        energy_kwh=None,
        provisional=False,
        received=None,
    )


def test_austria_wants_the_cost_of_energy_alone_by_use() -> None:
    """HeizKG §§ 10 (1) and 12: other costs of operation by area."""
    lines, austria = [line("energy"), line("fixed"), line("rebate")], law_of("AT", TODAY)
    [finding] = operation_findings(at_scheme(apart=False), lines, austria)
    assert (finding.name, finding.data["kind"]) == ("billing.law.operation_by_use", "fixed")
    assert operation_findings(at_scheme(apart=True), lines, austria) == []
    assert operation_findings(at_scheme(apart=False), lines, law_of("DE", TODAY)) == []


def test_share_by_meters_is_not_asked_of_what_goes_by_area_in_austria() -> None:
    amounts = {"heat": 100, "rest": 1_000}
    found_in = {
        country: share_findings(
            at_scheme(apart=True), amounts, law_of(country, TODAY), Facts(fuel="district_heating")
        )
        for country in ("AT", "DE")
    }
    assert found_in["AT"] == []
    names = [each.name for each in found_in["DE"]]
    assert names == ["billing.law.metered_fraction", "billing.law.metered_whole"]


@pytest.mark.parametrize(
    ("country", "key", "expected"),
    [
        ("DK", "heat_units", []),
        ("DK", "area", [("billing.law.metered_fraction", "heat")]),
        # Their own laws put a fixed key there (HeizkostenV § 9a (2), HeizKG § 11).
        ("AT", "area", []),
        ("DE", "area", []),
        (None, "area", []),
    ],
)
def test_share_is_asked_of_what_was_really_split(
    country: str | None, key: str, expected: list[tuple[str, str]]
) -> None:
    used = {("heat", "heat-1"): key, ("heat", "heat-2"): "area"}
    findings = split_share_findings(at_scheme(apart=False), used, law_of(country, TODAY))
    assert [(each.name, each.data["item"]) for each in findings] == expected


@pytest.mark.parametrize(
    ("country", "fraction", "expected"),
    [
        ("AT", 0.30, []),
        ("AT", 0.40, []),
        ("AT", 0.51, ["billing.law.derived_fraction"]),
        ("AT", 0.20, ["billing.law.derived_fraction"]),
        ("DK", 0.20, []),
    ],
)
def test_unmeasured_hot_water_of_austria_has_bounds(
    country: str, fraction: float, expected: list[str]
) -> None:
    """HeizKG § 9: heating to hot water 70:30 to 50:50, where neither is measured."""
    items = {
        item: [{"key": key, "fraction": 0.7}, {"key": "area", "fraction": 0.3}]
        for item, key in (("heat", "heat_units"), ("hot_water", "hot_water_m3"))
    }
    scheme = Scheme.model_validate(
        {
            "id": "own", "valid_from": "2021-06-05", "source": "made for this test", "items": items,
            "derive": {"hot_water": {"from": "heat", "by": "fixed", "fraction": fraction}},
        }
    )  # fmt: skip
    amounts = {"heat": 60, "hot_water": 40}
    findings = share_findings(scheme, amounts, law_of(country, TODAY), Facts())
    assert [each.name for each in findings] == expected
