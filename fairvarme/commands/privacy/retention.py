"""``fairvarme retention``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json


@click.command("retention", epilog=examples("fairvarme retention"))
@config_option
@json_option
def command(config: Path | None, as_json: bool) -> None:
    """
    Remove everything whose day is over: readings, messages, alerts, persons, letters, backups.

    How long each is kept stands in docs/privacy.md. `fairvarme run` does it every night; run again
    it removes nothing more. A building whose estate is not in order is left out, and the exit code
    is 1.
    """
    from operations.privacy.retention import run_retention
    from operations.settings import read_settings

    removed = [each for each in run_retention(read_settings(config)) if each.number]
    if as_json:
        echo_json({"removed": {each.what: each.number for each in removed}})
        return
    for each in removed:
        click.echo(f"{each.what}: {each.number} removed")
    if not removed:
        click.echo("nothing is over its day")
