"""The sample for other months and sizes."""

from __future__ import annotations

import filecmp
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from estate.errors import UsageError
from estate.files.folder import read_estate
from estate.numbers.scaled import MOST_FLATS, write_sample

SAMPLE = Path(str(resources.files("estate").joinpath("sample")))


def test_own_month_and_size_give_the_sample_itself(tmp_path: Path) -> None:
    write_sample(tmp_path)
    names = sorted(path.name for path in SAMPLE.iterdir())
    same, different, missing = filecmp.cmpfiles(SAMPLE, tmp_path, names, shallow=False)
    assert (sorted(same), different, missing) == (names, [], [])


def test_other_month_moves_every_day(tmp_path: Path) -> None:
    write_sample(tmp_path, "2025-03")
    estate = read_estate(tmp_path)
    assert {(cost.period_start, cost.period_end) for cost in estate.costs} == {
        (date(2025, 3, 1), date(2025, 4, 1))
    }
    assert estate.tenancies_of["0111"][0].end == date(2025, 3, 16)


@pytest.mark.parametrize("flats", [1, 5, 12, 13, 30, MOST_FLATS])
def test_any_number_of_flats_is_in_order(tmp_path: Path, flats: int) -> None:
    write_sample(tmp_path, flats=flats)
    estate = read_estate(tmp_path)
    assert len(estate.flats) == flats
    assert len({flat.address for flat in estate.flats}) == flats
    # A box, a heat meter and a water meter in each flat; one outdoor box, one main meter.
    assert len(estate.placements) == 3 * flats + 2


def test_costs_grow_with_the_flats(tmp_path: Path) -> None:
    write_sample(tmp_path, flats=24)
    before = sum(cost.amount_ore for cost in read_estate(SAMPLE).costs)
    assert sum(cost.amount_ore for cost in read_estate(tmp_path).costs) == 2 * before


@pytest.mark.parametrize(("month", "flats"), [("2026-13", 12), ("2026-01", 0), ("2026-01", 595)])
def test_wrong_wish_is_refused(tmp_path: Path, month: str, flats: int) -> None:
    with pytest.raises(UsageError):
        write_sample(tmp_path / "estate", month, flats)
    assert not (tmp_path / "estate").exists()
