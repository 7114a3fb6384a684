"""``fairvarme alerts``."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import config_option, json_option
from fairvarme.output import as_utc, echo_json, progress_bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.model import Alert
    from alerts.run import Checked


@click.group("alerts")
def command() -> None:
    """Find and list consumption and mould alerts."""


@command.command(
    "run", epilog="Example:  fairvarme alerts run solgaarden --period 2026-01-01/2026-02-01"
)
@click.argument("buildings", nargs=-1)
@click.option("--period", required=True, help="START/END, local days, END exclusive.")
@config_option
@json_option
def run(buildings: tuple[str, ...], period: str, config: Path | None, as_json: bool) -> None:
    """
    Check the readings of BUILDINGS for alerts (default: all buildings).

    Alerts are stored, each once however often it is found. The output also shows for
    how many homes or meters each check could judge, and why not for the others.
    """
    from estate.periods import Period
    from operations.run_alerts import check_buildings
    from operations.settings import read_settings

    days, settings = Period.parse(period), read_settings(config)
    with progress_bars(hidden=as_json) as bars:
        track = partial(bars.track, description="buildings")
        checked = check_buildings(settings, buildings, days, track)
    _show_checked(checked, as_json)


def _show_checked(checked: Sequence[Checked], as_json: bool) -> None:
    found = [alert for each in checked for alert in each.alerts]
    covered = [each for building in checked for each in building.coverage]
    findings = [finding for each in covered for finding in each.findings()]
    if as_json:
        echo_json(
            {
                "alerts": [asdict(alert) for alert in found],
                "checks": [each.as_dict() for each in covered],
                "findings": [finding.as_dict() for finding in findings],
            }
        )
        return
    _show(found, as_json)
    for each in covered:
        click.echo(each.sentence())
    for finding in findings:
        click.echo(finding.message, err=True)


@command.command("list", epilog="Example:  fairvarme alerts list --building solgaarden")
@click.option("--building", help="Only this building.")
@config_option
@json_option
def list_alerts(building: str | None, config: Path | None, as_json: bool) -> None:
    """List the stored alerts."""
    from alerts.tables import AlertStore
    from operations.settings import read_settings
    from operations.wiring import opened_database

    with opened_database(read_settings(config)) as engine:
        _show(AlertStore(engine).list(building), as_json)


def _show(alerts: Sequence[Alert], as_json: bool) -> None:
    if as_json:
        echo_json({"alerts": [asdict(alert) for alert in alerts]})
        return
    for alert in alerts:
        evidence = ", ".join(f"{name} {value}" for name, value in alert.evidence.items())
        click.echo(
            f"{alert.building} {alert.flat} {alert.kind} "
            f"{as_utc(alert.start_ms)} to {as_utc(alert.end_ms)}: {evidence}"
        )
    if not alerts:
        click.echo("no alerts")
