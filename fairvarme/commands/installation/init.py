"""``fairvarme init``."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estate.errors import UsageError
from fairvarme.init.answers import Answers, fault_of_building, fault_of_host, source_kinds
from fairvarme.options import examples

if TYPE_CHECKING:
    from collections.abc import Callable

TENURES = ("almen", "privat", "andel", "ejer")
QUESTIONS = {
    "building": ("Id of the building, for topics and folders", "solgaarden"),
    "name": ("Its name", "Solgården"),
    "address": ("Its address", "Solgaarden 1"),
    "tenure": (f"Who lives there: {', '.join(TENURES)}", "andel"),
    "host": ("Name by which boxes reach the broker", socket.gethostname()),
}
"""What is asked of a person, and what is used where nobody can be asked."""


def _checked(fault_of: Callable[[str], str | None]) -> Callable[[str], str]:
    def check(answer: str) -> str:
        if fault := fault_of(answer):
            raise click.BadParameter(fault)
        return answer

    return check


CHECKED_BY: dict[str, Callable[[str], str]] = {
    "building": _checked(fault_of_building),
    "host": _checked(fault_of_host),
    "tenure": lambda answer: click.Choice(TENURES).convert(answer, None, None),
}
"""What looks at an answer, and lets a question be asked again."""


@click.command(
    "init",
    epilog=examples(
        "fairvarme init solgaarden",
        "fairvarme init solgaarden --building solgaarden --source own-json --source wmbusmeters",
    ),
)
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--building", help="Id of the building, for topics and folders.")
@click.option("--name", help="Its name.")
@click.option("--address", help="Its address.")
@click.option("--tenure", type=click.Choice(TENURES), help="Who lives there.")
@click.option("--host", help="Name by which boxes and gateways reach the broker.")
@click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Choice(list(source_kinds())),
    help="What sends readings. Repeatable. [default: own-json]",
)
@click.option("--timezone", default="Europe/Copenhagen", show_default=True)
@click.option("--language", type=click.Choice(["da", "en"]), default="da", show_default=True)
@click.option(
    "--port",
    type=click.IntRange(1024, 58_534),
    default=1883,
    show_default=True,
    help="Port of the broker on this machine; with TLS it listens 7000 above it.",
)
@click.option(
    "--health-port",
    type=click.IntRange(1, 65_535),
    default=9464,
    show_default=True,
    help="Port of the worker's health pages.",
)
@click.option(
    "--portal-port",
    type=click.IntRange(1, 65_535),
    default=8080,
    show_default=True,
    help="Port of the portal.",
)
def command(directory: Path, **given: Any) -> None:  # noqa: ANN401  click's options
    """
    Make a new installation in the folder DIRECTORY: everything but your building's own facts.

    Writes the settings, an estate folder with an example row in each file, the broker's
    configuration with certificate, access list and log-ins, units for systemd, and what to do next.
    What no option says is asked, where somebody can be asked.
    """
    from fairvarme.init.write import write_installation

    asked = {name: given[name] or _asked(name) for name in QUESTIONS}
    given["sources"] = given["sources"] or _asked_sources()
    answers = Answers(**{**given, **asked}, today=datetime.now(UTC).date())
    click.echo(write_installation(directory, answers), nl=False)


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()


def _asked(name: str) -> str:
    question, default = QUESTIONS[name]
    if not _somebody_is_there():
        if name == "building":
            raise UsageError("name the building with --building, such as --building solgaarden")
        return default
    return click.prompt(question, default=default, value_proc=CHECKED_BY.get(name, str))


def _asked_sources() -> tuple[str, ...]:
    kinds = source_kinds()
    if not _somebody_is_there():
        return (next(iter(kinds)),)
    return tuple(
        name
        for number, (name, row) in enumerate(kinds.items())
        if click.confirm(f"Readings of {row['title']}?", default=number == 0)
    ) or (next(iter(kinds)),)
