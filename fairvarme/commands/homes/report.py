"""``fairvarme report``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.commands.homes.outbox import echo_dispatched
from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json, progress_bars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.periods import Period
    from operations.settings import Settings

EXAMPLES = examples(
    "fairvarme report solgaarden --month 2026-01 --out pages",
    "fairvarme report --month 2026-01 --send",
)


@click.command("report", epilog=EXAMPLES)
@click.argument("buildings", nargs=-1)
@click.option("--month", required=True, help="A calendar month, such as 2026-01.")
@click.option("--out", "directory", type=click.Path(path_type=Path), help="Write PDFs there.")
@click.option("--send", is_flag=True, help="Queue each report once, and send what is due.")
@config_option
@json_option
def command(
    buildings: tuple[str, ...],
    month: str,
    directory: Path | None,
    send: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Write or send the monthly report of every home of BUILDINGS (default: all).

    With --out each building gets a folder of its own. With --send each home gets its month by mail
    or as a letter, as it chose; run again, nobody gets it twice. Homes that cannot be reached are
    reported.
    """
    from estate.periods import Period
    from operations.settings import read_settings

    if (directory is None) is not send:
        raise click.UsageError("give either --out FOLDER or --send")
    period, settings = Period.month(month), read_settings(config)
    if directory is None:
        _send(settings, buildings, period, as_json=as_json)
    else:
        _write(directory, settings, buildings, period, as_json=as_json)


def _write(
    directory: Path, settings: Settings, buildings: Sequence[str], period: Period, *, as_json: bool
) -> None:
    from operations.monthly_report import write_reports

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


def _send(settings: Settings, buildings: Sequence[str], period: Period, *, as_json: bool) -> None:
    from operations.outbox.queue_month import queue_month
    from operations.outbox.send_due import send_due

    with progress_bars(hidden=as_json) as bars:
        track = partial(bars.track, description="buildings")
        queued = queue_month(settings, buildings, period, tracked=track)
    sent = send_due(settings)
    if as_json:
        findings = [each.as_dict() for each in queued.findings]
        counts = {"queued": queued.queued, "known": queued.known}
        echo_json({**counts, "findings": findings, "sending": vars(sent)})
    else:
        for finding in queued.findings:
            click.echo(finding.message, err=True)
        for channel, number in sorted(queued.queued.items()):
            click.echo(f"{number} by {channel} queued")
        if queued.known:
            click.echo(f"{queued.known} homes were queued before")
        echo_dispatched(sent)
    if sent.away:
        sys.exit(1)
