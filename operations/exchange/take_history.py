"""
Imports last year's use from another meter company: history.csv becomes earlier meters.

Another company's meter is treated as one that was in the home and has been removed. With a row
in devices.csv, and registers at the edges of its periods, everything that looks back a year finds
it, under the same rules as our own meters.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from estate.devices import PAST, REGISTER_OF
from estate.errors import DataError, UsageError
from estate.files.folder import read_estate
from estate.files.rows import cell_finding, parse_rows
from estate.files.tables import TableUnreadable, read_table
from estate.files.writer import write_folder
from estate.findings import Finding, disqualifications
from estate.model import Device, DeviceKind, Id
from estate.periods import day_start_ms
from estate.record import NotNegative, Record, Text
from telemetry.readings_file.file import write_readings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from estate.model import Estate
    from telemetry.readings_file.file import Row

ESTATE, READINGS = "estate", "readings.csv"
KINDS: dict[str, DeviceKind] = {
    quantity: kind for kind, quantity in REGISTER_OF.items() if kind != "main_heat"
}
"""The kind of a home's meter, by what it counts."""
LONGEST_ID = 64


class PastUse(Record):
    """
    A row of history.csv: what a home used, as another company billed it.

    Attributes
    ----------
    origin : str
        The company, which stands as the meter's serial number in devices.csv.
    """

    flat: Id
    quantity: Literal[
        "heat_kwh", "allocator_units", "hot_water_m3", "cold_water_m3", "cooling_kwh",
        "electricity_kwh",
    ]  # fmt: skip
    period_start: date
    period_end: date
    use: NotNegative
    origin: Text


@dataclass(frozen=True)
class HistoryTaken:
    """What was written: an estate folder with the meters that were there, and their registers."""

    meters: tuple[Device, ...]
    readings: int
    estate: Path
    readings_file: Path


def take_history(path: Path, estate_directory: Path, out: Path) -> HistoryTaken:
    """
    Write an estate with the meters of history.csv, and a readings file with their registers.

    Parameters
    ----------
    path : Path
        CSV with the columns of `PastUse`, with commas or with semicolons.
    estate_directory : Path
        It stays as it is.
    out : Path
        A new folder.

    Raises
    ------
    DataError
        With everything that is wrong, by row and column.
    UsageError
        If there is no such file, or the folder is there already.
    """
    estate = read_estate(estate_directory)
    rows = _read(path, estate)
    runs = _runs(rows)
    meters = tuple(_meter(run, number) for number, run in runs)
    clashes = [fault for meter in meters for fault in _clashes(meter, estate)]
    if clashes:
        raise DataError(clashes)
    registers = [
        row
        for (_, run), meter in zip(runs, meters, strict=True)
        for row in _registers(run, meter, estate)
    ]
    devices = tuple(sorted((*estate.devices, *meters), key=lambda each: (each.device, each.start)))
    write_folder(out / ESTATE, replace(estate, devices=devices))
    write_readings(out / READINGS, registers)
    return HistoryTaken(meters, len(registers), out / ESTATE, out / READINGS)


def _read(path: Path, estate: Estate) -> list[PastUse]:
    try:
        table = read_table(path)
    except TableUnreadable as error:
        raise DataError([error.finding]) from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from error
    findings: list[Finding] = []
    records = parse_rows(table, PastUse, findings, frozenset())
    for row, each in records:
        if each.flat not in estate.flat_index:
            problem = "flats.csv has no such flat; correct it"
            findings.append(cell_finding(path.name, row, "flat", each.flat, problem))
        if each.period_end <= each.period_start:
            problem = "write a day after period_start"
            findings.append(
                cell_finding(path.name, row, "period_end", str(each.period_end), problem)
            )
    findings += _overlaps(path.name, records)
    if not records and not findings:
        findings.append(_fault(f"{path.name} has no row; write one for each home and quantity"))
    if disqualifications(findings):
        raise DataError(findings)
    return [record for _, record in records]


def _overlaps(file: str, records: Sequence[tuple[int, PastUse]]) -> Iterator[Finding]:
    ends: dict[tuple[str, str], date] = {}
    for row, each in sorted(records, key=lambda pair: pair[1].period_start):
        key = each.flat, each.quantity
        if key in ends and each.period_start < ends[key]:
            problem = f"the days up to {ends[key]} are in another row; let them not overlap"
            yield cell_finding(file, row, "period_start", str(each.period_start), problem)
        ends[key] = max(each.period_end, ends.get(key, each.period_end))


def _runs(rows: Sequence[PastUse]) -> list[tuple[int, list[PastUse]]]:
    """Return rows of one home, quantity and origin that follow each other without a gap."""
    runs: dict[tuple[str, str], list[list[PastUse]]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: (each.flat, each.quantity, each.period_start)):
        of_home = runs[row.flat, row.quantity]
        last = of_home[-1][-1] if of_home else None
        if last and last.period_end == row.period_start and last.origin == row.origin:
            of_home[-1].append(row)
        else:
            of_home.append([row])
    return [(number, run) for of_home in runs.values() for number, run in enumerate(of_home, 1)]


def _meter(run: Sequence[PastUse], number: int) -> Device:
    first, last = run[0], run[-1]
    name = f"{PAST}{first.flat}-{first.quantity}" + (f"-{number}" if number > 1 else "")
    if len(name) > LONGEST_ID:
        raise UsageError(f"{name} is longer than {LONGEST_ID} characters; shorten the flat's id")
    return Device(
        device=name,
        kind=KINDS[first.quantity],
        flat=first.flat,
        start=first.period_start,
        end=last.period_end,
        serial=first.origin,
    )


def _clashes(meter: Device, estate: Estate) -> Iterator[Finding]:
    """Report where one of our own meters counted the same days, which would count twice."""
    for each in estate.devices_of_kind(meter.kind):
        days_shared = meter.end is None or each.start < meter.end
        if each.flat == meter.flat and days_shared and (each.end is None or meter.start < each.end):
            yield _fault(
                f"{meter.device} and {each.device} of devices.csv count the same days from "
                f"{max(meter.start, each.start)} on; end the history there, or let the meter begin "
                "where the history ends"
            )


def _registers(run: Sequence[PastUse], meter: Device, estate: Estate) -> Iterator[Row]:
    """Yield the registers that a meter would have shown at its periods' edges, starting at 0."""
    shown, zone = 0.0, estate.building.zone
    quantity = run[0].quantity
    yield day_start_ms(run[0].period_start, zone), meter.device, quantity, shown
    for row in run:
        shown += row.use
        yield day_start_ms(row.period_end, zone), meter.device, quantity, shown


def _fault(message: str) -> Finding:
    return Finding("exchange.history.invalid", message, {})
