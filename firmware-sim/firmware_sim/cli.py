"""The simulator's command line. Exit codes: 0 done, 1 it could not be done, 2 wrong usage."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware_sim.building import Simulation

    Command = TypeVar("Command", bound=Callable[..., Any])

_file = click.Path(path_type=Path)


def _common(command: Command) -> Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON."),
        click.option("--events/--no-events", default=True, help="One leak and one damp home."),
        click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True),
        click.option("--truth", type=_file, required=True, help="Where the truth is written."),
        click.option("--month", required=True, help="A civil month, as 2026-01."),
        click.option("--estate", type=_file, required=True, help="Estate folder."),
    ):
        command = option(command)
    return command


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start here:  fairvarme-sim write --estate DIR --month 2026-01 --readings january.csv "
    "--truth truth.json",
)
@click.version_option(package_name="fairvarme")
def main() -> None:
    """Simulate a building: boxes and meters over MQTT, and the truth about what happened."""


@main.command(
    epilog="Example:  fairvarme-sim run --estate DIR --month 2026-01 --broker mqtt://127.0.0.1 "
    "--truth truth.json"
)
@_common
@click.option(
    "--broker",
    required=True,
    envvar="FAIRVARME_SIM_BROKER",
    help="mqtt://[user:password@]host[:port]; better in FAIRVARME_SIM_BROKER.",
)
@click.option("--protocol", type=click.Choice(["5", "3.1.1"]), default="5", show_default=True)
@click.option("--ledger", type=_file, help="CSV of the readings that the broker acknowledged.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="Simulated seconds in a second; 1 is real time, 0 as fast as the broker takes it.",
)
def run(
    estate: Path,
    month: str,
    truth: Path,
    seed: int,
    events: bool,
    as_json: bool,
    broker: str,
    protocol: Literal["5", "3.1.1"],
    ledger: Path | None,
    speed: float,
) -> None:
    """Publish a month of a building's devices over MQTT."""
    from firmware_sim.devices import Fleet
    from firmware_sim.publish import BrokerAddress, BrokerProblem, Ledger, Publisher

    fleet = Fleet(_simulate(estate, month, seed, events, truth), seed)
    messages = fleet.messages()
    try:
        with (ledger or Path(os.devnull)).open("w", encoding="utf-8") as file:
            written = Ledger(file)
            publisher = Publisher(BrokerAddress.parse(broker, protocol), written)
            with click.progressbar(length=len(messages), label="messages", file=sys.stderr) as bar:
                publisher.publish(fleet.statuses(), messages, speed, lambda _: bar.update(1))
    except BrokerProblem as problem:
        raise click.ClickException(str(problem)) from problem
    _tell({"messages": publisher.acknowledged, "readings": written.readings}, as_json)


@main.command(
    epilog="Example:  fairvarme-sim write --estate DIR --month 2026-01 --readings january.csv "
    "--truth truth.json"
)
@_common
@click.option("--readings", type=_file, required=True, help="Readings file to write.")
def write(
    estate: Path,
    month: str,
    truth: Path,
    seed: int,
    events: bool,
    as_json: bool,
    readings: Path,
) -> None:
    """Write a month of a building's readings into a file, without a broker."""
    from firmware_sim.clock import iso
    from firmware_sim.devices import Fleet

    fleet = Fleet(_simulate(estate, month, seed, events, truth), seed)
    number = 0
    with readings.open("w", encoding="utf-8") as file:
        file.write("time,device,quantity,value\n")
        for message in fleet.messages():
            for time_ms, device, quantity, value in message.samples:
                file.write(f"{iso(time_ms)},{device},{quantity},{value!r}\n")
                number += 1
    _tell({"readings": number}, as_json)


def _simulate(estate: Path, month: str, seed: int, events: bool, truth: Path) -> Simulation:
    from firmware_sim.building import simulate
    from firmware_sim.clock import month_days
    from firmware_sim.folder import FolderUnreadable, read_house
    from firmware_sim.truth import truth_of

    try:
        month_days(month)
    except ValueError as error:
        raise click.BadParameter(f"'{month}' is no month; write it as 2026-01") from error
    try:
        house = read_house(estate)
    except FolderUnreadable as error:
        raise click.ClickException(str(error)) from error
    simulation = simulate(house, month, seed, events=events)
    text = json.dumps(truth_of(simulation, seed), ensure_ascii=False, indent=2)
    truth.write_text(text + "\n", "utf-8")
    return simulation


def _tell(counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(counts))
    else:
        click.echo(", ".join(f"{number} {name}" for name, number in counts.items()))
