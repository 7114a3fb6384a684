"""``fairvarme export``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import FOLDER, config_option, examples, json_option
from fairvarme.output import echo_json

_path = click.Path(path_type=Path)


@click.command(
    "export",
    epilog=examples(
        "fairvarme export 2026 --format xlsx --out heat-2026.xlsx",
        "fairvarme export 3 --format arge-d --set customer=4711 --set property=123 --set "
        "currency=DKK --out out/",
    ),
)
@click.argument("bill", metavar="RUN|DIR")
@click.option(
    "--format",
    "profile",
    required=True,
    metavar="csv|xlsx|PROFILE",
    help="A shipped profile (fairvarme exchange profiles lists them), or a YAML file of your own "
    "(docs/exchange.md).",
)
@click.option(
    "--out",
    type=_path,
    help="File, or folder in which the file has the profile's name. [default: the bill's folder]",
)
@click.option(
    "--set",
    "told",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the profile asks of you, such as the client's number. Repeatable.",
)
@click.option(
    "--estate",
    "estate_directory",
    type=FOLDER,
    help="Estate folder, for a profile that tells who lives where.",
)
@config_option
@json_option
def command(
    bill: str,
    profile: str,
    out: Path | None,
    told: tuple[str, ...],
    estate_directory: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Write the amounts of a bill for the administration system or a spreadsheet.

    RUN is the number of a run in the ledger, DIR the folder that `fairvarme bill` wrote. No amount
    is typed again: what does not fit the other system's file is said, and no file is written.
    """
    from operations.exchange.export_account import StoredRun, export_account
    from operations.settings import read_settings

    is_run = bill.isdecimal() and not Path(bill).is_dir()
    source = StoredRun(int(bill), read_settings(config)) if is_run else Path(bill)
    exported = export_account(
        source, profile, out, parameters=_parameters(told), estate_directory=estate_directory
    )
    if as_json:
        echo_json(
            {
                "file": str(exported.path),
                "profile": exported.profile,
                "records": exported.records,
                "findings": [each.as_dict() for each in exported.findings],
            }
        )
        return
    for finding in exported.findings:
        click.echo(finding.message, err=True)
    click.echo(f"{exported.path}: {exported.records} records by {exported.profile}")


def _parameters(told: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in told]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise click.BadParameter("write it as NAME=VALUE", param_hint="--set")
    return {name: value for name, _, value in pairs}
