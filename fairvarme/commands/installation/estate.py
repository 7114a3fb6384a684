"""``fairvarme estate``."""

from __future__ import annotations

import getpass
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estate.database.changes import NOT_KEPT, REMOVABLE
from estate.errors import DataError
from estate.files.rows import ORE
from estate.findings import Severity
from estate.printable import printable
from fairvarme.options import FOLDER, Day, config_option, examples, json_option
from fairvarme.output import as_local, echo_json, money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from estate.database.changes import Change
    from estate.database.importing import Imported
    from estate.model import Estate

LACKS = {Severity.WARNING: "Warning", Severity.DISQUALIFICATION: "A bill would stop"}
"""What a finding of a scheme means before there is a bill."""

NOT_READ = (
    "The settings name estate folders, so nothing reads what is imported; "
    'write estates = "database"'
)

directory_argument = click.argument("directory", type=FOLDER)


@click.group("estate")
def command() -> None:
    """Check an estate folder, and bring estates into the database and out of it."""


@command.command("check", epilog=examples("fairvarme estate check estates/solgaarden"))
@directory_argument
@click.option(
    "--on",
    "day",
    type=Day(),
    help="The day of which the scheme is asked. [default: today]",
)
@json_option
def check(directory: Path, day: datetime | None, as_json: bool) -> None:
    """
    Validate every file of the estate folder DIRECTORY.

    Prints all invalid cells at once, each with file, row, column, value and remedy. Where all
    are in order it says what the building's own scheme lacks for a bill, such as an outdoor sensor,
    heat losses, meters or costs.
    """
    from operations.estates import check_estate

    on = day.date() if day else datetime.now(UTC).date()
    estate, lacking = _or_findings(lambda: check_estate(directory, on), as_json)
    counts = _counts(estate)
    if as_json:
        findings = [each.as_dict() for each in lacking]
        echo_json({"building": estate.building.id, **counts, "findings": findings})
        return
    told = ", ".join(f"{number} {what}" for what, number in counts.items())
    click.echo(f"{estate.building.id} is in order: {told}")
    for finding in lacking:
        click.echo(f"{LACKS[finding.severity]}: {finding.message}")


@command.command("import", epilog=examples("fairvarme estate import estates/solgaarden --dry-run"))
@directory_argument
@config_option
@click.option("--dry-run", is_flag=True, help="Change nothing; print each row that would change.")
@click.option(
    "--remove",
    type=click.Choice(REMOVABLE),
    multiple=True,
    help="Remove the rows of this file that DIRECTORY lacks, as rows that never should have been. "
    "Repeatable.",
)
@click.option("--by", "name", metavar="NAME", help="Who imports. [default: the log-in]")
@json_option
def import_(
    directory: Path,
    config: Path | None,
    dry_run: bool,
    remove: tuple[str, ...],
    name: str | None,
    as_json: bool,
) -> None:
    """
    Bring the database to what the estate folder DIRECTORY says.

    A building is taken in as a whole or not at all. Nothing is deleted: a row that the database has
    and the folder lacks is kept, and named. Imported again, nothing changes.
    """
    from operations.estates import import_estate
    from operations.settings import IN_DATABASE, read_settings

    settings = read_settings(config)
    by = name or _log_in()
    done = _or_findings(
        lambda: import_estate(settings, directory, by, remove, dry=dry_run), as_json
    )
    if as_json:
        echo_json(_as_json(done, dry_run))
        return
    for line in _lines(done, dry_run):
        click.echo(printable(line))
    if settings.estates != IN_DATABASE:
        click.echo(NOT_READ)


@command.command("export", epilog=examples("fairvarme estate export solgaarden estates/copy"))
@click.argument("building")
@click.argument("directory", type=click.Path(path_type=Path))
@config_option
@json_option
def export(building: str, directory: Path, config: Path | None, as_json: bool) -> None:
    """
    Write the estate of BUILDING as the folder DIRECTORY, which must be new.

    The same estate always gives the same bytes. The folder holds names and addresses: it is
    readable by you alone.
    """
    from operations.estates import export_estate
    from operations.settings import read_settings

    estate = export_estate(read_settings(config), building, directory)
    if as_json:
        echo_json({"building": building, "directory": str(directory), **_counts(estate)})
    else:
        click.echo(f"{building} is written to {directory}")


@command.command("list", epilog=examples("fairvarme estate list"))
@config_option
@json_option
def list_(config: Path | None, as_json: bool) -> None:
    """List the buildings of the installation."""
    from operations.estates import list_estates
    from operations.settings import read_settings

    rows = [
        {"building": each.building.id, "name": each.building.name, **_counts(each)}
        for each in list_estates(read_settings(config))
    ]
    if as_json:
        echo_json({"buildings": rows})
        return
    for row in rows:
        click.echo(
            printable(
                f"{row['building']}  {row['name']}, {row['flats']} flats, {row['devices']} devices"
            )
        )
    if not rows:
        click.echo("there is no building yet")


@command.command("history", epilog=examples("fairvarme estate history solgaarden --row box-0101"))
@click.argument("building")
@click.option("--row", "key", help="Only rows with this id, such as a device or a tenancy.")
@config_option
@json_option
def history(building: str, key: str | None, config: Path | None, as_json: bool) -> None:
    """
    List what imports changed of BUILDING, the latest first: when, by whom, from what to what.

    Of persons it is kept that a name or an address changed, not what it was.
    """
    from operations.estates import estate_history
    from operations.settings import read_settings

    settings = read_settings(config)
    rows = estate_history(settings, building, key)
    if as_json:
        echo_json({"building": building, "changes": [each._asdict() for each in rows]})
        return
    for row in rows:
        when = as_local(row.time_ms, settings.service.timezone)
        line = f"{when}  {row.imported_by}  {row.file} {row.key}: "
        click.echo(printable(line + _difference(row.before, row.after)))


def _or_findings(work: Any, as_json: bool) -> Any:  # noqa: ANN401  whatever the work returns
    """Do the work; where the data does not allow it, print the findings as JSON if asked to."""
    try:
        return work()
    except DataError as error:
        if as_json:
            echo_json({"findings": [finding.as_dict() for finding in error.findings]})
        raise


def _counts(estate: Estate) -> dict[str, int]:
    return {
        "flats": len(estate.flats),
        "tenancies": len(estate.tenancies),
        "devices": len(estate.placements),
    }


def _log_in() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container need not name its user.
        return f"user {os.getuid()}"


def _as_json(done: Imported, dry_run: bool) -> dict[str, Any]:
    return {
        "building": done.building,
        "new": done.new,
        "dry_run": dry_run,
        "changes": [each._asdict() for each in done.changes],
        "findings": [each.as_dict() for each in done.findings],
    }


def _lines(done: Imported, dry_run: bool) -> Iterator[str]:
    if dry_run:
        for change in done.changes:
            yield f"{_row(change)}: {_difference(change.before, change.after)}"
    for finding in done.findings:
        yield f"Warning: {finding.message}"
    if not done.changes:
        yield f"{done.building}: nothing to change"
        return
    counts = Counter((_what(each.before, each.after), each.file) for each in done.changes)
    told = ", ".join(f"{number} {what} in {file}" for (what, file), number in counts.items())
    yield f"{done.building}: {told}; {'nothing is written' if dry_run else 'written'}"


def _row(change: Change) -> str:
    return f"{change.file} {change.key}"


def _difference(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    what = _what(before, after)
    if before is None or not after:
        told = after if before is None else before
        return f"{what}, " + ", ".join(" ".join(_cell(*each)) for each in told.items())
    return ", ".join(
        f"{_cell(name, before[name])[0]} {_cell(name, before[name])[1]} -> {_cell(name, value)[1]}"
        for name, value in after.items()
    )


def _what(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before is None:
        return "new"
    return "changed" if after else "removed"


def _cell(name: str, value: object) -> tuple[str, str]:
    """Return a column and its value as the file has them; of a person's neither is shown."""
    if value in (None, ""):
        return name.removesuffix(ORE), "(blank)"
    if value == NOT_KEPT:
        return name, "(not shown)"
    if name.endswith(ORE) and isinstance(value, int):
        return name.removesuffix(ORE), money(value)
    return name, f"{value}"
