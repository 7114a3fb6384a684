"""``fairvarme restore``."""

from __future__ import annotations

from pathlib import Path

import click

from estate.errors import UsageError
from fairvarme.options import examples, json_option
from fairvarme.output import echo_json, progress_bars, progress_on


@click.command(
    "restore",
    epilog=examples(
        "fairvarme restore /mnt/backup --key house.key --into /srv/fairvarme",
        "fairvarme restore /mnt/backup --key house.key --rehearse",
    ),
)
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--key", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help="File of the secret key.",
)  # fmt: skip
@click.option("--into", type=click.Path(path_type=Path), help="Folder to restore into.")
@click.option("--name", help="Which backup. [default: the newest]")
@click.option("--outside", is_flag=True, help="Also restore what lay outside the settings' folder.")
@click.option("--rehearse", is_flag=True, help="Try it out, and leave nothing.")
@json_option
def command(
    directory: Path,
    key: Path,
    into: Path | None,
    name: str | None,
    outside: bool,
    rehearse: bool,
    as_json: bool,
) -> None:
    """
    Restore a backup of the folder DIRECTORY onto an empty machine.

    Every file is compared with its digest, and one that is there with another content is left
    alone. A PostgreSQL and an InfluxDB that the settings name must run and be empty. With
    --rehearse everything is restored and checked beside the backups, and removed again; the doctor
    then knows that it works.
    """
    from operations.backup import restore as use_case
    from operations.backup.repository import Repository

    try:
        identity = key.read_text("utf-8").strip().splitlines()[-1]
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{key} holds no key ({error}); name the file of the secret key"
        ) from error
    repository = Repository(directory)
    if rehearse:
        listing = use_case.rehearse(repository, identity)
        _say({"name": listing.name, "objects": len(listing.objects)}, as_json=as_json)
        return
    if into is None:
        raise UsageError("name the folder to restore into with --into, or say --rehearse")
    with progress_bars(hidden=as_json) as bars:
        done = use_case.restore(
            repository,
            identity,
            into,
            name,
            outside=outside,
            on_progress=progress_on(bars, "files restored"),
        )
    _say(done._asdict() | {"config": str(done.config)}, as_json=as_json)


def _say(told: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        echo_json(told)
    else:
        click.echo("; ".join(f"{name} {value}" for name, value in told.items()))
