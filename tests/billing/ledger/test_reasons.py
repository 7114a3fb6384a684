"""The table of reasons, and the page that lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.ledger.correction import checked_reason, reasons
from estate.errors import UsageError

PAGE = Path(__file__).parents[3] / "docs" / "ledger.md"


def test_the_page_names_every_reason() -> None:
    text = PAGE.read_text("utf-8")
    for code, reason in reasons().items():
        if reason.remedy is None:
            assert f"`{code}`" in text
            assert checked_reason(code) is reason


def test_a_forgotten_cost_is_no_reason() -> None:
    with pytest.raises(UsageError, match="carried_over"):
        checked_reason("forgotten_cost")
