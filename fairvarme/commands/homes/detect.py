"""``fairvarme detect``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from fairvarme.options import examples, json_option


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
@json_option
def command(file: Path, outdoor: Path | None, timezone: str, as_json: bool) -> None:
    """
    Find leaks, bursts, spikes and meters that stop in FILE, a readings file of registers.

    Each meter is judged by its own past, and heat by the weather and by the other heat meters of
    the file. Nothing that was raised changes when the file grows: `raised` is the last reading that
    an alert needed.
    """
    from operations.readings.detect_file import detect_in_file

    found = detect_in_file(file, timezone, outdoor)
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
