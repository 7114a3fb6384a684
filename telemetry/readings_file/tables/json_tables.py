"""Table cells of a JSON file: a list of objects, or an export of Eloverblik."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from estate.files.documents import DocumentRefused, limits, load_json
from telemetry.readings_file.tables.table import OVERFLOW, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ELOVERBLIK_COLUMNS = ("metering_point", "from", "to", "amount", "unit", "quality")
NOT_AVAILABLE = "A02"
"""Quality code of a missing quantity (ebIX code list, as in Eloverblik's manual)."""
_is_duration = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")


def open_json(path: Path, rows: str | None, *, decimal_comma: bool) -> Table:
    """
    Read a list of objects, each of them a row.

    Parameters
    ----------
    path : Path
    rows : str, optional
        Path of the list, names joined by points; default: the document itself.
    decimal_comma : bool
        Decimal mark of numbers in strings; JSON numbers are converted to such text.

    Raises
    ------
    DocumentRefused
    OSError
    """
    found = load_json(path)
    for name in rows.split(".") if rows else ():
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        where = f"at {rows} " if rows else ""
        raise DocumentRefused(f"contains no list of objects {where}; correct 'rows' in the map")
    columns = tuple(dict.fromkeys(name for row in found for name in row))
    if len(columns) * len(found) > limits()["json"].nodes * 4:
        raise DocumentRefused("has rows with too many different names; split it")
    mark = "," if decimal_comma else "."
    cells = ([_text(row.get(name), mark) for name in columns] for row in found)
    return _table(columns, list(cells), decimal_comma)


def open_eloverblik(path: Path) -> Table:
    """
    Read the meter data of Eloverblik: one row for each point of time series.

    Columns are `ELOVERBLIK_COLUMNS`; a row is the consumption of an interval.

    Raises
    ------
    DocumentRefused
    OSError
    """
    document = load_json(path)
    try:
        rows = [
            row
            for result in document["result"]
            for series in result["MyEnergyData_MarketDocument"]["TimeSeries"]
            for row in _points(series)
        ]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DocumentRefused(
            f"is not meter data of Eloverblik ({type(error).__name__} {error}); export it again as "
            "JSON, or choose another map"
        ) from error
    return _table(ELOVERBLIK_COLUMNS, rows, decimal_comma=False)


def _points(series: Any) -> Iterator[list[str]]:  # noqa: ANN401  JSON
    point_id = series["MarketEvaluationPoint"]["mRID"]["name"] or series["mRID"]
    unit = series["measurement_Unit.name"]
    for period in series["Period"]:
        start = datetime.fromisoformat(period["timeInterval"]["start"])
        length = _length(period["resolution"], period["timeInterval"])
        for point in period["Point"]:
            begin = start + length * (int(point["position"]) - 1)
            quality = point["out_Quantity.quality"]
            amount = "" if quality == NOT_AVAILABLE else str(point["out_Quantity.quantity"])
            yield [
                str(point_id), begin.isoformat(), (begin + length).isoformat(), amount, str(unit),
                str(quality),
            ]  # fmt: skip


def _length(resolution: str, interval: dict[str, str]) -> timedelta:
    """Return the length of a point; one of a day or more fills its period alone."""
    found = _is_duration.fullmatch(resolution)
    if found is None:
        raise ValueError(f"resolution {resolution}")
    years, months, days, hours, minutes = (int(each or 0) for each in found.groups())
    if years or months or days:
        start, end = (datetime.fromisoformat(interval[each]) for each in ("start", "end"))
        return end - start
    return timedelta(hours=hours, minutes=minutes)


def _text(value: object, mark: str) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value).replace(".", mark)
    return str(value).strip()


def _table(columns: tuple[str, ...], rows: list[list[str]], decimal_comma: bool) -> Table:
    def parts(wanted: Sequence[int]) -> Iterator[pd.DataFrame]:
        frame = pd.DataFrame(rows, columns=range(len(columns)), dtype=object)
        frame.index = pd.RangeIndex(1, len(frame) + 1)
        yield frame[sorted(set(wanted))].assign(**{OVERFLOW: ""})

    return Table(columns, decimal_comma, False, parts)
