"""Scheme files: the shipped ones, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from billing.law.shares import share_findings
from billing.law.table import law_of
from billing.schemes import load_scheme, parse_scheme
from estate.errors import UsageError
from estate.model import Facts

GOOD = """\
id: own
valid_from: 2026-01-01
source: the assembly of 2025
items:
  heat:
    - {key: area, fraction: 0.7}
    - {key: own_heat_loss, fraction: 0.3, position: true, season: [10-01, 05-01], floor_c: 18}
"""


SHIPPED = {
    "dk-metered": "DK", "dk-climate": "DK", "dk-trial-bands": "DK", "de-heizkostenv": "DE",
    "at-heizkg": "AT", "ch-vewa": "CH", "pl-hybrid": "PL",
}  # fmt: skip


@pytest.mark.parametrize(("name", "country"), SHIPPED.items())
def test_shipped_schemes_say_where_they_come_from(name: str, country: str) -> None:
    scheme = load_scheme(name)
    assert (scheme.id, scheme.country) == (name, country)
    assert scheme.source
    items = {"heat", "hot_water", "cold_water", "cooling", "electricity"}
    assert set(scheme.items) - set(scheme.apart) == items
    assert scheme.needs_permit == (name in {"dk-climate", "dk-trial-bands"})


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_schemes_keep_their_countrys_shares(name: str) -> None:
    """The trial alone is short of meters, which is why only a permit allows it."""
    scheme, amounts = load_scheme(name), {"heat": 65, "hot_water": 35}
    law = law_of(scheme.country, max(scheme.valid_from, date(2022, 1, 1)))
    found = {each.name for each in share_findings(scheme, amounts, law, Facts())}
    short = {"billing.law.metered_fraction", "billing.law.metered_whole"}
    assert found == (short if name == "dk-trial-bands" else set())


def test_own_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(GOOD)
    scheme = load_scheme(str(path))
    assert scheme.version == "2026-01-01"
    assert scheme.items["heat"][1].season == ("10-01", "05-01")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("fraction: 0.7", "fraction: 0.6", "add to 0.9"),
        ("fraction: 0.7", "fraction: 0.6999999", "add to 0.9999999"),
        ("fraction: 0.7", "fraction: 0.70000001", "add to 1.00000001"),
        ("key: area", "key: windows", "items.heat.0.key"),
        ("key: area", "key: 'shares:'", "items.heat.0.key"),
        ("fraction: 0.7", "fraction: 0.7, without_meters: equal", "not a parameter of area"),
        ("fraction: 0.7", "fraction: 0.7, groups: main_meter", "not a parameter of area"),
        ("fraction: 0.7", "fraction: 0.7, floor_c: 18", "not parameters of area"),
        ("fraction: 0.7", "fraction: 0.7, base_c: 16", "not a parameter of area"),
        ("[10-01, 05-01]", "[10-01, 02-30]", "10-01"),
        ("source: the assembly of 2025\n", "", "source"),
        ("fraction: 0.3", "fraction: -0.3", "items.heat.1.fraction"),
        ("items:", "items: [", "not valid YAML"),
        ("id: own", "id: own\ncurrency: EUR", "currency"),
    ],
)
def test_fault_names_the_file_and_the_place(old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(UsageError, match=told) as caught:
        parse_scheme(GOOD.replace(old, new), "own.yaml")
    assert "own.yaml" in str(caught.value)


@pytest.mark.parametrize("name", ["dk-clímate", "none.yaml", "../billing/rules"])
def test_scheme_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(UsageError, match=r"dk-metered|Check the name"):
        load_scheme(name)
