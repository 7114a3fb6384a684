"""``fairvarme token`` and ``fairvarme figures``, as an administrator types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fairvarme.cli import main
from tests.support.portfolio import Portfolio, portfolio


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return portfolio(tmp_path_factory.mktemp("portfolio"), 1)


def run(config: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--config", str(config)])


def told(config: Path, *words: str) -> dict[str, Any]:
    done = run(config, *words, "--json")
    assert done.exit_code == 0, done.output
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_where_there_are_none_the_list_says_how_to_make_one(tmp_path: Path) -> None:
    config = portfolio(tmp_path, 1).config
    assert "`fairvarme token add` makes one" in run(config, "token", "list").stdout
    assert told(config, "token", "list") == {"tokens": []}


def test_a_token_is_printed_once(there: Portfolio) -> None:
    made = run(there.config, "token", "add", "books", "--scope", "bills:read")
    secret = made.stdout.splitlines()[0]
    assert made.exit_code == 0
    listed = run(there.config, "token", "list").stdout
    assert "valid" in listed
    assert "books: bills:read; all buildings; last used never" in listed
    assert secret not in listed
    assert run(there.config, "token", "revoke", "books").exit_code == 0
    assert "revoked" in run(there.config, "token", "list").stdout
    assert run(there.config, "token", "revoke", "books").exit_code == 2


def test_a_token_of_a_resident_names_one_home(there: Portfolio) -> None:
    words = ("token", "add", "mine", "--scope", "readings:read", "--building", "house-000")
    assert run(there.config, *words).exit_code == 2
    assert run(there.config, *words, "--tenancy", "nobody").exit_code == 2
    assert (
        run(there.config, "token", "add", "x", "--scope", "bills:read", "--building", "y").exit_code
        == 2
    )
    made = told(there.config, *words, "--tenancy", "A-1", "--until", "2100-01-01")
    assert (made["tenancy"], made["scopes"]) == ("A-1", ["readings:read"])


def test_figures_of_few_homes_are_withheld(there: Portfolio) -> None:
    made = told(there.config, "figures", "--month", "2025-01")
    (month,) = made["months"]
    assert (month["withheld"], month["heat_kwh"], month["cost_ore"]) == ("few_homes", None, None)
    assert "fewer than five homes" in run(there.config, "figures", "--month", "2025-01").stdout
