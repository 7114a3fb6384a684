"""``fairvarme exchange``: files of other systems."""

from __future__ import annotations

from pathlib import Path

import click

from estate.errors import UsageError
from fairvarme.options import estate_option, examples, json_option
from fairvarme.output import echo_json

_path = click.Path(path_type=Path)


@click.group("exchange")
def command() -> None:
    """Read files of other systems, and list how they are laid out."""


@command.command(
    "profiles",
    epilog=examples(
        "fairvarme exchange profiles", "fairvarme exchange profiles fixed-position --out unik.yaml"
    ),
)
@click.argument("name", required=False)
@click.option("--out", type=_path, help="Write the profile NAME there, to change it.")
@json_option
def profiles(name: str | None, out: Path | None, as_json: bool) -> None:
    """List the shipped profiles; with NAME, print one, to begin one of your own with."""
    from billing.exchange.profile import load_profile, profile_text, shipped_profiles

    if name is not None:
        text = profile_text(name)
        if out is not None:
            _write_new(out, text)
            if as_json:
                echo_json({"file": str(out)})
            else:
                click.echo(f"{name} is written to {out}; change it, and name it by --format {out}")
        elif as_json:
            echo_json(load_profile(name).model_dump(mode="json", exclude_none=True))
        else:
            click.echo(text, nl=False)
        return
    known = [load_profile(each) for each in shipped_profiles()]
    if as_json:
        echo_json({"profiles": {each.name: each.description for each in known}})
        return
    for each in known:
        click.echo(f"{each.name:<16}{each.description}")


def _write_new(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as handle:
            handle.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} is there already; name a new file") from error


@command.command(
    "read",
    epilog=examples(
        "fairvarme exchange read DTM305_20261126120000.DAT --profile arge-m --out taken",
        "fairvarme exchange read last-year.csv --profile csv",
    ),
)
@click.argument("file", type=_path)
@click.option(
    "--profile",
    required=True,
    metavar="PROFILE",
    help="A shipped profile (fairvarme exchange profiles lists them), or a YAML file of your own.",
)
@click.option("--out", type=_path, help="Folder for the tables; without it the file is checked.")
@json_option
def read(file: Path, profile: str, out: Path | None, as_json: bool) -> None:
    """
    Read a file of another system, and write what it holds as CSV tables of our own.

    Every fault is told with its row and field; of a file with a fault nothing is written.
    """
    from operations.exchange.read_file import read_exchange_file

    taken = read_exchange_file(file, profile, out)
    if as_json:
        echo_json(
            {
                "sha256": taken.sha256,
                "records": taken.records,
                "parameters": dict(taken.parameters),
                "files": [str(each) for each in taken.written],
            }
        )
        return
    click.echo(f"{file}: {taken.records} records without fault")
    for each in taken.written:
        click.echo(str(each))


@command.command(
    "history",
    epilog=examples(
        "fairvarme exchange history history.csv --estate estates/solgaarden --out with-history"
    ),
)
@click.argument("file", type=_path)
@estate_option
@click.option("--out", type=_path, required=True, help="A new folder.")
@json_option
def history(file: Path, estate_directory: Path, out: Path, as_json: bool) -> None:
    """
    Take over what another meter company measured, so that statements compare with last year.

    FILE has the columns flat, quantity, period_start, period_end, use and origin. OUT/estate is the
    estate with the meters that were there, OUT/readings.csv holds their registers.
    """
    from operations.exchange.take_history import take_history

    taken = take_history(file, estate_directory, out)
    if as_json:
        echo_json(
            {
                "meters": [each.device for each in taken.meters],
                "readings": taken.readings,
                "estate": str(taken.estate),
                "readings_file": str(taken.readings_file),
            }
        )
        return
    click.echo(
        f"{taken.estate}: the estate with {len(taken.meters)} meters that were there; "
        f"{taken.readings_file}: {taken.readings} registers"
    )
