"""Bills of imperfect data beside figures worked out by hand (``bill_cases.yaml``)."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from billing.results import Bill
from estate.errors import DataError, UsageError
from estate.folder import read_estate
from fairvarme.file_bill import bill_files
from reports.statement_words import letter_of

CASES = Path(__file__).parents[3] / "shared" / "data" / "bill_cases"
RIGHT: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("bill_cases.yaml").read_text("utf-8")
)
ORE = 100


def _cases() -> list[Any]:
    return [
        pytest.param(
            name,
            marks=pytest.mark.xfail(strict=True, reason=right["open"]) if "open" in right else (),
        )
        for name, right in RIGHT.items()
    ]


@pytest.fixture(scope="module", autouse=True)
def _shared_data() -> None:
    if not CASES.is_dir():
        pytest.skip("the cases are not there (../shared/data/bill_cases)")


def test_every_case_is_asked() -> None:
    assert {folder.name for folder in CASES.iterdir() if folder.is_dir()} == set(RIGHT)


@pytest.mark.parametrize("case", _cases())
def test_the_bill_is_right(case: str, tmp_path: Path) -> None:
    right = RIGHT[case]
    if "usage" in right:
        with pytest.raises(UsageError) as refused:
            _bill(case, tmp_path)
        assert right["usage"] in str(refused.value)
    elif "stops" in right:
        with pytest.raises(DataError) as stopped:
            _bill(case, tmp_path)
        assert right["stops"] in {each.name for each in stopped.value.findings}
    else:
        _check(case, right, _bill(case, tmp_path))


def _bill(case: str, out: Path) -> Bill:
    folder = CASES / case
    words = json.loads((folder / "case.json").read_text("utf-8"))["args"]
    options = dict(zip(words[::2], words[1::2], strict=True))
    readings = folder / "readings.csv"
    if not readings.is_file():
        readings = out / "readings.csv"
        readings.write_bytes(gzip.decompress((folder / "readings.csv.gz").read_bytes()))
    scheme, issued = options.get("--scheme"), options.get("--issued")
    return bill_files(
        folder / "estate",
        readings,
        options["--period"],
        str(folder / scheme) if scheme else None,
        out / "out",
        issued=date.fromisoformat(issued) if issued else None,
    )


def _check(case: str, right: dict[str, Any], bill: Bill) -> None:
    rows = [(row.tenancy, row.component) for row in bill.rows]
    assert len(rows) == len(set(rows))
    assert sum(row.amount_ore for row in bill.rows) == bill.total_ore
    _check_amounts(right, bill)
    names = {finding.name for finding in bill.findings}
    assert set(right.get("findings", ())) <= names
    assert not set(right.get("absent", ())) & names
    messages = " ".join(finding.message for finding in bill.findings)
    for text in right.get("says", ()):
        assert text in messages
    if "deadline" in right:
        assert bill.deadline == right["deadline"]
    for tenancy, texts in right.get("page", {}).items():
        page = _page(case, bill, tenancy)
        assert all(str(text) in page for text in texts)


def _check_amounts(right: dict[str, Any], bill: Bill) -> None:
    amounts: dict[str, dict[str, int]] = defaultdict(dict)
    items: dict[str, int] = defaultdict(int)
    for row in bill.rows:
        amounts[row.tenancy][row.component] = row.amount_ore
        items[row.item] += row.amount_ore
    for tenancy, parts in right.get("amounts", {}).items():
        assert amounts[tenancy] == {name: _ore(kroner) for name, kroner in parts.items()}, tenancy
    if "items" in right:
        assert items == {name: _ore(kroner) for name, kroner in right["items"].items()}
    own = {each.tenancy: each for each in bill.statements}
    for tenancy, kroner in right.get("totals", {}).items():
        assert own[tenancy].total_ore == _ore(kroner), tenancy
    for tenancy, kroner in right.get("least", {}).items():
        assert own[tenancy].total_ore >= _ore(kroner), tenancy
    for tenancy, kroner in right.get("balances", {}).items():
        assert own[tenancy].balance_ore == _ore(kroner), tenancy
    for tenancy, kroner in right.get("claims", {}).items():
        assert bill.claimable_ore(own[tenancy]) == _ore(kroner), tenancy
    for component, key in right.get("keys", {}).items():
        assert {row.key for row in bill.rows if row.component == component} == {key}
    for tenancy, use in right.get("use", {}).items():
        assert _use(bill, tenancy, "heat_kwh") == pytest.approx(use)
    for tenancy, use in right.get("units", {}).items():
        assert _use(bill, tenancy, "allocator_units") == pytest.approx(use)
    for tenancy, factor in right.get("factors", {}).items():
        assert _factor(bill, tenancy) == pytest.approx(factor, abs=1e-6)
    if "sum" in right:
        assert bill.total_ore == _ore(right["sum"])
    if "vat" in right:
        assert sum(each.vat_ore or 0 for each in bill.statements) == _ore(right["vat"])


def _ore(kroner: float) -> int:
    return round(kroner * ORE)


def _use(bill: Bill, tenancy: str, quantity: str) -> float:
    registers = next(each.registers for each in bill.statements if each.tenancy == tenancy)
    return sum(each.use for each in registers if each.quantity == quantity)


def _factor(bill: Bill, tenancy: str) -> float:
    """Give the weight of a kilowatt hour: the position factor."""
    rows = (row for row in bill.rows if row.tenancy == tenancy)
    weight = next(row.weight for row in rows if row.key == "heat_units_position")
    return weight / _use(bill, tenancy, "heat_kwh")


def _page(case: str, bill: Bill, tenancy: str) -> str:
    estate = read_estate(CASES / case / "estate")
    statement = next(each for each in bill.statements if each.tenancy == tenancy)
    return json.dumps(letter_of(estate, bill, statement).page, ensure_ascii=False)
