"""``fairvarme readings seal`` and ``fairvarme readings check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json

NO_FOLDER = "the settings name no folder for sealed months ([sealed] directory): nothing is sealed"


@click.command(
    "seal",
    epilog=examples("fairvarme readings seal --dry-run", "fairvarme readings seal"),
)
@click.option("--dry-run", is_flag=True, help="Say what would be sealed, and change nothing.")
@config_option
@json_option
def seal(config: Path | None, dry_run: bool, as_json: bool) -> None:
    """
    Move closed months of readings into sealed files, which take a twentieth of the room.

    A month is sealed some weeks after its end, and again when readings of it came late. `fairvarme
    run` does it every night. What is sealed is read as before. A folder whose
    building.yaml does not say which building it is is left out, and the exit code is 1.
    """
    from operations.readings.seal import due_months, seal_months
    from operations.settings import read_settings

    settings = read_settings(config)
    if dry_run:
        due = due_months(settings)
        if as_json:
            echo_json({"due": [each._asdict() for each in due]})
            return
        for each in due:
            click.echo(f"{each.building} {each.month} {each.quantity}: would be sealed")
    else:
        done = seal_months(settings)
        if as_json:
            rows = [{"building": each.building, **each.sealed._asdict()} for each in done]
            echo_json({"sealed": rows})
            return
        for building, sealed in done:
            late = f", {sealed.late} of them late" if sealed.late else ""
            click.echo(
                f"{building} {sealed.month} {sealed.quantity}: {sealed.rows} readings{late} "
                f"in {sealed.size} bytes"
            )
    if settings.sealed_directory is None:
        click.echo(NO_FOLDER)
    elif not (due if dry_run else done):
        click.echo("no closed month has readings to seal")


@click.command(
    "check",
    epilog=examples(
        "fairvarme readings check",
        "fairvarme readings check --mend --backup /mnt/backup/fairvarme --key house.key",
    ),
)
@click.option("--mend", is_flag=True, help="Bring back what is damaged.")
@click.option(
    "--backup", type=click.Path(path_type=Path), help="Folder of backups to bring it back out of."
)
@click.option(
    "--key", type=click.Path(path_type=Path, dir_okay=False), help="File of their secret key."
)
@click.option("--write-off", is_flag=True, help="Give up what cannot be brought back, for good.")
@config_option
@json_option
def check(
    mend: bool,
    backup: Path | None,
    key: Path | None,
    write_off: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Compare every sealed file with its SHA-256, and name those that are damaged.

    What does not need a damaged file is read as before. Exit 1 where one is damaged. With
    --write-off bills of that time are then made without it, and find their readings missing.
    """
    from estate.errors import UsageError
    from operations.backup.repository import Repository
    from operations.readings.check_sealed import Source, check_sealed
    from operations.settings import read_settings

    if (backup is None) != (key is None):
        raise UsageError("--backup and --key go together")
    source = None
    if backup is not None and key is not None:
        source = Source(Repository(backup), key.read_text("utf-8").strip())
    settings = read_settings(config)
    checked = check_sealed(
        settings, mend=mend or source is not None, source=source, write_off=write_off
    )
    if as_json:
        found = [each.as_dict() for each in checked.findings]
        counts = {"mended": checked.mended, "written_off": checked.written_off}
        echo_json({"files": checked.files, **counts, "findings": found})
    else:
        for each in checked.findings:
            click.echo(each.message)
        mended = f", {checked.mended} brought back" if checked.mended else ""
        mended += f", {checked.written_off} written off" if checked.written_off else ""
        click.echo(
            f"{checked.files} sealed files, {len(checked.findings)} damaged{mended}"
            if settings.sealed_directory
            else NO_FOLDER
        )
    sys.exit(bool(checked.findings))
