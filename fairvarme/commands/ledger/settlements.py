"""``fairvarme runs settlements``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from fairvarme.commands.ledger.options import DAY
from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json


@click.command("settlements", epilog=examples("fairvarme runs settlements 7 --out moved-out"))
@click.argument("run", type=click.IntRange(min=1))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Output folder.")
@click.option("--on", "day", type=DAY, help="Day of delivery. [default: today]")
@config_option
@json_option
def command(run: int, out: Path, day: datetime | None, config: Path | None, as_json: bool) -> None:
    """
    Print a letter to each home that was left in the period of a run.

    It tells what the meters showed, what the home cost, what was paid on account and what is left,
    and goes to the new address. Send it with the statement.
    """
    from operations.ledger.settlements import print_settlements
    from operations.settings import read_settings

    on = (day or datetime.now().astimezone()).date()
    written = print_settlements(read_settings(config), run, out, on)
    if as_json:
        findings = [each.as_dict() for each in written.findings]
        files = [str(each) for each in written.paths]
        echo_json({"run": run, "files": files, "findings": findings})
        return
    for finding in written.findings:
        click.echo(finding.message, err=True)
    click.echo(f"run {run}: {len(written.paths)} settlement letters in {out}")
