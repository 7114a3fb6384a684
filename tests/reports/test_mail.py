"""The month as a mail: the page's figures, nobody's name, nothing loaded, nothing run."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from alerts.model import AlertKind
from reports.monthly.mail import mail_words
from reports.monthly.page import page_of
from tests.support.report_homes import a_climate, a_month, an_alert, an_estate, months_around

LEFT_OUT = {
    "address",
    "palette",
    "kind",
    "language",
    "alt",
    "segments",
    "next",
    "low",
    "high",
    "attached",
    "attached-as",
}
LOADS = {"img", "link", "script", "iframe", "object", "video", "audio", "source", "form", "base"}


class Read(HTMLParser):
    """Words of a mail, and its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.said = ""
        self.feed(html.partition("</style>")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.said += data


def page(language: str = "da", organisation: str = "Boligforeningen Birkegården") -> dict[str, Any]:
    alert = an_alert(AlertKind.MOULD_RISK, date(2026, 1, 5), date(2026, 1, 9))
    estate = an_estate(language=language, organisation=organisation)
    climate = a_climate(humidity_pct=54)
    return page_of(a_month(alerts=(alert,), climate=climate, estate=estate, around=months_around()))


def texts_of(part: object, name: str = "") -> list[str]:
    """Every text of a page but its address, its palette and what only paper or a drawing needs."""
    if isinstance(part, dict):
        return [text for key in part if key not in LEFT_OUT for text in texts_of(part[key], key)]
    if isinstance(part, list):
        return [text for each in part for text in texts_of(each, name)]
    return [part] if isinstance(part, str) and part else []


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("language", ["da", "de", "en"])
def test_all_that_the_page_says_stands_in_the_html(language: str) -> None:
    words = page(language)
    said = plain(Read(mail_words(words).html).said)
    assert [text for text in texts_of(words) if plain(text) not in said] == []


def test_every_amount_stands_in_the_plain_text_too() -> None:
    words = page()
    text = plain(mail_words(words).text)
    figures = [each for each in texts_of(words) if re.search(r"\d", each) and len(each) > 2]
    assert figures
    assert [each for each in figures if plain(each) not in text] == []


def test_nothing_is_loaded_and_nothing_runs() -> None:
    html = mail_words(page()).html
    read = Read(html)
    assert not read.tags & LOADS
    assert not {name for name in read.attributes if name.startswith("on") or name == "src"}
    assert not re.search(r"url\(|https?:|@import", html)


def test_a_text_from_outside_is_never_markup() -> None:
    html = mail_words(page(organisation="<script>alert(1)</script> & <b>søn</b>")).html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_nobody_is_named() -> None:
    words = mail_words(page())
    for text in (words.subject, words.text, words.html):
        assert "Beboer 1" not in text
        assert "Birkevej" not in text
