"""``fairvarme load``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, json_option
from fairvarme.output import echo_json, progress_bars


@click.command("load", epilog="Example:  fairvarme load january.csv --building solgaarden")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--building", required=True, help="Whose readings they are.")
@config_option
@json_option
def command(file: Path, building: str, config: Path | None, as_json: bool) -> None:
    """
    Put the readings of FILE into the store of the settings.

    The rules for readings over MQTT apply: what they refuse is named and left out, and costs no
    other reading its place. Loading again changes nothing.
    """
    from fairvarme.file_readings import load_file
    from fairvarme.settings import read_settings
    from fairvarme.wiring import choose_estates, opened_store

    settings = read_settings(config)
    (estate,) = choose_estates(settings, (building,))
    with opened_store(settings) as store, progress_bars(hidden=as_json) as bars:
        task = bars.add_task("readings", total=None)
        loaded = load_file(
            file, estate, store, lambda done, total: bars.update(task, completed=done, total=total)
        )
    if as_json:
        echo_json(
            {
                "stored": loaded.stored,
                "findings": [finding.as_dict() for finding in loaded.findings],
            }
        )
        return
    for finding in loaded.findings:
        click.echo(finding.message, err=True)
    click.echo(f"{loaded.stored} readings stored")
