"""``fairvarme ingest``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, json_option
from fairvarme.output import echo_json


@click.command("ingest", epilog="Example:  fairvarme ingest --config /etc/fairvarme.toml")
@config_option
@json_option
def command(config: Path | None, as_json: bool) -> None:
    """
    Take readings from the MQTT broker into the store, until it is told to stop.

    A message is acknowledged to the broker after its readings are durable. What no reading can be
    made of goes to quarantine with a reason. SIGTERM or Ctrl-C ends it in good order: what was
    received is stored first.
    """
    import logging

    from fairvarme.ingest_run import run_worker
    from fairvarme.settings import read_settings

    # On standard error, where a service manager keeps it.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("ingest").setLevel(logging.INFO)
    counts = run_worker(read_settings(config), on_ready=lambda: _say_ready(as_json))
    if as_json:
        echo_json({"state": "ended", **counts})
    else:
        click.echo("ended; " + ", ".join(f"{number} {name}" for name, number in counts.items()))


def _say_ready(as_json: bool) -> None:
    if as_json:
        echo_json({"state": "ready"})
    else:
        click.echo("subscribed; readings are taken in")
