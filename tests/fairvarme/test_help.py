"""Every command's help is quick and shows an example."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from firmware_sim.cli import main as sim_main
from tests.support.start_up import telling_command, told

HEAVY = {
    "alembic", "fastapi", "influxdb_client", "jinja2", "matplotlib", "numpy", "pandas", "scipy",
    "sqlalchemy", "typst",
}  # fmt: skip
PROGRAMS = {"fairvarme.cli": main, "firmware_sim.cli": sim_main}


def command_paths(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    paths = [path]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            paths += command_paths(child, (*path, name))
    return paths


CASES = [
    pytest.param(module, path, id=" ".join((module.split(".")[0], *path)))
    for module, program in PROGRAMS.items()
    for path in command_paths(program)
]


def run_help(module: str, path: tuple[str, ...]) -> tuple[str, set[str]]:
    command = telling_command([*path, "--help"], module)
    done = told(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return done.text, done.modules


@pytest.mark.slow
@pytest.mark.parametrize(("module", "path"), CASES)
def test_help_shows_an_example_and_imports_nothing_heavy(
    module: str, path: tuple[str, ...]
) -> None:
    text, modules = run_help(module, path)
    group = not text.startswith("Usage") or "COMMAND [ARGS]" in text
    assert group or "Example" in text
    assert not modules & HEAVY


def test_an_example_is_one_line_however_long() -> None:
    text = CliRunner().invoke(main, ["bill", "--help"], terminal_width=60).output
    examples = text.split("Examples:\n")[1].splitlines()
    assert max(map(len, examples)) > 60
    assert all(example.strip().startswith("fairvarme bill ") for example in examples)


def test_the_table_of_commands_names_what_can_be_imported() -> None:
    context = click.Context(main)
    assert isinstance(main, click.Group)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name


def test_an_unknown_command_is_wrong_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fairvarme", "nonsense"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "nonsense" in done.stderr
