"""What a new installation is made from, and the kinds of sources that it can have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class Answers:
    """
    What is asked of whoever installs.

    Attributes
    ----------
    building : str
        Its id, which topics and folders are named after.
    name, address : str
    tenure : str
        Who lives there: almen, privat, andel or ejer.
    timezone, language : str
    sources : tuple of str
        Names of ``sources.yaml``.
    host : str
        The name by which boxes and gateways reach the broker.
    port : int
        Of the broker on this machine; with TLS 7000 and 7001 above it.
    health_port, portal_port : int
        Of the worker's health pages, and of the portal.
    today : date
    """

    building: str
    name: str
    address: str
    tenure: str
    timezone: str
    language: str
    sources: tuple[str, ...]
    host: str
    port: int
    health_port: int
    portal_port: int
    today: date

    def source_rows(self) -> list[dict[str, Any]]:
        """Return the rows of the sources, with the building in their topics."""
        return [_filled(source_kinds()[name], self.building) for name in self.sources]


@cache
def source_kinds() -> dict[str, dict[str, Any]]:
    """Return the table of sources."""
    text = resources.files("fairvarme.init").joinpath("sources.yaml").read_text("utf-8")
    table: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return table


def _filled(row: dict[str, Any], building: str) -> dict[str, Any]:
    filled = {
        name: value.format(building=building) if isinstance(value, str) else value
        for name, value in row.items()
    }
    return {"gateway": None, **filled}
