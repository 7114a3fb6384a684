"""``fairvarme decode``."""

from __future__ import annotations

import sys

import click

from fairvarme.output import echo_json

# Named here, so that the help imports no decoder; a test holds the two together.
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


@click.command(
    "decode",
    epilog='Example:  echo \'{"time": "2026-01-14T07:00:00Z", "temperature_c": 20.6}\' |'
    " fairvarme decode --decoder fairvarme --topic fairvarme/v1/solgaarden/box-0112/readings -",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--decoder", required=True, type=click.Choice(DECODERS), help="What FILE holds.")
@click.option("--topic", required=True, help="The topic it was published on.")
@click.option("--timezone", help="Of times without an offset, such as Europe/Copenhagen.")
@click.option(
    "--key-map",
    "key_map",
    multiple=True,
    metavar="NAME=QUANTITY[:UNIT]",
    help="What a name in the payload means; NAME=ignore for nothing. As often as needed, or one"
    " JSON object.",
)
@click.option("--topic-pattern", help="Levels of the topic, such as {device}/{quantity}.")
@click.option("--arrival", help="ISO 8601; when it arrived. [default: now]")
def command(
    file: str,
    decoder: str,
    topic: str,
    timezone: str | None,
    key_map: tuple[str, ...],
    topic_pattern: str | None,
    arrival: str | None,
) -> None:
    """
    Show what the payload in FILE (- for standard input) becomes.

    One JSON object a line: device, time, quantity, value and quality of a reading (0 good; added
    up: 1 suspect, 2 time of arrival, 4 the device reports something), or the reason why not. Values
    are judged; whether the device is known and its clock right is not asked. Ends with 1 where no
    reading came out.
    """
    from fairvarme.decode_file import as_message, decode_source
    from ingest.preview import preview

    source = decode_source(decoder, timezone, key_map, topic_pattern)
    with click.open_file(file, "rb") as opened:
        message = as_message(opened, topic, arrival, source.options.limits.payload_bytes)
    readings = 0
    for line in preview(message, decoder, source.options):
        echo_json(line)
        readings += "quantity" in line and "reason" not in line
    if not readings:
        sys.exit(1)
