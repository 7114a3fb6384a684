"""``fairvarme ingest``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estate.errors import FairvarmeError, UsageError
from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json

if TYPE_CHECKING:
    from fairvarme.logs import LogFormat

log = logging.getLogger(__name__)


@click.command("ingest", epilog=examples("fairvarme ingest --config /etc/fairvarme.toml"))
@config_option
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of log lines on standard error.",
)
@json_option
def command(config: Path | None, log_format: LogFormat, as_json: bool) -> None:
    """
    Ingest readings from the MQTT broker into the store until stopped.

    A message is acknowledged after its readings are durable. What cannot
    become a reading goes to quarantine with a reason. SIGTERM or Ctrl-C ends it cleanly: what was
    received is stored first.
    """
    from fairvarme.logs import set_up_logging
    from operations.intake.run_worker import run_worker
    from operations.settings import read_settings

    # On standard error, which a service manager records.
    set_up_logging(log_format)
    try:
        counts = run_worker(read_settings(config), on_ready=lambda: _say_ready(as_json))
    except FairvarmeError as error:
        if log_format == "text":
            raise
        log.error("%s", error, extra={"event": "failed"})  # noqa: TRY400  no crash, so no traceback
        raise SystemExit(2 if isinstance(error, UsageError) else 1) from error
    if as_json:
        echo_json({"state": "ended", **counts})
    else:
        click.echo("ended; " + ", ".join(f"{number} {name}" for name, number in counts.items()))


def _say_ready(as_json: bool) -> None:
    if as_json:
        echo_json({"state": "ready"})
    else:
        click.echo("subscribed; ingesting readings")
