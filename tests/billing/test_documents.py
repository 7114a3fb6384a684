"""The public documents of a bill are its models: written, read back, described, refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from billing.bill.bill import Bill
from billing.bill.documents import FindingsDocument, RunDocument, StatementsDocument
from billing.bill.files import write_bill
from billing.bill.read import read_findings, read_run, read_statements
from billing.bill.schemas import DOCUMENTS, json_schema
from estate.errors import UsageError
from operations.bill_building import bill_building
from tests.support.estates import scheme
from tests.support.random_houses import House, houses
from tests.support.report_homes import a_bill, a_statement

INPUTS = {"b.csv": "0" * 64, "a.csv": "f" * 64}
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
RULES = scheme(
    {"key": "heat_units", "fraction": 0.4},
    {"key": "degree_hours", "fraction": 0.3, "season": ["10-01", "05-01"], "floor_c": 17},
    {"key": "area", "fraction": 0.3},
)


def bill_of(house: House) -> Bill:
    return bill_building(house.estate, house.source, house.period, RULES)


def written(folder: Path, bill: Bill) -> Path:
    write_bill(folder, bill, INPUTS)
    return folder


@pytest.mark.slow
@settings(max_examples=25)
@given(houses())
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, house: House
) -> None:
    bill = bill_of(house)
    folder = written(tmp_path_factory.mktemp("bill"), bill)
    found = read_statements(folder / "statements.json")
    assert found == StatementsDocument.of(bill)
    assert tuple(each.statement() for each in found.statements) == bill.statements
    assert read_findings(folder / "findings.json") == FindingsDocument.of(bill.findings)
    assert read_run(folder / "run.json") == RunDocument.of(bill, INPUTS)


@pytest.mark.slow
@settings(max_examples=25)
@given(houses())
def test_a_bill_is_its_own_json(house: House) -> None:
    bill = bill_of(house)
    again = Bill.model_validate_json(bill.model_dump_json(by_alias=True))
    assert again == bill
    assert again.component_of(bill.rows[0]) == bill.component_of(bill.rows[0])


@pytest.mark.slow
@settings(max_examples=25)
@given(houses())
def test_documents_are_what_their_schema_says(
    tmp_path_factory: pytest.TempPathFactory, house: House
) -> None:
    folder = written(tmp_path_factory.mktemp("bill"), bill_of(house))
    for name in DOCUMENTS:
        schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
        jsonschema.validate(json.loads((folder / f"{name}.json").read_text("utf-8")), schema)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_schemas_in_the_docs_are_current(name: str) -> None:
    """`make pages` writes them."""
    assert (SCHEMAS / f"{name}.schema.json").read_text("utf-8") == json_schema(DOCUMENTS[name])


@pytest.fixture
def statements(tmp_path: Path) -> Path:
    return written(tmp_path, a_bill(a_statement())) / "statements.json"


def changed(path: Path, **changes: Any) -> Path:  # noqa: ANN401  whatever JSON holds
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")
    return path


@pytest.mark.parametrize("schema", ["fairvarme.statements/2", "fairvarme.statements/10"])
def test_a_newer_format_is_refused(statements: Path, schema: str) -> None:
    with pytest.raises(UsageError, match=f"written as {schema}.*or a newer one"):
        read_statements(changed(statements, schema=schema))


@pytest.mark.parametrize("schema", [None, 1, "other/1", "fairvarme.statement/1"])
def test_what_is_no_statements_file_is_refused(statements: Path, schema: object) -> None:
    with pytest.raises(UsageError, match=r"is not a statements\.json"):
        read_statements(changed(statements, schema=schema))


def test_a_field_that_is_wrong_is_named(statements: Path) -> None:
    document = json.loads(statements.read_text("utf-8"))
    document["statements"][0]["total_ore"] = "much"
    with pytest.raises(UsageError, match=r"statements\.0\.total_ore: .*integer"):
        read_statements(changed(statements, **document))


def test_a_field_of_tomorrow_is_passed_over(statements: Path) -> None:
    document = json.loads(statements.read_text("utf-8"))
    plain = read_statements(statements)
    document["statements"][0]["paid_ore"] = 1
    document["statements"][0]["components"][0]["colour"] = "red"
    assert read_statements(changed(statements, **document)) == plain


@pytest.mark.parametrize("text", ["", "[]", "{", "\ufffe"])
def test_what_is_no_json_object_is_refused(statements: Path, text: str) -> None:
    statements.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=r"statements\.json"):
        read_statements(statements)


def test_a_misspelt_field_is_an_error() -> None:
    with pytest.raises(ValueError, match="total_oere"):
        a_bill(a_statement()).replace(total_oere=1)
