"""Reads temperature and humidity of one place, from a file with a column each, or readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.errors import DataError
from estate.findings import Finding
from telemetry.readings_file.file import read_readings
from telemetry.readings_file.one_file import no_such_file

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    import pandas as pd

MILLISECONDS = 1000
LATEST_EPOCH_S = 1e11
"""A larger number of a time column counts milliseconds."""


class Gauge(NamedTuple):
    """
    One quantity of a place.

    Attributes
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    value : (n,) float64 array
        Without NaN. [the quantity's unit]
    """

    time_ms: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]


def read_gauges(path: Path, *quantities: str) -> list[Gauge]:
    """
    Read some quantities of the one place that a file is about.

    A file has a column `time` and one for each quantity, or is a readings file. Times without an
    offset are UTC. A cell that cannot be read is missing.

    Raises
    ------
    DataError
        If a quantity is missing, or from several places.
    UsageError
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
    except (OSError, UnicodeDecodeError) as error:
        raise no_such_file(
            path, error if isinstance(error, OSError) else OSError(0, "no text")
        ) from error
    if "quantity" in header:
        return [_of_readings(path, quantity) for quantity in quantities]
    return _of_columns(path, header, quantities)


def _of_columns(path: Path, header: str, quantities: tuple[str, ...]) -> list[Gauge]:
    import pandas as pd

    semicolons = ";" in header
    frame = pd.read_csv(
        path, sep=";" if semicolons else ",", decimal="," if semicolons else ".",
        encoding="utf-8-sig", skipinitialspace=True, on_bad_lines="skip",
    )  # fmt: skip
    lacking = [name for name in ("time", *quantities) if name not in frame.columns]
    if lacking:
        raise DataError([_unclear(path.name, lacking[0], 0, f"add a column {lacking[0]} to it")])
    time_ms = _milliseconds(frame["time"])
    return [
        _gauge(path, quantity, time_ms, pd.to_numeric(frame[quantity], errors="coerce"))
        for quantity in quantities
    ]


def _milliseconds(time: pd.Series) -> npt.NDArray[np.float64]:
    """Return times since 1970, NaN where they cannot be read. [ms]"""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(time):
        number = time.to_numpy(dtype=np.float64)
        return np.where(number < LATEST_EPOCH_S, number * MILLISECONDS, number)
    instants = pd.to_datetime(time, utc=True, format="ISO8601", errors="coerce")
    since = (instants - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(milliseconds=1)
    return np.asarray(since, dtype=np.float64)


def _gauge(path: Path, quantity: str, time_ms: npt.NDArray[np.float64], value: pd.Series) -> Gauge:
    values = value.to_numpy(dtype=np.float64)
    known = np.isfinite(time_ms) & np.isfinite(values)
    if not known.any():
        raise DataError([_unclear(path.name, quantity, 0, "write time,temperature_c,humidity_pct")])
    order = np.argsort(time_ms[known], kind="stable")
    return Gauge(time_ms[known][order].astype(np.int64), values[known][order])


def _of_readings(path: Path, quantity: str) -> Gauge:
    file = read_readings(path)
    columns = file.columns()
    rows = (columns["quantity"] == quantity).to_numpy()
    places = sorted(set(columns["device"][rows]))
    if len(places) != 1:
        remedy = f"keep the rows of one of {', '.join(places)}" if places else "add its rows"
        raise DataError([_unclear(path.name, quantity, len(places), remedy), *file.findings])
    return Gauge(file.time_ms[rows], file.value[rows])


def _unclear(file: str, quantity: str, places: int, remedy: str) -> Finding:
    held = f"{quantity} of {places} places, and one is needed" if places else f"no {quantity}"
    return Finding(
        "climate.place.unclear",
        f"{file} holds {held}; {remedy}",
        {"file": file, "quantity": quantity, "places": places},
    )
