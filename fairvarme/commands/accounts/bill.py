"""``fairvarme bill``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from estate.errors import UsageError
from fairvarme.options import (
    FOLDER,
    Day,
    column_map_option,
    config_option,
    examples,
    json_option,
    period_option,
)
from fairvarme.output import echo_json, money, reading_bar

if TYPE_CHECKING:
    from datetime import datetime

    from billing.bill.bill import Bill
    from fairvarme.commands.ledger.keeping import Keeping


@click.command(
    "bill",
    epilog=examples(
        "fairvarme bill --estate estates/solgaarden --readings january.csv --period "
        "2026-01-01/2026-02-01 --out january",
        "fairvarme bill --estate estates/solgaarden --readings boxes/ --readings "
        "'portal/2026-*.csv' --column-map eforsyning --period 2026-01-01/2027-01-01 --out "
        "2026",
        "fairvarme bill solgaarden --period 2026-01-01/2027-01-01 --dry-run",
        "fairvarme bill --period 2026-01-01/2027-01-01 --out 2026 --jobs 8 --resume",
    ),
)
@click.argument("buildings", nargs=-1)
@click.option(
    "--estate",
    "estate_directory",
    type=FOLDER,
    help="Estate folder, with --readings. [default: the estates and the store of the settings]",
)
@click.option(
    "--readings",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Readings file, folder or pattern: time,device,quantity,value as CSV or Parquet, "
    "or an export with --column-map. Repeatable; of a repeated reading the last one counts.",
)
@column_map_option
@period_option()
@click.option("--scheme", help="Id of a shipped scheme, or a YAML file. [default: the building's]")
@click.option(
    "--out",
    "directory",
    type=click.Path(path_type=Path),
    help="Output folder; from the store each building gets a folder in it.",
)
@click.option("--dry-run", is_flag=True, help="From the store: write nothing.")
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
    type=Day(),
    help="Day on which the bill is made, for its deadline. [default: today]",
)
@click.option(
    "--first-issued",
    type=Day(),
    help="Day of the statements that this bill corrects; it decides whether they were in time.",
)
@click.option("--draft", is_flag=True, help="Keep it in the ledger until `runs approve`.")
@click.option("--approve", is_flag=True, help="Keep it in the ledger for good; needs --by.")
@click.option("--by", metavar="NAME", help="Who keeps or approves it; it stands in the ledger.")
@click.option("--corrects", type=click.IntRange(min=1), help="Run in whose place it stands.")
@click.option("--reason", metavar="CODE", help="Why that is corrected (docs/ledger.md).")
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Processes, from the store. [default: the cores]"
)
@click.option("--dask", metavar="ADDRESS", help="Let the workers of a Dask scheduler do it.")
@click.option("--resume", is_flag=True, help="Go on with an interrupted run into the same folder.")
@config_option
@json_option
def command(
    buildings: tuple[str, ...],
    estate_directory: Path | None,
    readings: tuple[Path, ...],
    column_maps: tuple[str, ...],
    period: str,
    scheme: str | None,
    directory: Path | None,
    dry_run: bool,
    allowed: tuple[str, ...],
    statements: str | None,
    issued: datetime | None,
    first_issued: datetime | None,
    draft: bool,
    approve: bool,
    by: str | None,
    corrects: int | None,
    reason: str | None,
    jobs: int | None,
    dask: str | None,
    resume: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Split the heat bills of BUILDINGS, all of the settings where none is named.

    With --estate and --readings: the bill of that folder, files in, files out, no service needed.

    Writes bill.csv, statements.json, findings.json and run.json into the output folder. If the
    data does not allow a bill, findings.json explains why, and the exit code is 1. The ledger,
    where approved bills are kept, is that of the installation (--config).
    """
    from billing.bill.files import write_findings
    from estate.errors import DataError
    from fairvarme.commands.accounts.stored_bills import StoredBills, bill_stored
    from fairvarme.commands.ledger.keeping import keeping
    from operations.bill_files import bill_files

    kept = keeping(config, by, corrects, reason, draft=draft, approve=approve, allowed=allowed)
    if estate_directory is None and not readings:
        asked = StoredBills(
            config, period, directory, scheme, allowed, issued.date() if issued else None,
            statements is not None, dry_run, jobs, dask, resume,
        )  # fmt: skip
        bill_stored(buildings, asked, kept, as_json=as_json)
        return
    if buildings or estate_directory is None or not readings or directory is None or dry_run:
        raise UsageError(
            "a bill from files takes --estate DIR, --readings FILE and --out DIR, and no BUILDING; "
            "one from the store takes neither --estate nor --readings"
        )
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
                on_computed=kept.check,
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
    click.echo(
        f"{bill.building} {bill.period}: {money(bill.total_ore)} split by {bill.scheme} "
        f"over {len(bill.statements)} statements; see {directory / 'bill.csv'}"
    )
    kept.show()
