"""``fairvarme readings``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.commands.intake import sealed
from fairvarme.options import config_option, examples, json_option, period_option
from fairvarme.output import echo_json, progress_bars, progress_on

if TYPE_CHECKING:
    from estate.model import Estate
    from operations.readings.stored_readings import StoredSeries

DAYS_SHOWN = 7
HEADER = ("device", "flat", "quantity", "readings", "suspect", "first", "last", "value", "gap h")
LEFT = 3
"""Columns of words, at the left of their column; numbers and times are at the right."""

_period_option = period_option(f"the last {DAYS_SHOWN} days")
_device_option = click.option(
    "--device", "devices", multiple=True, metavar="DEVICE", help="Only this one. Repeatable."
)


@click.group("readings")
def command() -> None:
    """Show what arrived, write it to a file, and seal months that are closed."""


command.add_command(sealed.seal)
command.add_command(sealed.check)


@command.command(
    "show",
    epilog=examples(
        "fairvarme readings show solgaarden",
        "fairvarme readings show solgaarden --device box-0101 --period 2026-01-01/2026-02-01",
    ),
)
@click.argument("buildings", nargs=-1)
@_period_option
@_device_option
@config_option
@json_option
def show(
    buildings: tuple[str, ...],
    period: str | None,
    devices: tuple[str, ...],
    config: Path | None,
    as_json: bool,
) -> None:
    """
    List the stored series of BUILDINGS (all where none is named), in local time.

    A device that sent nothing is listed with 0 readings. A suspect reading is stored, and counts
    as missing.
    """
    from operations.readings.stored_readings import days_or_last, stored_series
    from operations.settings import read_settings
    from operations.wiring import choose_estates, opened_store

    settings = read_settings(config)
    estates = choose_estates(settings, buildings)
    with opened_store(settings, create=False) as store:
        found = [
            (each, stored_series(store, each, days_or_last(period, each, DAYS_SHOWN), devices))
            for each in estates
        ]
    if as_json:
        echo_json({"series": [asdict(row) for _, rows in found for row in rows]})
        return
    for estate, rows in found:
        click.echo(f"{estate.building.id}, {estate.building.timezone}")
        _echo_table([HEADER, *(_cells(row, estate) for row in rows)])


def _cells(row: StoredSeries, estate: Estate) -> tuple[str, ...]:
    from estate.quantities import quantities
    from operations.readings.stored_readings import local_minute

    unit = quantities()[row.quantity].unit
    return (
        row.device,
        (row.flat or "common") if row.known else "not in devices.csv",
        row.quantity,
        f"{row.readings}",
        f"{row.suspect}",
        local_minute(row.first_ms, estate),
        local_minute(row.last_ms, estate),
        "-" if row.last_value is None else f"{row.last_value:g} {unit}",
        "-" if row.longest_gap_hours is None else f"{row.longest_gap_hours:.1f}",
    )


def _echo_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if number < LEFT else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())


@command.command(
    "export",
    epilog=examples(
        "fairvarme readings export solgaarden --period 2026-01-01/2026-02-01 --out january.csv",
        "fairvarme readings export solgaarden --out last-week.parquet",
    ),
)
@click.argument("building")
@_period_option
@_device_option
@click.option(
    "--out",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write, .csv or .parquet.",
)
@click.option(
    "--suspect",
    "with_suspect",
    is_flag=True,
    help="Write suspect readings too, with a column x_quality.",
)
@config_option
@json_option
def export(
    building: str,
    period: str | None,
    devices: tuple[str, ...],
    path: Path,
    with_suspect: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Write the stored readings of BUILDING as a readings file, which `bill` and `load` take.

    Temperature, humidity and CO2 of a home show when somebody was in: the file is readable by you
    alone, and is to be kept like a diary.
    """
    from operations.readings.stored_readings import days_or_last, export_readings
    from operations.settings import read_settings
    from operations.wiring import choose_estates, opened_store

    settings = read_settings(config)
    (estate,) = choose_estates(settings, (building,))
    days = days_or_last(period, estate, DAYS_SHOWN)
    with (
        opened_store(settings, create=False) as store,
        progress_bars(hidden=as_json) as bars,
    ):
        written = export_readings(
            store, estate, days, path, devices, with_suspect=with_suspect,
            on_progress=progress_on(bars, "quantities read"),
        )  # fmt: skip
    if as_json:
        echo_json({"readings": written, "file": str(path), "period": str(days)})
        return
    click.echo(f"{written} readings of {days} in {path}")
