"""``fairvarme decode``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estate.errors import UsageError
from fairvarme.options import FOLDER, examples
from fairvarme.output import echo_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

# Repeated here so that the help imports no decoder; a test compares the two.
DECODERS = (
    "fairvarme",
    "wmbusmeters",
    "ttn",
    "chirpstack",
    "zigbee2mqtt",
    "tasmota",
    "senml",
    "json",
    "value",
)

_path = click.Path(path_type=Path)


@click.command(
    "decode",
    epilog=examples(
        'echo \'{"time": "2026-01-14T07:00:00Z", "temperature_c": 20.6}\' | fairvarme '
        "decode --decoder fairvarme --topic fairvarme/v1/solgaarden/box-0112/readings -",
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--decoder", type=click.Choice(DECODERS), help="Format of FILE.")
@click.option("--topic", required=True, help="The topic it was published on.")
@click.option("--timezone", help="Time zone of times without an offset, such as Europe/Copenhagen.")
@click.option(
    "--key-map",
    "key_map",
    multiple=True,
    metavar="NAME=QUANTITY[:UNIT]",
    help="Meaning of a name in the payload, or NAME=ignore. Repeatable, or one JSON object.",
)
@click.option("--topic-pattern", help="Levels of the topic, such as {device}/{quantity}.")
@click.option("--device-field", help="Payload field that names the device.")
@click.option(
    "--alias",
    multiple=True,
    metavar="NAME=DEVICE",
    help="Id of the device that has NAME in the network. Repeatable.",
)
@click.option("--arrival", help="Time of arrival, ISO 8601. [default: now]")
@click.option(
    "--estate",
    "estate_directory",
    type=FOLDER,
    help="Estate folder, to check the device and its clock too.",
)
@click.option(
    "--config",
    type=_path,
    help="Settings file, to decode with the source that matches the topic.",
)
def command(
    file: str,
    topic: str,
    arrival: str | None,
    estate_directory: Path | None,
    config: Path | None,
    **described: Any,  # noqa: ANN401  the options that describe a source
) -> None:
    """
    Show how the payload in FILE (- for standard input) is decoded.

    One JSON object per line: device, time, quantity, value and quality of a reading (0 good; sum
    of 1 suspect, 2 time of arrival, 4 the device reports something), or the reason for rejection.
    Values are checked; whether the device is known and its clock plausible is checked with --estate
    or --config, and then the result is that of `fairvarme ingest`. Exit code 1 if there is no
    reading.
    """
    with click.open_file(file, "rb") as opened:
        lines = _lines(opened, topic, arrival, estate_directory, config, described)
        readings = 0
        for line in lines:
            echo_json(line)
            readings += "quantity" in line and "reason" not in line
    if not readings:
        sys.exit(1)


def _lines(
    opened: IO[bytes],
    topic: str,
    arrival: str | None,
    estate_directory: Path | None,
    config: Path | None,
    described: dict[str, Any],
) -> Iterator[dict[str, Any]]:
    from ingest.limits import limits
    from ingest.preview import preview, preview_intake
    from operations.readings.decode_file import (
        as_message,
        decode_source,
        intake_of_estate,
        intake_of_settings,
    )

    _check_options(described, estate_directory, config)
    message = as_message(opened, topic, arrival, limits().payload_bytes)
    if config is not None:
        return preview_intake(message, intake_of_settings(config))
    source = decode_source(**described)
    if estate_directory is not None:
        return preview_intake(message, intake_of_estate(estate_directory, source))
    return preview(message, source.decoder, source.options)


def _check_options(
    described: dict[str, Any], estate_directory: Path | None, config: Path | None
) -> None:
    if config is None and described["decoder"] is None:
        raise UsageError("give the format of FILE with --decoder, or the settings with --config")
    given = [name for name, value in described.items() if value]
    given += ["estate"] if estate_directory is not None else []
    if config is not None and given:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise UsageError(f"--config and {named} exclude each other; remove one of them")
