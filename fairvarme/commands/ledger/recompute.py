"""``fairvarme recompute``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json, money


@click.command("recompute", epilog=examples("fairvarme recompute 7"))
@click.argument("run", type=click.IntRange(min=1))
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the files of the bill, made again."
)
@config_option
@json_option
def command(run: int, out: Path | None, config: Path | None, as_json: bool) -> None:
    """
    Compute an approved run again, from what the ledger keeps of it.

    Neither readings nor the estate folder are asked: they may be gone. Exit code 1 where an amount
    is not what was approved, to the øre.
    """
    from billing.bill.files import write_bill
    from estate.errors import DataError
    from operations.ledger.recompute import recompute
    from operations.settings import read_settings

    again = recompute(read_settings(config), run)
    if out is not None:
        write_bill(out, again.bill, {})
    if again.findings:
        raise DataError(again.findings)
    statements, total_ore = len(again.bill.statements), again.bill.total_ore
    if as_json:
        echo_json({"run": run, "total_ore": total_ore, "statements": statements, "same": True})
        return
    click.echo(
        f"run {run}: {money(total_ore)} over {statements} statements, to the øre as approved"
    )
