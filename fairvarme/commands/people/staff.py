"""``fairvarme staff``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json

ROLES = ("accountant", "administrator", "board", "operator")


@click.group("staff")
def command() -> None:
    """Make, list and close the log-ins of staff."""


@command.command(
    "add",
    epilog=examples("fairvarme staff add anna --mail anna@house.example --role accountant"),
)
@click.argument("name")
@click.option("--mail", required=True, help="Where log-in links are sent.")
@click.option(
    "--role", "roles", type=click.Choice(ROLES), multiple=True, required=True, help="Repeatable."
)
@click.option(
    "--building",
    "buildings",
    multiple=True,
    metavar="ID",
    help="Repeatable. [default: every building]",
)
@config_option
def add(
    name: str, mail: str, roles: tuple[str, ...], buildings: tuple[str, ...], config: Path | None
) -> None:
    """
    Make a log-in, and show the secret of its second factor, once.

    The address that is printed goes into an app for codes, as a QR code or typed. Staff logs in by
    a link in a mail and the app's code. A closed log-in of the same name and mail opens again.
    """
    from operations.log_in.accounts import make_account
    from operations.settings import read_settings

    click.echo(make_account(read_settings(config), name, mail, roles, buildings or None))


@command.command("invite", epilog=examples("fairvarme staff invite anna --with work"))
@click.argument("name")
@click.option(
    "--with", "service", required=True, help="A log-in service of portal.oidc in the settings."
)
@config_option
def invite(name: str, service: str, config: Path | None) -> None:
    """
    Make a link by which somebody comes to log in with a log-in service.

    Give it to that person alone: whoever opens it and logs in at the service is known by the
    account from then on. It works once.
    """
    from operations.log_in.accounts import invite_account
    from operations.settings import read_settings

    click.echo(invite_account(read_settings(config), name, service))


@command.command("list", epilog=examples("fairvarme staff list"))
@config_option
@json_option
def list_accounts(config: Path | None, as_json: bool) -> None:
    """List the log-ins of staff."""
    from operations.log_in.accounts import accounts
    from operations.settings import read_settings

    rows = accounts(read_settings(config))
    if as_json:
        echo_json({"staff": [each._asdict() for each in rows]})
        return
    for each in rows:
        where = "every building" if each.buildings is None else ", ".join(each.buildings)
        closed = "" if each.active else "  closed"
        click.echo(f"{each.name:<16}{each.mail:<32}{', '.join(each.roles)}  {where}{closed}")
    if not rows:
        click.echo("no log-ins of staff yet; `fairvarme staff add` makes one")


@command.command("close", epilog=examples("fairvarme staff close anna"))
@click.argument("name")
@config_option
def close(name: str, config: Path | None) -> None:
    """Close a log-in; who is logged in with it is logged out."""
    from operations.log_in.accounts import close_account
    from operations.settings import read_settings

    close_account(read_settings(config), name)
    click.echo(f"{name} is closed")
