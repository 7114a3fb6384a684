"""``fairvarme mould``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from fairvarme.options import examples, json_option
from fairvarme.output import echo_json

# Named here, so that the help imports no model; a test holds the two together.
MATERIALS = ("very_sensitive", "sensitive", "medium_resistant", "resistant")

_file = click.Path(path_type=Path)


@click.command(
    "mould",
    epilog=examples(
        "fairvarme mould bedroom.csv --material sensitive --f-rsi 0.7 --outdoor outdoor.csv"
    ),
)
@click.argument("file", type=_file)
@click.option("--material", type=click.Choice(MATERIALS), required=True, help="Of the surface.")
@click.option(
    "--f-rsi",
    type=click.FloatRange(0, 1),
    help="Temperature factor of the surface; FILE is then the air of the room.",
)
@click.option("--outdoor", type=_file, help="File of time,temperature_c; goes with --f-rsi.")
@click.option(
    "--decline",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Speed at which the index falls in dry hours, relative to pine.",
)
@json_option
def command(
    file: Path,
    material: str,
    f_rsi: float | None,
    outdoor: Path | None,
    decline: float,
    as_json: bool,
) -> None:
    """
    Follow the mould index (VTT) through FILE: time,temperature_c,humidity_pct by the hour.

    The index is 1 where a microscope shows mould, 3 where the eye begins to, 6 where the surface
    is covered.
    """
    from operations.readings.mould_file import mould_of_file

    course = mould_of_file(file, material, f_rsi, outdoor, decline)
    if as_json:
        echo_json(asdict(course))
        return
    click.echo(
        f"index at most {course.index_max:.2f}, at the end {course.index_end:.2f}, "
        f"over {course.hours} hours"
    )
    for level, hours in ((1, course.hours_to_1), (3, course.hours_to_3)):
        if hours is not None:
            click.echo(f"index {level} after {hours} hours ({hours / 24:.1f} days)")
    if course.missing_hours:
        click.echo(f"{course.missing_hours} hours are missing: the index stays as it is in them")
    if course.clipped_hours:
        click.echo(f"{course.clipped_hours} hours of more than 100 % are taken as 100 %")
