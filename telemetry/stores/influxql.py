"""InfluxQL queries for readings, and their responses as arrays. Pure."""

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
    """The server did not complete a query; the message is its reason."""


def are_ids(texts: Iterable[str]) -> bool:
    """Return whether all texts are ids, which have no characters special to a query."""
    return all(is_id(text) for text in texts)


def select_readings(
    building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
) -> str:
    """
    Return the query for the readings of some devices, one series per device, in order of time.

    Raises
    ------
    ValueError
        If a name is not an id and so could change the meaning of the query.
    """
    of = _of(building, devices, quantity, start_ms, end_ms)
    return f'SELECT "value", "quality"{of} GROUP BY "device"'


def select_records(building: str, device: str, quantity: str, start_ms: int, end_ms: int) -> str:
    """Return the query for everything stored of a series; ValueError as `select_readings`."""
    of = _of(building, [device], quantity, start_ms, end_ms)
    return f'SELECT "value", "quality", "arrival"{of}'


def select_first(
    building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
) -> str:
    """Return the query for the first reading of some devices; ValueError as `select_readings`."""
    return f'SELECT first("value"){_of(building, devices, quantity, start_ms, end_ms)}'


def select_count(building: str) -> str:
    """Return the query for the number of readings of a building, one series per quantity."""
    _must_be_ids([building])
    return f'SELECT count("value") FROM /.*/ WHERE "building" = \'{building}\''  # noqa: S608  checked


def select_devices(building: str, quantity: str) -> str:
    """Ask for the devices with readings of a quantity; ValueError as `select_readings`."""
    _must_be_ids([building, quantity])
    # Some versions search only the last day by default, so everything is requested explicitly.
    return (
        f'SHOW TAG VALUES FROM "{quantity}" WITH KEY = "device"'
        f" WHERE \"building\" = '{building}' AND time >= {EARLIEST_MS:d}ms"
    )


def select_quantities(building: str) -> str:
    """Ask for the quantities of a building; ValueError as `select_readings`."""
    _must_be_ids([building])
    return f"SHOW MEASUREMENTS WHERE \"building\" = '{building}'"


def select_number(
    building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
) -> str:
    """Ask for the number of readings of some devices; ValueError as `select_readings`."""
    return f'SELECT count("value"){_of(building, devices, quantity, start_ms, end_ms)}'


def delete_readings(
    building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
) -> str:
    """Return the statement that erases readings of some devices (1.x); ValueError as above."""
    return f"DELETE{_of(building, devices, quantity, start_ms, end_ms)}"


def delete_predicate(building: str, device: str, quantity: str) -> str:
    """Return the predicate of 2.x for what is erased of a device; ValueError as above."""
    _must_be_ids([building, device, quantity])
    return f'_measurement="{quantity}" AND building="{building}" AND device="{device}"'


def _of(building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int) -> str:
    _must_be_ids([building, quantity, *devices])
    anyone = " OR ".join(f"\"device\" = '{device}'" for device in devices)
    return (
        f' FROM "{quantity}" WHERE "building" = \'{building}\' AND ({anyone})'
        f" AND time >= {start_ms:d}ms AND time < {end_ms:d}ms"
    )


def _must_be_ids(texts: Sequence[str]) -> None:
    if not are_ids(texts):
        raise ValueError(f"one of {list(texts)} is not an id")


def read_series(answer: bytes) -> Iterator[tuple[str, list[list[Any]]]]:
    """
    Parse a chunked response: the device (empty without one) and the rows of each chunk.

    Raises
    ------
    QueryRefused
        If the response contains an error or was truncated.
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
        raise QueryRefused("the response was truncated by a limit on rows")


def table(rows: list[list[Any]]) -> npt.NDArray[np.float64]:
    """Return rows of time, value and quality as an array (n, 3)."""
    return np.array(rows, dtype=np.float64).reshape(-1, COLUMNS)
