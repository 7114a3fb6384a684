"""``fairvarme bill``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import column_map_option, estate_option, json_option
from fairvarme.output import echo_json, reading_bar

if TYPE_CHECKING:
    from datetime import datetime

    from billing.bill.bill import Bill


@click.command(
    "bill",
    epilog="Examples:  fairvarme bill --estate estates/solgaarden --readings january.csv "
    "--period 2026-01-01/2026-02-01 --out january  |  fairvarme bill --estate estates/solgaarden "
    "--readings boxes/ --readings 'portal/2026-*.csv' --column-map eforsyning "
    "--period 2026-01-01/2027-01-01 --out 2026",
)
@estate_option
@click.option(
    "--readings",
    type=click.Path(path_type=Path),
    required=True,
    multiple=True,
    help="Readings file, folder of them or pattern: time,device,quantity,value as CSV or Parquet, "
    "or an export with --column-map. Repeatable; of a repeated reading the last one counts.",
)
@column_map_option
@click.option("--period", required=True, help="START/END, local days, END exclusive.")
@click.option("--scheme", help="Id of a shipped scheme, or a YAML file. [default: the building's]")
@click.option(
    "--out", "directory", type=click.Path(path_type=Path), required=True, help="Output folder."
)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="NAME",
    help="A finding that shall not stop the bill (docs/findings.md says which may be); it is "
    "printed on the bill. Repeatable.",
)
@click.option(
    "--statements",
    type=click.Choice(["pdf"]),
    help="Also write a statement for each tenancy with a resident, into OUT/statements.",
)
@click.option(
    "--issued",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which the bill is made, for its deadline. [default: today]",
)
@click.option(
    "--first-issued",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day of the statements that this bill corrects: it decides whether they came in time.",
)
@json_option
def command(
    estate_directory: Path,
    readings: tuple[Path, ...],
    column_maps: tuple[str, ...],
    period: str,
    scheme: str | None,
    directory: Path,
    allowed: tuple[str, ...],
    statements: str | None,
    issued: datetime | None,
    first_issued: datetime | None,
    as_json: bool,
) -> None:
    """
    Split a building's heat bill: files in, files out, no service needed.

    Writes bill.csv, statements.json, findings.json and run.json into the output folder. Where the
    data does not allow a bill, findings.json says why, and the exit code is 1.
    """
    from billing.bill.files import write_findings
    from estate.errors import DataError
    from operations.bill_files import bill_files

    try:
        with reading_bar(hidden=as_json) as on_progress:
            bill = bill_files(
                estate_directory,
                readings,
                period,
                scheme,
                directory,
                allowed,
                column_maps=column_maps,
                with_statements=statements is not None,
                issued=issued.date() if issued else None,
                first_issued=first_issued.date() if first_issued else None,
                on_progress=on_progress,
            )
    except DataError as error:
        write_findings(directory, error.findings)
        if as_json:
            echo_json({"findings": [finding.as_dict() for finding in error.findings]})
        raise
    _show(bill, directory, as_json)


def _show(bill: Bill, directory: Path, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "building": bill.building,
                "period": str(bill.period),
                "scheme": bill.scheme,
                "total_ore": bill.total_ore,
                "statements": len(bill.statements),
                "allowed": list(bill.allowed),
                "findings": [finding.as_dict() for finding in bill.findings],
            }
        )
        return
    for finding in bill.findings:
        click.echo(f"{'Allowed: ' if finding.allowed else ''}{finding.message}", err=True)
    click.echo(
        f"{bill.building} {bill.period}: {bill.total_ore / 100:.2f} split by {bill.scheme} "
        f"over {len(bill.statements)} statements; see {directory / 'bill.csv'}"
    )
