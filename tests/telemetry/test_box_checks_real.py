"""Real rooms are believed: seven Finnish houses for months, an office in Belgium for two weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from estate.numbers.arrays import Floats
from telemetry.series.box_checks import Surroundings, suspicions
from telemetry.series.box_limits import box_limits
from telemetry.series.humidity import water_g_per_m3
from tests.support.real_month import SHARED_DATA


def hourly(path: str, times: str | int, columns: list[str]) -> pd.DataFrame:
    """Read a series as hourly means of some columns."""
    file = SHARED_DATA / path
    if not file.is_file():
        pytest.skip(f"{file} is not here")
    frame = pd.read_csv(file)
    frame.index = pd.to_datetime(frame[times] if isinstance(times, str) else frame.iloc[:, times])
    return frame[columns].resample("h").mean()


def rows(frame: pd.DataFrame) -> list[Floats]:
    return [frame[name].to_numpy(dtype=np.float64)[None] for name in frame]


def suspect_hours(
    temperature_c: Floats, humidity_pct: Floats, co2_ppm: Floats, outdoor_c: Floats, water: Floats
) -> int:
    around = Surroundings(
        np.ones(temperature_c.shape, dtype=np.bool_),
        np.full(temperature_c.shape[1], 21.0),
        outdoor_c,
        water,
    )
    reasons = suspicions(temperature_c, humidity_pct, co2_ppm, around, box_limits())
    return int(np.any(list(reasons.values()), axis=0).sum())


@pytest.mark.parametrize("house", ["R1", "R2", "R3", "R4", "R5", "R6", "R7"])
def test_houses_are_believed_but_for_hours_in_the_sun(house: str) -> None:
    indoor = "sisailma" if house == "R1" else "indoor1"
    inside = hourly(f"trh1_finland/{house}/{indoor}.csv.gz", 0, ["T", "RH"])
    names = ["T", "RH"] if house == "R1" else ["Te", "RHe"]
    outside = hourly(f"trh1_finland/{house}/fmi.csv.gz", 0, names).reindex(inside.index)
    temperature_c, humidity_pct = rows(inside)
    outdoor_c, outdoor_pct = (each[0] for each in rows(outside))
    water = water_g_per_m3(outdoor_c, outdoor_pct)
    no_co2 = np.full(temperature_c.shape, np.nan)
    found = suspect_hours(temperature_c, humidity_pct, no_co2, outdoor_c, water)
    assert found <= 0.01 * len(inside)


@pytest.mark.parametrize("name", ["datatraining", "datatest", "datatest2"])
def test_an_office_is_believed_but_for_a_sunny_day(name: str) -> None:
    columns = ["Temperature", "Humidity", "CO2"]
    inside = hourly(f"uci_occupancy/{name}.txt", "date", columns)
    temperature_c, humidity_pct, co2_ppm = rows(inside)
    winter_c = np.full(len(inside), 3.0)
    water = water_g_per_m3(winter_c, np.full(len(inside), 85.0))
    found = suspect_hours(temperature_c, humidity_pct, co2_ppm, winter_c, water)
    assert found <= 8
