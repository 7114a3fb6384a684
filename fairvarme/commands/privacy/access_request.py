"""``fairvarme access-request``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json


@click.command(
    "access-request",
    epilog=examples("fairvarme access-request solgaarden/0101-1/0101-1a --out request"),
)
@click.argument("person")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder for page and JSON."
)
@config_option
@json_option
def command(person: str, out: Path, config: Path | None, as_json: bool) -> None:
    """
    Write all that is held about PERSON: a page to read, and JSON with each reading.

    PERSON is BUILDING/TENANCY/PERSON as persons.csv has them, a mail address or a telephone number.
    Messages to others of the home are left out.
    """
    from operations.privacy.access_request import answer_access_request
    from operations.settings import read_settings

    counts = answer_access_request(read_settings(config), person, out)
    if as_json:
        echo_json({"held": counts})
        return
    for name, number in counts.items():
        click.echo(f"{name}: {number}")
    click.echo(f"see {out}")
