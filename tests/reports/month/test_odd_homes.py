"""Homes with little data, bad air, long names or strange amounts: no page says what is not so."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from pypdf import PdfReader

from reports.monthly.climate import Side, climate_rules
from reports.monthly.figures import HomeMonth
from reports.monthly.page import page_of
from reports.pdf import Press
from tests.support.report_homes import (
    HOURS,
    a_climate,
    a_month,
    a_statement,
    an_estate,
    home_hours,
)

LONG = "Maximiliane Friederike Christiansdatter von Rosenkrantz-Gyldenløve-Hohenzollern-Reventlow"
MM_PER_POINT = 25.4 / 72
BOX_MM = 84
"""Inner width of the frame around an amount."""


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def measured_for(hours: int) -> HomeMonth:
    values = a_climate().values
    shown = {name: np.where(np.arange(HOURS) < hours, row, np.nan) for name, row in values.items()}
    return a_month(climate=home_hours(**shown))


@pytest.mark.parametrize(
    ("home", "said"),
    [
        (lambda: measured_for(HOURS), "Vi har ikke fundet fejl hos dig i denne periode."),
        (lambda: measured_for(HOURS // 2), "Vi har ikke fundet fejl hos dig i denne periode."),
        (lambda: measured_for(40), "Boksen målte kun 40 af 744 timer. Resten kender vi ikke."),
        (
            lambda: a_month(climate=a_climate(27, 25, 2200)),
            "Luften var ofte dårlig i denne periode. Se, hvad du kan gøre.",
        ),
    ],
)
def test_nothing_is_called_well_that_is_not_known_or_bad(
    home: Callable[[], HomeMonth], said: str
) -> None:
    assert page_of(home())["kind"] == said


def test_an_hour_is_not_often() -> None:
    cold = np.full(HOURS, np.nan)
    cold[0] = 12.0
    none = np.full(HOURS, np.nan)
    for hours in (1, climate_rules().often_hours):
        cold[:hours] = 12.0
        month = a_month(climate=home_hours(temperature_c=cold, humidity_pct=none, co2_ppm=none))
        assert month.climate is not None
        often = month.climate.quantities[0].often
        assert often is (None if hours == 1 else Side.LOW)


def test_a_credit_has_no_parts_in_percent() -> None:
    amounts = {("heat", "area"): -22_075, ("hot_water", "hot_water_m3"): 1_205}
    rows = page_of(a_month(a_statement(amounts=amounts)))["costs"]["rows"]
    assert [(row["share"], row["share_text"]) for row in rows] == [(0, ""), (0, "")]
    amounts["heat", "area"] = -205
    rows = page_of(a_month(a_statement(amounts=amounts)))["costs"]["rows"]
    assert [(row["share"], row["share_text"]) for row in rows] == [
        (0, ""),
        (1, "100\N{NO-BREAK SPACE}%"),
    ]


def placed(pdf: bytes) -> list[tuple[str, float, float]]:
    """Texts of page one, each with its height above the foot and the size of its type. [pt]"""
    found: list[tuple[str, float, float]] = []

    def visit(
        text: str, matrix: list[float], line: list[float], _font: object, size: float
    ) -> None:
        if text.strip():
            height = line[5] * matrix[3] + matrix[5]
            found.append((text.strip(), height, abs(size * line[3] * matrix[3])))

    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
    return found


@pytest.mark.parametrize("names", [1, 2, 6])
def test_long_names_run_into_nothing(press: Press, names: int) -> None:
    persons = [
        {"tenancy": "t1", "person": f"p{each}", "name": f"{LONG} {each}"} for each in range(names)
    ]
    texts = placed(press.print_page(a_month(estate=an_estate(persons=persons))))
    district = next(height for text, height, _ in texts if text.startswith("4000 Roskilde"))
    period = next(height for text, height, _ in texts if text.startswith("Gælder"))
    kind = next(height for text, height, _ in texts if text.startswith("Vi har ikke"))
    assert district > period > kind


@pytest.mark.parametrize("amount_ore", [0, 9_999_900, 123_456_789_012])
def test_an_amount_stays_in_its_frame(press: Press, amount_ore: int) -> None:
    month = a_month(a_statement(amounts={("heat", "area"): amount_ore}))
    shown = page_of(month)["amount"]["value"]
    texts = placed(press.print_page(month))
    size = max(size for text, _, size in texts if shown.startswith(text))
    # Of its size a digit of this type is about 0.55 wide, and a point 0.3.
    width = sum(0.55 if each.isalnum() else 0.3 for each in shown) * size * MM_PER_POINT
    assert width <= BOX_MM
