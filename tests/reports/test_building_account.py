"""The building account: its sums, its tables as CSV and workbook, and its words."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from pypdf import PdfReader

from billing.ledger.correction import reasons
from billing.ledger.model import State
from billing.schemes import CLIMATE_KEYS, COLUMNS, FIXED_KEYS, METERS
from correspondence.catalogue import catalogue
from estate.findings import Finding
from fairvarme.cli import main
from reports.building_account.files import csv_text, workbook
from reports.building_account.findings import finding_lines, finding_texts, names_told
from reports.building_account.tables import AccountTable, Ore
from tests.support.broken_inputs import Inputs, good_year

MOVE = ("A-1,A,2020-01-01,,digital", "A-1,A,2020-01-01,2025-09-01,digital")
SHEETS = ("run", "costs", "split", "tenancies", "differences", "findings")


def done(*words: str) -> None:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the building account of a year with a flat that was empty for a while."""
    inputs = good_year(tmp_path_factory.mktemp("account"))
    inputs.spoil("tenancies.csv", *MOVE)
    config = inputs.directory / "fairvarme.toml"
    store, database = (f"sqlite:///{inputs.directory / name}" for name in ("r.db", "f.db"))
    config.write_text(f'store = "{store}"\ndatabase = "{database}"\nestates = ["estate"]\n')
    approve(inputs, config)
    out = inputs.directory / "account"
    done("runs", "account", "1", "--out", str(out), "--config", str(config))
    return out


def approve(inputs: Inputs, config: Path) -> None:
    words = ["--approve", "--by", "An Accountant", "--config", str(config)]
    done(*inputs.arguments(), *words)


def table(written: Path, name: str) -> list[dict[str, str]]:
    with (written / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kroner(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows), Decimal())


def test_costs_split_and_tenancies_are_one_sum(written: Path) -> None:
    costs, split, tenancies = (table(written, name) for name in ("costs", "split", "tenancies"))
    assert kroner(costs, "amount") == Decimal("11900.00")
    assert [(row["item"], row["kind"], row["amount"], row["vat_amount"]) for row in costs] == [
        ("heat", "energy", "10000.00", "2000.00"),
        ("heat", "rebate", "-100.00", "-20.00"),
        ("hot_water", "energy", "2000.00", "400.00"),
    ]
    assert kroner(split, "amount") == Decimal("11900.00")
    assert kroner(split, "residents") + kroner(split, "landlord") == Decimal("11900.00")
    assert kroner(tenancies, "cost") == Decimal("11900.00")
    vacant = [row for row in tenancies if row["tenancy"] == "landlord:A"]
    told = {row["what"]: row["value"] for row in table(written, "run")}
    assert kroner(vacant, "cost") == kroner(split, "landlord") == Decimal(told["landlords_share"])
    assert told["total"] == "11900.00"
    (resident,) = [row for row in tenancies if row["tenancy"] == "A-1"]
    assert resident["on_account"] == "2000.00"
    assert Decimal(resident["balance"]) == Decimal(resident["cost"]) - 2000
    assert resident["reference"].startswith("RF")


def test_the_workbook_holds_the_same_amounts(written: Path) -> None:
    book = load_workbook(written / "account.xlsx")
    assert tuple(book.sheetnames) == SHEETS
    for name, column in (("costs", "amount"), ("split", "residents"), ("tenancies", "cost")):
        header, *rows = book[name].iter_rows(values_only=True)
        place = header.index(column)
        amounts = [Decimal(f"{row[place]:.2f}") for row in rows]
        assert amounts == [Decimal(row[column]) for row in table(written, name)]


def test_the_page_tells_it_in_words(written: Path) -> None:
    pages = PdfReader(written / "account.pdf").pages
    text = " ".join(page.extract_text() for page in pages).replace("\N{NO-BREAK SPACE}", " ")
    for words in ("Building account", "11,900.00", "A (landlord)", "An Accountant", "Digest"):
        assert words in text


def test_a_text_is_no_formula() -> None:
    hostile = AccountTable("run", ("what", "value"), (("=1+1", Ore(-5)), ("+45", None)))
    rows = list(csv.reader(io.StringIO(csv_text(hostile))))
    assert rows == [["what", "value"], ["'=1+1", "-0.05"], ["'+45", ""]]
    sheet: Any = load_workbook(io.BytesIO(workbook([hostile]))).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    assert sheet["B2"].value == -0.05


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_everything_that_is_chosen_by_rule_has_words(language: str) -> None:
    words = catalogue(language)
    keys = {*FIXED_KEYS, *CLIMATE_KEYS, *METERS, *COLUMNS}
    wanted = [f"building_account.key.{key}" for key in keys]
    wanted += [f"run.state.{state}" for state in State]
    wanted += [f"correction.{each.code}" for each in reasons().values() if not each.remedy]
    assert [each for each in wanted if each not in words] == []


def test_each_finding_of_an_account_has_a_text_in_each_other_language() -> None:
    for language in ("da", "de"):
        assert finding_texts(language).keys() == names_told()
    assert finding_texts("en") == {}, "they are written in English"


def test_findings_are_told_in_the_language_of_the_page_once_for_each_kind() -> None:
    found = [
        Finding(
            "billing.register.still", f"the meter heat-{each} stands", {"device": f"heat-{each}"}
        )
        for each in "AAB"
    ]
    found.append(Finding("billing.costs.provisional", "the cost of heat ...", {"item": "heat"}))
    still, provisional = finding_lines(found, catalogue("da"))
    assert still.endswith("boligen er beboet: heat-A, heat-B.")
    assert provisional.endswith("det er regnskabet derfor også: Varme.")
    assert finding_lines(found, catalogue("en")) == [each.message for each in found]


def test_many_homes_of_one_finding_are_counted() -> None:
    found = [
        Finding("billing.register.still", "it stands", {"device": f"m{number:02d}"})
        for number in range(11)
    ]
    (line,) = finding_lines(found, catalogue("da"))
    assert line.endswith("m06, m07 og 3 til.")
