"""``fairvarme doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, json_option
from fairvarme.output import echo_json


@click.command("doctor", epilog="Example:  fairvarme doctor --config /etc/fairvarme.toml")
@config_option
@json_option
def command(config: Path | None, as_json: bool) -> None:
    """
    Look the installation over, and say what to do about what is wrong.

    Looks at settings, estates, clock, disk, store, database, quarantine, broker, worker,
    certificates and silent devices. It takes nothing from the worker and writes nothing. Ends with
    1 where there is a fault.
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
