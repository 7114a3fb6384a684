"""``fairvarme mould``: the published values of the index, from a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alerts.mould.mould import materials
from fairvarme.cli import main
from fairvarme.commands.homes.mould import MATERIALS

START = datetime(2026, 1, 1, tzinfo=UTC)


def steady(path: Path, temperature_c: float, humidity_pct: float, days: int) -> Path:
    """Write hours that are all alike."""
    lines = ["time,temperature_c,humidity_pct"]
    for hour in range(days * 24):
        at = (START + timedelta(hours=hour)).isoformat()
        lines.append(f"{at},{temperature_c},{humidity_pct}")
    path.write_text("\n".join(lines) + "\n")
    return path


def mould(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(main, ["mould", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    course: dict[str, Any] = json.loads(done.stdout)
    return course


# Hourly Euler steps of the published model, computed apart from this program.
@pytest.mark.parametrize(
    ("material", "temperature_c", "humidity_pct", "days", "index"),
    [
        ("very_sensitive", 20, 90, 7, 0.2380),
        ("very_sensitive", 20, 90, 28, 0.9516),
        ("very_sensitive", 20, 90, 84, 3.9187),
        ("very_sensitive", 10, 95, 28, 1.5184),
        ("sensitive", 20, 95, 28, 1.1115),
        ("sensitive", 20, 95, 84, 2.6583),
    ],
)
def test_published_values(
    tmp_path: Path,
    material: str,
    temperature_c: float,
    humidity_pct: float,
    days: int,
    index: float,
) -> None:
    file = steady(tmp_path / "wall.csv", temperature_c, humidity_pct, days)
    course = mould(str(file), "--material", material)
    assert course["index_end"] == pytest.approx(index, abs=0.001)
    assert course["index_max"] == course["index_end"]


def test_hours_to_the_first_growth_and_to_the_visible_one(tmp_path: Path) -> None:
    course = mould(str(steady(tmp_path / "wall.csv", 20, 90, 84)), "--material", "very_sensitive")
    assert course["hours_to_1"] / 24 == pytest.approx(29.46, abs=0.05)
    assert course["hours_to_3"] / 24 == pytest.approx(59.54, abs=0.05)
    dry = mould(str(steady(tmp_path / "dry.csv", 20, 50, 2)), "--material", "very_sensitive")
    assert (dry["hours_to_1"], dry["hours_to_3"], dry["index_max"]) == (None, None, 0.0)


def test_the_air_of_a_room_is_that_of_its_coldest_surface(tmp_path: Path) -> None:
    room = steady(tmp_path / "room.csv", 21, 60, 14)
    outdoor = steady(tmp_path / "outdoor.csv", 0, 80, 14)
    of_air = mould(
        str(room), "--material", "sensitive", "--f-rsi", "0.7", "--outdoor", str(outdoor)
    )
    # Published: 21 °C, 60 % and 0 °C outdoors give 14.70 °C and 89.18 % at f_Rsi 0.70.
    of_surface = mould(
        str(steady(tmp_path / "wall.csv", 14.70, 89.18, 14)), "--material", "sensitive"
    )
    assert of_air["index_end"] == pytest.approx(of_surface["index_end"], abs=0.001)


def test_more_than_saturated_is_clipped_and_counted(tmp_path: Path) -> None:
    course = mould(str(steady(tmp_path / "wall.csv", 20, 100.5, 3)), "--material", "sensitive")
    assert course["clipped_hours"] == 72
    full = mould(str(steady(tmp_path / "full.csv", 20, 100, 3)), "--material", "sensitive")
    assert course["index_end"] == full["index_end"]


def test_an_hour_that_lacks_changes_nothing(tmp_path: Path) -> None:
    file = steady(tmp_path / "wall.csv", 20, 95, 5)
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:30] + lines[40:]) + "\n")
    course = mould(str(file), "--material", "sensitive")
    assert (course["hours"], course["missing_hours"]) == (120, 10)


def test_a_factor_without_outdoor_temperature_is_wrong_usage(tmp_path: Path) -> None:
    file = steady(tmp_path / "wall.csv", 20, 95, 1)
    arguments = ["mould", str(file), "--material", "sensitive", "--f-rsi", "0.7"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "--outdoor" in done.stderr


def test_the_classes_are_those_of_the_model() -> None:
    assert tuple(materials()) == MATERIALS
