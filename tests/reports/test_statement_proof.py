"""What a statement proves and explains: numbers, registers, comparisons, keys."""

from __future__ import annotations

from datetime import date

import pytest

from billing.bill.bill import RegisterBreak, RegisterUse
from billing.bill.costs import DerivedItem
from billing.bill.explanations import HalfDegree, Withheld, YearBefore
from billing.schemes import Component, load_scheme
from correspondence.catalogue import catalogue
from estate.findings import Finding
from reports.pdf import Press
from reports.statement.letter import letter_of
from tests.support.report_homes import a_statement, an_estate
from tests.support.statements import (
    charged,
    english,
    text_of,
    told,
)


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
    assert "Forsyningens regning kom 6. februar 2026." in text
    assert "senest 31. maj 2026" in text
    assert "målere, boligens størrelse og målt indeklima (udgave 2022-01-01)" in text
    assert "J.nr. 2026-1" in text
    assert "fra 1. juli 2025 til og med 30. juni 2027" in text
    assert "1. januar 2026 til 31. januar 2026 10.000,00 kr. 2.000,00 kr." in text
    assert "Boksen målte 100 % af timerne: 744 af 744." in text
    assert "Resten er et skøn" not in text


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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("language", "told_of"),
    [
        (
            "da",
            "Varmt vand er 2.318,90 kr. af forsyningens regning: 3.000 kWh, målt ved beholderen.",
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fraction", "said"),
    [(0.4, "40 %"), (0.125, "12,5 %"), (1 / 3, "33,33 %"), (0.3999, "39,99 %"), (1.0, "100 %")],
)
def test_parts_of_an_item_are_told_with_their_digits(
    press: Press, fraction: float, said: str
) -> None:
    rows = tuple(row.replace(fraction=fraction) for row in told().rows)
    assert f"({said} af posten)" in text_of(press, told(rows=rows))
