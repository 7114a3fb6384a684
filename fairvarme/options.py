"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = TypeVar("Command", bound=Callable[..., Any])

_file = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
"""A folder that is there, such as an estate."""


class Day(click.DateTime):
    """A day, which help and messages write as ``YYYY-MM-DD``."""

    name = "day"

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    @override
    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what stands for a day in help."""
        return "YYYY-MM-DD"


def examples(*commands: str) -> str:
    """Return the end of a command's help: each example on a line that can be copied whole."""
    return "\n".join(
        [
            "\b",
            "Example:" if len(commands) == 1 else "Examples:",
            *(f"  {each}" for each in commands),
        ]
    )


def period_option(default: str = "") -> Callable[[Command], Command]:
    """``--period START/END``; required where no default is said."""
    said = f" [default: {default}]" if default else ""
    return click.option(
        "--period",
        required=not default,
        metavar="START/END",
        help=f"Local days YYYY-MM-DD, END exclusive.{said}",
    )


def config_option(command: Command) -> Command:
    """``--config FILE``."""
    return click.option(
        "--config",
        type=_file,
        help="Settings file. [default: FAIRVARME_CONFIG, else fairvarme.toml]",
    )(command)


def json_option(command: Command) -> Command:
    """``--json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print the result as JSON, for programs."
    )(command)


def estate_option(command: Command) -> Command:
    """``--estate DIR``."""
    return click.option(
        "--estate", "estate_directory", type=FOLDER, required=True, help="Estate folder."
    )(command)


def column_map_option(command: Command) -> Command:
    """``--column-map NAME-or-FILE``, repeatable."""
    return click.option(
        "--column-map",
        "column_maps",
        multiple=True,
        metavar="NAME-or-FILE",
        help="Column map of a portal's export: a shipped one such as eforsyning "
        "or eloverblik, or a file of your own (docs/readings-file.md). Repeatable; for each file "
        "the first that fits.",
    )(command)
