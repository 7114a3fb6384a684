"""The page of profiles is made from their tables, and the guide names what is shipped."""

from __future__ import annotations

from pathlib import Path

from billing.exchange.page import exchange_page
from billing.exchange.profile import load_profile, shipped_profiles

DOCS = Path(__file__).parents[3] / "docs"


def test_page_is_up_to_date() -> None:
    assert (DOCS / "exchange-columns.md").read_text("utf-8") == exchange_page(), "run `make pages`"


def test_every_profile_is_in_the_guide() -> None:
    guide = (DOCS / "exchange.md").read_text("utf-8")
    assert all(f"`{name}`" in guide or f" {name} " in guide for name in shipped_profiles())


def test_the_profile_of_the_guide_is_one(tmp_path: Path) -> None:
    guide = (DOCS / "exchange.md").read_text("utf-8")
    text = guide.partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "guide.yaml").write_text(text, "utf-8")
    assert load_profile(str(tmp_path / "guide.yaml")).table == "amounts"
