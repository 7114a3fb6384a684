"""``fairvarme demo``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import examples, json_option
from fairvarme.output import echo_json

if TYPE_CHECKING:
    from fairvarme.demo.summary import Summary

PORT = 8000


@click.command("demo", epilog=examples("fairvarme demo --out demo-out --no-serve"))
@click.option(
    "--out",
    "directory",
    type=click.Path(path_type=Path),
    default=Path("demo-out"),
    show_default=True,
    help="Output folder; results of an earlier demo are replaced.",
)
@click.option("--flats", type=click.IntRange(1, 594), default=12, show_default=True)
@click.option(
    "--month", default="2026-01", show_default=True, metavar="YYYY-MM", help="A calendar month."
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option(
    "--events/--no-events", default=True, help="Whether one leak and one damp home occur."
)
@click.option(
    "--serve/--no-serve",
    default=False,
    help="Show the portal afterwards, with a log-in for each role; a finished run as it is.",
)
@json_option
def command(
    directory: Path,
    flats: int,
    month: str,
    seed: int,
    events: bool,
    serve: bool,
    as_json: bool,
) -> None:
    """
    Run everything on simulated boxes over a real broker.

    A month of readings is sent over MQTT into a store and becomes a bill that adds up to the øre,
    alerts and a PDF report for each home. Everything runs on this machine and ends by itself.
    """
    if serve and _is_finished(directory, month, flats):
        _serve(directory)
        return
    from fairvarme.demo.run import Demo
    from fairvarme.output import progress_bars

    demo = Demo(directory, month, flats, seed, events)
    with progress_bars(hidden=as_json) as bars:
        summary = demo.run(bars)
    if as_json:
        echo_json(summary.as_dict())
    else:
        _show(summary, directory)
    if serve:
        _serve(directory)
    if summary.missing:
        click.echo(
            f"Error: {summary.missing} readings were published and never arrived; see "
            f"the logs of worker and simulator in {directory / 'data'}",
            err=True,
        )
        sys.exit(1)


def _show(summary: Summary, directory: Path) -> None:
    from correspondence.catalogue import NO_BREAK, catalogue

    words = catalogue("en")
    alerts = ", ".join(f"{each['flat']} {each['kind']}" for each in summary.alerts) or "none"
    lines = {
        "readings published": f"{summary.published}",
        "stored": f"{summary.stored}",
        "in quarantine": f"{summary.quarantined}",
        "missing": f"{summary.missing}",
        "costs": words.money(summary.bill_total, summary.currency),
        "sum of the bill": words.money(summary.bill_sum, summary.currency),
        "alerts": alerts,
        "reports": f"{summary.reports} PDFs in {directory / 'reports'}",
        "time": f"{summary.seconds:.0f} s",
    }
    for name, value in lines.items():
        click.echo(f"{name:<20}{value}".replace(NO_BREAK, " "))


def _is_finished(directory: Path, month: str, flats: int) -> bool:
    from fairvarme.demo.serve import is_finished

    return is_finished(directory, month, flats)


def _serve(directory: Path) -> None:
    import uvicorn

    from fairvarme.demo.serve import opened_demo, ways_in
    from portal.app import create_app

    with opened_demo(directory, PORT) as installation:
        click.echo("Log in as anybody by a link, and the button behind it; each works once:")
        for way in ways_in(installation):
            click.echo(f"{way.who:<24}{way.link}")
        click.echo(f"{installation.portal.url} shows the demo; Ctrl-C ends")
        uvicorn.run(
            create_app(installation), host="127.0.0.1", port=PORT, log_level="warning", ws="none"
        )
