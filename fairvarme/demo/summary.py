"""
Checks of a demo run: nothing is missing, the bill adds up, and the alerts are the true ones.

The keys published come from the simulator's own ledger of acknowledged messages; the keys that
arrived are queried from the store and the quarantine.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from telemetry.stores.store import SampleSource

    Row = tuple[int, str, str, float]

ReadingKey = tuple[str, str, int]
"""Device, quantity, device time [ms since 1970, UTC]."""


@dataclass(frozen=True)
class Summary:
    """The fields of ``summary.json``; amounts in øre, hundredths of the currency."""

    published: int
    stored: int
    quarantined: int
    missing: int
    bill_total: int
    bill_sum: int
    currency: str
    alerts: list[dict[str, str]]
    reports: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as JSON-able data."""
        return asdict(self)


def read_ledger(path: Path) -> set[ReadingKey]:
    """Read the keys of every reading whose message the broker has acknowledged."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["device"], row["quantity"], int(row["time_ms"])) for row in csv.DictReader(file)
        }


def write_ledger(path: Path, keys: Iterable[ReadingKey]) -> None:
    """Write keys in the simulator's format."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("device", "quantity", "time_ms"))
        rows.writerows(sorted(keys))


def stored_rows(source: SampleSource, building: str, keys: Iterable[ReadingKey]) -> Iterator[Row]:
    """Query the stored readings of the keys: time, names, value."""
    times: dict[tuple[str, str], set[int]] = defaultdict(set)
    for device, quantity, time_ms in keys:
        times[device, quantity].add(time_ms)
    for (device, quantity), wanted in sorted(times.items()):
        samples = source.samples(building, [device], quantity, min(wanted), max(wanted) + 1)
        held = zip(samples.time_ms.tolist(), samples.value.tolist(), strict=True)
        yield from (
            (time_ms, device, quantity, value) for time_ms, value in held if time_ms in wanted
        )


def stored_keys(source: SampleSource, building: str, keys: Iterable[ReadingKey]) -> set[ReadingKey]:
    """Query which of the keys are stored."""
    rows = stored_rows(source, building, keys)
    return {(device, quantity, time_ms) for time_ms, device, quantity, _ in rows}


def bill_sum_ore(bill_csv: Path) -> int:
    """Add up the amounts of ``bill.csv``. [øre]"""
    with bill_csv.open(encoding="utf-8", newline="") as file:
        return sum(int(Decimal(row["amount"]) * 100) for row in csv.DictReader(file))


def alert_names(alerts: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return each flat and kind once, in order."""
    return [{"flat": flat, "kind": kind} for flat, kind in sorted(set(alerts))]
