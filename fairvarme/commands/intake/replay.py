"""``fairvarme replay``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import column_map_option, estate_option, examples, json_option
from fairvarme.output import echo_json, progress_bars


@click.command(
    "replay",
    epilog=examples(
        "fairvarme replay february.csv --estate estates/solgaarden --broker mqtt://127.0.0.1"
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@estate_option
@column_map_option
@click.option(
    "--broker",
    required=True,
    envvar="FAIRVARME_BROKER",
    help="mqtt://[user:password@]host[:port]; preferably in FAIRVARME_BROKER.",
)
@json_option
def command(
    files: tuple[Path, ...],
    estate_directory: Path,
    column_maps: tuple[str, ...],
    broker: str,
    as_json: bool,
) -> None:
    """
    Publish the readings of FILES over MQTT as devices would send them.

    Boxes send our own JSON; meters are sent through a gateway as wmbusmeters JSON. Each message is
    acknowledged by the broker before the command ends; publishing again changes nothing.
    """
    from estate.files.folder import read_estate
    from operations.mqtt_address import MqttAddress
    from operations.readings.publish_file import Publisher, messages
    from operations.readings.readings_paths import readings_paths
    from telemetry.readings_file.column_map import load_map
    from telemetry.readings_file.file import nothing_usable, read_all

    estate = read_estate(estate_directory)
    readings = read_all(readings_paths(files), [load_map(name) for name in column_maps])
    if not len(readings.time_ms):
        raise nothing_usable(readings.name, readings.findings)
    columns = readings.columns()
    rows = zip(*(columns[name].tolist() for name in columns), strict=True)
    stream = list(messages(estate, rows))
    publisher = Publisher(MqttAddress.parse(broker))
    with progress_bars(hidden=as_json) as bars:
        task = bars.add_task("messages", total=len(stream))
        publisher.publish(stream, lambda number: bars.update(task, completed=number))
    for finding in readings.findings:
        click.echo(finding.message, err=True)
    counts = {
        "messages": publisher.published,
        "readings": sum(message.readings for message in stream),
        "left_out": readings.left_out,
    }
    if as_json:
        echo_json(counts)
    else:
        click.echo("{messages} messages with {readings} readings published".format(**counts))
