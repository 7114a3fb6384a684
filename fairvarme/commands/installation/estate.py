"""``fairvarme estate``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.output import echo_json


@click.group("estate")
def command() -> None:
    """Check an estate folder."""


@command.command("check", epilog="Example:  fairvarme estate check estates/solgaarden")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(directory: Path, as_json: bool) -> None:
    """
    Validate every file of the estate folder DIRECTORY.

    Prints each wrong cell with file, row, column, value and remedy, all of them at once.
    """
    from estate.errors import DataError
    from estate.files.folder import read_estate

    try:
        estate = read_estate(directory)
    except DataError as error:
        if as_json:
            echo_json({"findings": [finding.as_dict() for finding in error.findings]})
        raise
    counts = {
        "flats": len(estate.flats),
        "tenancies": len(estate.tenancies),
        "devices": len(estate.placements),
    }
    if as_json:
        echo_json({"building": estate.building.id, **counts, "findings": []})
    else:
        told = ", ".join(f"{number} {what}" for what, number in counts.items())
        click.echo(f"{estate.building.id} is in order: {told}")
