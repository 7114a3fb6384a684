"""``fairvarme serve``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples


@click.command("serve", epilog=examples("fairvarme serve"))
@click.option("--host", help="Address to listen at. [default: of the settings, else 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="[default: of the settings, else 8080]")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    help="How many share the work. [default: of the settings, else one for each core, at most 4]",
)
@config_option
def command(host: str | None, port: int | None, processes: int | None, config: Path | None) -> None:
    """
    Serve the portal for residents, accountants, staff and boards.

    It listens on this machine alone unless it is told otherwise; visitors come through a server
    that speaks HTTPS, which docs/portal.md shows.
    """
    from operations.channel_settings import PortalSettings
    from operations.settings import read_settings, settings_path
    from portal.process import check_port, serve

    portal = read_settings(config).portal or PortalSettings(url="http://127.0.0.1:8080")
    host, port = host or portal.host, port or portal.port
    check_port(host, port)
    click.echo(f"{portal.url} is served at {host}:{port}; Ctrl-C ends")
    serve(settings_path(config), host, port, processes or portal.processes)
