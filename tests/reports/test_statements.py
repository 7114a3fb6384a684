"""Statements in people's hands: the answer on page one, their rights, delivery, hostile names."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from billing.bill.bill import Reduction, RegisterUse, UseMethod
from billing.bill.costs import Co2Split
from billing.bill.explanations import Comparison, NeighbourHeat, Withheld
from billing.costs.derive import REST
from billing.derivation import DerivationMethod
from billing.schemes import Key
from correspondence.catalogue import catalogue
from estate.devices import REGISTER_OF
from estate.model import CostKind
from reports.pdf import STATEMENT, Press
from reports.print_building import write_statements
from reports.statement.letter import letter_of
from tests.support.report_homes import a_statement, an_estate
from tests.support.statements import (
    A4_MM,
    MM_PER_POINT,
    charged,
    english,
    pdf_of,
    text_of,
    told,
    words_on,
)


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_a_statement_is_tagged_and_answers_on_one_page_and_proves_on_the_next(
    press: Press, language: str
) -> None:
    pdf = PdfReader(io.BytesIO(pdf_of(press, told(), estate=an_estate(language=language))))
    assert len(pdf.pages) == 2
    for page in pdf.pages:
        size = tuple(round(float(side) * MM_PER_POINT) for side in page.mediabox.upper_right)
        assert size == A4_MM
    root: Any = pdf.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert "/StructTreeRoot" in root
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_what_is_to_pay_is_the_total_less_what_was_paid(press: Press) -> None:
    """842.50 less 800.00."""
    text = text_of(press, told())
    assert "Du skal betale 42,50 kr." in text
    assert "I alt 842,50 kr. Betalt på forhånd (a conto) −800,00 kr." in text
    for amount in ("312,40 kr.", "220,75 kr.", "189,10 kr.", "120,25 kr."):
        assert amount in text


@pytest.mark.parametrize(
    ("aconto_ore", "said"),
    [
        (90_000, "Du har til gode 57,50 kr."),
        (84_250, "Du skal ikke betale noget 0,00 kr."),
        (None, "Du skal betale 842,50 kr."),
        (0, "Du skal betale 842,50 kr."),
    ],
)
def test_credit_nothing_and_no_a_conto(press: Press, aconto_ore: int | None, said: str) -> None:
    text = text_of(press, told(aconto_ore=aconto_ore))
    assert said in text
    assert ("a conto" in text) is (aconto_ore is not None)
    assert ("udbetalt" in text) is (aconto_ore == 90_000)
    assert ("tidligst 1 måned efter" in text) is said.endswith("842,50 kr.")


def test_a_trial_is_no_claim_in_either_language(press: Press) -> None:
    bill = charged(told(), trial=True)
    text = text_of(press, told(), bill)
    assert "PRØVE – ikke et krav" in text
    assert "Du skal ikke betale dette beløb." in text
    assert "Du skal betale" not in text
    assert "Betal med huslejen" not in text
    assert "Din varme kostede 842,50 kr." in text
    assert "TRIAL – not a bill" in text_of(press, told(), bill, english())
    assert "PRØVE" not in text_of(press, told())


def test_a_month_informs_and_claims_nothing(press: Press) -> None:
    interim = charged(told(), interim=True)
    text = text_of(press, told(), interim)
    assert "Din varme kostede 842,50 kr. Du har betalt 800,00 kr. på forhånd." in text
    assert "Forskel 42,50 kr." in text
    for claim in ("Du skal betale", "Betal med huslejen", "6 uger"):
        assert claim not in text
    nothing_paid = told(aconto_ore=None)
    assert "Beløbet er en oplysning." in text_of(
        press, nothing_paid, charged(nothing_paid, interim=True)
    )


def test_why_and_what_to_do(press: Press) -> None:
    text = text_of(press, told())
    assert "En del af din varme kom fra naboer" in text
    assert (
        "Varme hos dig: 6,1 kWh pr. m², korrigeret for boligens placering. De andre: 7,4." in text
    )
    assert "Varmt vand hos dig: 3,2 m³. De andre hjem i huset: 2,4 i snit." in text
    assert "790,10 kr., altså 52,40 kr. mindre" in text
    assert "En halv grad varmere hjemme ville have kostet dig ca. 34 kr. mere." in text
    assert "En halv grad koldere: ca. 34 kr. mindre." in text
    assert "senest 6 uger efter" in text
    assert "12 34 56 70" in text
    assert "beboerklagenævnet i Roskilde" in text


def test_an_objection_has_an_address_where_there_is_one(press: Press) -> None:
    contacts = [{"topic": "varmeregnskab", "phone": "12 34 56 70", "mail": "varme@hus.example"}]
    text = text_of(press, told(), estate=an_estate(contacts=contacts))
    assert "Skriv til varme@hus.example senest 6 uger efter" in text
    assert "Ring på 12 34 56 70" in text


def test_an_english_statement_is_english(press: Press) -> None:
    text = text_of(press, told(), estate=english())
    assert "Your heating statement" in text
    assert "You must pay DKK 42.50" in text
    assert "6 weeks" in text
    for danish in ("Varme", "Hvorfor", "måler", "kr."):
        assert danish not in text.replace("varmeregnskab", "")


def test_late_provisional_and_allowed_are_said(press: Press) -> None:
    late = charged(told(), late=True, allowed=("billing.costs.beyond",))
    text = text_of(press, told(), late)
    assert "Du skal ikke betale noget 0,00 kr. Regnskabet er kommet for sent." in text
    assert "Kan ikke kræves 42,50 kr." in text
    assert "Regnskabet er kommet for sent." in text
    assert "Betal med huslejen" not in text
    assert "billing.costs.beyond" in text
    line = late.costs[0].replace(provisional=True, received=None, vat_ore=None)
    text = text_of(press, told(), charged(told(), costs=(line,)))
    assert "Husets regning er foreløbig." in text
    assert "ikke oplyst" in text


def test_a_reduction_may_be_claimed(press: Press) -> None:
    reduction = Reduction(
        rule="reduction_not_remote", fraction=0.03, amount_ore=2_528, source="HeizkostenV § 12"
    )
    text = text_of(press, told(reductions=(reduction,), vat_ore=16_850))
    assert "Du kan kræve 25,28 kr. trukket fra (HeizkostenV § 12, stk. 1, 2. pkt.)." in text
    assert "Heraf moms: 168,50 kr." in text
    assert "kr.." not in text


def test_a_country_without_rules_promises_no_days(press: Press) -> None:
    text = text_of(press, told(), charged(told(), country=None, deadline=None))
    for promised in ("uger", "måned efter", "lige store rater", "skal nå dig"):
        assert promised not in text


def test_accounts_of_a_tenancy_are_summed_apart(press: Press) -> None:
    """Almenlejeloven § 53: heat with hot water, water, and cooling; owners keep one account."""
    statement = told()
    water = statement.rows[0].replace(item="cold_water", component="cold_water-1", amount_ore=123)
    both = statement.replace(rows=(*statement.rows, water))
    text = text_of(press, both, charged(both))
    assert "I alt for vand 1,23 kr." in text
    assert "I alt for varme og varmt vand" in text
    owners = an_estate(tenure="andel")
    assert "I alt for vand" not in text_of(press, both, charged(both), owners)
    assert "I alt for varme" not in text_of(press, statement)


def test_landlord_of_a_private_tenancy_takes_an_upheld_claim_to_the_board(press: Press) -> None:
    """Lejeloven § 77: six weeks for the tenant, and six more for the landlord."""
    assert "går vi selv til nævnet" in text_of(press, told(), estate=an_estate(tenure="privat"))
    assert "går vi selv til nævnet" not in text_of(press, told())


def test_austrian_statement_says_what_follows_from_it(press: Press) -> None:
    """HeizKG § 18 (1) nos. 11 and 12, § 24."""
    estate = an_estate(records_open="Kontoret, hver tirsdag 16-18", language="en")
    text = text_of(press, told(), charged(told(), country="AT"), estate)
    assert "within 6 months of this letter" in text
    assert "Kontoret, hver tirsdag 16-18" in text


def test_correction_and_co2_are_said(press: Press) -> None:
    co2 = Co2Split(
        emission_kg=4_000.0,
        emission_per_m2=20.0,
        tenants_fraction=0.8,
        amount_ore=30_000,
        landlord_ore={"heat": 6_000},
    )
    text = text_of(press, told(), charged(told(), first_issued=date(2026, 3, 1), co2=co2))
    assert "Dette brev erstatter opgørelsen af 1. marts 2026." in text
    assert "4.000 kg CO₂, 20 kg for hver m²" in text
    assert "240,00 kr. af den (80 %)" in text


def test_the_landlords_days_get_no_letter(tmp_path: Path) -> None:
    empty = told().replace(tenancy="landlord:f2", flat="f2", resident=False)
    with pytest.raises(ValueError, match="landlord"):
        letter_of(an_estate(), charged(empty), empty)
    bill = charged(told()).replace(statements=(told(), empty))
    run = write_statements(tmp_path / "new", an_estate(), bill)
    assert [path.name for path in run.paths] == ["t1.pdf"]
    assert run.findings == ()


def test_who_left_no_address_is_named(tmp_path: Path) -> None:
    moved = told().replace(tenancy="t2", flat="f2", end=date(2026, 1, 16))
    run = write_statements(tmp_path, an_estate(), charged(moved))
    assert [finding.data for finding in run.findings] == [{"tenancy": "t2"}]
    assert "Ny adresse mangler" in words_on(run.paths[0].read_bytes())


@pytest.mark.parametrize(("delivery", "times"), [("digital", 0), ("paper", 1)])
def test_a_protected_home_is_named_no_more_than_delivery_needs(
    press: Press, delivery: str, times: int
) -> None:
    tenancy = {"tenancy": "t1", "flat": "f1", "from": "2024-01-01", "delivery": delivery}
    person = {"tenancy": "t1", "person": "p1", "name": "Beboer 1", "protected": True}
    estate = an_estate(tenancies=[tenancy], persons=[person])
    text = text_of(press, told(), estate=estate)
    assert text.count("Beboer 1") == text.count("Birkevej") == times


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["#panic()", "*x* _y_", "$x^2$", '#read("/etc/passwd")', "=1+1", "\\ ~ @a <b>", "// c", "[]{}"],
)
def test_text_from_outside_is_printed_as_it_is_and_never_run(press: Press, name: str) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": name}]
    register = RegisterUse(
        device="h1", quantity="heat_kwh", serial=name, start_register=0.0, end_register=1.0, use=1.0
    )
    text = text_of(press, told(registers=(register,)), estate=an_estate(persons=persons))
    assert text.count(name) == 2


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=500).filter(str.strip))
def test_no_name_breaks_the_page(press: Press, name: str) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": name}]
    estate = an_estate(persons=persons, organisation=name, complaint_board=name)
    assert len(PdfReader(io.BytesIO(pdf_of(press, told(), estate=estate))).pages) == 2


def test_a_name_from_right_to_left_moves_no_amount(press: Press) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": "\N{RIGHT-TO-LEFT OVERRIDE}evil"}]
    assert "Du skal betale 42,50 kr." in text_of(press, told(), estate=an_estate(persons=persons))


def test_everything_long_keeps_its_answer_on_one_page(press: Press) -> None:
    long = "Længere end nogen andre ord " * 17
    contact = {"topic": long, "phone": "12 34 56 78", "hours": long}
    names = [{"tenancy": "t1", "person": f"p{each}", "name": long} for each in range(6)]
    estate = an_estate(persons=names, organisation=long, complaint_board=long, contacts=[contact])
    amounts = {
        (item, key): 99_999_999
        for item in ("heat", "hot_water", "cold_water", "a_word_that_no_catalogue_knows")
        for key in ("area", "heat_units", "own_heat_loss")
    }
    rows = a_statement(amounts=amounts).rows
    compared = tuple(
        Comparison(item=f"item_{n}", key="heat_units", own=1e5, others=1e5, homes=11)
        for n in range(4)
    )
    statement = told(rows=rows, comparison=compared)
    pages = PdfReader(io.BytesIO(pdf_of(press, statement, estate=estate))).pages
    assert "Sådan er dit beløb beregnet" not in pages[0].extract_text()
    assert "Sådan er dit beløb beregnet" in pages[1].extract_text()
    assert "Du skal betale" in pages[0].extract_text()


def test_the_same_figures_give_the_same_bytes(press: Press) -> None:
    assert pdf_of(press, told()) == pdf_of(Press(STATEMENT), told())


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_everything_that_a_statement_chooses_has_words(language: str) -> None:
    words = catalogue(language)
    registers = set(REGISTER_OF.values())
    needed = (
        {f"unit.{key}" for key in get_args(Key)}
        | {f"key.{key}" for key in get_args(Key)}
        | {f"proof.key.{key}" for key in get_args(Key)}
        | {f"neighbour.{each}" for each in NeighbourHeat}
        | {f"compare.{each}" for each in Withheld}
        | {f"method.{each}.other" for each in get_args(UseMethod) if each != "measured"}
        | {f"kind.{kind}" for kind in get_args(CostKind)}
        | {f"derived.{by}" for by in (*get_args(DerivationMethod), REST)}
        | {f"register.{name}" for name in registers}
        | {f"register.{name}.unit" for name in registers}
    )
    assert sorted(needed - set(words.texts)) == []
