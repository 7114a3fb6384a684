"""``fairvarme quarantine``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, json_option
from fairvarme.output import echo_json


@click.group("quarantine")
def command() -> None:
    """List what ingest could not take, with the reason."""


@command.command("list", epilog="Example:  fairvarme quarantine list --limit 20")
@config_option
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@json_option
def list_rows(config: Path | None, limit: int, as_json: bool) -> None:
    """
    List quarantined messages and readings, the latest first, and the number by reason.

    Each reason comes with what it means and what to do about it.
    """
    from fairvarme.settings import read_settings
    from fairvarme.wiring import opened_database
    from ingest.quarantine import Quarantine
    from ingest.reasons import Reason, reason_texts

    with opened_database(read_settings(config)) as engine:
        quarantine = Quarantine(engine)
        counts, rows = quarantine.counts(), quarantine.list_rows(limit)
    if as_json:
        echo_json({"counts": counts, "rows": [row._asdict() for row in rows]})
        return
    for row in rows:
        click.echo(
            f"{row.times}x {row.reason}: {row.detail or '-'}  "
            f"[{row.topic} {row.device or ''} {row.quantity or ''}]"
        )
    for reason, count in sorted(counts.items()):
        text = reason_texts()[Reason(reason)]
        click.echo(f"{count} {reason}: {text.meaning} {text.remedy}")
    if not counts:
        click.echo("the quarantine is empty")
