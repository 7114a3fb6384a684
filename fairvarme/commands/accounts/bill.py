"""``fairvarme bill``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import column_map_option, config_option, estate_option, json_option
from fairvarme.output import echo_json, reading_bar

if TYPE_CHECKING:
    from datetime import datetime

    from billing.bill.bill import Bill
    from fairvarme.commands.ledger.keeping import Keeping


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
    help="Readings file, folder or pattern: time,device,quantity,value as CSV or Parquet, "
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
    help="A finding that should not stop the bill (docs/findings.md lists them); it is "
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
    help="Day of the statements that this bill corrects; it decides whether they were in time.",
)
@click.option("--draft", is_flag=True, help="Keep it in the ledger until `runs approve`.")
@click.option("--approve", is_flag=True, help="Keep it in the ledger for good; needs --by.")
@click.option("--by", metavar="NAME", help="Who keeps or approves it; it stands in the ledger.")
@click.option("--corrects", type=click.IntRange(min=1), help="Run in whose place it stands.")
@click.option("--reason", metavar="CODE", help="Why that is corrected (docs/ledger.md).")
@config_option
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
    draft: bool,
    approve: bool,
    by: str | None,
    corrects: int | None,
    reason: str | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Split a building's heat bill: files in, files out, no service needed.

    Writes bill.csv, statements.json, findings.json and run.json into the output folder. If the
    data does not allow a bill, findings.json explains why, and the exit code is 1. The ledger,
    where approved bills are kept, is that of the installation (--config).
    """
    from billing.bill.files import write_findings
    from estate.errors import DataError
    from fairvarme.commands.ledger.keeping import keeping
    from operations.bill_files import bill_files

    kept = keeping(config, by, corrects, reason, draft=draft, approve=approve, allowed=allowed)
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
                first_issued=kept.first_issued or (first_issued.date() if first_issued else None),
                first_deadline=kept.first_deadline,
                on_bill=kept.take,
                on_progress=on_progress,
            )
    except DataError as error:
        write_findings(directory, error.findings)
        if as_json:
            echo_json({"findings": [finding.as_dict() for finding in error.findings]})
        raise
    kept.keep(directory)
    _show(bill, directory, kept, as_json)


def _show(bill: Bill, directory: Path, kept: Keeping, as_json: bool) -> None:
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
                **kept.told(),
            }
        )
        return
    for finding in bill.findings:
        click.echo(f"{'Allowed: ' if finding.allowed else ''}{finding.message}", err=True)
    # Printed for people alone: a program reads --json, and does not wait for Babel.
    from correspondence.catalogue import catalogue

    total = catalogue("en").number(bill.total_ore / 100, 2)
    click.echo(
        f"{bill.building} {bill.period}: {total} split by {bill.scheme} "
        f"over {len(bill.statements)} statements; see {directory / 'bill.csv'}"
    )
    kept.show()
