"""A year's account by the commands: approved, served, objected to, corrected, closed."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from billing.bill.bill import Bill
from billing.ledger.asked import Asked
from billing.ledger.payments.reference import payment_reference
from billing.ledger.store import Ledger
from billing.measured.evidence import Evidence
from estate.errors import DataError
from fairvarme.cli import main
from operations.ledger.payments import import_payments
from operations.ledger.recompute import recompute
from operations.settings import read_settings
from operations.wiring import opened_database
from tests.support.broken_inputs import Inputs, good_year
from tests.support.ledger import package

BY = ["--by", "An Accountant"]


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return good_year(tmp_path)


@pytest.fixture
def config(inputs: Inputs) -> list[str]:
    path = inputs.directory / "fairvarme.toml"
    files = ("readings.db", "fairvarme.db")
    store, database = (f"sqlite:///{inputs.directory / each}" for each in files)
    path.write_text(f'store = "{store}"\ndatabase = "{database}"\nestates = ["estate"]\n')
    return ["--config", str(path)]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def done(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output


def told(*words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(done(*words, "--json").splitlines()[-1])
    return answer


def test_an_approved_bill_keeps_its_folder_where_another_is_refused(
    inputs: Inputs, config: list[str]
) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    before = {path.name: path.read_bytes() for path in inputs.out.iterdir()}
    end = "2026-01-01T00:00:00+01:00,heat-A,heat_kwh,"
    inputs.spoil("readings.csv", f"{end}4000.000", f"{end}3900.000")
    again = run(*inputs.arguments(), "--approve", *BY, *config)
    assert again.exit_code == 2
    assert "approved already" in again.output
    assert {path.name: path.read_bytes() for path in inputs.out.iterdir()} == before
    assert told("runs", "list", *config)["drafts"] == []


@pytest.mark.slow
def test_a_year_is_settled(inputs: Inputs, config: list[str]) -> None:
    first = told(*inputs.arguments(), "--approve", *BY, *config)
    assert (first["run"], first["total_ore"]) == (1, 1_190_000)
    again = run(*inputs.arguments(), "--approve", *BY, *config)
    assert again.exit_code == 2
    assert "approved already, as run 1" in again.output
    serve = ["runs", "serve", "1", "--on", "2026-03-02", "--channel", "digital", *BY, *config]
    assert told(*serve)["state"] == "served"
    step = ["--tenancy", "A-1", *BY, *config]
    done("runs", "object", "1", "--on", "2026-03-20", "--note", "the meter", *step)
    too_soon = run("runs", "close", "1", "--on", "2026-06-01", *BY, *config)
    assert too_soon.exit_code == 2
    assert "statements still objected: 1, A-1" in too_soon.output

    end = "2026-01-01T00:00:00+01:00,heat-A,heat_kwh,"
    inputs.spoil("readings.csv", f"{end}4000.000", f"{end}3900.000")
    inputs.options[1] = "2026-05-20"
    correct = ["--approve", "--reason", "objection", *BY, *config]
    second = told("runs", "correct", "1", *inputs.arguments()[1:], *correct)
    assert (second["run"], second["corrects"], second["deadline"]) == (2, 1, first["deadline"])
    shown = told("runs", "show", "2", *config)
    changes = {each["tenancy"]: each for each in shown["differences"]}
    assert changes["A-1"]["cost_ore"] != changes["A-1"]["cost_before_ore"]
    assert sum(each["cost_ore"] for each in shown["differences"]) == 1_190_000
    assert {"bill.csv", "evidence.zip", "asked.json", "run.json", "statements.json"} <= shown[
        "documents"
    ].keys()
    statement = json.loads((inputs.out / "statements.json").read_text())["statements"][0]
    assert (statement["corrects"], statement["deadline"]) == ("2026-03-01", first["deadline"])
    assert statement["late"] is False, "the first came in time"
    states = [each["state"] for each in told("runs", "list", *config)["runs"]]
    assert states == ["corrected", "approved"]
    done("runs", "serve", "2", "--on", "2026-05-21", "--channel", "letter", *BY, *config)
    assert told("runs", "close", "2", "--on", "2026-07-03", *BY, *config)["state"] == "closed"
    assert told("runs", "verify", *config)["entries"] == 6


def test_payments_are_booked_once_and_balances_told(inputs: Inputs, config: list[str]) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    claimed = {each["tenancy"]: each for each in balances(config)}
    left_ore = claimed["A-1"]["left_ore"]
    payments = inputs.directory / "bank.csv"
    payments.write_text(
        "day;amount;key;building;tenancy;reference;kind\n"
        "2026-04-01;100,50;k1;house;A-1;;\n"
        f"2026-04-02;25,00;k2;;;{payment_reference(1, 'B-1', ['A-1', 'B-1'])};balance\n"
        "2026-04-03;300,00;k3;house;B-1;;on_account\n",
        "utf-8",
    )
    for new in (3, 0):
        answer = told("payments", "import", str(payments), *BY, *config)
        assert answer == {"given": 3, "new": new}
    one = ["--building", "house", "--tenancy", "A-1", "--amount", "-0.50", "--on", "2026-04-04"]
    done("payments", "add", *one, "--key", "k4", *BY, *config)
    paid = {each["tenancy"]: each for each in balances(config)}
    assert paid["A-1"]["left_ore"] == left_ore - 10_000
    assert (paid["B-1"]["paid_ore"], paid["B-1"]["paid_on_account_ore"]) == (2_500, 30_000)
    assert told("runs", "verify", *config)["findings"] == []


def test_a_tenancy_pays_on_account_before_its_first_bill(config: list[str]) -> None:
    one = ["--building", "house", "--tenancy", "A-1", "--amount", "300", "--on", "2025-02-01"]
    done("payments", "add", *one, "--kind", "on_account", "--key", "k1", *BY, *config)
    assert [each["paid_on_account_ore"] for each in balances(config)] == [30_000]


def test_a_tenancy_that_the_estate_forgot_pays_what_it_was_billed(
    inputs: Inputs, config: list[str]
) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    shutil.rmtree(inputs.estate)
    one = ["--building", "house", "--tenancy", "A-1", "--amount", "300", "--on", "2026-04-01"]
    done("payments", "add", *one, "--key", "k1", *BY, *config)
    assert [each["paid_ore"] for each in balances(config)] == [30_000, 0]


def balances(config: list[str]) -> list[dict[str, Any]]:
    return list(told("payments", "balance", "house", *config)["tenancies"])


def test_a_wrong_row_of_a_file_of_payments_books_none(inputs: Inputs, config: list[str]) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    payments = inputs.directory / "bank.csv"
    good = "2026-04-01,100.50,k1,house,A-1,\n"
    for bad, told_of in (
        ("2026-04-01,1e5,k2,house,A-1,\n", "row 3, column amount"),
        ("2026-04-01,5.00,k2,,,RF00 1000 01\n", "row 3: key k2 names no tenancy"),
        ("2026-04-01,5.00,k2,house,A-7,\n", "row 3: key k2 names no tenancy"),
        ("2026-04-01,5.00,k2,another,A-1,\n", "row 3: key k2 names no tenancy"),
        ("2026-04-01,5.00,k2,,,RF18 5390 0754 7034\n", "row 3: key k2 names no tenancy"),
    ):
        payments.write_text(f"day,amount,key,building,tenancy,reference\n{good}{bad}", "utf-8")
        result = run("payments", "import", str(payments), *BY, *config)
        assert result.exit_code == 1
        assert told_of in result.output
        if "no tenancy" in told_of:
            with pytest.raises(DataError) as error:
                import_payments(read_settings(Path(config[1])), payments, "A")
            assert [each.name for each in error.value.findings] == ["ledger.payment.unknown"]
    assert balances(config)[0]["paid_ore"] == 0


def test_what_is_paid_on_account_is_proposed(inputs: Inputs, config: list[str]) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    found = told("payments", "propose", "1", "--on", "2026-03-02", "--price-change", "5", *config)
    assert (found["first"], found["instalments"]) == ("2026-05-01", 12)
    for each in found["proposals"]:
        assert each["expected_ore"] == each["cost_ore"] * 105 // 100
        assert each["each_ore"] == each["expected_ore"] // 12 // 100 * 100


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--approve"], "add --by NAME"),
        (["--corrects", "1", "--reason", "objection"], "add --draft or --approve"),
        (["--approve", "--corrects", "1", *BY], "write --corrects RUN --reason CODE"),
        (["--approve", "--corrects", "1", "--reason", "because", *BY], "no reason 'because'"),
        (["--approve", "--corrects", "1", "--reason", "forgotten_cost", *BY], "carried_over"),
        (["--approve", "--corrects", "1", "--reason", "objection", *BY], "there is no run 1"),
    ],
)
def test_what_cannot_be_kept_is_wrong_usage(
    inputs: Inputs, config: list[str], more: list[str], reason: str
) -> None:
    result = run(*inputs.arguments(), *more, *config)
    assert result.exit_code == 2
    assert reason in result.output


def test_what_is_no_settlement_is_not_approved(inputs: Inputs, config: list[str]) -> None:
    inputs.spoil("costs.csv", "1500,final", "1500,provisional")
    refused = run(*inputs.arguments(), "--approve", *BY, *config)
    assert refused.exit_code == 1
    assert "provisional" in refused.output
    allowed = [*inputs.arguments(), "--allow", "ledger.bill.provisional"]
    assert told(*allowed, "--approve", *BY, *config)["run"] == 1


def test_a_run_is_computed_again_when_all_else_is_gone(inputs: Inputs, config: list[str]) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    shutil.rmtree(inputs.estate)
    inputs.readings.unlink()
    again = inputs.directory / "again"
    answer = told("recompute", "1", "--out", str(again), *config)
    assert answer == {"run": 1, "total_ore": 1_190_000, "statements": 2, "same": True}
    for name in ("bill.csv", "statements.json"):
        assert (again / name).read_bytes() == (inputs.out / name).read_bytes()


def test_a_scheme_of_ones_own_is_kept_with_the_run(inputs: Inputs, config: list[str]) -> None:
    scheme = inputs.directory / "own.yaml"
    scheme.write_text(
        "id: own\nvalid_from: 2020-01-01\nsource: made for this test\nitems:\n"
        "  heat: [{key: heat_units, fraction: 0.7}, {key: equal, fraction: 0.3}]\n"
        "  hot_water: [{key: hot_water_m3, fraction: 1.0}]\n"
    )
    inputs.spoil("building.yaml", "scheme: dk-metered", f"scheme: {scheme}")
    inputs.spoil("building.yaml", "from: 2024-01-01", "from: 2024-01-01, decision: of the board")
    done(*inputs.arguments(), "--approve", *BY, *config)
    scheme.unlink()
    again = inputs.directory / "again"
    done("recompute", "1", "--out", str(again), *config)
    assert (again / "bill.csv").read_bytes() == (inputs.out / "bill.csv").read_bytes()


def test_an_amount_that_comes_out_otherwise_is_told(
    inputs: Inputs, config: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    costs = Asked.bill

    def with_another_cost(asked: Asked, evidence: Evidence) -> Bill:
        more = asked.costs[0].model_copy(update={"amount_ore": asked.costs[0].amount_ore + 2})
        return costs(asked.model_copy(update={"costs": (more, *asked.costs[1:])}), evidence)

    monkeypatch.setattr(Asked, "bill", with_another_cost)
    result = run("recompute", "1", *config)
    assert result.exit_code == 1
    assert "come out again" in result.output
    again = recompute(read_settings(Path(config[1])), 1)
    assert {each.name for each in again.findings} == {"ledger.recompute.differs"}


def test_a_run_without_evidence_is_not_computed_again(config: list[str]) -> None:
    settings = read_settings(Path(config[1]))
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        ledger.approve(ledger.keep(package({"A-1": (1000, 700)}), "A", 0), "A", 0)
    with pytest.raises(DataError) as error:
        recompute(settings, 1)
    assert [each.name for each in error.value.findings] == ["ledger.evidence.missing"]


def test_nothing_of_a_person_is_kept(inputs: Inputs, config: list[str]) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    with closing(sqlite3.connect(inputs.directory / "fairvarme.db")) as connection:
        text = "\n".join(connection.iterdump())
        contents = [row[0] for row in connection.execute("SELECT content FROM run_document")]
    for name in (b"Resident A", b"Resident B"):
        assert name.decode() not in text
        assert not any(name in content for content in contents)


@pytest.mark.slow
def test_statements_tell_how_to_pay_and_what_they_replace(
    inputs: Inputs, config: list[str]
) -> None:
    inputs.spoil("building.yaml", "language: en", "language: en\nlandlord: The Landlord")
    done(*inputs.arguments(), "--approve", *BY, *config)
    end = "2026-01-01T00:00:00+01:00,heat-A,heat_kwh,"
    inputs.spoil("readings.csv", f"{end}4000.000", f"{end}3900.000")
    inputs.options[1] = "2026-05-20"
    correct = ["--approve", "--corrects", "1", "--reason", "late_reading", *BY, *config]
    done(*inputs.arguments(), *correct)
    before = {each["tenancy"]: each for each in told("runs", "show", "2", *config)["differences"]}
    inputs.readings.unlink()
    out = inputs.directory / "printed"
    for number in ("1", "2"):
        done("runs", "statements", number, "--out", str(out / number), *config)
    reference = payment_reference(2, "B-1", ["A-1", "B-1"])
    text = page(out / "2" / "B-1.pdf")
    old_ore = before["B-1"]["balance_before_ore"]
    for words in (
        f"Payment reference: {reference}", "Home: Street 1 B", "Landlord: The Landlord",
        "Issued on 20 May 2026", "replaces the statement of 1 March 2026",
        "A reading arrived only afterwards.",
        f"The earlier letter said: You must pay DKK {old_ore / 100:,.2f}",
    ):  # fmt: skip
        assert words in text
    first = page(out / "1" / "B-1.pdf")
    assert f"Payment reference: {payment_reference(1, 'B-1', ['A-1', 'B-1'])}" in first
    assert "replaces" not in first


@pytest.mark.slow
def test_a_correction_tells_each_home_whether_its_first_statement_came_in_time(
    inputs: Inputs, config: list[str]
) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    deadline = told("runs", "show", "1", *config)["deadline"]
    assert deadline == "2026-05-01", "three months after the supplier's bill of 1 February"
    for tenancy, day in (("A-1", "2026-03-05"), ("B-1", "2026-05-02")):
        served = ["--tenancy", tenancy, "--on", day, "--channel", "letter"]
        done("runs", "serve", "1", *served, *BY, *config)
    old = shutil.copytree(inputs.out, inputs.directory / "first")
    end = "2026-01-01T00:00:00+01:00,heat-A,heat_kwh,"
    inputs.spoil("readings.csv", f"{end}4000.000", f"{end}3900.000")
    inputs.options[1] = "2026-06-20"
    correct = ["--approve", "--corrects", "1", "--reason", "late_reading", *BY, *config]
    done(*inputs.arguments(), *correct)
    out = inputs.directory / "printed"
    done("runs", "statements", "2", "--out", str(out), *config)
    in_time, late = page(out / "A-1.pdf"), page(out / "B-1.pdf")
    due = "It was due by 1 May 2026, so it came"
    assert f"You got the first statement on 5 March 2026. {due} in time." in in_time
    assert f"You got the first statement on 2 May 2026. {due} too late." in late
    bill = json.loads((old / "statements.json").read_text())
    said_ore = {each["tenancy"]: each["claimable_ore"] for each in bill["statements"]}
    for tenancy, words in (("A-1", in_time), ("B-1", late)):
        said = f"The earlier letter said: You must pay DKK {said_ore[tenancy] / 100:,.2f}"
        assert said in words, "also where it has been given up since"
    owes = {each["tenancy"]: each for each in told("runs", "show", "2", *config)["differences"]}
    assert owes["B-1"]["balance_ore"] == 0, "the ledger claims nothing of who was served late"
    assert "You have nothing to pay" in late
    assert "nothing more may be claimed from you" in late


def test_what_was_served_too_late_is_in_no_file_as_a_claim(
    inputs: Inputs, config: list[str]
) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    for tenancy, day in (("A-1", "2026-03-05"), ("B-1", "2026-05-02")):
        served = ["--tenancy", tenancy, "--on", day, "--channel", "letter"]
        done("runs", "serve", "1", *served, *BY, *config)
    owed = {each["tenancy"]: each["claimed_ore"] for each in balances(config)}
    assert owed["B-1"] == 0 != owed["A-1"]
    out = inputs.directory / "heat.csv"
    said = done("export", "1", "--format", "balances-csv", "--out", str(out), *config)
    assert "tenancy B-1: " in said
    rows = csv.DictReader(out.read_text("utf-8-sig").splitlines(), delimiter=";")
    sent = {row["tenancy"]: Decimal(row["balance"].replace(",", ".")) * 100 for row in rows}
    assert sent == owed
    done("runs", "account", "1", "--out", str(inputs.directory / "account"), *config)
    table = (inputs.directory / "account" / "tenancies.csv").read_text().splitlines()
    booked = {row["tenancy"]: Decimal(row["claimed"]) * 100 for row in csv.DictReader(table)}
    assert booked == owed


def test_a_correction_tells_a_home_that_was_not_served_by_when_it_must_be(
    inputs: Inputs, config: list[str]
) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    served = ["--tenancy", "A-1", "--on", "2026-03-05", "--channel", "digital"]
    done("runs", "serve", "1", *served, *BY, *config)
    done("runs", "bounce", "1", "--tenancy", "A-1", "--on", "2026-03-06", *BY, *config)
    inputs.options[1] = "2026-03-20"
    same = ["--allow", "ledger.correction.nothing"]
    correct = ["--approve", "--corrects", "1", "--reason", "wrong_estate", *same, *BY, *config]
    done(*inputs.arguments(), *correct)
    out = inputs.directory / "printed"
    done("runs", "statements", "2", "--out", str(out), *config)
    for name in ("A-1", "B-1"):
        words = page(out / f"{name}.pdf")
        assert "We have no record that you got the first statement. It is due by 1 May" in words
        assert "came in time" not in words


def page(path: Path) -> str:
    """Return the words of a first page, on one line."""
    text = PdfReader(path).pages[0].extract_text()
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_the_doctor_tells_of_a_changed_row(inputs: Inputs, config: list[str]) -> None:
    done(*inputs.arguments(), "--approve", *BY, *config)
    assert "1 entries are as they were written" in run("doctor", *config).output
    with closing(sqlite3.connect(inputs.directory / "fairvarme.db")) as connection, connection:
        connection.execute("DROP TRIGGER ledger_posting_no_update")
        connection.execute("UPDATE ledger_posting SET tenancy = 'B-1' WHERE tenancy = 'A-1'")
    result = run("doctor", *config)
    assert result.exit_code == 1
    assert "ledger entry 1 (approval) is not what was written" in result.output
    assert "fairvarme runs verify" in result.output
