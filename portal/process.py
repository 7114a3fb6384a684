"""Runs the portal: as one process, or several that share its port."""

from __future__ import annotations

import multiprocessing
import os
import socket
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from estate.errors import UsageError
from operations.service.child import end_with_parent
from operations.settings import CONFIG_VARIABLE, read_settings
from operations.sharing.folder import shared_folder
from operations.wiring import opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from operations.settings import Settings

APPLICATION = "portal.process:application"
"""What each of several processes serves."""
SHARED_VARIABLE = "FAIRVARME_PORTAL_SHARED"
"""Names the folder by which they tell one another of changes."""
ANSWERS_WITHIN_SECONDS = 60
"""A process that does not answer its parent for so long is ended and another one started."""


def check_port(host: str, port: int) -> None:
    """
    Check whether the portal can listen on its port.

    Raises
    ------
    UsageError
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as tried:
            # As the server itself does, so that leftovers of an earlier server do not matter.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port} ({error.strerror}); set another portal.port, or end "
            "what listens there"
        ) from error


def serve(config: Path, host: str, port: int, processes: int) -> None:
    """
    Serve the portal until it is stopped.

    What several processes must agree on is in the database: sessions, and how often something was
    tried. Anything else that a process keeps in memory is only a cache, and is refreshed when
    another one changes something.

    Parameters
    ----------
    config : Path
        The settings file.
    host : str
    port : int
    processes : int

    Raises
    ------
    UsageError
    StoreUnavailable
    """
    # Opened here too, so that tables are migrated once, and faults are reported before serving.
    settings = read_settings(config)
    with opened_database(settings), opened_store(settings):
        pass
    if processes == 1:
        _serve_alone(settings, host, port)
        return
    with shared_folder(settings) as shared:
        os.environ |= {CONFIG_VARIABLE: str(config.absolute()), SHARED_VARIABLE: str(shared)}
        with _bound_socket(host, port) as bound:
            uvicorn.run(
                APPLICATION, factory=True, workers=processes, fd=bound.fileno(),
                log_level="warning", server_header=False, ws="none",
                timeout_worker_healthcheck=ANSWERS_WITHIN_SECONDS,
            )  # fmt: skip


def _bound_socket(host: str, port: int) -> socket.socket:
    """
    Return a socket at the port for several processes, without delay on what it accepts.

    uvicorn's own names no protocol, and asyncio sets TCP_NODELAY only if TCP is named: a page's
    body waited until the browser had acknowledged its head, 40 ms and more. Linux passes the option
    on from the listening socket.
    """
    bound = uvicorn.Config(APPLICATION, host=host, port=port, log_level="warning").bind_socket()
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound


def _serve_alone(settings: Settings, host: str, port: int) -> None:
    # Imported here and below, since a parent process needs none of it.
    from operations.serving import serving
    from portal.app import create_app

    with serving(settings) as installation:
        uvicorn.run(
            create_app(installation), host=host, port=port, log_level="warning",
            server_header=False, ws="none",
        )  # fmt: skip


def application() -> FastAPI:
    """Return the portal for the settings named by the environment, in one of several processes."""
    from operations.serving import serving
    from portal.app import create_app

    parent = multiprocessing.parent_process()
    # Otherwise it would keep the port of a parent that was killed.
    ask = end_with_parent(parent.pid) if parent is not None and parent.pid is not None else None
    if ask is not None:
        ask()
    opened = serving(read_settings(), shared=Path(os.environ[SHARED_VARIABLE]))
    installation = opened.__enter__()

    @asynccontextmanager
    async def until_the_end(_app: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            opened.__exit__(None, None, None)

    return create_app(installation, until_the_end)
