"""``fairvarme upgrade``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json


@click.command("upgrade", epilog=examples("fairvarme upgrade --check", "fairvarme upgrade"))
@click.option("--check", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--without-backup", is_flag=True, help="Go on without a backup of the last day.")
@config_option
@json_option
def command(check: bool, without_backup: bool, config: Path | None, as_json: bool) -> None:
    """
    Bring the database to the tables of this version; a backup comes first.

    With --check the steps are tried on a copy of a SQLite file, which tells how long they take.
    What was released since the program that made the last backup is told first. There is no way
    back but the backup: a database of a newer version is refused.
    """
    from operations.settings import read_settings
    from operations.upgrade.check import check_upgrade, upgrade
    from operations.upgrade.stores import store_versions

    settings = read_settings(config)
    stores = store_versions(settings)
    due = check_upgrade(settings) if check else upgrade(settings, without_backup=without_backup)
    if as_json:
        versions = [each._asdict() for each in stores]
        notes = [each._asdict() for each in due.notes]
        echo_json({"done": not check, **due._asdict(), "stores": versions, "notes": notes})
        return
    for release in due.notes:
        click.echo(f"new in {release.name} ({release.day})\n\n{release.notes}\n")
    click.echo(f"database: step {due.now or 'none'}, this version has {due.newest}")
    for each in stores:
        click.echo(f"{each.store}: version {each.now}, this program writes {each.newest}")
    for step in due.steps:
        click.echo(f"{'due' if check else 'done'}  {step}")
    if due.seconds is not None:
        click.echo(f"on a copy they took {due.seconds:.1f} s")
    if check and due.steps:
        click.echo("next: fairvarme backup, stop the service, fairvarme upgrade")
