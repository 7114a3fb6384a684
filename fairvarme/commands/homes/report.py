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
    from operations.outbox.queue_month import QueuedMonth
    from operations.settings import Settings

EXAMPLES = examples(
    "fairvarme report solgaarden --month 2026-01 --out pages",
    "fairvarme report --month 2026-01 --send",
    "fairvarme report --due",
)


@click.command("report", epilog=EXAMPLES)
@click.argument("buildings", nargs=-1)
@click.option("--month", metavar="YYYY-MM", help="A calendar month.")
@click.option("--out", "directory", type=click.Path(path_type=Path), help="Write PDFs there.")
@click.option("--send", is_flag=True, help="Queue each report once, and send what is due.")
@click.option("--due", is_flag=True, help="Send the month before, from the settings' day on.")
@config_option
@json_option
def command(
    buildings: tuple[str, ...],
    month: str | None,
    directory: Path | None,
    send: bool,
    due: bool,
    config: Path | None,
    as_json: bool,
) -> None:
    """
    Write or send the monthly report of every home of BUILDINGS (default: all).

    With --out each building gets a folder of its own. With --send each home gets its month by mail
    or as a letter, as it chose; run again, nobody gets it twice. Homes that cannot be reached are
    reported. With --due the month before is sent once the day `reports.day` of the settings has
    come, and print files older than `reports.print_days` are removed; call it every day.
    A building whose estate is not in order is left out, and the exit code is 1.
    """
    from estate.periods import Period
    from operations.settings import read_settings

    if [directory is not None, send, due].count(True) != 1:
        raise click.UsageError("give one of --out FOLDER, --send and --due")
    if (month is None) is not due:
        raise click.UsageError("--out and --send need --month, and --due tells it itself")
    settings = read_settings(config)
    if month is None:
        _send_due(settings, buildings, as_json=as_json)
    elif directory is None:
        _send(settings, buildings, Period.month(month), as_json=as_json)
    else:
        _write(directory, settings, buildings, Period.month(month), as_json=as_json)


def _send_due(settings: Settings, buildings: Sequence[str], *, as_json: bool) -> None:
    from operations.clock import now_ms
    from operations.outbox.month_due import drop_print_files, send_month_when_due
    from operations.outbox.queue_month import QueuedMonth

    moment = now_ms()
    with progress_bars(hidden=as_json) as bars:
        track = partial(bars.track, description="buildings")
        queued = send_month_when_due(settings, moment, buildings, track)
    removed = drop_print_files(settings, moment)
    _echo_sent(settings, queued or QueuedMonth(), removed, as_json=as_json)


def _write(
    directory: Path, settings: Settings, buildings: Sequence[str], period: Period, *, as_json: bool
) -> None:
    from operations.monthly_report import write_reports

    with progress_bars(hidden=as_json) as bars:
        track = partial(bars.track, description="buildings")
        written = write_reports(directory, settings, buildings, period, track)
    findings = [*written.left_out, *written.findings]
    if as_json:
        told = [each.as_dict() for each in findings]
        echo_json({"reports": written.reports, "findings": told})
    else:
        for finding in findings:
            click.echo(finding.message, err=True)
        click.echo(f"{written.reports} reports in {directory}")
    if written.left_out:
        sys.exit(1)


def _send(settings: Settings, buildings: Sequence[str], period: Period, *, as_json: bool) -> None:
    from operations.outbox.queue_month import queue_month

    with progress_bars(hidden=as_json) as bars:
        track = partial(bars.track, description="buildings")
        queued = queue_month(settings, buildings, period, tracked=track)
    _echo_sent(settings, queued, [], as_json=as_json)


def _echo_sent(
    settings: Settings, queued: QueuedMonth, removed: Sequence[Path], *, as_json: bool
) -> None:
    from operations.outbox.send_due import send_due

    sent, found = send_due(settings), [*queued.left_out, *queued.findings]
    if as_json:
        findings = [each.as_dict() for each in found]
        counts = {"queued": queued.queued, "known": queued.known, "removed": len(removed)}
        echo_json({**counts, "findings": findings, "sending": vars(sent)})
    else:
        for finding in found:
            click.echo(finding.message, err=True)
        for channel, number in sorted(queued.queued.items()):
            click.echo(f"{number} by {channel} queued")
        if queued.known:
            click.echo(f"{queued.known} homes were queued before")
        if removed:
            click.echo(f"{len(removed)} old print files removed")
        echo_dispatched(sent)
    if sent.away or queued.left_out:
        sys.exit(1)
