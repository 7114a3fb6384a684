"""Page one: readable in half a minute, at 12 pt, whatever stands on it."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest
from pypdf import PdfReader

from alerts.model import AlertKind
from billing.bill.explanations import HalfDegree
from estate.periods import Period
from reports.monthly.figures import HomeMonth, home_month
from reports.monthly.page import page_of
from reports.pdf import Press
from tests.reports.test_pages import PAGES, everything_long, words_on
from tests.support.report_homes import (
    a_bill,
    a_climate,
    a_month,
    a_statement,
    an_alert,
    an_estate,
    months_around,
)

MOST_LIX = 35
LONG_WORD = 6
LETTERS = r"[^\W\d_]+"
UNSAID = {
    "language", "sender", "address", "palette", "alt", "segments", "low", "high", "low_share",
    "calendar", "legend", "note", "costs", "foot", "kind", "attached", "attached-as",
}  # fmt: skip
"""Of a page: what another page says, names, and what only a drawing needs."""
PAGE_MM, MARGIN_MM = (210.0, 297.0), 11.5
MM_PER_POINT = 25.4 / 72
BODY_PT, LEAST_PT = 12.0, 10.0
Matrix = list[float]


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def lix(texts: Sequence[str]) -> float:
    """Björnsson's LIX of texts: words in a sentence, and long words in a hundred."""
    parts = [each for text in texts for each in re.split(r"[.:!?]+(?=\s|$)", text)]
    sentences = [each for each in parts if re.search(LETTERS, each)]
    words = [word for text in texts for word in re.findall(LETTERS, text)]
    long = [each for each in words if len(each) > LONG_WORD]
    return len(words) / len(sentences) + 100 * len(long) / len(words)


def test_lix_is_counted_as_its_author_did() -> None:
    texts = ["Solen skinner i dag. Vejret er usædvanligt."]
    assert lix(texts) == pytest.approx(7 / 2 + 100 * 2 / 7)


def said_first(page: object, part: str = "") -> list[str]:
    """What page one says, text by text: a heading or a row of a table is one by itself."""
    if isinstance(page, dict):
        return [text for key in page if key not in UNSAID for text in said_first(page[key], key)]
    if isinstance(page, list):
        return [text for each in page for text in said_first(each, part)]
    return [page] if isinstance(page, str) and page else []


def first_page(pdf: bytes) -> str:
    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    return text.replace("\N{NO-BREAK SPACE}", " ")


def full_month(language: str = "da", **changes: object) -> HomeMonth:
    half = HalfDegree(step_k=0.5, warmer_ore=2400, colder_ore=-2300)
    fields: dict[str, object] = {"half_degree": half, **changes}
    return a_month(
        a_statement(**fields),  # type: ignore[arg-type]  # fields of the statement
        a_climate(23.5),
        estate=an_estate(language=language),
        around=months_around(),
    )


def priced_month(language: str) -> HomeMonth:
    """An estimate by the prices of last year's account."""
    statement = a_statement()
    bill = a_bill(statement, trial=False, interim=True)
    return home_month(
        an_estate(language=language), bill, statement, a_climate(), (),
        priced_by=Period(date(2025, 1, 1), date(2026, 1, 1)), around=months_around(),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["da", "de", "en"])
@pytest.mark.parametrize("kind", ["billed", "estimated"])
def test_page_one_is_as_easy_as_a_newspaper_for_the_young(
    press: Press, language: str, kind: str
) -> None:
    month = full_month(language) if kind == "billed" else priced_month(language)
    said = [re.sub(r"\s+", " ", text) for text in said_first(page_of(month))]
    printed = re.sub(r"\s+", " ", first_page(press.print_page(month)))
    assert [text for text in said if text not in printed] == []
    assert lix(said) <= MOST_LIX


def sizes_of(pdf: bytes, page: int) -> Counter[float]:
    """Characters of a page by the size of their type. [pt]"""
    found: Counter[float] = Counter()

    def visit(
        text: str, matrix: list[float], line: list[float], _font: object, size: float
    ) -> None:
        if text.strip():
            found[round(abs(size * line[3] * matrix[3]), 1)] += len(text.strip())

    PdfReader(io.BytesIO(pdf)).pages[page].extract_text(visitor_text=visit)
    return found


ALL_ALERTS = tuple(an_alert(kind, date(2026, 1, 20), date(2026, 1, 20)) for kind in AlertKind)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "english", "alerts", *PAGES])
def test_type_is_large_enough_on_paper(press: Press, name: str) -> None:
    made = {
        "full": full_month,
        "english": lambda: full_month("en"),
        "alerts": lambda: a_month(alerts=ALL_ALERTS, around=months_around()),
        **PAGES,
    }
    pdf = press.print_page(made[name]())
    for page in range(len(PdfReader(io.BytesIO(pdf)).pages)):
        sizes = sizes_of(pdf, page)
        # A 2 of CO₂ stands low and small.
        assert min(size for size, count in sizes.items() if count > 1 or size > 8) >= LEAST_PT
        if name != "everything long":
            assert sizes.most_common(1)[0][0] >= LEAST_PT
    if name != "everything long":
        assert BODY_PT in sizes_of(pdf, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full", "english", "alerts", *PAGES])
def test_nothing_is_printed_outside_of_the_margins(press: Press, name: str) -> None:
    assert outside(press.print_page({"full": full_month, "english": lambda: full_month("en"),
        "alerts": lambda: a_month(alerts=ALL_ALERTS), **PAGES}[name]())) == []  # fmt: skip


def outside(pdf: bytes) -> list[str]:
    """Texts whose start or base line lies beyond the margins."""
    found: list[str] = []

    def visit(
        text: str, matrix: list[float], line: list[float], _font: object, _size: float
    ) -> None:
        x = (line[4] * matrix[0] + matrix[4]) * MM_PER_POINT
        y = (line[5] * matrix[3] + matrix[5]) * MM_PER_POINT
        inside = (
            MARGIN_MM <= x <= PAGE_MM[0] - MARGIN_MM and MARGIN_MM <= y <= PAGE_MM[1] - MARGIN_MM
        )
        if text.strip() and not inside:
            found.append(text)

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=visit)
    return found


AMOUNTS_ORE = {"nothing": 0, "much": 9_999_900, "negative": -9_999_900, "least": 1}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["da", "de", "en"])
@pytest.mark.parametrize("trial", [True, False])
@pytest.mark.parametrize("name", AMOUNTS_ORE)
def test_no_amount_is_too_wide(press: Press, name: str, trial: bool, language: str) -> None:
    amounts = {("heat", "area"): AMOUNTS_ORE[name], ("hot_water", "hot_water_m3"): 0}
    month = a_month(
        a_statement(amounts=amounts, shadow_ore=AMOUNTS_ORE[name]),
        trial=trial, estate=an_estate(language=language), around=months_around(),
    )  # fmt: skip
    pdf = press.print_page(month)
    assert outside(pdf) == []
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 2


def test_what_page_one_has_no_room_for_stands_on_the_next(press: Press) -> None:
    pdf = press.print_page(a_month(alerts=ALL_ALERTS, around=months_around()))
    assert "Et år som denne måned" not in first_page(pdf)
    assert "Et år som denne måned" in words_on(pdf)
    assert "Hvem kan du spørge?" in first_page(pdf)


def test_everything_long_still_ends_page_one_with_whom_to_ask(press: Press) -> None:
    pdf = press.print_page(everything_long())
    assert "Hvem kan du spørge?" in first_page(pdf)
    assert "Side 2 viser" in first_page(pdf)


@pytest.mark.slow
@pytest.mark.parametrize("trial", [True, False])
@pytest.mark.parametrize("interim", [True, False])
@pytest.mark.parametrize("priced", [True, False])
def test_you_must_pay_stands_on_claims_alone(trial: bool, interim: bool, priced: bool) -> None:
    statement = a_statement()
    bill = a_bill(statement, trial=trial, interim=interim)
    by = Period(date(2025, 1, 1), date(2026, 1, 1)) if priced else None
    month = home_month(an_estate(), bill, statement, a_climate(), (), priced_by=by)
    with Press() as press:
        text = words_on(press.print_page(month))
    assert ("Du skal betale" in text) is not (trial or interim or priced)
