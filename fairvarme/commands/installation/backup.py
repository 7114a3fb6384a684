"""``fairvarme backup``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estate.errors import UsageError
from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json, progress_bars, progress_on

if TYPE_CHECKING:
    from operations.backup.make import Made


@click.command(
    "backup",
    epilog=examples(
        "fairvarme backup --new-key house.key",
        "fairvarme backup /mnt/backup --recipient age1vj8hk4dg5vquezu69yrt775ymaylywn6lp32062mu85",
        "fairvarme backup",
    ),
)
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@click.option(
    "--recipient", "recipients", multiple=True, help="Public key to encrypt to. Repeatable."
)
@click.option("--new-key", type=click.Path(path_type=Path), help="Write a new secret key, and end.")
@config_option
@json_option
def command(
    directory: Path | None,
    recipients: tuple[str, ...],
    new_key: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Copy everything into the folder of backups DIRECTORY, encrypted, while it runs.

    Database, readings, estates, settings and secrets; what did not change since the last backup is
    not copied again. Folder and keys are those of [backup] unless they are named. The secret key is
    needed to restore alone: keep it elsewhere, on paper too. Exit 1 where a database is damaged.
    """
    from operations.backup.make import make_backup
    from operations.settings import read_settings, settings_path

    if new_key is not None:
        click.echo(_new_key(new_key))
        return
    settings = read_settings(config)
    own = settings.backup
    place = directory or (own.directory if own else None)
    if place is None:
        raise UsageError("name the folder of backups, or add [backup] to the settings")
    keys = recipients or (own.recipients if own else ())
    with progress_bars(hidden=as_json) as bars:
        made = make_backup(
            settings,
            settings_path(config),
            place,
            keys,
            own.keep_days if own and directory is None else None,
            progress_on(bars, "files backed up"),
        )
    if as_json:
        echo_json(made._asdict())
    else:
        _show(made)
    sys.exit(bool(made.damaged))


def _show(made: Made) -> None:
    click.echo(
        f"{made.name}: {made.files} files, {made.size / 2**20:.1f} MiB; {made.new} of them are new"
    )
    for name in made.forgotten:
        click.echo(f"{name} was removed for its age")
    for each in made.left_out:
        click.echo(f"{each} is a link to a folder or to nowhere, and was left out", err=True)
    for each in made.damaged:
        click.echo(
            f"{each}; it was backed up as it is, and no earlier backup was removed: restore it "
            "from one of before the damage",
            err=True,
        )


def _new_key(path: Path) -> str:
    import pyrage

    from estate.files.private_files import make_private

    if path.exists():
        raise UsageError(f"{path} is there already; name a new file")
    identity = pyrage.x25519.Identity.generate()
    make_private(path)
    path.write_text(f"{identity}\n")
    return f"{identity.to_public()}"
