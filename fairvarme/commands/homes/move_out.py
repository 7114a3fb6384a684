"""``fairvarme move-out``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json

if TYPE_CHECKING:
    from datetime import datetime

_path = click.Path(path_type=Path)


@click.command(
    "move-out",
    epilog=examples(
        "fairvarme move-out 0111-1 --building solgaarden --at 2026-01-15T10:30 --reading "
        "64000111=12345.6 --photo 64000111=meter.jpg --by NAME --out move-out",
    ),
)
@click.argument("tenancy")
@click.option("--building", required=True, metavar="ID", help="Building of the tenancy.")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M"]),
    metavar="YYYY-MM-DDTHH:MM",
    required=True,
    help="Local time of the inspection.",
)
@click.option(
    "--reading",
    "readings",
    multiple=True,
    metavar="METER=VALUE",
    help="Read by hand, with a decimal point. Repeatable; other meters tell it themselves.",
)
@click.option(
    "--photo", "photos", multiple=True, metavar="METER=FILE", help="Photo of a meter. Repeatable."
)
@click.option("--by", required=True, metavar="NAME", help="Who read.")
@click.option(
    "--profile",
    default="utility-csv",
    show_default=True,
    help="How the utility wants its file: a profile of the table readings (docs/exchange.md).",
)
@click.option("--out", "directory", type=_path, required=True, help="Folder of the files.")
@config_option
@json_option
def command(
    tenancy: str,
    building: str,
    at: datetime,
    readings: tuple[str, ...],
    photos: tuple[str, ...],
    by: str,
    profile: str,
    directory: Path,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Read the meters of a home once, when its residents leave.

    The registers go into the store, for the bill; into a file, for the utility; and onto a receipt,
    for the resident. Unless every meter has a reading, nothing is written.
    """
    from operations.exchange.move_out import Inspection, move_out
    from operations.settings import read_settings

    registers = {name: _number(value) for name, value in _pairs(readings, "--reading").items()}
    files = {name: Path(file) for name, file in _pairs(photos, "--photo").items()}
    inspection = Inspection(building, tenancy, at, by, registers, files)
    moved = move_out(read_settings(config), inspection, directory, profile)
    if as_json:
        echo_json(
            {
                "utility": str(moved.utility),
                "receipt": str(moved.receipt),
                "readings": [
                    {
                        "device": each.meter.device,
                        "quantity": each.quantity,
                        "value": each.value,
                        "by_hand": each.by_hand,
                    }
                    for each in moved.registers
                ],
            }
        )
        return
    for each in moved.registers:
        how = "by hand" if each.by_hand else f"by the meter at {each.at:%Y-%m-%d %H:%M}"
        click.echo(f"{each.meter.device} {each.quantity} {each.value:g}, {how}")
    click.echo(f"for the utility: {moved.utility}\nfor the resident: {moved.receipt}")


def _pairs(told: tuple[str, ...], option: str) -> dict[str, str]:
    pairs = [each.partition("=") for each in told]
    if not all(name and value for name, _, value in pairs):
        raise click.BadParameter("write it as METER=...", param_hint=option)
    return {name: value for name, _, value in pairs}


def _number(text: str) -> float:
    if not text.replace(".", "", 1).isdecimal() or not text.isascii():
        problem = f"'{text}' is no register; write it as 12345.6"
        raise click.BadParameter(problem, param_hint="--reading")
    return float(text)
