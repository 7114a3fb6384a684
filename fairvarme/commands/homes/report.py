"""``fairvarme report``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json, progress_bars


@click.command("report", epilog=examples("fairvarme report solgaarden --month 2026-01 --out pages"))
@click.argument("buildings", nargs=-1)
@click.option("--month", required=True, help="A calendar month, such as 2026-01.")
@click.option(
    "--out", "directory", type=click.Path(path_type=Path), required=True, help="Output folder."
)
@config_option
@json_option
def command(
    buildings: tuple[str, ...], month: str, directory: Path, config: Path | None, as_json: bool
) -> None:
    """
    Write the monthly report of every home of BUILDINGS as PDF (default: all).

    Each building gets a folder of its own. Pages that cannot be delivered are reported.
    """
    from estate.periods import Period
    from operations.monthly_report import write_reports
    from operations.settings import read_settings

    period, settings = Period.month(month), read_settings(config)
    with progress_bars(hidden=as_json) as bars:
        track = partial(bars.track, description="buildings")
        written = write_reports(directory, settings, buildings, period, track)
    if as_json:
        findings = [each.as_dict() for each in written.findings]
        echo_json({"reports": written.reports, "findings": findings})
        return
    for finding in written.findings:
        click.echo(finding.message, err=True)
    click.echo(f"{written.reports} reports in {directory}")
