"""``fairvarme erase``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import echo_json

if TYPE_CHECKING:
    from operations.privacy.erase import Erased


@click.command(
    "erase",
    epilog=examples(
        'fairvarme erase solgaarden/0101-1/0101-1a --by anna --reason "asked by letter"'
    ),
)
@click.argument("person")
@click.option(
    "--by", required=True, metavar="NAME", help="Who erases; it stands in the record of access."
)
@click.option("--reason", required=True, help="Why; it stands there too.")
@config_option
@json_option
def command(person: str, by: str, reason: str, config: Path | None, as_json: bool) -> None:
    """
    Erase what is held about PERSON and no law requires.

    Climate readings, messages, alerts, wishes and log-ins go; of somebody who has moved out the
    addresses too. What stays, and why, is printed. PERSON is BUILDING/TENANCY/PERSON, a mail
    address or a telephone number. It cannot be undone. Where an estate that may know PERSON cannot
    be read, that is said, and the exit code is 1.
    """
    from operations.privacy.erase import erase_person
    from operations.settings import read_settings

    done = erase_person(read_settings(config), person, by, reason)
    if as_json:
        findings = [each.as_dict() for each in done.left_out]
        echo_json({"removed": done.removed, "kept": done.kept, "findings": findings})
    else:
        _show(done)
    sys.exit(bool(done.left_out))


def _show(done: Erased) -> None:
    for name, number in done.removed.items():
        click.echo(f"{name}: {number} erased")
    for name, why in done.kept.items():
        click.echo(f"{name}: kept, {why}")
    for each in done.left_out:
        click.echo(each.message, err=True)
    if done.left_out:
        click.echo(
            "the person may be known there too, and is not erased there: correct the estate, and "
            "erase again",
            err=True,
        )
