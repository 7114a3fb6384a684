"""Packaged tables of values: the version of a day, and tables that are not what is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
import yaml

from estate.errors import UsageError
from estate.numbers.values import TableFault, load_table, load_values

ROOT = Path(__file__).parents[2]
TABLE = """\
valid_from: 2000-01-01
least_hours: {value: 48, unit: h, source: ours}
ceiling:
  - {value: 0.2, unit: "1", source: the ordinance of 2027, from: 2027-01-01}
  - {value: 0.25, unit: "1", source: the ordinance of 2009, from: 2009-01-01}
factor: {value: 0.3, unit: "1", source: the same, from: 2024-10-01}
most:
  heat_kwh: {value: 30, unit: kWh/h, source: ours}
  water_m3: {value: 3.1, unit: m³/h, source: ours, meaning: of a home}
"""


@dataclass(frozen=True)
class Values:
    least_hours: int
    ceiling: float
    most: dict[str, float]
    factor: float | None = None


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a package of its own for each test: what is read is remembered by its name."""
    name = f"tables_{abs(hash(tmp_path))}"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def write(tmp_path: Path, package: str, text: str) -> str:
    (tmp_path / package / "table.yaml").write_text(text, "utf-8")
    return package


@pytest.mark.parametrize(
    ("on", "ceiling", "factor"),
    [
        (date(2009, 1, 1), 0.25, None), (date(2024, 9, 30), 0.25, None),
        (date(2024, 10, 1), 0.25, 0.3), (date(2026, 12, 31), 0.25, 0.3),
        (date(2027, 1, 1), 0.2, 0.3), (None, 0.2, 0.3),
    ],
)  # fmt: skip
def test_the_last_version_that_holds_on_the_day_is_taken(
    tmp_path: Path, package: str, on: date | None, ceiling: float, factor: float | None
) -> None:
    found = load_values(Values, write(tmp_path, package, TABLE), "table.yaml", on)
    most = {"heat_kwh": 30, "water_m3": 3.1}
    assert found == Values(least_hours=48, ceiling=ceiling, most=most, factor=factor)


def test_a_day_before_the_first_is_refused_with_that_day(tmp_path: Path, package: str) -> None:
    write(tmp_path, package, TABLE)
    with pytest.raises(UsageError, match="ceiling is valid from 2009-01-01"):
        load_values(Values, package, "table.yaml", date(2008, 12, 31))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("least_hours", "fewest_hours", "fewest_hours, least_hours"),
        ("factor:", "factors:", "factor, factors"),
        ("unit: h,", "", "unit"),
        ("unit: h,", 'unit: "",', "unit"),
        (", source: ours}\nceil", "}\nceil", "source"),
        ("unit: h,", "unit: min,", "its name says h"),
        ("unit: h,", "unit: h, valid: 2020-01-01,", "valid"),
        ("valid_from: 2000-01-01\n", "", "no day"),
        ("from: 2009-01-01", "from: soon", "no day"),
        ("value: 48, ", "", "is not a row"),
    ],
)
def test_a_table_that_is_not_what_is_read_is_refused(
    tmp_path: Path, package: str, old: str, new: str, told: str
) -> None:
    assert old in TABLE
    write(tmp_path, package, TABLE.replace(old, new))
    with pytest.raises(TableFault, match=told):
        load_values(Values, package, "table.yaml")


def test_a_table_may_change_as_a_whole(tmp_path: Path, package: str) -> None:
    text = "valid_from: 2000-01-01\nlimits: [1, 2]\n---\nvalid_from: 2026-01-01\nlimits: [3]\n"
    write(tmp_path, package, text)
    days = (date(2000, 1, 1), date(2025, 12, 31), date(2026, 1, 1), None)
    found = [load_table(package, "table.yaml", day)["limits"] for day in days]
    assert found == [[1, 2], [1, 2], [3], [3]]
    with pytest.raises(UsageError, match="is valid from 2000-01-01"):
        load_table(package, "table.yaml", date(1999, 12, 31))


def test_a_whole_table_names_its_day(tmp_path: Path, package: str) -> None:
    write(tmp_path, package, "limits: [1, 2]\n")
    with pytest.raises(TableFault, match="valid_from"):
        load_table(package, "table.yaml")


def test_every_dated_table_is_read_by_its_day() -> None:
    """A first day that nobody reads is none: each file that has one is named where it is loaded."""
    code = "\n".join(
        path.read_text("utf-8")
        for package in ("estate", "telemetry", "ingest", "billing", "alerts", "reports")
        for path in (ROOT / package).rglob("*.py")
    )
    dated = [
        path
        for package in ("telemetry", "ingest", "billing", "alerts", "reports")
        for path in (ROOT / package).rglob("*.yaml")
        if "schemes" not in path.parts and "law" not in path.parts
        and "valid_from" in (yaml.safe_load(path.read_text("utf-8")) or {})
    ]  # fmt: skip
    assert len(dated) >= 10
    for path in dated:
        package = ".".join(path.relative_to(ROOT).parent.parts)
        loaded = f'"{package}", "{path.name}"'
        assert loaded in code, f"{path} is not read by load_values or load_table"
