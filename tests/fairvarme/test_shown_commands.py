"""Every `fairvarme ...` that a page shows is a command line that the program takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from fairvarme.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
LINE = re.compile(r"^ *(?:\.venv/bin/)?fairvarme (.*)$")
INLINE = re.compile(r"`(?:\.venv/bin/)?fairvarme ([^`]*)`")
SHELL = re.compile(r" (?:[0-9]?>|&|\|\|)")


def shown_commands() -> Iterator[tuple[str, str]]:
    """Yield each command line with its page: lines of code blocks, and those within sentences."""
    for page in PAGES:
        text = page.read_text("utf-8").replace("\\\n", " ")
        lines = text.splitlines()
        code = [found[1] for found in map(LINE.match, lines) if found]
        inline = [each for line in lines if not LINE.match(line) for each in INLINE.findall(line)]
        yield from ((page.name, command) for command in dict.fromkeys(code + inline))


def leaf(command: click.Command, arguments: list[str]) -> tuple[click.Command, list[str]]:
    """Find the command that takes the arguments, and those that are left for it."""
    while isinstance(command, click.Group) and arguments:
        child = command.get_command(click.Context(command), arguments[0])
        assert child is not None, f"no command {arguments[0]}"
        command, arguments = child, arguments[1:]
    return command, arguments


@pytest.mark.parametrize(("page", "line"), list(shown_commands()))
def test_the_program_takes_what_a_page_shows(page: str, line: str) -> None:
    # What the shell reads is no argument: a file that output goes to, what runs beside or after.
    arguments = shlex.split(SHELL.split(line)[0], comments=True)
    command, rest = leaf(main, arguments)
    if not rest:
        return  # the name of the command alone, within a sentence
    try:
        command.make_context(arguments[0], rest)
    except click.MissingParameter:
        pass  # a sentence shows an option without those that the command needs beside it
    except click.BadParameter as error:
        if "does not exist" not in error.message:  # uplink.json is the reader's
            raise
