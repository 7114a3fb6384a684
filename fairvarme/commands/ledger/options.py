"""Options that the commands of the ledger share."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from fairvarme.options import Day

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Command = TypeVar("Command", bound=Callable[..., Any])

DAY = Day()


def by_option(command: Command) -> Command:
    """``--by NAME``."""
    return click.option(
        "--by", required=True, metavar="NAME", help="Who does this; it stands in the ledger."
    )(command)


def on_option(command: Command) -> Command:
    """``--on DAY``."""
    return click.option("--on", "day", type=DAY, required=True, help="Day on which it happened.")(
        command
    )


def tenancy_option(command: Command) -> Command:
    """``--tenancy ID``."""
    return click.option("--tenancy", required=True, metavar="ID", help="Whose statement it is.")(
        command
    )
