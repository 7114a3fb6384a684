"""
Bills of imperfect data beside figures worked out by hand.

Those of ``made_bill_cases.yaml`` are whole there; the folders that ``bill_cases.yaml`` tells of lie
in ../shared/data.
"""

from __future__ import annotations

import gzip
import json
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from billing.bill.bill import Bill, Statement
from estate.errors import DataError, UsageError
from estate.files.folder import read_estate
from operations.bill_files import bill_files
from reports.statement.letter import letter_of

CASES = Path(__file__).parents[3] / "shared" / "data" / "bill_cases"
SHARED: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("bill_cases.yaml").read_text("utf-8")
)
MADE: dict[str, dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("made_bill_cases.yaml").read_text("utf-8")
)
ORE = 100


@dataclass(frozen=True)
class Case:
    """Files, the options of the call, and what must come out."""

    folder: Path
    options: dict[str, str]
    right: dict[str, Any]


def shared_case(name: str) -> Case:
    _require_shared()
    words = json.loads((CASES / name / "case.json").read_text("utf-8"))["args"]
    return Case(CASES / name, dict(zip(words[::2], words[1::2], strict=True)), SHARED[name])


def made_case(name: str, folder: Path) -> Case:
    """Write the files of a case; those that it does not name are those of ``plain``."""
    made = MADE[name]
    for path, text in {**MADE["plain"]["files"], **made.get("files", {})}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    options = {option: str(value) for option, value in made["args"].items()}
    return Case(folder, options, made["right"])


def _require_shared() -> None:
    if not CASES.is_dir():
        pytest.skip("the cases are not there (../shared/data/bill_cases)")


def _shared_names() -> list[Any]:
    return [
        pytest.param(
            name,
            marks=pytest.mark.xfail(strict=True, reason=right["open"]) if "open" in right else (),
        )
        for name, right in SHARED.items()
    ]


def test_every_case_is_asked() -> None:
    _require_shared()
    assert {folder.name for folder in CASES.iterdir() if folder.is_dir()} == set(SHARED)


@pytest.mark.parametrize("name", _shared_names())
def test_the_bill_is_right(name: str, tmp_path: Path) -> None:
    _bill_and_check(shared_case(name), tmp_path)


@pytest.mark.parametrize("name", MADE)
def test_a_made_bill_is_right(name: str, tmp_path: Path) -> None:
    _bill_and_check(made_case(name, tmp_path / "case"), tmp_path)


def _bill_and_check(case: Case, out: Path) -> None:
    right = case.right
    if "usage" in right:
        with pytest.raises(UsageError) as refused:
            _bill(case, out)
        assert right["usage"] in str(refused.value)
    elif "stops" in right:
        with pytest.raises(DataError) as stopped:
            _bill(case, out)
        assert right["stops"] in {each.name for each in stopped.value.findings}
    else:
        _check(case, _bill(case, out))


def _bill(case: Case, out: Path) -> Bill:
    folder, options = case.folder, case.options
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
        first_issued=case.right.get("first_issued"),
    )


def _check(case: Case, bill: Bill) -> None:
    right = case.right
    rows = [(row.tenancy, row.component) for row in bill.rows]
    assert len(rows) == len(set(rows))
    assert sum(row.amount_ore for row in bill.rows) == bill.total_ore
    _check_figures(right, bill)
    names = {finding.name for finding in bill.findings}
    assert set(right.get("findings", ())) <= names
    assert not set(right.get("absent", ())) & names
    messages = " ".join(finding.message for finding in bill.findings)
    for text in right.get("says", ()):
        assert text in messages
    for tenancy, texts in right.get("page", {}).items():
        page = _page(case, bill, tenancy)
        assert all(str(text) in page for text in texts)


def _check_figures(right: dict[str, Any], bill: Bill) -> None:
    for name, figures in _figures(bill).items():
        for key, value in right.get(name, {}).items():
            assert figures[key] == pytest.approx(value, abs=1e-6), (name, key)
    for tenancy, kroner in right.get("least", {}).items():
        assert _figures(bill)["totals"][tenancy] >= kroner


def _figures(bill: Bill) -> dict[str, dict[str, Any]]:
    """Return the figures of a bill as they stand in the table: money in kroner."""
    figures: dict[str, dict[str, Any]] = defaultdict(dict)
    items: dict[str, int] = defaultdict(int)
    for row in bill.rows:
        figures["amounts"].setdefault(row.tenancy, {})[row.component] = row.amount_ore / ORE
        figures["keys"][row.component] = row.key
        items[row.item] += row.amount_ore
    figures["items"] = {item: amount_ore / ORE for item, amount_ore in items.items()}
    for each in bill.statements:
        figures["totals"][each.tenancy] = each.total_ore / ORE
        figures["balances"][each.tenancy] = each.balance_ore / ORE
        figures["claims"][each.tenancy] = bill.claimable_ore(each) / ORE
        figures["use"][each.tenancy] = _use(each, "heat_kwh")
        figures["units"][each.tenancy] = _use(each, "allocator_units")
        figures["factors"][each.tenancy] = _factor(each)
    vat_ore = sum(each.vat_ore or 0 for each in bill.statements)
    figures["bill"] = {"sum": bill.total_ore / ORE, "vat": vat_ore / ORE, "deadline": bill.deadline}
    return figures


def _use(statement: Statement, quantity: str) -> float:
    return sum(each.use for each in statement.registers if each.quantity == quantity)


def _factor(statement: Statement) -> float:
    """Return the weight of a kilowatt hour: the position factor."""
    weights = [row.weight for row in statement.rows if row.key == "heat_units_position"]
    use = _use(statement, "heat_kwh")
    return weights[0] / use if weights and use else math.nan


def _page(case: Case, bill: Bill, tenancy: str) -> str:
    estate = read_estate(case.folder / "estate")
    statement = next(each for each in bill.statements if each.tenancy == tenancy)
    return json.dumps(letter_of(estate, bill, statement).page, ensure_ascii=False)
