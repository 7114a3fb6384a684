"""
One month of seven houses as homes, with a heat meter in the first: measured series, or made ones.

The measured are of Finnish houses and a Danish meter, read from ../shared/data. Each is moved by
whole days into February 2026 of Europe/Helsinki (UTC+2 then, as in the source), so that the hour of
day and the length of the month stay. The made ones look like them and need no other files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SHARED_DATA = Path(__file__).parents[2].parent / "shared" / "data"
BUILDING = "finland"
MONTH_START = pd.Timestamp("2026-02-01", tz="Etc/GMT-2")
MONTH_END = pd.Timestamp("2026-03-01", tz="Etc/GMT-2")
SOURCE_MONTHS = {"R1": "2021-02-01", **{f"R{n}": "2011-02-01" for n in range(2, 8)}}
METER_MONTH = "2019-02-01"
HEAT_METER = "00000660"
AREAS_M2 = {"R1": 140, "R2": 118, "R3": 152, "R4": 96, "R5": 131, "R6": 174, "R7": 88}

BUILDING_YAML = """\
id: finland
name: Measured houses
address: Test road 1
timezone: Europe/Helsinki
currency: DKK
language: en
tenure: ejer
schemes:
  - {scheme: measured-month, from: 2026-01-01}
"""
SCHEME_YAML = """\
id: measured-month
valid_from: 2026-01-01
source: made for this test; has no CO2, for there is none in the data
items:
  heat:
    - {key: area, fraction: 0.30}
    - {key: degree_hours, fraction: 0.40}
    - {key: climate_bands, fraction: 0.30}
"""


@dataclass(frozen=True)
class RealMonth:
    """The month as files, and as the frames they were made from."""

    estate: Path
    scheme: Path
    readings: Path
    series: dict[tuple[str, str], pd.Series[float]]
    """By (device, quantity): values by their time in UTC, as in the source files."""


def require_shared_data() -> None:
    """Skip the test where the measured data does not lie beside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the measured data is not there (../shared/data)")


def measured_series() -> dict[tuple[str, str], pd.Series[float]]:
    """Read the source files and move each series into the month."""
    series = {}
    for house, start in SOURCE_MONTHS.items():
        file = "sisailma" if house == "R1" else "indoor1"
        frame = _climate(SHARED_DATA / "trh1_finland" / house / f"{file}.csv.gz", start)
        series[(f"box-{house}", "temperature_c")] = frame["T"]
        series[(f"box-{house}", "humidity_pct")] = frame["RH"]
    outdoor = _climate(SHARED_DATA / "trh1_finland" / "R2" / "fmi.csv.gz", SOURCE_MONTHS["R2"])
    series[("outdoor-R2", "temperature_c")] = outdoor["Te"]
    series[("outdoor-R2", "humidity_pct")] = outdoor["RHe"]
    series[(HEAT_METER, "heat_kwh")] = _heat_register()
    return series


def made_series() -> dict[tuple[str, str], pd.Series[float]]:
    """Make series like the measured ones: the first house every ten minutes, readings lost."""
    rng, found = np.random.default_rng(20_260_201), {}
    outdoor = _made(rng, "1h", -6.0, 4.0)
    for number, house in enumerate(AREAS_M2):
        step = "10min" if number == 0 else "1h"
        found[f"box-{house}", "temperature_c"] = _made(rng, step, 20.0 + 0.4 * number, 0.6)
        found[f"box-{house}", "humidity_pct"] = _made(rng, step, 24.0 + 2 * number, 3.0)
    found["outdoor-R2", "temperature_c"] = outdoor
    found["outdoor-R2", "humidity_pct"] = _made(rng, "1h", 80.0, 6.0)
    hours = pd.date_range(MONTH_START, MONTH_END, freq="1h").tz_convert("UTC")
    used_kwh = rng.integers(0, 5, len(hours) - 1)
    found[HEAT_METER, "heat_kwh"] = pd.Series(
        18_000.0 + np.concatenate([[0], np.cumsum(used_kwh)]), index=hours
    )
    return found


def _made(rng: np.random.Generator, step: str, mean: float, swing: float) -> pd.Series[float]:
    """Make a gauge with days, slow weather and noise; two in a hundred of its readings are lost."""
    times = pd.date_range(MONTH_START, MONTH_END, freq=step, inclusive="left").tz_convert("UTC")
    hour = (times - times[0]) / pd.Timedelta("1h")
    slow = np.interp(hour, np.arange(0, 28 * 24 + 48, 48), rng.normal(0, 1, 15))
    noise = rng.normal(0, swing / 20, len(times))
    values = mean + swing * (np.sin(2 * np.pi * (hour - 9) / 24) / 2 + slow / 2) + noise
    series = pd.Series(np.round(values, 2), index=times)
    return series[rng.random(len(times)) > 0.02]


def hourly_mean(values: pd.Series[float]) -> pd.Series[float]:
    """Mean of each hour of the month, by pandas; NaN where the source has no reading."""
    hours = pd.date_range(MONTH_START, MONTH_END, freq="1h", inclusive="left").tz_convert("UTC")
    return values.resample("1h").mean().reindex(hours)


def write_month(directory: Path, series: dict[tuple[str, str], pd.Series[float]]) -> RealMonth:
    """Write the estate folder, the scheme and the readings file."""
    estate = directory / "estate"
    estate.mkdir()
    (estate / "building.yaml").write_text(BUILDING_YAML)
    (estate / "flats.csv").write_text(
        "flat,address,area_m2\n"
        + "".join(f"{flat},Test road {flat},{area}\n" for flat, area in AREAS_M2.items())
    )
    (estate / "tenancies.csv").write_text(
        "tenancy,flat,from,to,delivery\n"
        + "".join(f"t-{flat},{flat},2025-01-01,,digital\n" for flat in AREAS_M2)
    )
    (estate / "devices.csv").write_text(
        "device,kind,flat,from,to\n"
        + "".join(f"box-{flat},climate,{flat},2025-01-01,\n" for flat in AREAS_M2)
        + f"outdoor-R2,outdoor,,2025-01-01,\n{HEAT_METER},heat,R1,2025-01-01,\n"
    )
    (estate / "costs.csv").write_text(
        "period_start,period_end,item,amount\n2026-02-01,2026-03-01,heat,12345.67\n"
    )
    scheme = directory / "scheme.yaml"
    scheme.write_text(SCHEME_YAML)
    readings = directory / "readings.csv"
    _write_readings(readings, series)
    return RealMonth(estate, scheme, readings, series)


def _climate(path: Path, start: str) -> pd.DataFrame:
    frame = pd.read_csv(path, index_col=0)
    frame.index = pd.DatetimeIndex(frame.index).tz_localize("Etc/GMT-2")
    return _move(frame, pd.Timestamp(start, tz="Etc/GMT-2"), end_inclusive=False)


def _heat_register() -> pd.Series[float]:
    path = SHARED_DATA / "dk_smart_heat_meter" / "processed_final_data_sample.csv.gz"
    frame = pd.read_csv(path, index_col="time_rounded")
    frame.index = pd.DatetimeIndex(frame.index).tz_convert("Etc/GMT-2")
    # The reading at the end of the month closes its last hour.
    moved = _move(frame, pd.Timestamp(METER_MONTH, tz="Etc/GMT-2"), end_inclusive=True)
    return moved["energy_heat_kwh"]


def _move(frame: pd.DataFrame, start: pd.Timestamp, *, end_inclusive: bool) -> pd.DataFrame:
    end = start + (MONTH_END - MONTH_START)
    inside = (frame.index >= start) & (
        (frame.index <= end) if end_inclusive else (frame.index < end)
    )
    moved = frame[inside]
    moved.index = (pd.DatetimeIndex(moved.index) + (MONTH_START - start)).tz_convert("UTC")
    return moved


def _write_readings(path: Path, series: dict[tuple[str, str], pd.Series[float]]) -> None:
    with path.open("w") as file:
        file.write("time,device,quantity,value\n")
        for (device, quantity), values in series.items():
            times = pd.DatetimeIndex(values.index).strftime("%Y-%m-%dT%H:%M:%SZ")
            for time, value in zip(times, np.asarray(values, dtype=float).tolist(), strict=True):
                file.write(f"{time},{device},{quantity},{value!r}\n")
