"""The file: PDF/UA-1 and PDF/A-3a, the statement within it, read in the order of the page."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from billing.bill.documents import StatementsDocument
from reports.monthly.page import page_of
from reports.pdf import STATEMENT, Press
from tests.reports.month.test_first_page import full_month
from tests.reports.test_pages import PAGES
from tests.support.report_homes import a_bill, a_statement
from tests.support.statements import pdf_of, told

PART = re.compile(rb"<pdf(uaid|aid):(part|conformance)>([^<]+)<")


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def claims(pdf: bytes) -> set[tuple[str, str, str]]:
    metadata = root_of(PdfReader(io.BytesIO(pdf)))["/Metadata"].get_object().get_data()
    return {tuple(part.decode() for part in each) for each in PART.findall(metadata)}


def root_of(reader: PdfReader) -> Any:  # noqa: ANN401  pypdf types no entry of a document's root
    return reader.root_object


BOTH = {("uaid", "part", "1"), ("aid", "part", "3"), ("aid", "conformance", "A")}


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_report_claims_both_standards(press: Press, name: str) -> None:
    assert claims(press.print_page(PAGES[name]())) == BOTH


def test_a_name_that_no_font_draws_claims_neither(press: Press) -> None:
    page = page_of(full_month())
    pdf = press.print_words({**page, "address": ["王小明"]}, full_month().period.end)
    assert not claims(pdf)
    assert PdfReader(io.BytesIO(pdf)).attachments.keys() == {"statement.json"}


def test_the_statement_is_attached_as_data_and_is_the_bill_s(press: Press) -> None:
    statement = a_statement()
    reader = PdfReader(io.BytesIO(press.print_page(full_month(half_degree=None))))
    (content,) = reader.attachments["statement.json"]
    document = StatementsDocument.model_validate_json(content)
    assert document.statements[0].statement() == statement
    assert document == StatementsDocument.of(a_bill(statement))
    assert b"Beboer" not in content
    (file,) = root_of(reader)["/AF"].get_object()
    assert file.get_object()["/AFRelationship"] == "/Data"
    assert json.loads(content)["schema"] == "fairvarme.statements/1"


def test_a_yearly_statement_is_an_archive_copy_too() -> None:
    pdf = pdf_of(Press(STATEMENT), told())
    assert claims(pdf) == BOTH
    assert PdfReader(io.BytesIO(pdf)).attachments.keys() == {"statement.json"}


def structure(node: Any) -> Iterator[Any]:  # noqa: ANN401  pypdf types no entry
    """Yield the elements of a file's structure in the order in which they are read aloud."""
    if isinstance(node, IndirectObject):
        node = node.get_object()
    if isinstance(node, list):
        for each in node:
            yield from structure(each)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from structure(node["/K"])


def headings(pdf: bytes) -> list[str]:
    """Read the headings aloud: the text of marked contents, in the order of the structure."""
    reader = PdfReader(io.BytesIO(pdf))
    texts = [marked_texts(page) for page in reader.pages]
    numbers = {page.indirect_reference.idnum: place for place, page in enumerate(reader.pages)}  # type: ignore[union-attr]  # read from a file
    found = []
    for element in structure(reader.root_object["/StructTreeRoot"]):
        if element["/S"] in ("/H1", "/H2"):
            place = numbers[page_number(element)]
            found.append("".join(texts[place].get(mark, "") for mark in marks(element)).strip())
    return found


def page_number(element: Any) -> int:  # noqa: ANN401
    for each in structure(element):
        if "/Pg" in each:
            return int(each.raw_get("/Pg").idnum)
    raise AssertionError("an element on no page")


def marks(element: Any) -> Iterator[int]:  # noqa: ANN401
    children = element["/K"].get_object() if "/K" in element else []
    for child in children if isinstance(children, list) else [children]:
        each = child.get_object()
        if isinstance(each, int):
            yield int(str(each))
        elif isinstance(each, DictionaryObject):
            yield from [int(str(each["/MCID"]))] if "/MCID" in each else marks(each)


def marked_texts(page: Any) -> dict[int, str]:  # noqa: ANN401
    """The text of each marked content of a page, by its number."""
    texts: dict[int, str] = {}
    open_marks: list[int | None] = []

    def before(operator: bytes, operands: list[Any], _matrix: object, _line: object) -> None:
        if operator == b"BDC":
            properties = operands[1]
            mark = properties.get("/MCID") if isinstance(properties, dict) else None
            open_marks.append(None if mark is None else int(mark))
        elif operator == b"BMC":
            open_marks.append(None)
        elif operator == b"EMC" and open_marks:
            open_marks.pop()

    def text_of(text: str, _m: object, _l: object, _f: object, _s: object) -> None:
        inner = next((each for each in reversed(open_marks) if each is not None), None)
        if inner is not None:
            texts[inner] = texts.get(inner, "") + text

    page.extract_text(visitor_operand_before=before, visitor_text=text_of)
    return texts


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_it_is_read_aloud_in_the_order_of_the_page(press: Press, language: str) -> None:
    month = full_month(language)
    page = page_of(month)
    order = ["beside", "climate", "changed", "advice", "year", "whom", "costs"]
    expected = [page["title"], *(page[name]["heading"] for name in order)]
    expected += [
        page["climate"]["calendar"]["heading"],
        *(each["heading"] for each in page["foot"]),
    ]
    assert [" ".join(each.split()) for each in headings(press.print_page(month))] == [
        " ".join(each.split()) for each in expected
    ]


def test_every_picture_has_words(press: Press) -> None:
    reader = PdfReader(io.BytesIO(press.print_page(full_month())))
    figures = [
        each for each in structure(reader.root_object["/StructTreeRoot"]) if each["/S"] == "/Figure"
    ]
    assert len(figures) >= 2 + 3 + 1 + 1
    assert all(str(each.get("/Alt", "")).strip() for each in figures)
