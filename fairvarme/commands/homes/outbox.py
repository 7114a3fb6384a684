"""``fairvarme outbox``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairvarme.options import config_option, examples, json_option
from fairvarme.output import as_local, echo_json

if TYPE_CHECKING:
    from typing import BinaryIO

    from correspondence.outbox.dispatch import Dispatched

STATES = ("queued", "sent", "undeliverable", "given_up", "withdrawn")


@click.group("outbox")
def command() -> None:
    """Send what is due, and tell what became of each message."""


@command.command("send", epilog=examples("fairvarme outbox send"))
@config_option
@json_option
def send(config: Path | None, as_json: bool) -> None:
    """
    Send every message that is due, by mail, letter and webhook.

    A channel that is away keeps its messages, and the exit code is 1. Interrupted or run again, at
    most the message that was under way is sent twice, under the same id.
    """
    from operations.outbox.send_due import send_due
    from operations.settings import read_settings

    done = send_due(read_settings(config))
    if as_json:
        echo_json(vars(done))
    else:
        echo_dispatched(done)
    if done.away:
        sys.exit(1)


def echo_dispatched(done: Dispatched) -> None:
    """Print what one round of sending did."""
    for word, counts in (
        ("sent", done.sent),
        ("tried again later", done.later),
        ("undeliverable", done.undeliverable),
        ("given up", done.given_up),
        ("not sent: the reader opted out or moved out", done.unwanted),
    ):
        for channel, number in sorted(counts.items()):
            click.echo(f"{number} by {channel} {word}")
    for channel, reason in sorted(done.away.items()):
        click.echo(f"{channel} takes nothing now: {reason}. Its messages are kept", err=True)


@command.command("list", epilog=examples("fairvarme outbox list --state undeliverable"))
@click.argument("building", required=False)
@click.option("--state", type=click.Choice(STATES), help="Only messages in this state.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@config_option
@json_option
def list_rows(
    building: str | None, state: str | None, limit: int, config: Path | None, as_json: bool
) -> None:
    """
    List what became of messages, the latest first; without their text and addresses.

    A message of which an attempt was cut off may have been sent twice; it is marked so.
    """
    from correspondence.outbox.store import Outbox
    from operations.settings import read_settings
    from operations.wiring import opened_database

    settings = read_settings(config)
    zone = settings.service.timezone
    with opened_database(settings) as engine:
        outbox = Outbox(engine)
        counts, rows = outbox.counts(), outbox.list_rows(limit, state, building)
    if as_json:
        echo_json({"counts": counts, "messages": [row._asdict() for row in rows]})
        return
    for row in rows:
        twice = "  perhaps sent twice" if row.repeats else ""
        answer = f"  ({row.answer})" if row.answer else ""
        click.echo(
            f"{as_local(row.queued_ms, zone)}  {row.state:<13}  {row.channel:<7}  {row.kind:<10}  "
            f"{row.tenancy or row.building or '-':<12}  {row.subject}{answer}{twice}"
        )
    for name, count in sorted(counts.items()):
        click.echo(f"{count} {name}")
    if not counts:
        click.echo("the outbox is empty")


@command.command(
    "bounce", epilog='\b\nExample, in /etc/aliases:\n  heat: |"fairvarme outbox bounce"'
)
@click.argument("file", type=click.File("rb"), default="-")
@config_option
@json_option
def bounce(file: BinaryIO, config: Path | None, as_json: bool) -> None:
    """
    Take a report that a mail could not be delivered, from FILE or standard input.

    The message is marked undeliverable, and a letter takes its place. A mail that is no such report
    changes nothing.
    """
    from operations.outbox.send_due import take_bounce
    from operations.settings import read_settings

    found = take_bounce(read_settings(config), file.read())
    if as_json:
        echo_json({"message": found})
        return
    click.echo(f"{found}: a letter takes its place" if found else "no report of one of our mails")


@command.command("print", epilog=examples("fairvarme outbox print solgaarden"))
@click.argument("buildings", nargs=-1)
@config_option
@json_option
def print_letters(buildings: tuple[str, ...], config: Path | None, as_json: bool) -> None:
    """
    Make the print file of each of BUILDINGS (default: all) from the letters that wait.

    One PDF for printing on both sides, in the order of the stairwells, with an index and a sheet
    that counts it beside it. A letter is in one print file only.
    """
    from operations.outbox.print_file import make_print_files
    from operations.settings import read_settings

    made = make_print_files(read_settings(config), buildings)
    if as_json:
        echo_json({"files": [each._asdict() for each in made]})
        return
    for each in made:
        if each.path:
            counts = f"{each.letters} letters, {each.pages} pages, {each.sheets} sheets"
            click.echo(f"{each.path}: {counts}")
        for name in each.aside:
            click.echo(f"{each.building}: no address for the letter of {name}", err=True)
    if not any(each.path for each in made):
        click.echo("no letter waits")
