"""The page of schemes and law is made from their tables."""

from __future__ import annotations

from pathlib import Path

from billing.law.page import law_page
from billing.law.table import law_rules
from billing.schemes import shipped_schemes

PAGE = Path(__file__).parents[2] / "docs" / "law.md"


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == law_page(), "run `make docs`"


def test_every_scheme_and_rule_is_on_it() -> None:
    page = law_page()
    names = {*shipped_schemes(), *(row.rule for row in law_rules())}
    assert all(f"`{name}`" in page for name in names)


def test_every_rule_says_where_it_comes_from() -> None:
    assert all(row.source and row.unit for row in law_rules())
    assert len({(row.rule, row.country, row.start) for row in law_rules()}) == len(law_rules())
