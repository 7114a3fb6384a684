"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = TypeVar("Command", bound=Callable[..., Any])

_file = click.Path(path_type=Path)


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
        "--estate", "estate_directory", type=_file, required=True, help="Estate folder."
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
