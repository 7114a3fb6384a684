"""Scheme files: the shipped ones, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.schemes import CLIMATE_KEYS, load_scheme, parse_scheme
from estate.errors import UsageError

GOOD = """\
id: own
valid_from: 2026-01-01
source: the assembly of 2025
items:
  heat:
    - {key: area, fraction: 0.7}
    - {key: own_heat_loss, fraction: 0.3, position: true, season: [10-01, 05-01], floor_c: 18}
"""


@pytest.mark.parametrize("name", ["dk-metered", "dk-climate", "dk-trial-bands"])
def test_shipped_schemes_say_where_they_come_from(name: str) -> None:
    scheme = load_scheme(name)
    assert scheme.id == name
    assert scheme.country == "DK"
    assert scheme.source
    assert set(scheme.items) == {"heat", "hot_water"}
    assert scheme.needs_permit == scheme.uses(CLIMATE_KEYS) == (name != "dk-metered")


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
        ("key: area", "key: windows", "items.heat.0.key"),
        ("fraction: 0.7", "fraction: 0.7, floor_c: 18", "no parameters of area"),
        ("fraction: 0.7", "fraction: 0.7, base_c: 16", "no parameter of area"),
        ("[10-01, 05-01]", "[10-01, 02-30]", "10-01"),
        ("source: the assembly of 2025\n", "", "source"),
        ("fraction: 0.3", "fraction: -0.3", "items.heat.1.fraction"),
        ("items:", "items: [", "no YAML"),
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
