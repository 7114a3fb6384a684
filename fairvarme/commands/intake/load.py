"""``fairvarme load``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import column_map_option, config_option, examples, json_option
from fairvarme.output import echo_json, progress_bars, progress_on

if TYPE_CHECKING:
    from operations.readings.load_readings import Loaded


@click.command(
    "load",
    epilog=examples(
        "fairvarme load january.csv --building solgaarden",
        "fairvarme load exports/ --column-map eforsyning --building solgaarden",
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--building", required=True, metavar="ID", help="Building of the readings.")
@column_map_option
@config_option
@json_option
def command(
    files: tuple[Path, ...],
    building: str,
    column_maps: tuple[str, ...],
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Load the readings of FILES into the store of the settings.

    FILES are readings files, folders or patterns: CSV or Parquet in our own format, or exports of
    portals (CSV, Excel, JSON) with a column map.

    The rules for readings over MQTT apply: invalid readings are reported and left out, and affect
    no other reading. Readings that the store rejects are kept in quarantine, and the exit code is
    1. Loading again changes nothing.
    """
    from estate.errors import DataError
    from estate.findings import disqualifications
    from ingest.quarantine.store import Quarantine
    from operations.readings.load_readings import Loaded, load_files
    from operations.settings import read_settings
    from operations.wiring import choose_estates, opened_database, opened_store

    settings = read_settings(config)
    (estate,) = choose_estates(settings, (building,))
    try:
        with (
            opened_store(settings) as store,
            opened_database(settings) as engine,
            progress_bars(hidden=as_json) as bars,
        ):
            loaded = load_files(
                files,
                estate,
                store,
                Quarantine(engine),
                column_maps,
                progress_on(bars, "bytes read"),
                progress_on(bars, "readings stored"),
            )
    except DataError as error:
        if as_json:
            _show(Loaded(0, 0, error.findings), as_json)
        raise
    _show(loaded, as_json)
    if disqualifications(loaded.findings):
        sys.exit(1)


def _show(loaded: Loaded, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "stored": loaded.stored,
                "refused": loaded.refused,
                "findings": [finding.as_dict() for finding in loaded.findings],
            }
        )
        return
    for finding in loaded.findings:
        click.echo(finding.message, err=True)
    click.echo(f"{loaded.stored} readings stored")
