"""The heating statement on paper: what it says, to whom, and what it never says."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from billing.bill.bill import Bill, Ground, Method, Reduction, RegisterBreak, RegisterUse, Statement
from billing.bill.costs import Co2Split, CostLine, DerivedItem
from billing.bill.explanations import Comparison, HalfDegree, NeighbourHeat, Withheld, YearBefore
from billing.costs.derive import REST
from billing.derivation import Method as DeriveMethod
from billing.schemes import Component, Key, load_scheme
from correspondence.catalogue import catalogue
from estate.devices import REGISTER_OF
from estate.findings import Finding
from estate.model import CostKind, Estate
from reports.pdf import STATEMENT, Press
from reports.print_building import write_statements
from reports.statement.letter import letter_of
from tests.support.report_homes import JANUARY, a_bill, a_statement, an_estate

A4_MM = (210, 297)
MM_PER_POINT = 25.4 / 72


@pytest.fixture(scope="module")
def press() -> Press:
    return Press(STATEMENT)


def told(**changes: Any) -> Statement:  # noqa: ANN401  fields of a statement
    fields: dict[str, Any] = {
        "aconto_ore": 80_000,
        "half_degree": HalfDegree(step_k=0.5, warmer_ore=3_440, colder_ore=-3_360),
        "neighbour_heat": NeighbourHeat.SOME,
        "comparison": (
            Comparison(item="heat", key="heat_units_position", own=6.1, others=7.4, homes=11),
            Comparison(item="hot_water", key="hot_water_m3", own=3.2, others=2.4, homes=11),
        ),
        "registers": (
            RegisterUse(
                device="h1",
                quantity="heat_kwh",
                serial="SN-77",
                start_register=1000.0,
                end_register=1412.4,
                use=412.4,
            ),
            RegisterUse(
                device="w1",
                quantity="hot_water_m3",
                serial=None,
                start_register=10.0,
                end_register=13.2,
                use=3.2,
                estimated_hours=31,
                method="own_rate",
            ),
        ),
    }
    return a_statement().replace(**(fields | changes))


def charged(statement: Statement, **changes: Any) -> Bill:  # noqa: ANN401  fields of a bill
    """A bill of Denmark under a permit, which is a claim."""
    costs = CostLine(
        item="heat",
        kind="energy",
        start=JANUARY.start,
        end=JANUARY.end,
        amount_ore=1_000_000,
        vat_ore=200_000,
        energy_kwh=5000.0,
        provisional=False,
        received=date(2026, 2, 6),
    )
    fields: dict[str, Any] = {
        "trial": False,
        "country": "DK",
        "costs": (costs,),
        "deadline": date(2026, 5, 31),
        "ground": Ground(
            kind="permit", reference="J.nr. 2026-1", start=date(2025, 7, 1), end=date(2027, 7, 1)
        ),
    }
    return a_bill(statement, **(fields | changes))


def text_of(
    press: Press, statement: Statement, bill: Bill | None = None, estate: Estate | None = None
) -> str:
    return words_on(pdf_of(press, statement, bill, estate))


def pdf_of(
    press: Press, statement: Statement, bill: Bill | None = None, estate: Estate | None = None
) -> bytes:
    letter = letter_of(estate or an_estate(), bill or charged(statement), statement)
    return press.print_words(letter.page, JANUARY.end)


def words_on(pdf: bytes) -> str:
    pages = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(pages.replace("\N{NO-BREAK SPACE}", " ").split())


def english() -> Estate:
    return an_estate(language="en")


@pytest.mark.parametrize("language", ["da", "en"])
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
    assert "PRØVE - ikke et krav" in text
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


def test_a_year_before_is_shown_as_bars(press: Press) -> None:
    years = (
        YearBefore(quantity="heat_kwh", use=412.4, before=300.0, corrected=455.26),
        YearBefore(quantity="hot_water_m3", use=3.2, before=2.9, corrected=2.9),
    )
    statement = told(year_before=years)
    text = text_of(press, statement)
    assert "Varme, nu 412 kWh" in text
    assert "Varme, året før, omregnet til samme vejr 455 kWh" in text
    assert "Varmt vand, året før 2,9 m³" in text
    page = letter_of(an_estate(), charged(statement), statement).page
    assert [round(row["share"], 3) for row in page["year"]["rows"]] == [0.906, 1.0, 1.0, 0.906]
    assert "før og nu" not in text_of(press, told())


def test_the_other_scheme_is_named_for_what_it_is(press: Press) -> None:
    """Where climate may not be charged, the bill is by meters and climate is the information."""
    by_climate = charged(told(), scheme="dk-metered", ground=None, shadow_by_climate=True)
    text = text_of(press, told(), by_climate)
    assert "Efter målt indeklima ville du have betalt 790,10 kr., altså 52,40 kr. mindre." in text
    assert "Det er kun til oplysning." in text
    assert "almindelige målerregler" not in text


def test_the_proof_holds_every_number(press: Press) -> None:
    text = text_of(press, told())
    assert "SN-77 1.000 1.412,4 1 412,4 kWh" in text
    assert "w1 10 13,2 1 3,2 m³ 31 timer" in text
    assert "Måler w1: 31 timer er et skøn efter målerens øvrige forbrug." in text
    # Weight 1 of 2: the made-up rows of one home; 312.40 for 2 units is 156.20 a unit.
    assert "312,40 kr. 1 kWh 2 kWh 156,20 kr. 312,40 kr." in text
    assert (
        "Hjørne- og taglejligheder betaler ikke ekstra. Dit tal er målerens forbrug gange 0,0024."
        in text
    )
    assert "Leverandørens regning kom 6. februar 2026." in text
    assert "senest 31. maj 2026" in text
    assert "målere, boligens størrelse og målt indeklima (udgave 2022-01-01)" in text
    assert "J.nr. 2026-1" in text
    assert "fra 1. juli 2025 til og med 30. juni 2027" in text
    assert "1. januar 2026 til 31. januar 2026 10.000,00 kr. 2.000,00 kr." in text
    assert "Boksen målte 100 % af timerne: 744 af 744." in text
    assert "Resten er et skøn" not in text


def test_an_english_statement_is_english(press: Press) -> None:
    text = text_of(press, told(), estate=english())
    assert "Your heating statement" in text
    assert "You must pay DKK 42.50" in text
    assert "6 weeks" in text
    for danish in ("Varme", "Hvorfor", "måler", "kr."):
        assert danish not in text.replace("varmeregnskab", "")


def test_one_missing_hour_is_no_hundred_percent(press: Press) -> None:
    text = text_of(press, told(climate_hours_measured=743))
    assert "Boksen målte 99 % af timerne: 743 af 744. Resten er et skøn." in text


def test_hours_that_the_house_stands_in_for_are_told(press: Press) -> None:
    text = text_of(press, told(climate_hours_measured=62, climate_hours_by_house=682))
    assert "62 af 744. Resten er et skøn. Boksen fortæller ikke, hvordan du har det" in text
    assert "i 682 timer" in text
    assert "den varmeste fjerdedel af husets boliger" in text
    silent = text_of(press, told(climate_hours_measured=0, climate_hours_by_house=744))
    assert "i 744 timer" in silent
    english_text = text_of(
        press, told(climate_hours_measured=62, climate_hours_by_house=682), estate=english()
    )
    assert "the warmest quarter of the homes in the building" in english_text


@pytest.mark.parametrize("withheld", Withheld)
def test_what_is_not_compared_says_why(press: Press, withheld: Withheld) -> None:
    text = text_of(press, told(comparison=withheld))
    assert catalogue("da").say(f"compare.{withheld}") in text
    assert "De andre" not in text


def test_half_a_degree_that_costs_nothing_and_one_that_is_not_known(press: Press) -> None:
    assert "ville ikke have ændret" in text_of(
        press, told(half_degree=HalfDegree(step_k=0.5, warmer_ore=49, colder_ore=-49))
    )
    assert "grad" not in text_of(press, told(half_degree=None))


def test_a_rebate_turns_the_sign_of_half_a_degree(press: Press) -> None:
    text = text_of(press, told(half_degree=HalfDegree(step_k=0.5, warmer_ore=-500, colder_ore=480)))
    assert "varmere hjemme ville have kostet dig ca. 5 kr. mindre." in text
    assert "En halv grad koldere: ca. 5 kr. mere" in text


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


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            RegisterBreak(
                kind="rolled_over",
                day=date(2026, 1, 9),
                before=99_500.0,
                after=320.0,
                largest=99_999.0,
            ),
            "Meter SN-77 rolled over on 9 January 2026: after 99,999 it begins again at 0.",
        ),
        (
            RegisterBreak(kind="reset", day=date(2026, 1, 9), before=4_200.5, after=3.0),
            "Meter SN-77 began again at 0 on 9 January 2026. It stood at 4,200.5 and then at 3",
        ),
        (
            RegisterBreak(kind="broken", day=date(2026, 1, 9), before=4_200.0, after=9_000.0),
            "Meter SN-77 jumped from 4,200 to 9,000 on 9 January 2026. The jump is not counted",
        ),
    ],
    ids=["rolled over", "reset", "broken"],
)
def test_why_end_less_start_is_not_the_use_is_said(
    press: Press, found: RegisterBreak, said: str
) -> None:
    register = RegisterUse(
        device="h1",
        quantity="heat_kwh",
        serial="SN-77",
        start_register=99_500.0,
        end_register=412.0,
        use=912.0,
        breaks=(found,),
    )
    assert said in text_of(press, told(registers=(register,)), estate=english())


def test_meters_that_are_set_aside_are_said_with_the_reason(press: Press) -> None:
    facts = {"item": "heat", "key": "area", "part": 0.31}
    finding = Finding("billing.estimate.ceiling", "heat-1 is split by area", facts)
    statement = told()
    text = text_of(press, statement, charged(statement, findings=(finding,)))
    assert "Varme: 31 % af arealet måtte skønnes. Det er for meget" in text
    assert "måtte skønnes" not in text_of(press, statement)


def test_a_reduction_may_be_claimed(press: Press) -> None:
    reduction = Reduction(
        rule="reduction_not_remote", fraction=0.03, amount_ore=2_528, source="HeizkostenV § 12"
    )
    text = text_of(press, told(reductions=(reduction,), vat_ore=16_850))
    assert "Du kan kræve 25,28 kr. trukket fra (HeizkostenV § 12)." in text
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
    assert "Dette brev retter opgørelsen af 1. marts 2026." in text
    assert "4.000 kg CO₂, 20 kg for hver m²" in text
    assert "240,00 kr. af den (80 %)" in text


def test_what_the_supplier_tells_is_printed_and_nothing_made_up(press: Press) -> None:
    supply = {
        "year": 2025, "co2_kg_per_mwh": 61.5, "taxes": "energiafgift 12 %",
        "mix": [{"source": "biomasse", "fraction": 0.62}, {"source": "affald", "fraction": 0.38}],
    }  # fmt: skip
    text = text_of(press, told(), estate=an_estate(supply=supply))
    assert "Varmen kom i 2025 fra: biomasse 62 %, affald 38 %." in text
    assert "61,5 kg CO₂" in text
    assert "energiafgift 12 %" in text
    assert "CO₂" not in text_of(press, told())


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
    assert "Sådan er dit beløb regnet ud" not in pages[0].extract_text()
    assert "Sådan er dit beløb regnet ud" in pages[1].extract_text()
    assert "Du skal betale" in pages[0].extract_text()


@pytest.mark.parametrize(
    ("language", "told_of"),
    [
        (
            "da",
            "Varmt vand er 2.318,90 kr. af leverandørens regning: 3.000 kWh, målt ved beholderen.",
        ),
        ("en", "Hot water is DKK 2,318.90 of the supplier's bill: 3,000 kWh, metered at the tank."),
    ],
)
def test_the_heat_behind_the_hot_water_is_told_and_how_it_is_known(
    press: Press, language: str, told_of: str
) -> None:
    derived = (
        DerivedItem(
            item="hot_water",
            source="heat",
            by="metered_energy",
            energy_kwh=3_000.0,
            amount_ore=231_890,
        ),
        DerivedItem(item="loss", source="heat", by="fixed", energy_kwh=None, amount_ore=50_000),
    )
    bill = charged(told(), derived=derived)
    text = text_of(press, told(), bill, an_estate(language=language))
    assert told_of in text
    assert ("en aftalt del." if language == "da" else "an agreed part.") in text


def test_a_tank_that_was_not_read_all_the_time_is_told(press: Press) -> None:
    derived = (
        DerivedItem(
            item="hot_water",
            source="heat",
            by="metered_energy",
            energy_kwh=3_000.0,
            amount_ore=1,
            estimated=True,
        ),
    )
    text = text_of(press, told(), charged(told(), derived=derived))
    assert "3.000 kWh, målt ved beholderen, en del af timerne et skøn." in text


def test_season_floor_limit_and_position_of_climate_keys_are_told(press: Press) -> None:
    rules = load_scheme("dk-climate")
    amounts = {("heat", each.key): 10_000 for each in rules.items["heat"]}
    statement = told().replace(rows=a_statement(amounts=amounts).rows)
    own = {
        (row.item, row.component): next(e for e in rules.items["heat"] if e.key == row.key)
        for row in statement.rows
    }
    text = text_of(press, statement, charged(statement, components=own))
    assert (
        "Varme fra naboer tæller ikke med. Kun dage fra 1. oktober til 30. april tæller. "
        "Under 18 grader tæller som 18 grader. Tallet er korrigeret for boligens placering." in text
    )
    row = next(row for row in statement.rows if row.key == "own_heat_loss")
    limit = Component(key="base_temperature", fraction=1.0)
    warm = row.replace(key="base_temperature")
    statement = statement.replace(rows=(warm,))
    bill = charged(statement, components={(row.item, row.component): limit})
    assert "Grænsen er 16 grader." in text_of(press, statement, bill)
    assert "oktober" not in text_of(press, statement, bill)


@pytest.mark.parametrize(
    ("fraction", "said"),
    [(0.4, "40 %"), (0.125, "12,5 %"), (1 / 3, "33,33 %"), (0.3999, "39,99 %"), (1.0, "100 %")],
)
def test_parts_of_an_item_are_told_with_their_digits(
    press: Press, fraction: float, said: str
) -> None:
    rows = tuple(row.replace(fraction=fraction) for row in told().rows)
    assert f"({said} af posten)" in text_of(press, told(rows=rows))


def test_the_same_figures_give_the_same_bytes(press: Press) -> None:
    assert pdf_of(press, told()) == pdf_of(Press(STATEMENT), told())


@pytest.mark.parametrize("language", ["da", "en"])
def test_everything_that_a_statement_chooses_has_words(language: str) -> None:
    words = catalogue(language)
    registers = set(REGISTER_OF.values())
    needed = (
        {f"unit.{key}" for key in get_args(Key)}
        | {f"key.{key}" for key in get_args(Key)}
        | {f"proof.key.{key}" for key in get_args(Key)}
        | {f"neighbour.{each}" for each in NeighbourHeat}
        | {f"compare.{each}" for each in Withheld}
        | {f"method.{each}" for each in get_args(Method) if each != "measured"}
        | {f"kind.{kind}" for kind in get_args(CostKind)}
        | {f"derived.{by}" for by in (*get_args(DeriveMethod), REST)}
        | {f"register.{name}" for name in registers}
        | {f"register.{name}.unit" for name in registers}
    )
    assert sorted(needed - set(words.texts)) == []
