"""``fairvarme detect``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fairvarme.options import FOLDER, examples, json_option


@click.command(
    "detect", epilog=examples("fairvarme detect readings.csv --outdoor outdoor.csv --json")
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--outdoor",
    type=click.Path(path_type=Path),
    help="Outdoor temperature, by which heat is judged: time,temperature_c or a readings file.",
)
@click.option(
    "--timezone", default="Europe/Copenhagen", show_default=True, help="Whose days the days are."
)
@click.option(
    "--estate",
    type=FOLDER,
    help="Estate folder that says which meters are of one home.",
)
@json_option
def command(
    file: Path, outdoor: Path | None, timezone: str, estate: Path | None, as_json: bool
) -> None:
    """
    Find leaks, bursts, spikes and meters that stop in FILE, a readings file of registers.

    Each meter is judged by its own past, hot and cold water of a home by each other too, and heat
    by the weather and by the other heat meters of the file. Which meters are of one home is told
    by --estate; without it those of one device are. Nothing that was raised changes when the file
    grows: `raised` is the last reading that an alert needed.
    """
    from operations.readings.detect_file import detect_in_file

    found, findings = detect_in_file(file, timezone, outdoor, estate)
    for finding in findings:
        click.echo(finding.message, err=True)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, allow_nan=False))
        return
    for each in found:
        evidence = ", ".join(f"{name} {value}" for name, value in each["evidence"].items())
        click.echo(
            f"{each['device']} {each['kind']} from {each['from']} to {each['to']}, "
            f"raised {each['raised']}: {evidence}"
        )
    if not found:
        click.echo("no alerts")
