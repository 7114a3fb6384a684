from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from alerts.model import AlertKind
from estate.periods import Period
from reports.monthly.figures import HomeMonth, home_month
from reports.monthly.notices import Notice
from reports.pdf import Press, render_report, report_name, write_reports
from tests.support.report_homes import (
    HOURS,
    a_bill,
    a_climate,
    a_month,
    a_statement,
    an_alert,
    an_estate,
    home_hours,
)

A4_MM = (210, 297)
MM_PER_POINT = 25.4 / 72


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def root_of(pdf: bytes) -> Any:  # noqa: ANN401  pypdf types no entry of a document's root
    return read(pdf).root_object


def words_on(pdf: bytes) -> str:
    """The text of all pages with every run of spaces and line ends as one space."""
    text = " ".join(page.extract_text() for page in read(pdf).pages)
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def protected_home(delivery: str) -> HomeMonth:
    tenancy = {"tenancy": "t1", "flat": "f1", "from": "2024-01-01", "delivery": delivery}
    person = {"tenancy": "t1", "person": "p1", "name": "Beboer 1", "protected": True}
    return a_month(estate=an_estate(tenancies=[tenancy], persons=[person]))


def everything_long() -> HomeMonth:
    long = "Længere end nogen andre ord " * 17
    contact = {"topic": long, "phone": "12 34 56 78", "hours": long}
    names = [{"tenancy": "t1", "person": f"p{each}", "name": long} for each in range(6)]
    estate = an_estate(persons=names, organisation=long, complaint_board=long, contacts=[contact])
    amounts = {
        (item, key): 99_999_999
        for item in ("heat", "hot_water", "cold_water", "a_word_that_no_catalogue_knows")
        for key in ("area", "heat_units", "own_heat_loss")
    }
    day = date(2026, 1, 20)
    alerts = (
        *(an_alert(kind, day, day) for kind in AlertKind),
        an_alert(AlertKind.SPIKE, day, day, device="w1"),
    )
    return a_month(a_statement(amounts=amounts), a_climate(17.4, 66, 1500), alerts, estate=estate)


def without_co2() -> HomeMonth:
    climate = a_climate()
    return a_month(climate=home_hours(**{**climate.values, "co2_ppm": np.full(HOURS, np.nan)}))


def without_readings() -> HomeMonth:
    return a_month(climate=home_hours(**dict.fromkeys(a_climate().values, np.full(HOURS, np.nan))))


def six_weeks() -> HomeMonth:
    """August 2026 starts on a Saturday, so that its calendar has six rows."""
    august = Period.month("2026-08")
    statement = a_statement(days=august)
    return home_month(an_estate(), a_bill(statement, period=august), statement, a_climate(), ())


PAGES = {
    "plain": a_month,
    "english": lambda: a_month(estate=an_estate(language="en"), trial=False),
    "damp": lambda: a_month(
        climate=a_climate(18.4, 62, 1200),
        alerts=(an_alert(AlertKind.MOULD_RISK, date(2026, 1, 12), date(2026, 1, 31)),),
    ),
    "nothing to pay": lambda: a_month(a_statement(amounts={("heat", "area"): 0}), trial=False),
    "credit": lambda: a_month(a_statement(amounts={("heat", "area"): -12_345}), trial=False),
    "no rows": lambda: a_month(a_statement().replace(rows=(), registers=(), shadow_ore=None)),
    "without CO2": without_co2,
    "without readings": without_readings,
    "protected": lambda: protected_home("digital"),
    "everything long": everything_long,
    "six weeks": six_weeks,
}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["da", "de", "en"])
@pytest.mark.parametrize("humidity_pct", [10.0, 27.0, 45.0, np.nan])
def test_day_and_letter_stand_beside_each_other_at_the_largest_size(
    press: Press, language: str, humidity_pct: float
) -> None:
    values = {"temperature_c": 20.5, "humidity_pct": humidity_pct, "co2_ppm": 600.0}
    climate = home_hours(**{name: np.full(HOURS, value) for name, value in values.items()})
    rows = a_statement(amounts={("heat", "area"): 1000})
    month = a_month(rows, climate, estate=an_estate(language=language))
    pieces: list[tuple[str, int]] = []
    read(press.print_page(month)).pages[1].extract_text(
        visitor_text=lambda text, page, line, _font, _size: pieces.append(
            (text.strip(), round(line[5] * page[3] + page[5]))
        )
    )
    pieces = [each for each in pieces if each[0]]
    first = [text for text, _ in pieces].index({"da": "Sø", "de": "So", "en": "Su"}[language]) + 1
    tiles = pieces[first : first + 62]
    assert [text for text, _ in tiles[::2]] == [str(day) for day in range(1, 32)]
    assert [height for _, height in tiles[::2]] == [height for _, height in tiles[1::2]]


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_report_is_tagged_a4_on_one_sheet(press: Press, name: str) -> None:
    month = PAGES[name]()
    pdf = press.print_page(month)
    pages = read(pdf).pages
    for page in pages:
        size = tuple(round(float(side) * MM_PER_POINT) for side in page.mediabox.upper_right)
        assert size == A4_MM
    assert len(pages) == 2 or name == "everything long"
    root = root_of(pdf)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == month.language
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_the_amount_stands_on_the_page(press: Press) -> None:
    text = words_on(press.print_page(a_month()))
    assert "842,50 kr." in text
    for amount in ("312,40 kr.", "220,75 kr.", "189,10 kr.", "120,25 kr."):
        assert amount in text
    assert "790,10 kr., altså 52,40 kr. mindre" in text
    assert "412 kWh varme, 3,2 m³ varmt vand" in text


@pytest.mark.slow
def test_a_trial_says_that_it_is_no_claim(press: Press) -> None:
    assert "PRØVE – ikke et krav" in words_on(press.print_page(a_month(trial=True)))
    text = words_on(press.print_page(a_month(trial=False)))
    assert "PRØVE" not in text
    assert "Du skal betale 842,50 kr." in text


def test_a_shadow_by_climate_is_told_as_such(press: Press) -> None:
    """Without a permit the bill is by meters, and the climate split is information."""
    text = words_on(press.print_page(replace(a_month(), shadow_by_climate=True)))
    assert "Efter målt indeklima ville du have betalt 790,10 kr., altså 52,40 kr. mindre." in text
    assert "almindelige målerregler" not in text


def test_an_english_page_is_english(press: Press) -> None:
    text = words_on(press.print_page(a_month(estate=an_estate(language="en"))))
    assert "Your heat in January 2026" in text
    assert "DKK 842.50" in text
    assert "TRIAL – not a bill" in text
    assert "Luften" not in text


def test_a_credit_is_told_as_money_back(press: Press) -> None:
    text = words_on(press.print_page(PAGES["credit"]()))
    assert "Du har til gode 123,45 kr." in text


def test_the_rule_its_version_and_its_approval_are_printed(press: Press) -> None:
    text = words_on(press.print_page(a_month()))
    assert "målere, boligens størrelse og målt indeklima (udgave 2022-01-01)" in text
    assert "Dispensation 2026/1234" in text
    assert "beboerklagenævnet i Roskilde" in text
    assert "12 34 56 70" in text


def test_missing_hours_are_said(press: Press) -> None:
    climate = a_climate()
    values = {name: row.copy() for name, row in climate.values.items()}
    for row in values.values():
        row[100:131] = np.nan
    text = words_on(press.print_page(a_month(climate=home_hours(**values))))
    assert "Boksen målte 713 af 744 timer." in text
    estimated = a_statement().replace(climate_hours_measured=713)
    assert "For 31 timer manglede tal." in words_on(press.print_page(a_month(estimated)))


def test_a_quantity_without_readings_shows_no_figure(press: Press) -> None:
    text = words_on(press.print_page(without_co2()))
    assert "ikke målt 100 %" in text
    assert "ppm" not in text


def test_a_refused_climate_is_said_plainly_and_not_shown(press: Press) -> None:
    tenancy = {
        "tenancy": "t1", "flat": "f1", "from": "2024-01-01", "delivery": "paper",
        "climate_refused": True,
    }  # fmt: skip
    text = words_on(press.print_page(a_month(estate=an_estate(tenancies=[tenancy]))))
    assert "Du har sagt nej til måling af luften." in text
    for shown in ("grader", "ppm", "Dag for dag", "boksen"):
        assert shown not in text


def test_a_leak_of_hot_water_does_not_point_at_the_toilet(press: Press) -> None:
    day = date(2026, 1, 12)
    leak = Notice(AlertKind.LEAK, "hot_water", day, day, 1, None)
    text = words_on(press.print_page(replace(a_month(), notices=(leak,))))
    assert "Luk alle varmtvandshaner helt." in text
    assert "toilettet" not in text
    cold = replace(leak, meter="cold_water")
    assert "toilettet" in words_on(press.print_page(replace(a_month(), notices=(cold,))))


def test_an_alert_says_what_to_do_and_whom_to_call(press: Press) -> None:
    text = words_on(press.print_page(PAGES["damp"]()))
    assert "Der er fare for skimmel." in text
    assert "Luft ud 3 gange om dagen" in text
    assert "Ring på 12 34 56 71" in text


def test_a_page_holds_nothing_of_the_neighbours(press: Press) -> None:
    text = words_on(press.print_page(a_month()))
    for foreign in ("Beboer 2", "Beboer 3", "2. th", "t2", "t3"):
        assert foreign not in text


@pytest.mark.parametrize(("delivery", "times"), [("digital", 0), ("paper", 1)])
def test_a_protected_home_is_named_no_more_than_delivery_needs(
    press: Press, delivery: str, times: int
) -> None:
    pdf = press.print_page(protected_home(delivery))
    text = words_on(pdf)
    assert text.count("Beboer 1") == times
    assert text.count("Birkevej") == times
    assert "Beboer" not in str(read(pdf).metadata)


def test_names_stand_in_the_address_alone(press: Press) -> None:
    pdf = press.print_page(a_month())
    assert words_on(pdf).count("Beboer 1") == 1
    assert "Beboer" not in str(read(pdf).metadata)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["#panic()", "*x* _y_", "$x^2$", '#read("/etc/passwd")', "= A", "\\ ~ @a <b>", "// c", "[]{}"],
)
def test_a_name_is_printed_as_it_is_and_never_run(press: Press, name: str) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": name}]
    assert name in words_on(press.print_page(a_month(estate=an_estate(persons=persons))))


def test_danish_letters_are_printed(press: Press) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": "Åse Æblø Ørsted åæø é ü"}]
    page = press.print_page(a_month(estate=an_estate(persons=persons)))
    assert "Åse Æblø Ørsted åæø é ü" in words_on(page)


def test_a_name_in_a_script_that_no_font_draws_costs_no_page(press: Press) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": "王小明"}]
    pdf = press.print_page(a_month(estate=an_estate(persons=persons)))
    assert len(read(pdf).pages) == 2
    assert root_of(pdf)["/MarkInfo"]["/Marked"]


@pytest.mark.slow
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=500).filter(str.strip))
def test_no_name_breaks_the_page(press: Press, name: str) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": name}]
    page = press.print_page(a_month(estate=an_estate(persons=persons, organisation=name)))
    assert len(read(page).pages) == 2


@pytest.mark.parametrize("name", ["Anna \ue000", "\ue0a0", "語 Anna"])
def test_a_character_that_no_archive_may_hold_costs_the_claims_and_not_the_page(
    press: Press, name: str
) -> None:
    persons = [{"tenancy": "t1", "person": "p1", "name": name}]
    page = press.print_page(a_month(estate=an_estate(persons=persons)))
    assert len(read(page).pages) == 2


def test_the_same_figures_give_the_same_bytes(press: Press) -> None:
    assert press.print_page(a_month()) == render_report(a_month())


def test_reports_are_written_one_for_each_tenancy(tmp_path: Path) -> None:
    months = [replace(a_month(), tenancy=name) for name in ("t1", "t2")]
    done: list[int] = []
    paths = write_reports(tmp_path / "new", months, done.append)
    assert [path.name for path in paths] == ["t1.pdf", "t2.pdf"]
    assert done == [1, 2]
    assert all(path.read_bytes().startswith(b"%PDF") for path in paths)


@pytest.mark.parametrize(
    ("tenancy", "name"),
    [("t-1.a_b", "t-1.a_b.pdf"), ("a:b", "a%3Ab.pdf"), ("..", "%2E..pdf"), ("a/b", "a%2Fb.pdf")],
)
def test_file_names_are_safe(tenancy: str, name: str) -> None:
    assert report_name(tenancy) == name
