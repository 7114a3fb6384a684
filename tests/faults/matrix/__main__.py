"""
The faults beyond kills: each row with its control.

    .venv/bin/python -m tests.faults.matrix

Exit 1 where something is lost that may not be, or where a control loses nothing.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from fairvarme.output import progress_bars
from tests.faults.matrix.rows import ROWS

HEADER = "fault | where | tries | lost | control | its loss | seen"


@click.command(epilog="Example:  .venv/bin/python -m tests.faults.matrix --row power")
@click.option("--size", type=click.FloatRange(min=0.05), default=1.0, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--row", "names", multiple=True, type=click.Choice(list(ROWS)), default=tuple(ROWS))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
def main(size: float, seed: int, names: tuple[str, ...], as_json: bool) -> None:
    """Make each fault so often, and count what it cost."""
    if not as_json:
        click.echo(f"{datetime.now(UTC).date()}, {len(os.sched_getaffinity(0))} cores, seed {seed}")
        click.echo(f"\n| {HEADER} |\n|" + "---|" * (HEADER.count("|") + 1))
    faults: list[str] = []
    with progress_bars(hidden=as_json) as bars:
        task = bars.add_task("faults", total=len(names))
        for name in names:
            with tempfile.TemporaryDirectory() as directory:
                for row in ROWS[name](Path(directory), size, seed):
                    faults += row.faults()
                    click.echo(json.dumps(row.told()) if as_json else row.line())
            bars.advance(task)
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    logging.getLogger("ingest").setLevel(logging.CRITICAL)
    multiprocessing.set_forkserver_preload(["tests.faults.worker", "tests.faults.sender"])
    main()
