"""Statements of heat and hot water as people get them: made, printed and read again."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from pypdf import PdfReader

from billing.bill.bill import Bill, Ground, RegisterUse, Statement
from billing.bill.costs import CostLine
from billing.bill.explanations import Comparison, HalfDegree, NeighbourHeat
from estate.model import Estate
from reports.pdf import Press
from reports.statement.letter import letter_of
from tests.support.report_homes import JANUARY, a_bill, a_statement, an_estate

A4_MM = (210, 297)


MM_PER_POINT = 25.4 / 72


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
