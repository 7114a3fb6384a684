"""A period before a change of rules is billed by the old ones, a period after it by the new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import billing.law.table
import billing.rules
import billing.schemes
from billing.bill.bill import Bill
from billing.law.table import law_rules
from billing.ledger.asked import Asked
from billing.measured.evidence_file import evidence_bytes, read_evidence
from billing.measured.gather import gather
from billing.rules import BillingRules
from billing.schemes import Scheme, load_scheme, scheme_versions, shipped_schemes
from estate.errors import UsageError
from estate.model import Estate
from estate.numbers.values import load_values
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_hourly,
    add_register,
    building,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.samples import HandMadeSource

BEFORE, AFTER = Period.month("2025-12"), Period.month("2026-01")
OLD = """\
id: own
valid_from: 2020-01-01
source: made for this test
items:
  heat: [{key: area, fraction: 1.0}]
"""
NEW = OLD.replace("2020", "2026").replace("key: area", "key: equal")


def case_of(
    period: Period,
    key: str = "base_temperature",
    **of_building: Any,  # noqa: ANN401
) -> tuple[Estate, HandMadeSource, Scheme | None]:
    """Charge 1,000.00 to homes of 50 and 150 m² at 20 and 18 °C; 100 kWh each."""
    flats, source = [flat("1", 50.0), flat("2", 150.0)], HandMadeSource()
    hours = period.hours(building().zone)
    for name, level_c in (("1", 20.0), ("2", 18.0)):
        add_hourly(source, f"b{name}", "temperature_c", hours, [level_c] * hours.count)
        add_register(source, f"h{name}", "heat_kwh", [(hours.start_ms, 0), (hours.end_ms, 100)])
    own = estate(
        flats,
        [tenancy("1a", "1"), tenancy("2a", "2")],
        [device(f"b{name}", "climate", name) for name in "12"]
        + [device(f"h{name}", "heat", name) for name in "12"],
        [cost(period, "heat", 100_000, energy_kwh=10_000.0)],
        **of_building,
    )
    rules = None if of_building.get("schemes") else billing.schemes.parse_scheme(
        OLD.replace("key: area", f"key: {key}"), "own"
    )  # fmt: skip
    return own, source, rules


def bill_of(period: Period, key: str = "base_temperature", **of_building: Any) -> Bill:  # noqa: ANN401
    """Bill `case_of`."""
    own, source, rules = case_of(period, key, **of_building)
    return bill_building(own, source, period, rules)


def amounts(bill: Bill) -> list[int]:
    return [statement.total_ore for statement in bill.statements]


@pytest.fixture
def later_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what lets 17 °C count instead of 16 from 2026 on."""

    def add() -> None:
        table = (Path(billing.rules.__file__).parent / "rules.yaml").read_text("utf-8")
        row = '{value: 16, unit: "°C"'
        assert row in table
        package = tmp_path / "later_rules"
        package.mkdir()
        (package / "__init__.py").touch()
        lines = table.split("\n")
        at = next(number for number, line in enumerate(lines) if line.strip().startswith(row))
        newer = lines[at].replace("16", "17").replace("}", ", from: 2026-01-01}")
        lines[at : at + 1] = [f"  - {lines[at].strip()}", f"  - {newer.strip()}"]
        (package / "rules.yaml").write_text("\n".join(lines), "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))

        def changed(cls: type[BillingRules], _: str, file: str, on: date | None) -> BillingRules:
            return load_values(cls, "later_rules", file, on)

        monkeypatch.setattr(billing.rules, "load_values", changed)

    return add


def test_a_limit_that_changes_is_that_of_the_period(later_limit: Callable[[], None]) -> None:
    """Above 16 °C: 4 x 50 and 2 x 150. Above 17 °C: 3 x 50 and 1 x 150."""
    later_limit()
    assert amounts(bill_of(BEFORE)) == [40_000, 60_000]
    assert amounts(bill_of(AFTER)) == [50_000, 50_000]


def test_a_scheme_that_changes_is_that_of_the_period(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    for name, text in (("2020-01-01", OLD), ("2026-01-01", NEW)):
        (tmp_path / "own" / f"{name}.yaml").write_text(text, "utf-8")
    monkeypatch.setattr(billing.schemes, "shipped_folder", lambda: tmp_path)
    used = [{"scheme": "own", "from": "2020-01-01"}]
    before, after = (bill_of(period, schemes=used) for period in (BEFORE, AFTER))
    assert (before.scheme_version, amounts(before)) == ("2020-01-01", [25_000, 75_000])
    assert (after.scheme_version, amounts(after)) == ("2026-01-01", [50_000, 50_000])
    assert load_scheme("own").version == "2026-01-01"


def test_before_its_first_version_a_scheme_is_the_first_one() -> None:
    assert load_scheme("dk-metered", date(1990, 1, 1)) == scheme_versions("dk-metered")[0]
    with pytest.raises(UsageError, match="there is no scheme"):
        load_scheme("dk-metered/2022-01-01")


@pytest.mark.parametrize("name", shipped_schemes())
def test_each_version_of_a_shipped_scheme_is_a_file_named_by_its_first_day(name: str) -> None:
    files = sorted(file.name for file in billing.schemes.shipped_folder().joinpath(name).iterdir())
    versions = scheme_versions(name)
    assert files == [f"{version.valid_from}.yaml" for version in versions]
    assert {version.id for version in versions} == {name}


def test_a_period_before_any_rule_is_refused_with_the_first_day() -> None:
    with pytest.raises(UsageError, match="is valid from 2000-01-01"):
        bill_of(Period.month("1999-01"))


@pytest.mark.parametrize("own", [{}, {"schemes": [{"scheme": "own", "from": "2020-01-01"}]}])
def test_what_is_kept_of_a_bill_gives_it_again_when_the_rules_have_changed(
    own: dict[str, Any],
    later_limit: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "schemes" / "own"
    folder.mkdir(parents=True)
    (folder / "2020-01-01.yaml").write_text(OLD, "utf-8")
    monkeypatch.setattr(billing.schemes, "shipped_folder", lambda: tmp_path / "schemes")
    house, source, scheme = case_of(BEFORE, **own)
    evidence = gather(house, source, BEFORE, scheme)
    asked = Asked.of(house, BEFORE, scheme, (), date(2026, 2, 1))
    bill = asked.bill(evidence)
    kept = asked.as_bytes(), evidence_bytes(evidence)
    # A limit, the scheme and the law change from the next period on.
    later_limit()
    (folder / "2026-01-01.yaml").write_text(NEW, "utf-8")
    rows = tuple(
        replace(row, start=AFTER.start, value=False if row.value is True else row.value)
        for row in law_rules()
    )
    monkeypatch.setattr(billing.law.table, "law_rules", lambda: (*law_rules(), *rows))
    assert Asked.from_bytes(kept[0]).bill(read_evidence(kept[1])) == bill
    assert amounts(bill_of(AFTER, **own)) != amounts(bill), "the next bill follows them"
