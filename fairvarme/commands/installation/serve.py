"""``fairvarme serve``."""

from __future__ import annotations

from pathlib import Path

import click

from fairvarme.options import config_option, examples


@click.command("serve", epilog=examples("fairvarme serve"))
@click.option("--host", help="Address to listen at. [default: of the settings, else 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="[default: of the settings, else 8080]")
@config_option
def command(host: str | None, port: int | None, config: Path | None) -> None:
    """
    Serve the portal for residents, accountants, staff and boards.

    It listens on this machine alone unless it is told otherwise; visitors come through a server
    that speaks HTTPS, which docs/portal.md shows.
    """
    import uvicorn

    from operations.serving import serving
    from operations.settings import read_settings
    from portal.app import create_app

    with serving(read_settings(config)) as installation:
        portal = installation.portal
        where = host or portal.host, port or portal.port
        click.echo(f"{portal.url} is served at {where[0]}:{where[1]}; Ctrl-C ends")
        uvicorn.run(
            create_app(installation), host=where[0], port=where[1], log_level="warning",
            server_header=False,
        )  # fmt: skip
