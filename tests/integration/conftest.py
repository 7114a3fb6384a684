"""An installation with the shipped broker configuration, and what its worker serves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from operations.settings import PASSWORD_VARIABLE
from tests.support.endpoints import Endpoints
from tests.support.ports import free_port
from tests.support.shipped_broker import Installation


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """Return an installation whose worker has its password in the environment."""
    site = Installation(tmp_path)
    site.provision("--broker", "127.0.0.1")
    monkeypatch.setenv(PASSWORD_VARIABLE, site.password("--worker"))
    return site


@pytest.fixture
def monitor(site: Installation) -> Iterator[Endpoints]:
    """Yield what the worker of the installation serves, once it runs."""
    port = free_port()
    site.settings.write_text(f"{site.settings.read_text()}\n[health]\nport = {port}\n")
    endpoints = Endpoints(port)
    yield endpoints
    endpoints.close()
