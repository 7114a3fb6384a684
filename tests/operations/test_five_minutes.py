"""A year of 5-minute readings, as the benchmark makes it: sealed or not, the bill is the same."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.bill import BUILDING, YEAR, a_building
from benchmarks.five_minutes import bill, fill, opened, seal, statements
from estate.periods import HOUR_MS
from telemetry.stores.sealed.months import months_between

FLATS = 1
FILES = ("bill.csv", "statements.json", "findings.json")


@pytest.mark.slow
def test_a_year_is_billed_alike_from_sealed_months_and_printed(
    tmp_path: Path,
) -> None:
    hours = YEAR.hours(a_building(FLATS).building.zone)
    number = sum(
        fill(tmp_path / "readings.db", a_building(FLATS), month)
        for month in months_between(hours.start_ms - HOUR_MS, hours.end_ms + HOUR_MS)
    )
    # Three quantities of each box and one outdoors every five minutes, two meters every hour.
    assert number == (hours.count + 2) * (12 * (3 * FLATS + 1) + 2 * FLATS)
    bill(tmp_path, FLATS)
    before = {name: (tmp_path / "bill" / name).read_bytes() for name in FILES}
    seal(tmp_path, FLATS)
    with closing(opened(tmp_path)) as store:
        assert store.hot.count(BUILDING) == 0
        assert store.count(BUILDING) == number
    bill(tmp_path, FLATS)
    assert {name: (tmp_path / "bill" / name).read_bytes() for name in FILES} == before
    statements(tmp_path, FLATS)
    assert {path.read_bytes()[:4] for path in tmp_path.glob("*.pdf")} == {b"%PDF"}
