"""InfluxQL for readings, and what ``/query`` answers, as arrays. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from estate.model import is_id
from telemetry.stores.refusal import EARLIEST_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

COLUMNS = 3
"""Time [ms since 1970, UTC], value, quality."""


class QueryRefused(Exception):
    """The server did not run a query to its end; the message is its reason."""


def are_ids(texts: Iterable[str]) -> bool:
    """Tell whether every text may stand in a query; such an id has no character with a meaning."""
    return all(is_id(text) for text in texts)


def select_readings(
    building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
) -> str:
    """
    Ask for the readings of some devices, each device a series of its own, in order of time.

    Raises
    ------
    ValueError
        Where a name is no id, and so could change the meaning of the query.
    """
    of = _of(building, devices, quantity, start_ms, end_ms)
    return f'SELECT "value", "quality"{of} GROUP BY "device"'


def select_first(
    building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
) -> str:
    """Ask for the first reading of some devices together; ValueError as `select_readings`."""
    return f'SELECT first("value"){_of(building, devices, quantity, start_ms, end_ms)}'


def select_count(building: str) -> str:
    """Ask for the number of readings of a building, one series a quantity."""
    _must_be_ids([building])
    return f'SELECT count("value") FROM /.*/ WHERE "building" = \'{building}\''  # noqa: S608  checked


def select_devices(building: str, quantity: str) -> str:
    """Ask for the devices with readings of a quantity; ValueError as `select_readings`."""
    _must_be_ids([building, quantity])
    # Versions that look at the last day alone unless told otherwise are told: at everything.
    return (
        f'SHOW TAG VALUES FROM "{quantity}" WITH KEY = "device"'
        f" WHERE \"building\" = '{building}' AND time >= {EARLIEST_MS:d}ms"
    )


def _of(building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int) -> str:
    _must_be_ids([building, quantity, *devices])
    anyone = " OR ".join(f"\"device\" = '{device}'" for device in devices)
    return (
        f' FROM "{quantity}" WHERE "building" = \'{building}\' AND ({anyone})'
        f" AND time >= {start_ms:d}ms AND time < {end_ms:d}ms"
    )


def _must_be_ids(texts: Sequence[str]) -> None:
    if not are_ids(texts):
        raise ValueError(f"one of {list(texts)} is no id")


def read_series(answer: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    """
    Read a chunked answer: the device (empty without one) and the rows of each chunk.

    Raises
    ------
    QueryRefused
        Where the answer holds an error, or was cut before its end.
    """
    partial = False
    for line in answer.splitlines():
        document = json.loads(line)
        for result in (document, *document.get("results", ())):
            if "error" in result:
                raise QueryRefused(str(result["error"]))
            partial = bool(result.get("partial"))
            for series in result.get("series", ()):
                partial |= bool(series.get("partial"))
                yield series.get("tags", {}).get("device", ""), series["values"]
    if partial:
        raise QueryRefused("the answer was cut short by a limit on rows")


def table(rows: list[list[Any]]) -> npt.NDArray[np.float64]:
    """Return rows of time, value and quality as an array (n, 3)."""
    return np.array(rows, dtype=np.float64).reshape(-1, COLUMNS)
