"""``fairvarme report``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, json_option
from fairvarme.output import echo_json, progress_bars


@click.command("report", epilog="Example:  fairvarme report solgaarden --month 2026-01 --out pages")
@click.argument("buildings", nargs=-1)
@click.option("--month", required=True, help="A civil month of the building, as 2026-01.")
@click.option(
    "--out", "directory", type=click.Path(path_type=Path), required=True, help="Output folder."
)
@config_option
@json_option
def command(
    buildings: tuple[str, ...], month: str, directory: Path, config: Path | None, as_json: bool
) -> None:
    """
    Write the monthly report of every home of BUILDINGS as PDF (all where none is named).

    Each building gets a folder of its own. A page that cannot be delivered is named.
    """
    from alerts.run import find_alerts
    from billing.compute import compute_bill
    from estate.periods import Period
    from ingest.remarks import Remarks, word_findings
    from operations.monthly_report import write_month
    from operations.settings import read_settings
    from operations.wiring import choose_estates, opened_database, opened_store

    period, settings = Period.month(month), read_settings(config)
    estates = choose_estates(settings, buildings)
    written, findings = 0, []
    with opened_store(settings) as store, progress_bars(hidden=as_json) as bars:
        for estate in bars.track(estates, description="buildings"):
            bill = compute_bill(estate, store, period)
            alerts = find_alerts(estate, store, period)
            run = write_month(directory / estate.building.id, estate, store, bill, alerts)
            written += len(run.paths)
            findings += [*bill.findings, *run.findings]
    with opened_database(settings) as engine:
        for estate in estates:
            since_ms = period.hours(estate.building.zone).start_ms
            rows = Remarks(engine).list_rows(estate.building.id, since_ms=since_ms)
            findings += word_findings(rows)
    if as_json:
        echo_json({"reports": written, "findings": [each.as_dict() for each in findings]})
        return
    for finding in findings:
        click.echo(finding.message, err=True)
    click.echo(f"{written} reports in {directory}")
