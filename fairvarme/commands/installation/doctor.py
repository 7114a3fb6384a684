"""``fairvarme doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json


@click.command("doctor", epilog=examples("fairvarme doctor --config /etc/fairvarme.toml"))
@config_option
@json_option
def command(config: Path | None, as_json: bool) -> None:
    """
    Check the installation, and show what to do about each fault.

    Checks settings, estates, clock, disk, store, database, quarantine, broker, worker,
    certificates and silent devices. It does not disturb the worker and writes nothing. Exit code
    1 if there is a fault.
    """
    from fairvarme.doctor.examine import examine

    checks = []
    for check in examine(config):
        checks.append(check)
        if not as_json:
            click.echo(f"{check.state:<8} {check.name}: {check.detail}")
            if check.remedy:
                click.echo(f"         {check.remedy}")
    faults = sum(check.state == "fault" for check in checks)
    if as_json:
        echo_json({"faults": faults, "checks": [check._asdict() for check in checks]})
    if faults:
        raise SystemExit(1)
