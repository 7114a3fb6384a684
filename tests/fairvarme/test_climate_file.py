"""Files of the climate of one place, as people have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from estate.errors import DataError, UsageError
from operations.readings.climate_file import read_gauges

HOUR_MS = 3_600_000
START_MS = 1_767_225_600_000


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "climate.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "time,temperature_c\n2026-01-01T00:00:00Z,1.5\n2026-01-01T02:00:00+01:00,2.5\n",
        "time,temperature_c\n2026-01-01 00:00,1.5\n2026-01-01 01:00,2.5\n",
        "time,temperature_c\n1767225600,1.5\n1767229200,2.5\n",
        "time,temperature_c\n1767225600000,1.5\n1767229200000,2.5\n",
        "time;temperature_c\n2026-01-01T00:00:00Z;1,5\n2026-01-01T01:00:00Z;2,5\n",
        "time,temperature_c\n2026-01-01T01:00:00Z,2.5\n2026-01-01T00:00:00Z,1.5\n",
        (
            "time,temperature_c\n2026-01-01T00:00:00Z,1.5\nsoon,3\n2026-01-01T01:00:00Z,2.5\n"
            "2026-01-01T02:00:00Z,\n"
        ),
        (
            "time,device,quantity,value\n2026-01-01T00:00:00Z,box,temperature_c,1.5\n"
            "2026-01-01T01:00:00Z,box,temperature_c,2.5\n"
        ),
    ],
)
def test_ways_of_writing_the_same(tmp_path: Path, text: str) -> None:
    (gauge,) = read_gauges(written(tmp_path, text), "temperature_c")
    assert gauge.time_ms.tolist() == [START_MS, START_MS + HOUR_MS]
    assert gauge.value.tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    "text",
    [
        "time,humidity_pct\n2026-01-01T00:00:00Z,50\n",
        "time,temperature_c\nsoon,1.5\n",
        (
            "time,device,quantity,value\n2026-01-01T00:00:00Z,a,temperature_c,1\n"
            "2026-01-01T00:00:00Z,b,temperature_c,2\n"
        ),
    ],
)
def test_no_place_or_several_are_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError) as caught:
        read_gauges(written(tmp_path, text), "temperature_c")
    assert caught.value.findings[0].name == "climate.place.unclear"


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        read_gauges(tmp_path / "none.csv", "temperature_c")
