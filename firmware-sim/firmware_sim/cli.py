"""The simulator's command line. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from firmware_sim.mqtt.devices import Fleet
    from firmware_sim.mqtt.ledger import ReadingKey
    from firmware_sim.mqtt.messages import Sent
    from firmware_sim.physics.building import Simulation

    Command = TypeVar("Command", bound=Callable[..., Any])

_file = click.Path(path_type=Path)


def _common(command: Command) -> Command:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON."),
        click.option(
            "--events/--no-events", default=True, help="Whether one leak and one damp home occur."
        ),
        click.option(
            "--even-days",
            is_flag=True,
            help="All days of a household alike: no guests, trips and laundry.",
        ),
        click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True),
        click.option("--truth", type=_file, required=True, help="Output file of the truth."),
        click.option(
            "--scenario", type=_file, help="Scenario file with households, events and faults."
        ),
        click.option("--period", help="Instead of a month: START/END, local days, END exclusive."),
        click.option("--month", help="A calendar month, such as 2026-01."),
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
    help="mqtt://[user:password@]host[:port]; preferably in FAIRVARME_SIM_BROKER.",
)
@click.option("--protocol", type=click.Choice(["5", "3.1.1"]), default="5", show_default=True)
@click.option("--ledger", type=_file, help="CSV of the readings that the broker acknowledged.")
@click.option(
    "--only",
    type=click.File("r", encoding="utf-8"),
    help="Send only messages with a reading in this ledger.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="Simulated seconds per second; 1 is real time, 0 as fast as the broker accepts.",
)
@click.option(
    "--patience",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    help="Seconds without an acknowledgement after which to give up.",
)
def run(
    as_json: bool,
    broker: str,
    protocol: Literal["5", "3.1.1"],
    ledger: Path | None,
    only: IO[str] | None,
    speed: float,
    patience: float,
    **wanted: Any,  # noqa: ANN401  the common options
) -> None:
    """Publish the readings of a building's devices over MQTT."""
    from firmware_sim.mqtt.broker import BrokerAddress, BrokerProblem
    from firmware_sim.mqtt.devices import Fleet
    from firmware_sim.mqtt.ledger import Ledger, holding
    from firmware_sim.mqtt.publish import Publisher

    keys = _keys(only)
    fleet = Fleet(_simulate(**wanted), wanted["seed"])
    messages = _shown(fleet) if keys is None else holding(_shown(fleet), keys)
    try:
        with (ledger or Path(os.devnull)).open("w", encoding="utf-8") as file:
            written = Ledger(file)
            address = BrokerAddress.parse(broker, protocol)
            publisher = Publisher(address, written, fleet.senders(), patience)
            publisher.publish(messages, speed)
    except BrokerProblem as problem:
        raise click.ClickException(str(problem)) from problem
    counts = {"messages": written.messages, "readings": written.readings}
    _tell({**counts, "repeated": publisher.repeated, "given_up": publisher.given_up}, as_json)


@main.command(
    epilog="Example:  fairvarme-sim write --estate DIR --month 2026-01 --readings january.csv "
    "--truth truth.json"
)
@_common
@click.option("--readings", type=_file, required=True, help="Readings file to write.")
def write(
    as_json: bool,
    readings: Path,
    **wanted: Any,  # noqa: ANN401  the common options
) -> None:
    """Write a building's readings to a file, without a broker."""
    from firmware_sim.clock import iso
    from firmware_sim.mqtt.devices import Fleet

    fleet = Fleet(_simulate(**wanted), wanted["seed"])
    number = 0
    with readings.open("w", encoding="utf-8") as file:
        file.write("time,device,quantity,value\n")
        for message in _shown(fleet):
            for time_ms, device, quantity, value in message.samples:
                shown = "" if value is None else repr(value)
                file.write(f"{iso(time_ms)},{device},{quantity},{shown}\n")
                number += 1
    _tell({"readings": number}, as_json)


@main.command("personas", epilog="Example:  fairvarme-sim personas --year 2025 --week week.svg")
@click.option("--year", type=click.IntRange(1971, 9000), default=2025, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--week", type=_file, help="Plot the second week of the year to this SVG file.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def compare_personas(year: int, seed: int, week: Path | None, as_json: bool) -> None:
    """Compare the personas over a year, each in an identical flat between two others."""
    from dataclasses import asdict
    from datetime import date

    from firmware_sim.results.comparison import figures, simulate_personas

    simulation = simulate_personas(date(year, 1, 1), date(year + 1, 1, 1), seed)
    rows = figures(simulation)
    if week:
        # Only here: the figures alone are there sooner without matplotlib.
        from firmware_sim.results.plot import week_picture

        week.write_text(week_picture(simulation, date(year, 1, 8)), "utf-8")
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows]))
        return
    names = list(asdict(rows[0]))
    click.echo("  ".join(f"{name:>19}" for name in names))
    for row in rows:
        persona, *numbers = asdict(row).values()
        click.echo("  ".join([f"{persona:>19}", *(f"{number:19.1f}" for number in numbers)]))


def _keys(ledger: IO[str] | None) -> set[ReadingKey] | None:
    from firmware_sim.mqtt.ledger import LedgerUnreadable, read_keys

    try:
        return None if ledger is None else read_keys(ledger)
    except LedgerUnreadable as problem:
        raise click.ClickException(str(problem)) from problem


def _simulate(
    estate: Path,
    month: str | None,
    period: str | None,
    scenario: Path | None,
    truth: Path,
    seed: int,
    events: bool,
    even_days: bool,
) -> Simulation:
    from firmware_sim.folder import FolderUnreadable, read_house
    from firmware_sim.life.scenario import NOTHING, ScenarioInvalid, read_scenario
    from firmware_sim.parameters import parameters
    from firmware_sim.physics.building import simulate
    from firmware_sim.results.truth import truth_of

    start, end = _days(month, period)
    try:
        house = read_house(estate)
        wanted = read_scenario(scenario, house) if scenario else NOTHING
    except (FolderUnreadable, ScenarioInvalid) as error:
        raise click.ClickException(str(error)) from error
    days = (end - start).days + parameters().spin_up_days
    with click.progressbar(length=days, label="days", file=sys.stderr) as bar:
        simulation = simulate(
            house,
            start,
            end,
            seed,
            events=events,
            scenario=wanted,
            even=even_days,
            told=bar.update,
        )
    text = json.dumps(truth_of(simulation), ensure_ascii=False, indent=2)
    truth.write_text(text + "\n", "utf-8")
    return simulation


def _shown(fleet: Fleet) -> Iterator[Sent]:
    """Yield a fleet's messages, with a progress bar of simulated time."""
    clock = fleet.simulation.clock
    start_ms = at_ms = int(clock.step_start_ms[fleet.simulation.first_step])
    length = clock.end_ms - start_ms
    with click.progressbar(length=length, label="messages", file=sys.stderr) as bar:
        for message in fleet.messages():
            yield message
            bar.update(message.time_ms - at_ms)
            at_ms = message.time_ms


def _days(month: str | None, period: str | None) -> tuple[date, date]:
    from firmware_sim.clock import month_days, period_days

    if (month is None) == (period is None):
        raise click.UsageError("give the days by either --month or --period")
    try:
        return month_days(month) if month else period_days(period or "")
    except ValueError as error:
        raise click.BadParameter(
            f"'{month or period}' is invalid; write --month 2026-01, or "
            "--period 2026-01-01/2026-02-01"
        ) from error


def _tell(counts: dict[str, int], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(counts))
    else:
        click.echo(", ".join(f"{number} {name}" for name, number in counts.items()))
