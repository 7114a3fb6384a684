"""``fairvarme token``."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

import click

from fairvarme.options import Day, config_option, examples, json_option
from fairvarme.output import as_local, as_utc, echo_json
from operations.tokens.scopes import Scope

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from operations.tokens.store import Token

SCOPES = click.Choice([str(each) for each in Scope])


@click.group("token")
def command() -> None:
    """Manage the tokens by which programs use the API."""


@command.command(
    "add",
    epilog=examples(
        "fairvarme token add administration --scope estate:write --scope bills:read",
        "fairvarme token add portal-of-a-resident --scope readings:read --building solgaarden "
        "--tenancy 0101-1 --until 2027-01-01",
    ),
)
@click.argument("name")
@click.option("--scope", "scopes", type=SCOPES, multiple=True, required=True, help="Repeatable.")
@click.option(
    "--building", "buildings", multiple=True, metavar="ID", help="Repeatable. [default: all]"
)
@click.option("--tenancy", default="", metavar="ID", help="Whose readings it reads.")
@click.option("--until", type=Day(), help="Day on which it ends. [default: when it is revoked]")
@config_option
@json_option
def add(
    name: str,
    scopes: tuple[str, ...],
    buildings: tuple[str, ...],
    tenancy: str,
    until: datetime | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Make a token, and print it this once.

    The database keeps its hash alone: who loses it gets a new one.
    """
    from operations.settings import read_settings
    from operations.tokens.manage import add_token

    made = add_token(
        read_settings(config),
        name,
        [Scope(each) for each in scopes],
        getpass.getuser(),
        buildings=buildings,
        tenancy=tenancy,
        ends_ms=round(until.timestamp() * 1000) if until else None,
    )
    if as_json:
        echo_json({**_told(made.token), "token": made.secret})
        return
    click.echo(made.secret)
    click.echo(f"{made.token.id} {name}: keep it now, it is not shown again", err=True)


@command.command("list", epilog=examples("fairvarme token list"))
@config_option
@json_option
def list_(config: Path | None, as_json: bool) -> None:
    """List tokens: what each may do, until when, and when it was last used."""
    from operations.settings import read_settings
    from operations.tokens.manage import list_tokens

    settings = read_settings(config)
    found = list_tokens(settings)
    if as_json:
        echo_json({"tokens": [_told(each) for each in found]})
        return
    for each in found:
        told = _told(each)
        whose = f" of {each.tenancy}" if each.tenancy else ""
        used = as_local(each.used_ms, settings.service.timezone) if each.used_ms else "never"
        click.echo(
            f"{each.id}  {told['state']:<8}  {each.name}{whose}: {' '.join(told['scopes'])}; "
            f"{' '.join(told['buildings']) or 'all buildings'}; last used {used}"
        )
    if not found:
        click.echo("no tokens yet; `fairvarme token add` makes one")


@command.command("revoke", epilog=examples("fairvarme token revoke administration"))
@click.argument("name_or_id")
@config_option
@json_option
def revoke(name_or_id: str, config: Path | None, as_json: bool) -> None:
    """End a token at once: the one of an id, or all of a name."""
    from operations.settings import read_settings
    from operations.tokens.manage import revoke_token

    ended = revoke_token(read_settings(config), name_or_id)
    if as_json:
        echo_json({"tokens": [_told(each) for each in ended]})
        return
    for each in ended:
        click.echo(f"{each.id} {each.name} is revoked")


def _told(token: Token) -> dict[str, Any]:
    from operations.clock import now_ms

    state = "valid" if token.valid(now_ms()) else "revoked" if token.revoked_ms else "over"
    return {
        "id": token.id,
        "name": token.name,
        "state": state,
        "scopes": sorted(token.scopes),
        "buildings": sorted(token.buildings),
        "tenancy": token.tenancy,
        "made": as_utc(token.made_ms),
        "made_by": token.made_by,
        "until": None if token.ends_ms is None else as_utc(token.ends_ms),
        "used": None if token.used_ms is None else as_utc(token.used_ms),
    }
