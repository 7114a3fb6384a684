"""What has arrived: a summary of a building's stored series, and its readings as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from estate.devices import REGISTER_OF
from estate.errors import UsageError
from estate.periods import HOUR_MS, Period, local_date
from estate.quantities import quantities
from operations.clock import now_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from estate.model import Estate
    from telemetry.readings import Samples
    from telemetry.series.summary import SeriesSummary
    from telemetry.stores.store import Store

COLUMNS = ["time", "device", "quantity", "value"]
"""Of a readings file, as docs/readings-file.md describes it."""
EXPECTED_OF_BOXES = "temperature_c"
"""What every box measures, so that one without it has been silent."""


@dataclass(frozen=True)
class StoredSeries:
    """
    One quantity of one device in a period.

    Attributes
    ----------
    flat : str or None
        Where the device is; None in common parts, or if the estate does not know it.
    known : bool
        Whether the estate has the device on a day of the period.
    readings, suspect : int
        Number of readings, and of those among them that are treated as missing.
    first_ms, last_ms : int or None
        Device time. [ms since 1970, UTC]
    last_value : float or None
        [the quantity's unit]
    longest_gap_hours : float or None
        Between two neighbouring readings; None if there are fewer than two. [h]
    """

    building: str
    device: str
    flat: str | None
    known: bool
    quantity: str
    readings: int
    suspect: int
    first_ms: int | None
    last_ms: int | None
    last_value: float | None
    longest_gap_hours: float | None


def stored_series(
    store: Store, estate: Estate, period: Period, devices: Collection[str] = ()
) -> list[StoredSeries]:
    """
    Summarise what a store has of a building in a period.

    A device of the estate that sent nothing is also listed, with the quantity that it should have
    sent and no readings.

    Parameters
    ----------
    store : Store
    estate : Estate
    period : Period
    devices : collection of str, optional
        Only these.

    Returns
    -------
    list of StoredSeries
        Sorted by device and quantity.

    Raises
    ------
    StoreUnavailable
    UsageError
        If a device that was asked for is neither in the estate nor in the store.
    """
    from telemetry.series.summary import summarise

    rows: list[StoredSeries] = []
    flats, stored = _flats(estate, period), set[str]()
    for quantity, names, samples in _each_quantity(store, estate, period, devices):
        stored.update(names)
        found = summarise(samples, len(names))
        rows += [
            _series(estate.building.id, device, flats, quantity, found, number)
            for number, device in enumerate(names)
            if found.readings[number]
        ]
    unknown = set(devices) - stored - flats.keys()
    if unknown:
        raise UsageError(
            f"no device {', '.join(sorted(unknown))} in {estate.building.id}, neither in "
            "devices.csv nor in the store; `fairvarme readings show` without --device lists them"
        )
    return sorted(_with_silent(rows, estate, period, devices), key=lambda row: row.device)


def _series(
    building: str,
    device: str,
    flats: Mapping[str, str | None],
    quantity: str,
    found: SeriesSummary,
    number: int,
) -> StoredSeries:
    readings = int(found.readings[number])
    return StoredSeries(
        building=building,
        device=device,
        flat=flats.get(device),
        known=device in flats,
        quantity=quantity,
        readings=readings,
        suspect=int(found.suspect[number]),
        first_ms=int(found.first_ms[number]),
        last_ms=int(found.last_ms[number]),
        last_value=float(found.last_value[number]),
        longest_gap_hours=float(found.longest_gap_ms[number]) / HOUR_MS if readings > 1 else None,
    )


def export_readings(
    store: Store,
    estate: Estate,
    period: Period,
    path: Path,
    devices: Collection[str] = (),
    *,
    with_suspect: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> int:
    """
    Write what a store has of a building as a readings file: CSV or Parquet, by its name.

    Parameters
    ----------
    store : Store
    estate : Estate
    period : Period
    path : Path
        Ends in ``.csv`` or ``.parquet``.
    devices : collection of str, optional
        Only these.
    with_suspect : bool, optional
        Include suspect values, with a column ``x_quality``: without it they would look like
        good readings to whatever reads the file.
    on_progress : callable, optional
        Called with the number of quantities read so far, and the total.

    Returns
    -------
    int
        Number of readings written.

    Raises
    ------
    UsageError
        If the name of the file ends otherwise.
    StoreUnavailable
    """
    import pandas as pd

    if path.suffix not in (".csv", ".parquet"):
        raise UsageError(f"{path} is neither .csv nor .parquet; end its name so")
    parts = []
    for quantity, names, samples in _each_quantity(store, estate, period, devices, on_progress):
        kept = samples if with_suspect else samples.good()
        parts.append(_as_rows(kept, names, quantity, with_suspect=with_suspect))
    none = pd.DataFrame(columns=COLUMNS)
    table = pd.concat(parts or [none], ignore_index=True)
    table = table.sort_values(["device", "quantity", "time"], kind="stable")
    _write_table(table, path)
    return len(table)


def _write_table(table: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.to_csv(path, index=False, date_format="%Y-%m-%dT%H:%M:%S.%fZ", lineterminator="\n")
        return
    table.to_parquet(path, index=False)


def _as_rows(
    samples: Samples, names: list[str], quantity: str, *, with_suspect: bool
) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    rows = pd.DataFrame(
        {
            "time": samples.time_ms.astype("datetime64[ms]"),
            "device": np.array(names, dtype=object)[samples.device_index],
            "quantity": quantity,
            "value": samples.value,
        }
    )
    rows["time"] = rows["time"].dt.tz_localize(UTC)
    return rows.assign(x_quality=samples.quality) if with_suspect else rows


def _each_quantity(
    store: Store,
    estate: Estate,
    period: Period,
    devices: Collection[str],
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[tuple[str, list[str], Samples]]:
    hours, building = period.hours(estate.building.zone), estate.building.id
    for number, quantity in enumerate(quantities(), start=1):
        stored = store.devices(building, quantity)
        names = [device for device in stored if not devices or device in devices]
        if names:
            found = store.samples(building, names, quantity, hours.start_ms, hours.end_ms)
            yield quantity, names, found
        on_progress(number, len(quantities()))


def _flats(estate: Estate, period: Period) -> dict[str, str | None]:
    """Return the flat of every device that the estate has in a period; the last one counts."""
    return {
        each.device: each.flat for each in estate.devices if period.overlap(each.start, each.end)
    }


def _with_silent(
    rows: list[StoredSeries], estate: Estate, period: Period, devices: Collection[str]
) -> list[StoredSeries]:
    """Add every device that sent nothing at all."""
    heard = {row.device for row in rows}
    silent = {
        each.device: each
        for each in estate.devices
        if each.kind != "unmetered"
        and each.device not in heard
        and (not devices or each.device in devices)
        and period.overlap(each.start, each.end)
    }
    building = estate.building.id
    return rows + [
        StoredSeries(
            building, name, each.flat, True, REGISTER_OF.get(each.kind, EXPECTED_OF_BOXES),
            0, 0, None, None, None, None,
        )
        for name, each in silent.items()
    ]  # fmt: skip


def days_or_last(period: str | None, estate: Estate, days: int) -> Period:
    """Return the requested period, by default the last days including today."""
    if period is not None:
        return Period.parse(period)
    tomorrow = local_date(now_ms(), estate.building.zone) + timedelta(days=1)
    return Period(tomorrow - timedelta(days=days), tomorrow)


def local_minute(time_ms: int | None, estate: Estate) -> str:
    """Return an instant in the building's local time, to the minute; a dash for none."""
    if time_ms is None:
        return "-"
    local = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(estate.building.zone)
    return local.strftime("%Y-%m-%d %H:%M")
