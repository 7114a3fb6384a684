"""``fairvarme quarantine``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import as_local, echo_json, progress_bars
from ingest.reasons import Reason


@click.group("quarantine")
def command() -> None:
    """List quarantined messages with the reason, and process them again once it is fixed."""


@command.command("list", epilog=examples("fairvarme quarantine list --limit 20"))
@config_option
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@json_option
def list_rows(config: Path | None, limit: int, as_json: bool) -> None:
    """
    List complaints, the latest first, each with its count, and the number by reason.

    For one source and device, the same reason and name is one line. Each reason comes with
    its meaning and remedy.
    """
    from ingest.quarantine.store import Quarantine
    from ingest.reasons import reason_texts
    from operations.settings import read_settings
    from operations.wiring import opened_database

    settings = read_settings(config)
    zone = settings.service.timezone
    with opened_database(settings) as engine:
        quarantine = Quarantine(engine)
        counts, rows = quarantine.counts(), quarantine.list_rows(limit)
    if as_json:
        echo_json({"counts": counts, "rows": [row._asdict() for row in rows]})
        return
    for row in rows:
        where = " ".join(filter(None, (row.topic, row.device, row.quantity)))
        click.echo(
            f"{row.times}x {row.reason}: {row.detail or '-'}  [{where}]  "
            f"{as_local(row.first_ms, zone)} to {as_local(row.last_ms, zone)}"
        )
    for reason, count in sorted(counts.items()):
        text = reason_texts()[Reason(reason)]
        click.echo(f"{count} {reason}: {text.meaning} {text.remedy}")
    if not counts:
        click.echo("the quarantine is empty")


@command.command("replay", epilog=examples("fairvarme quarantine replay --reason device_unknown"))
@config_option
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in Reason]),
    help="Only messages with this reason.",
)
@click.option("--device", metavar="DEVICE", help="Only messages with a reading of this device.")
@click.option("--source", help="Only messages of the source with this topic filter.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would pass now.")
@click.option(
    "--clock-was-behind",
    is_flag=True,
    help="This machine's clock was behind when they came: judge times by the clock of now.",
)
@json_option
def requeue_messages(
    config: Path | None,
    reason: str | None,
    device: str | None,
    source: str | None,
    dry_run: bool,
    clock_was_behind: bool,
    as_json: bool,
) -> None:
    """
    Process quarantined messages again, once the cause is fixed.

    They are decoded and validated with the current settings and devices, with their original time
    of arrival. What passes is stored and leaves the quarantine; the rest stays, with the current
    reason. An interrupted run can be repeated.
    """
    from ingest.quarantine.store import Selection
    from operations.intake.requeue import requeue_quarantine
    from operations.settings import read_settings

    selection = Selection(reason, device, source)
    with progress_bars(hidden=as_json) as bars:
        task = bars.add_task("messages")
        done = requeue_quarantine(
            read_settings(config),
            selection,
            dry=dry_run,
            clock_was_behind=clock_was_behind,
            on_progress=lambda number, total: bars.update(task, completed=number, total=total),
        )
    if as_json:
        echo_json({"dry_run": dry_run, **done._asdict()})
        return
    passed, left = ("would pass", "would leave") if dry_run else ("are stored", "left")
    click.echo(
        f"of {done.messages} messages {done.stored} readings {passed}; "
        f"{done.mended} messages {left} the quarantine"
    )
    if done.cut:
        click.echo(f"{done.cut} messages were too large to be kept whole; they cannot be replayed")
    if done.damaged:
        click.echo(
            f"{done.damaged} messages are not as they were received, as after a fault of the disk; "
            "they are not replayed: restore the database from a backup"
        )
