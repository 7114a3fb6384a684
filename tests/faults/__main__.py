"""
Kill everything, many times, and hold the store against what the boxes have sent.

    .venv/bin/python -m tests.faults --messages 100000 --seed 1

For each store three runs with the same kills: boxes that repeat, the control, boxes that do not.
Exit 1 where something is lost that may not be, or where the control finds nothing.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.output import progress_bars
from tests.faults.outage import MINUTES, Outage, perform_outage
from tests.faults.outcome import Outcome, Setting
from tests.faults.plan import Moment, Victim
from tests.faults.run import STORES, perform

if TYPE_CHECKING:
    from collections.abc import Iterable

# A tenth of the time, and ten times what 3,000 meters of a city send, each every 16 seconds.
MINUTE_SECONDS = 6.0
MESSAGES_PER_MINUTE = 11_400

HEADER = "store | run | messages | kills | repeated | missing | duplicate keys | wrong values | s"
KILLS_HEADER = "store | run | killed | moment of the write | in flight at each kill: worker + boxes"


@click.command(epilog="Example:  .venv/bin/python -m tests.faults --messages 10000 --kills-each 1")
@click.option("--messages", type=click.IntRange(min=1000), default=100_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--store", "stores", type=click.Choice(STORES), multiple=True, default=STORES)
@click.option(
    "--kills-each",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Kills of each victim at each moment of a write.",
)
@click.option("--protocol", type=click.Choice(("5", "3.1.1")), default="5", show_default=True)
@click.option("--ack-early", is_flag=True, help="The control alone: it must lose.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, kill by kill.")
def main(
    messages: int,
    seed: int,
    stores: tuple[str, ...],
    kills_each: int,
    protocol: str,
    ack_early: bool,
    as_json: bool,
) -> None:
    """Kill worker, broker and store at random moments and count what is lost."""
    variants = [(True, True)] if ack_early else [(True, False), (True, True), (False, False)]
    settings = [
        Setting(store, messages, seed, kills_each, protocol, repeating, early)
        for store, (repeating, early) in product(stores, variants)
    ]
    outcomes = list(_performed(settings, as_json))
    faults = [fault for outcome in outcomes for fault in outcome.faults()]
    outage = None if ack_early else _performed_outage(as_json)
    if outage is not None:
        faults += outage.faults()
    if as_json:
        told = [asdict(outcome) | {"run": outcome.setting.name} for outcome in outcomes]
        without_store = outage and asdict(outage)
        click.echo(json.dumps({"outcomes": told, "outage": without_store, "faults": faults}))
    else:
        _print_tables(outcomes)
        if outage is not None:
            _print_outage(outage)
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1 if faults else 0)


def _performed(settings: list[Setting], quiet: bool) -> Iterable[Outcome]:
    with progress_bars(hidden=quiet) as bars:
        for setting in settings:
            task = bars.add_task(f"{setting.store}, {setting.name}", total=setting.messages)
            with tempfile.TemporaryDirectory() as directory:
                yield perform(
                    setting,
                    Path(directory),
                    lambda sent: bars.update(task, completed=sent),  # noqa: B023  called within the turn
                )


def _performed_outage(quiet: bool) -> Outage:
    with progress_bars(hidden=quiet) as bars, tempfile.TemporaryDirectory() as directory:
        task = bars.add_task("ten minutes without a store", total=MINUTES)
        return perform_outage(
            Path(directory),
            MINUTE_SECONDS,
            MESSAGES_PER_MINUTE,
            lambda minute: bars.update(task, completed=minute),
        )


def _print_outage(outage: Outage) -> None:
    resident = ", ".join(f"{each:.0f}" for each in outage.resident_mib)
    click.echo(
        f"\nTen minutes without a store (a minute lasts {MINUTE_SECONDS:.0f} s, and pauses "
        f"likewise): {outage.waited} messages sent, resident MiB by minute {resident}; "
        f"{outage.connects} connection; then drained at {outage.drained_per_s:.0f} messages/s"
    )


def _print_tables(outcomes: list[Outcome]) -> None:
    day, cores = datetime.now(UTC).date(), len(os.sched_getaffinity(0))
    click.echo(f"{day}, {cores} cores, seed {outcomes[0].setting.seed}\n")
    _print_table(HEADER, (_row(each) for each in outcomes))
    click.echo()
    _print_table(
        KILLS_HEADER,
        (_kill_row(*each) for each in product(outcomes, Victim, Moment)),
    )


def _row(outcome: Outcome) -> list[object]:
    missing, duplicates, wrong, unknown = outcome.found
    return [
        outcome.setting.store,
        outcome.setting.name,
        outcome.setting.messages,
        len(outcome.killed),
        outcome.repeated,
        missing,
        duplicates,
        wrong + unknown,
        f"{outcome.seconds:.0f}",
    ]


def _kill_row(outcome: Outcome, victim: Victim, moment: Moment) -> list[object]:
    kills = [k for k in outcome.killed if (k.kill.victim, k.kill.moment) == (victim, moment)]
    in_flight = ", ".join(f"{each.in_worker}+{each.in_sender}" for each in kills)
    return [outcome.setting.store, outcome.setting.name, victim, moment, in_flight]


def _print_table(header: str, rows: Iterable[list[object]]) -> None:
    click.echo(f"| {header} |")
    click.echo("|" + "---|" * (header.count("|") + 1))
    for row in rows:
        click.echo("| " + " | ".join(str(cell) for cell in row) + " |")


if __name__ == "__main__":
    # A worker that was killed is back sooner where its modules are imported already.
    multiprocessing.set_forkserver_preload(["tests.faults.worker", "tests.faults.sender"])
    main()
