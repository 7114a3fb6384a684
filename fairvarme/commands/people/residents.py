"""``fairvarme residents``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json


@click.group("residents")
def command() -> None:
    """Help residents to their first log-in, and choose how their PDFs come."""


@command.command(
    "code",
    epilog=examples(
        "fairvarme residents code solgaarden 0101-1",
        "fairvarme residents code solgaarden 0101-1 --person 0101-1a --json",
    ),
)
@click.argument("building")
@click.argument("tenancy")
@click.option("--person", help="Id of persons.csv, where several live there.")
@config_option
@json_option
def code(
    building: str, tenancy: str, person: str | None, config: Path | None, as_json: bool
) -> None:
    """
    Make a code for the resident of TENANCY who stands at the desk, and show it once.

    It logs in as the code of a letter does: once, and to this person's own home. Look first whether
    it is them. That it was made is recorded, and the resident can read it in the portal.
    """
    from operations.log_in.desk_codes import make_desk_code
    from operations.settings import read_settings

    made = make_desk_code(read_settings(config), building, tenancy, person)
    if as_json:
        echo_json(made._asdict())
        return
    until = datetime.fromtimestamp(made.ends_ms / 1000, UTC).astimezone()
    where = f"at {made.page}" if made.page else "in the portal, once the settings have one"
    click.echo(f"{made.code}: for {made.person}, {where}, until {until:%Y-%m-%d}")


@command.command(
    "pdf",
    epilog=examples("fairvarme residents pdf solgaarden 0201-1 0201-1a --as link"),
)
@click.argument("building")
@click.argument("tenancy")
@click.argument("person")
@click.option(
    "--as",
    "way",
    type=click.Choice(("attachment", "link")),
    required=True,
    help="How mails bring it.",
)
@config_option
def pdf(building: str, tenancy: str, person: str, way: str, config: Path | None) -> None:
    """Let the mails to a person have a link to the PDF, or the PDF itself."""
    from operations.residents.by_staff import choose_pdf
    from operations.settings import read_settings

    choose_pdf(read_settings(config), (building, tenancy, person), by_link=way == "link")
    click.echo(f"{person} of {tenancy} gets PDFs as {way}")
