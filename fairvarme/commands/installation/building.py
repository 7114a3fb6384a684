"""``fairvarme building``: all of a building out of an installation, and into another."""

from __future__ import annotations

from getpass import getuser
from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json, progress_bars, progress_on

_path = click.Path(path_type=Path)


@click.group("building")
def command() -> None:
    """Take everything of a building out in open formats, and bring it in elsewhere."""


@command.command("export", epilog=examples("fairvarme building export solgaarden --out solgaarden"))
@click.argument("building")
@click.option("--out", "directory", type=_path, required=True, help="A new folder.")
@config_option
@json_option
def export(building: str, directory: Path, config: Path | None, as_json: bool) -> None:
    """
    Write estate, readings and approved runs of BUILDING, and a manifest with their SHA-256.

    The folder names residents: treat it as you treat the installation.
    """
    from operations.exchange.building_export import export_building
    from operations.settings import read_settings

    settings = read_settings(config)
    with progress_bars(hidden=as_json) as bars:
        on_progress = progress_on(bars, "quantities read")
        manifest = export_building(settings, building, directory, on_progress)
    told = {
        "building": building,
        "readings": manifest.readings,
        "runs": list(manifest.runs),
        "files": len(manifest.files),
    }
    if as_json:
        echo_json(told)
        return
    click.echo(
        f"{directory}: {manifest.readings} readings, {len(manifest.runs)} runs, "
        f"{len(manifest.files)} files and their manifest"
    )


@command.command("import", epilog=examples("fairvarme building import solgaarden"))
@click.argument("directory", type=_path)
@click.option("--by", metavar="NAME", help="Who imports. [default: the user of this machine]")
@config_option
@json_option
def import_(directory: Path, by: str | None, config: Path | None, as_json: bool) -> None:
    """
    Bring in what `building export` wrote to DIRECTORY; a changed file is refused.

    Estate and readings come into this installation, runs stay files in DIRECTORY. Repeating it
    changes nothing.
    """
    from operations.exchange.building_import import import_building
    from operations.settings import read_settings

    settings = read_settings(config)
    with progress_bars(hidden=as_json) as bars:
        on_progress = progress_on(bars, "readings stored")
        manifest = import_building(settings, directory, by or getuser(), on_progress)
    if as_json:
        echo_json({"building": manifest.building, "readings": manifest.readings})
        return
    click.echo(f"{manifest.building}: {manifest.readings} readings and the estate")
