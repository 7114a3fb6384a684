"""A letter in one language has no word of another, but names."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import pytest

from alerts.model import AlertKind
from correspondence.catalogue import catalogue
from correspondence.phrases import translated
from estate.periods import Period
from reports.monthly.figures import HomeMonth, home_month
from reports.monthly.mail import mail_words
from reports.monthly.page import page_of
from reports.pdf import Press
from reports.statement.letter import letter_of
from tests.reports.test_pages import words_on
from tests.support.report_homes import (
    HOURS,
    a_bill,
    a_climate,
    a_month,
    a_statement,
    an_alert,
    an_estate,
    home_hours,
    months_around,
)
from tests.support.statements import charged, told

LETTERS = re.compile(r"[^\W\d_]+")
DAY = date(2026, 1, 20)
SUPPLY = {
    "year": 2025, "co2_kg_per_mwh": 65.0, "taxes": "energiafgift 12 kr. pr. GJ",
    "mix": [{"source": "affald", "fraction": 0.6}, {"source": "Varmepumper", "fraction": 0.4}],
}  # fmt: skip
NAMES = {"Beboer", "Birkevej", "tv", "Roskilde", "Boligforeningen", "Birkegården", "Dispensation",
         "beboerklagenævnet", "beboerklagenævnet i Roskilde", "J.nr."}  # fmt: skip


def words_in(text: str) -> set[str]:
    return {each.casefold() for each in LETTERS.findall(text)}


def vocabulary(language: str) -> set[str]:
    texts = catalogue(language).texts
    return words_in(" ".join(re.sub(r"\{[^}]*\}", " ", text) for text in texts.values()))


def danish_alone() -> set[str]:
    """Words of the Danish texts that no English text has, and what the building itself wrote."""
    own = {"varmeregnskab", "indeklima", "hverdage", "vand", "hele", "døgnet", "affald",
           "varmepumper", "energiafgift"}  # fmt: skip
    names = {word for name in NAMES for word in words_in(name)}
    return (vocabulary("da") | own) - vocabulary("en") - names


def english() -> HomeMonth:
    persons = [{"tenancy": "t1", "person": "p1", "name": "Beboer 1", "language": "en"}]
    estate = an_estate(persons=persons, supply=SUPPLY)
    alerts = tuple(an_alert(kind, DAY, DAY, device="w1") for kind in AlertKind)
    return a_month(climate=a_climate(17.4, 66, 1500), alerts=alerts, estate=estate,
                   around=months_around())  # fmt: skip


def test_the_check_finds_a_danish_page() -> None:
    danish = words_in(mail_words(page_of(a_month())).text)
    assert len(danish & danish_alone()) > 30


def test_an_english_letter_of_a_danish_building_is_english() -> None:
    with Press() as press:
        text = words_on(press.print_page(english()))
    mail = mail_words(page_of(english()))
    for said in (text, mail.text, mail.subject):
        assert words_in(said) & danish_alone() == set()
    assert "weekdays 9-12" in text
    assert "waste" in text
    assert "heat pumps" in text


def test_a_trial_s_mark_is_not_quoted_to_who_reads_no_danish() -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": "Beboer 1", "language": "en"}]
    statement = a_statement()
    ground = {"kind": "permit", "reference": "PRØVE, ingen tilladelse"}
    bill = a_bill(statement).replace(ground=a_bill().ground.replace(**ground))  # type: ignore[union-attr]  # it has one
    month = home_month(an_estate(persons=persons), bill, statement, a_climate(), ())
    assert "PRØVE" not in str(page_of(month)["foot"])
    assert "The split is a trial." in str(page_of(month)["foot"])


def test_every_kind_of_page_is_english() -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": "Beboer 1", "language": "en"}]
    gaps = home_hours(**dict.fromkeys(a_climate().values, np.full(HOURS, np.nan)))
    refused = [{"tenancy": "t1", "flat": "f1", "from": "2024-01-01", "delivery": "paper",
                "climate_refused": True}]  # fmt: skip
    half = Period(date(2026, 1, 29), date(2026, 2, 1))
    months = [
        a_month(climate=gaps, estate=an_estate(persons=persons)),
        a_month(estate=an_estate(persons=persons, tenancies=refused)),
        a_month(a_statement(days=half), estate=an_estate(persons=persons)),
        a_month(a_statement().replace(rows=(), registers=(), shadow_ore=None),
                estate=an_estate(persons=persons)),
    ]  # fmt: skip
    for month in months:
        assert words_in(mail_words(page_of(month)).text) & danish_alone() == set()


def test_an_english_statement_is_english() -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": "Beboer 1", "language": "en"}]
    statement = told()
    page = letter_of(an_estate(persons=persons, supply=SUPPLY), charged(statement), statement).page
    said = " ".join(
        text for name, part in page.items() if name not in ("address", "attached")
        for text in flat(part)
    )  # fmt: skip
    assert words_in(said) & danish_alone() == set()


GERMAN_HOUSE: dict[str, Any] = {
    "id": "linden", "name": "Lindenhof", "address": "Lindenstraße 1, 24103 Kiel", "language": "de",
    "timezone": "Europe/Berlin", "currency": "EUR", "organisation": "Wohnbau Kiel",
    "complaint_board": "Verbraucherschlichtungsstelle",
    "contacts": [
        {"topic": "Heizkosten", "phone": "0431 12 34 56", "hours": "werktags 9-12"},
        {"topic": "Wasser rund um die Uhr", "phone": "0431 12 34 57", "emergency": True},
    ],
}  # fmt: skip


def foreign_to_german() -> set[str]:
    """Words of the Danish and English texts that no German text has, but names of the building."""
    names = {"t", *words_in(" ".join([*NAMES, *catalogue("de").weekdays]))}
    own = {"varmeregnskab", "indeklima", "hverdage", "vand", "affald", "varmepumper"}
    return (vocabulary("da") | vocabulary("en") | own) - vocabulary("de") - names


def german_months() -> list[HomeMonth]:
    """Every kind of page: of a German house, and to a resident of a Danish one who reads German."""
    persons = [{"tenancy": "t1", "person": "p1", "name": "Beboer 1", "language": "de"}]
    danish = an_estate(persons=persons, supply=SUPPLY)
    house = an_estate(**GERMAN_HOUSE)
    alerts = tuple(an_alert(kind, DAY, DAY, device="w1") for kind in AlertKind)
    gaps = home_hours(**dict.fromkeys(a_climate().values, np.full(HOURS, np.nan)))
    bill = a_bill(a_statement()).replace(scheme="de-heizkostenv", trial=False, ground=None)
    half = a_statement(days=Period(date(2026, 1, 29), date(2026, 2, 1)))
    return [
        a_month(climate=a_climate(17.4, 66, 1500), alerts=alerts, estate=danish,
                around=months_around()),
        a_month(climate=gaps, estate=danish),
        a_month(half, estate=danish),
        a_month(a_statement().replace(rows=(), registers=(), shadow_ore=None), estate=house),
        home_month(house, bill, a_statement(), a_climate(), (), around=months_around()),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(german_months())))
def test_a_german_letter_is_german(number: int) -> None:
    month = german_months()[number]
    assert month.language == "de"
    with Press() as press:
        printed = words_on(press.print_page(month))
    mail = mail_words(page_of(month))
    for said in (printed, mail.text, mail.subject):
        assert words_in(said) & foreign_to_german() == set()


def test_the_check_finds_danish_and_english_in_a_german_letter() -> None:
    assert len(words_in(mail_words(page_of(a_month())).text) & foreign_to_german()) > 30
    assert len(words_in(mail_words(page_of(english())).text) & foreign_to_german()) > 30


def test_a_german_account_says_its_own_words() -> None:
    """Terms of the Heizkostenverordnung, amounts and days as they are written there."""
    month = german_months()[-1]
    assert "Heizung und Wasser" in str(page_of(month)["whom"])
    said = plain(str(page_of(month)))
    for term in ("Grundkosten", "Verbrauchskosten", "der Heizkostenverordnung", "842,50 €",
                 "1. Januar 2026", "werktags 9-12"):  # fmt: skip
        assert term in said


def test_a_german_statement_is_german() -> None:
    statement = told()
    page = letter_of(an_estate(**GERMAN_HOUSE), charged(statement), statement).page
    said = " ".join(
        text for name, part in page.items() if name not in ("address", "attached")
        for text in flat(part)
    )  # fmt: skip
    assert words_in(said) & foreign_to_german() == set()
    assert page["title"] == "Ihre Heizkostenabrechnung"


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\\xa0", " ")


def flat(part: object) -> list[str]:
    if isinstance(part, dict):
        return [text for each in part.values() for text in flat(each)]
    if isinstance(part, list | tuple):
        return [text for each in part for text in flat(each)]
    return [part] if isinstance(part, str) else []


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("hverdage 9-12", "weekdays 9-12"), ("Mandag til torsdag 10", "Monday to Thursday 10"),
        ("hele døgnet", "day and night"), ("8-16", "8-16"), ("kun efter aftale", None),
        ("affald", "waste"), ("Solvarme", "solar heat"),
    ],
)  # fmt: skip
def test_what_a_building_wrote_is_put_into_words_or_left_out(
    text: str, english: str | None
) -> None:
    assert translated(text, "da", "en") == english
    assert translated(text, "da", "da") == text
