"""``fairvarme privacy-papers``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples


@click.command(
    "privacy-papers", epilog=examples("fairvarme privacy-papers solgaarden --out papers")
)
@click.argument("building")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for them.")
@config_option
def command(building: str, out: Path, config: Path | None) -> None:
    """
    Write the papers about personal data of BUILDING, filled from settings and tables.

    The notice to residents in Danish, English and German, the record of processing and a draft of
    the impact assessment in English and German: Markdown. Lines with "to be filled in" are yours.
    """
    from operations.privacy.papers import write_papers
    from operations.settings import read_settings
    from operations.wiring import choose_estates

    settings = read_settings(config)
    (estate,) = choose_estates(settings, (building,))
    for path in write_papers(settings, estate, out):
        click.echo(path)
